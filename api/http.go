package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"steward/internal/fault"
)

// say refuses where Huma is not reached.
func say(c *gin.Context, f *fault.Fault) { sayProblem(c, problem(f)) }

func (s *Server) noRoute(c *gin.Context) {
	say(c, fault.New(fault.NotFound, "there is nothing at %s", c.Request.URL.Path))
}

func (s *Server) noMethod(c *gin.Context) {
	say(c, fault.New("method_not_allowed", "%s does not take %s", c.Request.URL.Path, c.Request.Method))
}

// recoverPanics turns our mistakes into a logged 500 without a trace in the answer.
func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler: // an answer that has begun is broken off
			panic(v)
		default:
			s.log.ErrorContext(c.Request.Context(), "a request panicked", "panic", fmt.Sprint(v), "path", c.Request.URL.Path, "stack", string(debug.Stack()))
			say(c, fault.New("internal", "something went wrong on our side; it has been logged"))
		}
	}()
	c.Next()
}

// headKey marks the context of a request whose answer nobody reads the body of.
type headKey struct{}

// headAlone tells whether a request is HEAD.
func headAlone(ctx context.Context) bool { return ctx.Value(headKey{}) == true }

// plain reads requests as RFC 9110 has them: HEAD is GET, of whose answer
// net/http leaves the body out, and the letters of a media type are any.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headKey{}, true)) // the server looks at its own
			r.Method = http.MethodGet
		}
		if kind, rest, more := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "" {
			if kind = strings.ToLower(kind); more {
				kind += ";" + rest
			}
			r.Header.Set("Content-Type", kind)
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that keep browsers out of trouble.
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	c.Next()
}

// crossOrigin refuses writes that another site makes a browser send. Browsers
// say with Sec-Fetch-Site or Origin where a write comes from; the address that
// people open is ours also where a proxy names another host. A write with
// neither comes from a program, or from a browser so old that it must send a
// form, which is not JSON and not taken.
func crossOrigin(public string) gin.HandlerFunc {
	p := http.NewCrossOriginProtection()
	if u, err := url.Parse(public); err == nil && u.Host != "" {
		_ = p.AddTrustedOrigin(u.Scheme + "://" + u.Host) // cannot fail: it has a scheme, a host and no path
	}
	return func(c *gin.Context) {
		if err := p.Check(c.Request); err != nil {
			say(c, fault.New(fault.Forbidden, "the request comes from another site"))
			return
		}
		c.Next()
	}
}

// Health says what is away.
type Health struct {
	Status string            `json:"status"`
	Away   map[string]string `json:"away,omitempty"`
}

func (s *Server) healthz(c *gin.Context) { c.JSON(http.StatusOK, Health{Status: "ok"}) }

func (s *Server) readyz(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	temporal := make(chan error, 1)
	go func() { temporal <- s.engine.Check(ctx) }() // not after a database that takes all the time there is
	away := map[string]error{"postgres": s.reached(ctx), "temporal": <-temporal}
	maps.DeleteFunc(away, func(_ string, err error) bool { return err == nil })
	if c.Request.Context().Err() == nil { // else it is the asker who is away
		s.logReady(ctx, away)
	}
	if len(away) == 0 {
		c.JSON(http.StatusOK, Health{Status: "ready"})
		return
	}
	h := Health{Status: "not ready", Away: map[string]string{}}
	for what, err := range away {
		h.Away[what] = reason(err)
	}
	c.Header("Retry-After", "2")
	c.JSON(http.StatusServiceUnavailable, h)
}

// reached refuses a database that cannot be asked, or is not migrated.
func (s *Server) reached(ctx context.Context) error {
	if err := s.store.Pool.Ping(ctx); err != nil || s.migrated == nil {
		return err
	}
	return s.migrated(ctx)
}

// reason is what those outside are told; what is behind it is logged.
func reason(err error) string {
	if f, ok := fault.From(err); ok && f.Code != fault.Unavailable {
		return f.Message
	}
	return "cannot be reached"
}

// logReady logs why the API is not ready, and that it is again: once each.
func (s *Server) logReady(ctx context.Context, away map[string]error) {
	var what []string
	for _, name := range slices.Sorted(maps.Keys(away)) {
		what = append(what, name+" "+reason(away[name]))
	}
	now := strings.Join(what, ", ")
	news, lasted := s.unready.Is(now, time.Now())
	switch {
	case !news:
	case now == "":
		s.log.InfoContext(ctx, "the API is ready again", "lasted", lasted)
	default:
		s.log.WarnContext(ctx, "the API is not ready: "+now, "error", errors.Join(slices.Collect(maps.Values(away))...))
	}
}
