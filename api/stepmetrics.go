package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/postgres"
)

// stepMetrics tell what processes are to do by themselves and have not done: a
// step that fails again and again is seen where nobody looks at its process.
type stepMetrics struct {
	store          *postgres.Store
	things, oldest *prometheus.Desc
}

func newStepMetrics(store *postgres.Store) *stepMetrics {
	return &stepMetrics{
		store:  store,
		things: prometheus.NewDesc("steward_steps_waiting", "Things whose process is to take a step by itself now, by step.", []string{"step"}, nil),
		oldest: prometheus.NewDesc("steward_step_oldest_seconds", "How long the one that has waited longest for it waits.", []string{"step"}, nil),
	}
}

// Describe implements [prometheus.Collector].
func (m *stepMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.things
	ch <- m.oldest
}

// Collect implements [prometheus.Collector]. Without Postgres it tells nothing.
func (m *stepMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	now := m.store.Now()
	rows, err := m.store.StepsThatWait(ctx, now)
	if err != nil {
		return
	}
	things, oldest := map[string]float64{}, map[string]float64{}
	for _, r := range rows {
		things[r.Step], oldest[r.Step] = float64(r.Things), now.Sub(r.Oldest).Seconds()
	}
	for _, step := range []string{"render", "send", "remind", "report"} {
		ch <- prometheus.MustNewConstMetric(m.things, prometheus.GaugeValue, things[step], step)
		ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, oldest[step], step)
	}
}
