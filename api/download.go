package api

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// harmless are the kinds of files that a browser may show: it runs nothing in
// them. All others it is only given to keep.
var harmless = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"}

// downloads describes an operation that answers bytes.
func downloads(o huma.Operation) huma.Operation {
	bytes := map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	o.Responses = map[string]*huma.Response{
		"200": {Description: "The bytes", Content: bytes},
		"206": {Description: "The part that was asked for", Content: bytes},
		"304": {Description: "They are what If-None-Match has"},
	}
	o.Errors = append(o.Errors, http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable)
	return mayBeGone(o)
}

type downloadInput struct {
	ByID
	Inline bool `query:"inline" doc:"To be shown rather than kept, where that is harmless: images, PDF, plain text"`
}

func (s *Server) downloadFile(ctx context.Context, in *downloadInput) (*huma.StreamResponse, error) {
	if err := s.mayDownload(ctx, in.ID); err != nil {
		return nil, err
	}
	f, err := oneFile(ctx, s.store.Queries, in.ID)
	if err != nil {
		return nil, err
	}
	body, err := s.files.Open(ctx, postgres.AttachmentKey(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer body.Close()
		g := humagin.Unwrap(c)
		serveFile(g.Writer, g.Request, f, body, in.Inline)
	}}, nil
}

// mayDownload lets people outside have what the wall shows them of requests
// and tasks, and nothing else.
func (s *Server) mayDownload(ctx context.Context, file uuid.UUID) error {
	if !outside(ctx) {
		return see(ctx)
	}
	return s.asContact(ctx, func(q *db.Queries) error {
		_, err := q.PortalFile(ctx, file)
		return err
	})
}

// serveFile answers the bytes, or the part that was asked for, in a way that
// no browser runs anything in them.
func serveFile(w http.ResponseWriter, r *http.Request, f File, body files.Reader, inline bool) {
	kind, _, err := mime.ParseMediaType(f.ContentType)
	shown := f.ContentType
	if err != nil || !slices.Contains(harmless, kind) {
		shown, inline = "application/octet-stream", false
	}
	h := w.Header()
	h.Set("Content-Type", shown)
	h.Set("Content-Disposition", disposition(f.Name, inline))
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache") // asked for each time, sent once
	h.Set("ETag", `"`+f.SHA256+`"`)
	if headAlone(r.Context()) { // of a file that may be large, nothing is read for it
		r = r.Clone(r.Context())
		r.Method = http.MethodHead
	}
	http.ServeContent(&steady{ResponseWriter: w, control: http.NewResponseController(w)}, r, "", f.CreatedAt, body)
}

// steady writes an answer for as long as its reader takes some of it, whatever
// time the server gives to others. A refusal becomes a problem like any other.
type steady struct {
	http.ResponseWriter
	control *http.ResponseController
	refused bool
}

// NoSuchRange is the code for a part of a file that it does not have.
const NoSuchRange fault.Code = "no_such_range"

// WriteHeader begins the answer.
func (s *steady) WriteHeader(status int) {
	if s.refused = status >= http.StatusBadRequest; !s.refused {
		s.ResponseWriter.WriteHeader(status)
		return
	}
	f := fault.New(fault.Stale, "the file is not the one that If-Match or If-Unmodified-Since names")
	if status == http.StatusRequestedRangeNotSatisfiable {
		f = fault.New(NoSuchRange, "the file has no such part")
	}
	h := s.Header()
	h.Del("Content-Length")
	h.Del("Content-Disposition")
	h.Set("Content-Type", "application/problem+json")
	s.ResponseWriter.WriteHeader(status)
	_, _ = s.ResponseWriter.Write(postgres.JSON(problem(f))) // who has gone needs no refusal
}

// Write puts off the deadline, then writes.
func (s *steady) Write(b []byte) (int, error) {
	if s.refused {
		return len(b), nil
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(standstill)) // not there in some tests
	return s.ResponseWriter.Write(b)
}

// disposition names a file in a header: in ASCII for old readers, and in full
// as RFC 5987 has it.
func disposition(name string, inline bool) string {
	how := "attachment"
	if inline {
		how = "inline"
	}
	var plain, full strings.Builder
	for _, r := range name {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			r = '_'
		}
		plain.WriteRune(r)
	}
	for _, b := range []byte(name) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~", b) >= 0 {
			full.WriteByte(b)
			continue
		}
		fmt.Fprintf(&full, "%%%02X", b)
	}
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, how, plain.String(), full.String())
}
