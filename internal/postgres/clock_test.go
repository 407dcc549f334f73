package postgres

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

// Two machines make ids one after the other; the clock of one is found to be
// wrong by an hour.
func TestIdsAreInTheOrderOfTheirMaking(t *testing.T) { // N.14
	t.Parallel()
	right, corrected := &clock{}, &clock{}
	corrected.off.Store(int64(-time.Hour))
	if got := time.Since(corrected.now()); got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("put back by an hour, it is %s ago", got)
	}
	an := corrected.id()
	if made := time.Unix(an.Time().UnixTime()); time.Since(made) < 59*time.Minute {
		t.Errorf("an id of an hour ago says %s", made)
	}
	var ids []uuid.UUID
	for range 1_000 {
		ids = append(ids, right.id())
	}
	if !slices.IsSortedFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		t.Error("ids of one clock are not in order")
	}
	for _, id := range append(ids, an) {
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%s is no UUIDv7", id)
		}
	}
}
