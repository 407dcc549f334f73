package api_test

import (
	"strings"
	"testing"
	"time"
)

func TestMetricsTellOfStepsThatAreNotTaken(t *testing.T) { // N.30, N.31
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO status_report (id, client_id, week, week_ending, state, hold_until, content, created_at) VALUES
		(gen_random_uuid(), $1, '2026-W01', '2026-01-02', 'review', $2, '{}', $2), (gen_random_uuid(), $1, '2026-W02', '2026-01-09', 'review', $3, '{}', $2)`, w.Client, noon, noon.Add(time.Hour))
	w.at(noon.Add(90 * time.Second))
	text := w.scraped(t)
	for _, want := range []string{`steward_steps_waiting{step="report"} 1`, `steward_step_oldest_seconds{step="report"} 90`, `steward_steps_waiting{step="render"} 0`, `steward_step_oldest_seconds{step="remind"} 0`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestMetricsTellOfEachPoolOfConnections(t *testing.T) { // N.30
	t.Parallel()
	w := newWorld(t)
	text := w.scraped(t)
	for _, want := range []string{`connections_max{pool="main"} 4`, `connections_max{pool="lists"} 2`, `connections_max{pool="commands"} 4`, `connections_in_use{pool="lists"} 0`} {
		if !strings.Contains(text, "steward_postgres_"+want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}
