package worker

import (
	"log/slog"
	"sync"
	"time"

	"steward/internal/postgres"
	"steward/internal/trail"
)

// outage is Postgres being away from all loops of a worker: it is logged once
// when the first of them meets it, and once when none does any more.
type outage struct {
	log   *slog.Logger
	mu    sync.Mutex
	met   map[string]bool // the loops whose last round met it, by what they do later
	spell trail.Spell
}

func newOutage(log *slog.Logger) *outage { return &outage{log: log, met: map[string]bool{}} }

// round says how a loop's round went, and tells whether its error, if there is
// one, is told of here: the others are the loop's own. A loop that is by itself
// has no outage and tells of everything.
func (o *outage) round(what string, err error) (told bool) {
	if o == nil {
		return err == nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	away := err != nil && postgres.Away(err)
	if delete(o.met, what); away {
		o.met[what] = true
	}
	now := ""
	if len(o.met) > 0 {
		now = "away"
	}
	news, lasted := o.spell.Is(now, time.Now())
	switch {
	case !news:
	case away:
		o.log.Warn("the database is away: what waits is done later", "error", err)
	default:
		o.log.Info("the database is there again", "lasted", lasted)
	}
	return away || err == nil
}
