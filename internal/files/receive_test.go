package files_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"steward/internal/fault"
	"steward/internal/files"
)

func TestAFileIsCountedHashedAndToldByItsBytes(t *testing.T) { // S1.20
	s, _ := open(t)
	for kind, text := range map[string]string{
		"text/plain; charset=utf-8": "plain", "image/png": "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "text/html; charset=utf-8": "<html><script>alert(1)</script>",
		"image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "application/pdf": "%PDF-1.7 " + strings.Repeat("x", 200_000),
	} {
		got, err := s.Receive(t.Context(), "a", strings.NewReader(text), 1<<20)
		if sum := sha256.Sum256([]byte(text)); err != nil || got.Size != int64(len(text)) || !bytes.Equal(got.SHA256, sum[:]) || got.ContentType != kind {
			t.Errorf("%.20q: got %+v, %v, want %s", text, got, err, kind)
		}
		again, err := files.Measure(strings.NewReader(text), 1<<20)
		if err != nil || !bytes.Equal(again.SHA256, got.SHA256) {
			t.Errorf("measured %+v, %v", again, err)
		}
		r, err := s.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != text || r.Size() != got.Size {
			t.Errorf("%.20q came back as %.20q, %v", text, b, err)
		}
		_ = r.Close()
	}
}

func TestWhatIsTooLongOrBreaksOffIsNotStored(t *testing.T) { // S1.20, N.31
	s, dir := open(t)
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		from  io.Reader
		limit int64
		want  func(error) bool
	}{
		"too long":           {strings.NewReader(strings.Repeat("x", 100_001)), 100_000, func(err error) bool { return fault.Is(err, fault.TooLarge) }},
		"short and too long": {strings.NewReader("xx"), 1, func(err error) bool { return fault.Is(err, fault.TooLarge) }},
		"breaks off":         {io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(boom)), 1 << 20, func(err error) bool { return errors.Is(err, boom) }},
		"breaks off at once": {io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), 1 << 20, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	} {
		if _, err := s.Receive(t.Context(), "a", c.from, c.limit); !c.want(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
	if _, err := s.Receive(t.Context(), "a", strings.NewReader(strings.Repeat("x", 100_000)), 100_000); err != nil {
		t.Errorf("as long as it may be: %v", err)
	}
}

func TestEveryKeyIsListedAlsoWhatIsHalfWritten(t *testing.T) {
	s, dir := open(t)
	for _, key := range []string{"attachments/a", "attachments/b", "invoices/c"} {
		if _, err := s.Receive(t.Context(), key, strings.NewReader(""), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "attachments", "half"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var keys []string
	each := func() {
		keys = nil
		err := s.Each(t.Context(), "attachments/", func(key string, written time.Time) error {
			if keys = append(keys, key); time.Since(written) > time.Hour {
				t.Errorf("%s was written at %s", key, written)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if each(); strings.Join(keys, " ") != "attachments/a attachments/b attachments/half" {
		t.Errorf("got %s", keys)
	}
	for _, key := range []string{"attachments/a", "attachments/a", "attachments/none"} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if each(); len(keys) != 2 {
		t.Errorf("%s is left", keys)
	}
}

func TestNamesAreHarmless(t *testing.T) { // S1.20
	for given, want := range map[string]string{
		"logo.png": "logo.png", "Übersicht – 総覧 👩‍👧.pdf": "Übersicht – 総覧 👩‍👧.pdf", "../../etc/passwd": "passwd", `C:\Users\ann\logo.png`: "logo.png",
		"a\r\nSet-Cookie: x=1": "aSet-Cookie: x=1", "invoice\u202Efdp.exe": "invoicefdp.exe", "": "file", "..": "file", "../": "file", "/": "file", " \t ": "file",
		"\x00\x1b[31m.txt": "[31m.txt", "\xff\xfe.txt": "_.txt", ".htaccess": ".htaccess", "a\u2028b": "ab", "\uFEFFa": "a",
		strings.Repeat("ä", 200) + ".tar.gz": strings.Repeat("ä", 126) + ".gz", strings.Repeat("x", 300): strings.Repeat("x", 255),
	} {
		if got := files.Name(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestAnyNameIsKeptShortAndReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "given")
		name := files.Name(given)
		if name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name, "/\\\r\n\x00") || files.Name(name) != name {
			t.Errorf("%q becomes %q", given, name)
		}
	})
}
