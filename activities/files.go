package activities

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/postgres"
)

// orphaned is how old bytes without a row are before they are swept: their row
// follows within moments, or never.
const orphaned = 24 * time.Hour

// sweptAtOnce is how many files are looked up in one query.
const sweptAtOnce = 500

// SweepFiles deletes the bytes of attachments that nothing in the database
// wants: whoever received them was killed before their row was written, or they
// were removed and could not be deleted then. It returns how many.
func (a *Activities) SweepFiles(ctx context.Context) (int, error) {
	var keys []string
	swept, before := 0, a.store.Now().Add(-orphaned)
	sweep := func() error {
		n, err := a.sweep(ctx, keys)
		swept, keys = swept+n, nil
		return err
	}
	err := a.files.Each(ctx, postgres.Attachments, func(key string, written time.Time) error {
		if written.Before(before) {
			keys = append(keys, key)
		}
		if len(keys) < sweptAtOnce {
			return nil
		}
		return sweep()
	})
	if err != nil {
		return swept, err
	}
	return swept, sweep()
}

// sweep deletes what is not wanted of some keys. A key that names no file is
// what a killed process left half written.
func (a *Activities) sweep(ctx context.Context, keys []string) (int, error) {
	ids := make([]uuid.UUID, 0, len(keys))
	for _, key := range keys {
		if id, ok := postgres.AttachmentOf(key); ok {
			ids = append(ids, id)
		}
	}
	kept, err := a.store.FilesKept(ctx, ids)
	if err != nil {
		return 0, err
	}
	swept := 0
	for _, key := range keys {
		if id, ok := postgres.AttachmentOf(key); ok && slices.Contains(kept, id) {
			continue
		}
		if err := a.files.Delete(ctx, key); err != nil {
			return swept, err
		}
		swept++
	}
	return swept, nil
}
