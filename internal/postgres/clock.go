package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// clock is the database's, read from here. Whatever several machines write is in
// one order then, and what waits for a time is not put off by a machine that has
// it wrong: deadlines, claims, and the ids that histories are read by.
type clock struct{ off atomic.Int64 } // nanoseconds to add to the time here

// leeway is how far two clocks are apart that are taken for the same.
const leeway = 10 * time.Millisecond

// set compares the two clocks over a new connection. What the way there and back
// may hide is no difference.
func (c *clock) set(ctx context.Context, conn *pgx.Conn) error {
	asked := here()
	var there time.Time
	if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
		return fmt.Errorf("ask the database what time it is: %w", err)
	}
	half := here().Sub(asked) / 2
	off := there.Sub(asked.Add(half))
	if off.Abs() <= max(half, leeway) {
		off = 0
	}
	c.off.Store(int64(off))
	return nil
}

func (c *clock) behind() time.Duration { return time.Duration(c.off.Load()) }

// now is the time in UTC, wherever this machine stands.
func (c *clock) now() time.Time { return here().Add(c.behind()).UTC() }

// id makes a UUIDv7: ids are in the order of the time of their making.
func (c *clock) id() uuid.UUID {
	id, now := uuid.Must(uuid.NewV7()), c.now()
	if time.Until(now).Abs() < leeway { // its own time is right
		return id
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	return id
}
