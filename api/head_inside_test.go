package api

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

// unread is a file of which nothing is to be read.
type unread struct {
	*bytes.Reader
	asked int
}

func (u *unread) Read(b []byte) (int, error) { u.asked++; return u.Reader.Read(b) }
func (u *unread) Close() error               { return nil }

func TestTheHeadOfAFileIsAnsweredWithoutReadingIt(t *testing.T) { // S1.20, N.15
	t.Parallel()
	body, w := &unread{Reader: bytes.NewReader(make([]byte, 1000))}, httptest.NewRecorder()
	plain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serveFile(w, r, File{Name: "a.pdf", ContentType: "application/pdf", SHA256: "x"}, body, false)
	})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", nil))
	if w.Code != http.StatusOK || w.Header().Get("Content-Length") != "1000" || w.Header().Get("ETag") != `"x"` || body.asked != 0 || w.Body.Len() != 0 {
		t.Errorf("it is answered %d %v after %d reads", w.Code, w.Header(), body.asked)
	}
}
