package importer

import (
	"context"
	"errors"
	"io"
)

// What a stage of the progress begins with.
const (
	checking = "checking "
	storing  = "storing "
)

// eachRow reads the rows of a file and counts them; one marks the bad ones. A
// row that is none of this file's comes marked already.
func (f *firm) eachRow(ctx context.Context, stage, file string, one func(*row) error) error {
	b, err := open(f.files, file, &f.problems)
	if b == nil || err != nil {
		return err
	}
	defer b.close()
	for c := f.counts[file]; ; c.Read++ {
		if c.Read%1000 == 0 {
			f.opts.Progress(stage, b.done(), b.size)
		}
		r, err := b.next()
		if errors.Is(err, io.EOF) {
			f.opts.Progress(stage, b.size, b.size)
			return nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if err := one(r); err != nil {
			return err
		}
		if r.bad {
			c.Refused++
		}
	}
}

// readThings reads the rows of a file whose things other rows refer to. make
// makes a thing of a row that has the cells it should; fresh is told of those
// that are good and not stored yet.
func readThings[T any](ctx context.Context, f *firm, x *index[T], make func(*row, string) *T, fresh func(*T)) error {
	return f.eachRow(ctx, checking+x.file, x.file, func(r *row) error {
		t, key, first := readThing(x, r, make)
		switch {
		case r.bad && first:
			x.refuse(key)
		case r.bad:
		case x.stored[key] != nil:
			f.counts[x.file].There++
		default:
			x.fresh[key] = t
			fresh(t)
		}
		return nil
	})
}

func readThing[T any](x *index[T], r *row, make func(*row, string) *T) (t *T, key string, first bool) {
	if r.bad {
		key = r.cell(r.book.key())
		return nil, key, x.claim(r, key)
	}
	key = r.key()
	first = x.claim(r, key)
	return make(r, key), key, first
}
