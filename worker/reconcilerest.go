package worker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/flow"
)

// rest looks at the processes that no open thing was found for.
func (c *comparison) rest(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(c.running))
	for page := range slices.Chunk(ids, openPage) {
		err := each(ctx, page, c.unopened)
		if err := errors.Join(err, c.write(context.WithoutCancel(ctx))); err != nil {
			return err
		}
	}
	return nil
}

// unopened sees that the process of what is not open ends, as soon as nobody
// can be about to make the row.
func (c *comparison) unopened(ctx context.Context, process string) error {
	p := c.running[process]
	id, there, err := c.named(ctx, process)
	switch {
	case err != nil:
		return err
	case !there:
		return c.without(ctx, p)
	case c.load == nil: // a run that is just ending
		return nil
	}
	snap, err := c.load(ctx, id)
	if err != nil {
		return err
	}
	if !snap.Closed || c.in.Mode == flow.Restored { // a draft, which nothing has to wait for
		return c.agree(ctx, thing{id: id, pid: process, process: p, runs: true}, snap)
	}
	known, err := c.processes.Known(ctx, process, p.Run)
	if err != nil || !known.Read && c.fresh(p) || known.Read && known.Snapshot.Closed { // it is just beginning, or ending
		return err
	}
	return c.wake(ctx, flow.Left, process, heading("", known.Snapshot))
}

// without ends a process whose thing is not in Postgres.
func (c *comparison) without(ctx context.Context, p dispatch.Process) error {
	if c.in.Mode != flow.Restored && c.fresh(p) {
		return nil
	}
	known, err := c.processes.Known(ctx, p.ID, p.Run)
	if err != nil {
		return err
	}
	if c.in.Mode != flow.Restored && c.load != nil {
		return c.wake(ctx, flow.Gone, p.ID, heading("", known.Snapshot)) // it ends by itself, unless its row comes
	}
	if c.in.Mode != flow.Dry {
		if there, err := c.processes.End(ctx, p.ID, p.Run, noRow); err != nil || !there {
			return err
		}
	}
	c.note(flow.Gone, p.ID, heading("", known.Snapshot))
	return nil
}

// lost tells of what has ended since the moment that Postgres was restored to,
// and is not in it at all.
func (c *comparison) lost(ctx context.Context) error {
	var ended []dispatch.Process
	err := c.processes.Ended(ctx, c.in.Kind, *c.in.AsOf, func(p dispatch.Process) error {
		ended = append(ended, p)
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, ended, func(ctx context.Context, p dispatch.Process) error {
		_, there, err := c.named(ctx, p.ID)
		if err != nil || there {
			return err
		}
		known, err := c.processes.Known(ctx, p.ID, p.Run)
		if err == nil && known.Snapshot.State != flow.Absent {
			c.note(flow.Gone, p.ID, heading("", known.Snapshot))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.write(ctx)
}

// named is the thing that a process is named for, and whether its row is there.
func (c *comparison) named(ctx context.Context, process string) (id uuid.UUID, there bool, err error) {
	parts := strings.Split(process, "/")
	if len(parts) < 2 {
		return id, false, nil
	}
	if id, err = uuid.Parse(parts[1]); err != nil {
		return id, false, nil // not ours to judge
	}
	switch {
	case c.in.Kind == flow.Reminder && len(parts) == 3:
		month, err := civil.Parse(parts[2] + "-01")
		if err != nil {
			return id, false, nil
		}
		return found(c.store.LetterOf(ctx, id, month))
	case c.in.Kind == flow.Status && len(parts) == 3:
		return found(c.store.StatusOf(ctx, id, parts[2]))
	case c.load == nil:
		there, err = c.store.RunIsThere(ctx, id)
		return id, there, err
	}
	snap, err := c.load(ctx, id)
	return id, snap.State != flow.Absent, err
}

func found(id uuid.UUID, err error) (uuid.UUID, bool, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return id, false, nil
	}
	return id, err == nil, err
}

// heading is what a thing is called, as its process knows it if nobody else
// does.
func heading(name string, s flow.Snapshot) string {
	if name != "" {
		return name
	}
	first, _, _ := strings.Cut(s.Details, "\n")
	if name = strings.TrimLeft(first, "# "); s.State != "" && s.State != flow.Absent {
		name = strings.TrimSpace(name + ", " + s.State)
	}
	return name
}
