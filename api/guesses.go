package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// How fast one may guess. The address alone has more, because many people may
// share one; a device that signed in to the account before has its own, so that
// nobody else's guesses keep its owner out.
var (
	fromAddress = access.Allowance{Free: 50, First: 2 * time.Second, Most: 15 * time.Minute, Forget: time.Hour}
	atAccount   = access.Allowance{Free: 5, First: 2 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	onDevice    = access.Allowance{Free: 10, First: 2 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	ofCodes     = access.Allowance{Free: 5, First: 2 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	ofOneself   = access.Allowance{Free: 5, First: 2 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}

	resetsFromAddress = access.Allowance{Free: 10, First: time.Minute, Most: time.Hour, Forget: 24 * time.Hour}
	resetsOfAccount   = access.Allowance{Free: 3, First: 10 * time.Minute, Most: 6 * time.Hour, Forget: 24 * time.Hour}
)

// guess is one thing by which somebody's guesses are counted.
type guess struct {
	key     []byte
	allowed access.Allowance
	taken   time.Time // from when on the next is open, because of this one
}

// guessing counts by what the parts name together.
func guessing(allowed access.Allowance, parts ...string) *guess {
	return &guess{key: secret.Hash(strings.Join(parts, "\x00")), allowed: allowed}
}

// guesses are what a try to sign in counts for: the device, if it signed in to
// this account before; else the address, and the account from that address. An
// account that does not exist counts like one that does.
func (s *Server) guesses(ctx context.Context, email string, person uuid.UUID) []*guess {
	w := callerOf(ctx)
	if device, ok := s.deviceOf(w.device, person); ok {
		return []*guess{guessing(onDevice, "device", device)}
	}
	from := network(w.source)
	return []*guess{guessing(fromAddress, "address", from), guessing(atAccount, "account", strings.ToLower(email), from)}
}

// take counts guesses before they are looked at, in all processes together, or
// refuses because it is too early. What is refused is not counted.
func (s *Server) take(ctx context.Context, guesses ...*guess) error {
	return s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		for _, g := range guesses {
			wait, err := s.takeOne(ctx, q, g)
			if err != nil {
				return err
			}
			if wait > 0 {
				return tooMany(wait)
			}
		}
		return nil
	})
}

func (s *Server) takeOne(ctx context.Context, q *db.Queries, g *guess) (time.Duration, error) {
	now := s.store.Now().UTC().Truncate(time.Microsecond)
	r, err := q.LockGuess(ctx, g.key, now)
	if err != nil {
		return 0, err
	}
	next, wait := g.allowed.Take(access.Guesses(r), now)
	if wait > 0 {
		return wait, nil
	}
	g.taken = next.OpenAt
	return 0, q.SetGuess(ctx, db.SetGuessParams{Key: g.key, Count: next.Count, OpenAt: next.OpenAt, SeenAt: next.SeenAt})
}

// giveBack takes back what was counted and was no wrong guess.
func (s *Server) giveBack(ctx context.Context, q *db.Queries, guesses ...*guess) error {
	var all error
	for _, g := range guesses {
		all = errors.Join(all, q.GiveGuessBack(ctx, db.GiveGuessBackParams{Key: g.key, Taken: g.taken, Now: s.store.Now().UTC().Truncate(time.Microsecond)}))
	}
	return all
}

// right gives back and, but for a whole address, forgets earlier wrong guesses:
// who has one password of many must not clear the way to the others.
func (s *Server) right(ctx context.Context, q *db.Queries, guesses ...*guess) error {
	for _, g := range guesses {
		if g.allowed == fromAddress {
			if err := s.giveBack(ctx, q, g); err != nil {
				return err
			}
			continue
		}
		if err := q.ForgetGuesses(ctx, g.key); err != nil {
			return err
		}
	}
	return nil
}

// tooMany says how long to wait.
func tooMany(wait time.Duration) error {
	p := problem(fault.New(fault.TooMany, "too many tries; wait before the next one"))
	p.Status, p.retry = http.StatusTooManyRequests, strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return p
}

// newDevice is what a browser is known by from now on: whose it is, and which.
// Without a secret key no browser is.
func (s *Server) newDevice(person uuid.UUID) string {
	if !s.key.Is() {
		return ""
	}
	id := s.store.NewID()
	return s.key.Sign(append(append([]byte("device"), person[:]...), id[:]...))
}

// deviceOf is which device of a person this is, if it is one.
func (s *Server) deviceOf(cookie string, person uuid.UUID) (string, bool) {
	payload, ok := s.key.Signed(cookie)
	if !ok || person == uuid.Nil || !strings.HasPrefix(string(payload), "device"+string(person[:])) {
		return "", false
	}
	return string(payload), true
}
