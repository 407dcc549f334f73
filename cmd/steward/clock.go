//go:build crash

package main

import (
	"encoding/binary"
	"os"
	"time"

	"github.com/google/uuid"

	"steward/internal/postgres"
)

// misset sets the clock of this process off by STEWARD_CLOCK, such as -90s, as
// that of a machine whose clock nobody sets.
func misset(s *postgres.Store) {
	off, err := time.ParseDuration(os.Getenv("STEWARD_CLOCK"))
	if err != nil || off == 0 {
		return
	}
	now, id := s.Now, s.NewID
	s.Now = func() time.Time { return now().Add(off) }
	s.NewID = func() uuid.UUID {
		u := id()
		var ms [8]byte
		binary.BigEndian.PutUint64(ms[:], uint64(now().Add(off).UnixMilli()))
		copy(u[:6], ms[2:])
		return u
	}
}
