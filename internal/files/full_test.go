package files

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
)

// full is a bucket without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A disk that is full while bytes are written is the file store's trouble, and
// not the database's: ENOSPC looks like an error of the network.
func TestAFullStoreIsAway(t *testing.T) { // S1.20
	_, err := io.Copy(bucket{full{}}, strings.NewReader("bytes"))
	if !Away(err) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the store is not away with %v", err)
	}
	_, err = io.Copy(bucket{io.Discard}, failing{})
	if Away(err) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("what cannot be read is taken for the store: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
