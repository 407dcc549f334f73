// Package files keeps the bytes of attachments and documents: in a folder by
// default, in any bucket that gocloud.dev knows by its address.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///var/lib/steward/files
	_ "gocloud.dev/blob/memblob"  // mem://, for tests
	_ "gocloud.dev/blob/s3blob"   // s3://bucket?region=eu-west-1
	"gocloud.dev/gcerrors"

	"steward/internal/fault"
)

// Store keeps bytes by key.
type Store struct{ bucket *blob.Bucket }

// Open opens the bucket at an address such as "file:///var/lib/steward/files".
func Open(ctx context.Context, url string) (*Store, error) {
	b, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open the file store %s: %w", url, err)
	}
	return &Store{b}, nil
}

// Close gives the bucket back.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores all that f writes under a key; half written, it stores nothing.
func (s *Store) Put(ctx context.Context, key, contentType string, f func(io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType})
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	if err := f(w); err != nil {
		cancel() // drops what was written so far
		return errors.Join(err, ignoreCanceled(w.Close()))
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return err
}

// Get opens the bytes of a key; the caller closes them. A key that is not
// there is [fault.NotFound].
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fault.New(fault.NotFound, "the file is not there")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return r, nil
}
