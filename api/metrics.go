package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// metrics are what Prometheus reads at /metrics.
type metrics struct {
	requests *prometheus.HistogramVec
}

func newMetrics(r *prometheus.Registry, store, later *postgres.Store, acting *crowd) *metrics {
	m := &metrics{requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "steward_http_request_seconds", Help: "How long requests took, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 8, 10},
	}, []string{"method", "route", "status"})}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	r.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("steward_actions_waiting", "Actions that wait for their processes at this API.", func() float64 { inside, _ := acting.now(); return inside }),
		gauge("steward_actions_room", "How many may; others are turned away.", func() float64 { _, room := acting.now(); return room }),
		gauge("steward_clock_off_seconds", "How far this machine's clock is from the database's, which all go by.", func() float64 { return store.ClockOff().Seconds() }),
		gauge("steward_outbox_waiting", "Changes that processes have not been told of.", func() float64 { return lag(store, func(l db.OutboxLagRow) float64 { return float64(l.Waiting) }) }),
		gauge("steward_outbox_oldest_seconds", "How long the oldest of them has waited.", func() float64 { return lag(store, func(l db.OutboxLagRow) float64 { return l.OldestSeconds }) }),
	)
	for name, pool := range map[string]*pgxpool.Pool{"main": store.Pool, "lists": store.ListPool(), "commands": later.Pool} {
		gauge := func(what, help string, f func() int32) {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: what, Help: help, ConstLabels: prometheus.Labels{"pool": name}}, func() float64 { return float64(f()) }))
		}
		gauge("steward_postgres_connections_in_use", "Connections to Postgres that are at work.", func() int32 { return pool.Stat().AcquiredConns() })
		gauge("steward_postgres_connections_max", "Connections to Postgres that may be open.", func() int32 { return pool.Stat().MaxConns() })
	}
	return m
}

func lag(store *postgres.Store, of func(db.OutboxLagRow) float64) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	l, err := store.OutboxLag(ctx)
	if err != nil {
		return -1 // Postgres is away
	}
	return of(l)
}

func (m *metrics) measure(c *gin.Context) {
	start := time.Now()
	c.Next()
	route := c.FullPath() // the pattern, not the path: ids would make a series each
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(methodOf(c.Request), route, strconv.Itoa(c.Writer.Status())).Observe(time.Since(start).Seconds())
}

// methodOf is a method as it is counted and traced: what no route takes is one,
// by OpenTelemetry's name for it. Anybody can make up methods, and each would be
// a series that stays (N.31).
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method
	}
	return "_OTHER"
}
