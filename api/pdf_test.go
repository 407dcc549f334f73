package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/files"
	"steward/internal/postgres"
)

func TestAPDFThatIsNotMadeYetIsRefused(t *testing.T) { // S1.77
	t.Parallel()
	a := newArchive(t, 1<<20, 30*time.Second)
	store, err := files.Open(t.Context(), "file://"+a.dir+"?no_tmp_dir=true&metadata=skip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	am, id := a.as(a.AM), a.completed(t, "INV-2026-00001", object{})
	am.refused(http.StatusServiceUnavailable, "unavailable", "GET", "/invoices/"+id+".pdf", nil)
	key := postgres.InvoiceKey(uuid.MustParse(id))
	if err := store.Put(t.Context(), key, "application/pdf", func(w io.Writer) error { _, err := io.WriteString(w, "%PDF-1.7"); return err }); err != nil {
		t.Fatal(err)
	}
	if _, err := a.store.Pool.Exec(t.Context(), `WITH f AS (INSERT INTO file (id, name, content_type, size, sha256) VALUES (gen_random_uuid(), 'i.pdf', 'application/pdf', 8, sha256('x')) RETURNING id)
		UPDATE invoice SET pdf_file_id = f.id FROM f WHERE invoice.id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if text := am.must("GET", "/invoices/"+id+".pdf", nil).text; !strings.HasPrefix(text, "%PDF-") {
		t.Errorf("it is %q", text)
	}
}
