package files

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"github.com/gabriel-vasile/mimetype"

	"steward/internal/fault"
)

// Received is what came in, counted on the way.
type Received struct {
	Size        int64
	SHA256      []byte
	ContentType string // told from the first bytes, not from what the sender says
}

// headLength is how many first bytes tell what a file is.
const headLength = 3072

// Receive stores what r gives under a key, in one pass and without holding it.
// Where r fails, or gives more than limit bytes ([fault.TooLarge]), nothing is
// stored.
func (s *Store) Receive(ctx context.Context, key string, r io.Reader, limit int64) (Received, error) {
	in := &incoming{from: r, limit: limit, sum: sha256.New()}
	b, kind, err := in.begin()
	if err != nil {
		return Received{}, err
	}
	err = s.Put(ctx, key, kind, func(w io.Writer) error {
		_, err := io.Copy(w, b)
		return err
	})
	return Received{in.size, in.sum.Sum(nil), kind}, err
}

// Measure is [Store.Receive] that keeps nothing, to tell whether what r gives
// was received before.
func Measure(r io.Reader, limit int64) (Received, error) {
	in := &incoming{from: r, limit: limit, sum: sha256.New()}
	b, kind, err := in.begin()
	if err != nil {
		return Received{}, err
	}
	_, err = io.Copy(io.Discard, b)
	return Received{in.size, in.sum.Sum(nil), kind}, err
}

// incoming counts and hashes what is read through it.
type incoming struct {
	from  io.Reader
	limit int64
	size  int64
	sum   hash.Hash
}

// begin looks at the first bytes, which stay to be read.
func (in *incoming) begin() (io.Reader, string, error) {
	b := bufio.NewReaderSize(in, 64<<10)
	head, err := b.Peek(headLength)
	if errors.Is(err, io.EOF) { // a short file
		err = nil
	}
	return b, mimetype.Detect(head).String(), err
}

// Read counts and hashes.
func (in *incoming) Read(p []byte) (int, error) {
	n, err := in.from.Read(p)
	in.size += int64(n)
	in.sum.Write(p[:n])
	if in.size > in.limit {
		return n, fault.New(fault.TooLarge, "a file may have %d bytes at most", in.limit)
	}
	return n, err
}
