package activities_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/activities"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

func TestOnlyOldFilesThatNothingWantsAreSwept(t *testing.T) { // N.31
	t.Parallel()
	s, dir := fixture.Store(t), t.TempDir()
	f := fixture.NewFirm(t, s)
	store, err := files.Open(t.Context(), "file://"+dir+"?no_tmp_dir=true&metadata=skip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	put := func(key string, age time.Duration) {
		if _, err := store.Receive(t.Context(), key, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
		if at := time.Now().Add(-age); os.Chtimes(filepath.Join(dir, filepath.FromSlash(key)), at, at) != nil {
			t.Fatalf("%s cannot be made older", key)
		}
	}
	row := func(removed bool) uuid.UUID {
		id := s.NewID()
		f.Exec(t, `INSERT INTO file (id, name, content_type, size, sha256) VALUES ($1, 'x', 'text/plain', 1, decode(repeat('00', 32), 'hex'))`, id)
		f.Exec(t, `INSERT INTO attachment (file_id, task_id, author_id, removed_at, removed_by) SELECT $1, $2, $3::uuid, CASE WHEN $4 THEN now() END, CASE WHEN $4 THEN $3::uuid END`, id, f.Task, f.Ann, removed)
		return id
	}
	wanted, removed, orphan, young := postgres.AttachmentKey(row(false)), postgres.AttachmentKey(row(true)), postgres.AttachmentKey(s.NewID()), postgres.AttachmentKey(s.NewID())
	for _, key := range []string{wanted, removed, orphan, "attachments/half3141", "invoices/a.pdf"} {
		put(key, 25*time.Hour)
	}
	put(young, 23*time.Hour)
	acts := activities.New(s, store, "")
	for _, want := range []int{3, 0} {
		if n, err := acts.SweepFiles(t.Context()); n != want || err != nil {
			t.Errorf("%d were swept, %v, want %d", n, err, want)
		}
	}
	for key, want := range map[string]bool{wanted: true, young: true, "invoices/a.pdf": true, removed: false, orphan: false, "attachments/half3141": false} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(key))); (err == nil) != want {
			t.Errorf("%s: is there %t", key, !want)
		}
	}
}
