package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"steward/internal/fault"
)

// Limits are how many requests a second are answered, over a while; in a burst
// ten times as many. Each process counts for itself. 0: as many as come.
type Limits struct {
	Person  float64 // of one person, whatever token or session they use
	Address float64 // from one address, or one network of version 6, signed in or not
}

// burst is how many seconds' worth of requests may come at once.
const burst = 10

// buckets limit by a key: who, or from where.
type buckets struct {
	rate rate.Limit
	mu   sync.Mutex
	all  map[string]*rate.Limiter
}

// manyBuckets is how many are kept at most. Beyond it those that are full are
// forgotten, which are those of whoever has not come for a while.
const manyBuckets = 100_000

func newBuckets(perSecond float64) *buckets {
	return &buckets{rate: rate.Limit(perSecond), all: map[string]*rate.Limiter{}}
}

// take takes a request out of a bucket, or says how long to wait.
func (b *buckets) take(key string, now time.Time) time.Duration {
	if b.rate <= 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.all[key]
	if l == nil {
		if len(b.all) >= manyBuckets {
			b.forget(now)
		}
		l = rate.NewLimiter(b.rate, max(1, int(b.rate*burst)))
		b.all[key] = l
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now) // who is refused is not made to wait longer for it
	}
	return wait
}

// forget makes room. If all have just come, all begin anew: memory is bounded,
// and so many at once are for a wall further out.
func (b *buckets) forget(now time.Time) {
	for key, l := range b.all {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(b.all, key)
		}
	}
	if len(b.all) >= manyBuckets {
		clear(b.all)
	}
}

// tooFast refuses whoever comes too often.
func tooFast(wait time.Duration) *Problem {
	p := problem(fault.New(fault.TooMany, "too many requests at once; come back in a moment"))
	p.retry = strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return p
}

// unlimited are what balancers and Prometheus ask.
var unlimited = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}

// limitAddress refuses addresses that ask too often, before anything is looked
// up for them.
func (s *Server) limitAddress(c *gin.Context) {
	if s.fromOne.rate > 0 && !unlimited[c.Request.URL.Path] {
		if wait := s.fromOne.take(network(s.source(c.Request)), s.store.Now()); wait > 0 {
			sayProblem(c, tooFast(wait))
			return
		}
	}
	c.Next()
}

// pace refuses people who ask too often.
func (s *Server) pace(person uuid.UUID) error {
	if wait := s.byOne.take(string(person[:]), s.store.Now()); wait > 0 {
		return tooFast(wait)
	}
	return nil
}

// sayProblem writes a problem where Huma is not reached.
func sayProblem(c *gin.Context, p *Problem) {
	for k, v := range p.GetHeaders() {
		c.Writer.Header()[k] = v
	}
	c.Header("Content-Type", "application/problem+json")
	c.AbortWithStatusJSON(p.Status, p)
}

// strict has browsers come by https only, from now on, where people open us by
// it.
func (s *Server) strict(c *gin.Context) {
	if s.cookies.secure {
		c.Writer.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}
