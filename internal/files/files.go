// Package files keeps the bytes of attachments and documents: in a folder by
// default, in any bucket that gocloud.dev knows by its address.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///var/lib/steward/files
	_ "gocloud.dev/blob/memblob"  // mem://, for tests
	_ "gocloud.dev/blob/s3blob"   // s3://bucket?region=eu-west-1
	"gocloud.dev/gcerrors"

	"steward/internal/fault"
)

// Store keeps bytes by key.
type Store struct{ bucket *blob.Bucket }

// Open opens the bucket at an address such as "file:///var/lib/steward/files". A
// file is written beside its place: the folder may lie on a disk of its own.
func Open(ctx context.Context, address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("open the file store %s: %w", address, err)
	}
	if q := u.Query(); u.Scheme == "file" && !q.Has("no_tmp_dir") {
		q.Set("no_tmp_dir", "true")
		u.RawQuery = q.Encode()
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("open the file store %s: %w", address, err)
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
		return unable{fmt.Errorf("store %s: %w", key, err)}
	}
	if err := f(bucket{w}); err != nil {
		cancel() // drops what was written so far
		return errors.Join(err, ignoreCanceled(w.Close()))
	}
	if err := w.Close(); err != nil {
		return unable{fmt.Errorf("store %s: %w", key, err)}
	}
	return nil
}

// bucket tells what cannot be written from what f cannot read.
type bucket struct{ io.Writer }

// Write writes to the bucket.
func (b bucket) Write(p []byte) (int, error) {
	n, err := b.Writer.Write(p)
	if err != nil {
		return n, unable{err}
	}
	return n, nil
}

// unable is an error of the bucket, not of what is put into it.
type unable struct{ error }

// Unwrap gives the bucket's own error.
func (u unable) Unwrap() error { return u.error }

// Away tells whether err means that the bucket could not do its work: it cannot
// be reached, is full, or may not be written. The same may succeed later.
func Away(err error) bool { return errors.As(err, &unable{}) }

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return err
}

// Get opens the bytes of a key; the caller closes them. A key that is not
// there is [fault.NotFound].
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	return s.Open(ctx, key)
}

func missing(key string, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return fault.New(fault.NotFound, "the file is not there")
	}
	return unable{fmt.Errorf("read %s: %w", key, err)}
}

// Reader gives the bytes of a key from anywhere.
type Reader interface {
	io.ReadSeekCloser
	Size() int64
}

// Open opens the bytes of a key to be read from anywhere; the caller closes
// them. A key that is not there is [fault.NotFound].
func (s *Store) Open(ctx context.Context, key string) (Reader, error) {
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, missing(key, err)
	}
	return r, nil
}

// Delete deletes the bytes of a key, if they are there.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// Each calls f with every key that begins so and when it was written. What a
// killed process left half written in a folder is among them.
func (s *Store) Each(ctx context.Context, prefix string, f func(key string, written time.Time) error) error {
	for list := s.bucket.List(&blob.ListOptions{Prefix: prefix}); ; {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}
		if err := f(o.Key, o.ModTime); err != nil {
			return err
		}
	}
}

// Folder is the address of a store in a folder, which exists.
func Folder(path string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "no_tmp_dir=true&metadata=skip"}
	return u.String()
}
