//go:build bench

package bench

import (
	"fmt"
	"os"
	"testing"
	"time"

	"steward/internal/fixture"
	"steward/internal/importer"
)

// TestImport imports a firm of the size of ten years of forty people's work;
// STEWARD_FIRM names a folder with another.
func TestImport(t *testing.T) {
	b := start(t)
	dir := os.Getenv("STEWARD_FIRM")
	if dir == "" {
		dir = t.TempDir()
		fixture.WriteFirm(t, dir, 10_000, 21_000)
	}
	for _, what := range []string{"importing", "importing again"} {
		began := time.Now()
		r, err := importer.Run(t.Context(), b.store.Pool, dir, importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("    %-16s %d tasks and %d time entries: %.1f s  (< 20)\n", what, r.Tasks.Read, r.Time.Read, time.Since(began).Seconds())
	}
}
