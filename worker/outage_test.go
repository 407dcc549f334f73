package worker

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/activities"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

// While Postgres is away a worker's loops go on trying; its log says so once, and
// once that it is back.
func TestADatabaseThatIsAwayIsLoggedOnceAndOnceThatItIsBack(t *testing.T) { // N.30, N.31
	t.Parallel()
	var gone atomic.Bool
	var refused atomic.Int64
	store := leavable(t, &gone, &refused)
	said := &fixture.Log{}
	log := slog.New(slog.NewTextHandler(said, nil))
	away := newOutage(log)
	rest := 5 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	relay := &Relay{store: store, log: log, Every: rest, away: away}
	resend := &Resend{store: store, log: log, Every: rest, away: away}
	postman := &Postman{Store: store, Log: log, Every: rest, away: away}
	courier := &Courier{Store: store, Log: log, Every: rest, away: away}
	teller := &teller{acts: activities.New(store, nil, ""), log: log, every: rest, away: away}
	for _, run := range []func(context.Context){relay.Run, resend.Run, postman.Run, courier.Run, teller.run} {
		all.Go(func() { run(ctx) })
	}
	gone.Store(true)
	until(t, func() bool { return refused.Load() > 100 })
	gone.Store(false)
	until(t, func() bool { return strings.Contains(said.String(), "there again") })
	about := slices.DeleteFunc(strings.Split(strings.TrimSpace(said.String()), "\n"), func(line string) bool { return strings.Contains(line, "STEWARD_SMTP_URL") })
	if len(about) != 2 || !strings.Contains(about[0], "level=WARN") || !strings.Contains(about[0], "use of closed network connection") || !strings.Contains(about[1], "level=INFO") || !strings.Contains(about[1], "lasted=") {
		t.Errorf("it logged\n%s", said)
	}
}

// What is wrong otherwise each loop says itself, each time.
func TestOtherTroublesAreNotTakenForADatabaseThatIsAway(t *testing.T) { // N.30
	t.Parallel()
	said := &fixture.Log{}
	o := newOutage(slog.New(slog.NewTextHandler(said, nil)))
	if o.round("mail", errors.New("no such column")) || !o.round("mail", nil) || said.String() != "" {
		t.Errorf("it logged\n%s", said)
	}
	if !o.round("mail", net.ErrClosed) || !o.round("webhooks", net.ErrClosed) || o.round("mail", errors.New("no such column")) || !o.round("mail", nil) {
		t.Error("it is told of by the wrong one")
	}
	if strings.Contains(said.String(), "there again") {
		t.Errorf("a loop still misses it\n%s", said)
	}
	if o.round("webhooks", nil); strings.Count(said.String(), "\n") != 2 {
		t.Errorf("it logged\n%s", said)
	}
	if (*outage)(nil).round("mail", net.ErrClosed) || !(*outage)(nil).round("mail", nil) {
		t.Error("a loop by itself does not tell of its troubles")
	}
}

// leavable is a database that goes and comes back.
func leavable(t *testing.T, gone *atomic.Bool, refused *atomic.Int64) *postgres.Store {
	t.Helper()
	cfg := fixture.Store(t).Pool.Config()
	cfg.MaxConns = 2
	connected := cfg.BeforeConnect
	cfg.BeforeConnect = func(ctx context.Context, c *pgx.ConnConfig) error {
		if gone.Load() {
			refused.Add(1)
			return net.ErrClosed
		}
		if connected != nil {
			return connected(ctx, c)
		}
		return nil
	}
	cfg.PrepareConn = func(context.Context, *pgx.Conn) (bool, error) { return !gone.Load(), nil }
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return postgres.New(pool)
}

func until(t *testing.T, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !is(); {
		if (<-tick.C).After(deadline) {
			t.Fatal("it does not come")
		}
	}
}
