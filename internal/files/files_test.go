package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/fault"
	"steward/internal/files"
)

func open(t *testing.T) (*files.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := files.Open(t.Context(), "file://"+dir+"?create_dir=true&no_tmp_dir=true&metadata=skip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func TestBytesComeBackAsTheyWere(t *testing.T) {
	s, _ := open(t)
	if err := s.Put(t.Context(), "invoices/a.pdf", "application/pdf", func(w io.Writer) error {
		_, err := io.WriteString(w, "%PDF")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), "invoices/a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, err := io.ReadAll(r); err != nil || string(b) != "%PDF" {
		t.Errorf("got %q, %v", b, err)
	}
	if _, err := s.Get(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key that is not there: %v", err)
	}
}

func TestWhatIsHalfWrittenIsNotStored(t *testing.T) { // N.31
	s, dir := open(t)
	boom := errors.New("boom")
	err := s.Put(t.Context(), "half", "text/plain", func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}
