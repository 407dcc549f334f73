package mailbox

import (
	"embed"
	"html/template"
	"mime"
	"net"
	"net/http"
	"strconv"
)

//go:embed page.html page.css
var assets embed.FS

var page = template.Must(template.ParseFS(assets, "page.html"))

// view is what the page shows: the list, and the message that was chosen.
type view struct {
	Letters []letter
	Chosen  *letter
	Most    int
}

// handler shows the mailbox to whoever sits at this machine.
func (b *box) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { show(w, view{Letters: b.newest(), Most: most}) })
	mux.HandleFunc("GET /{number}", func(w http.ResponseWriter, r *http.Request) {
		if l := b.find(r); l != nil {
			show(w, view{Letters: b.newest(), Chosen: l, Most: most})
			return
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("GET /{number}/{file}", b.file)
	mux.HandleFunc("GET /page.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, assets, "page.css") })
	return local(mux)
}

// local answers only under the names of this machine: a page elsewhere that
// makes a name of its own point here reads nothing. What came by mail may say
// and load nothing.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "127.0.0.1" && host != "localhost" {
			http.Error(w, "not here", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func show(w http.ResponseWriter, v view) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, v) // the reader has gone
}

func (b *box) find(r *http.Request) *letter {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil
	}
	for _, l := range b.newest() {
		if l.Number == n {
			return &l
		}
	}
	return nil
}

// file gives an enclosed file to be saved, never to be shown.
func (b *box) file(w http.ResponseWriter, r *http.Request) {
	l := b.find(r)
	n, err := strconv.Atoi(r.PathValue("file"))
	if l == nil || err != nil || n < 0 || n >= len(l.Files) {
		http.NotFound(w, r)
		return
	}
	f := l.Files[n]
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	_, _ = w.Write(f.Bytes)
}
