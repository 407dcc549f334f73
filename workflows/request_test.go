package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/work"
	"steward/workflows"
)

// promised stands for the row of a request: its snapshots follow from the rules
// at the time that the process sees.
type promised struct {
	work.Request
	env     *testsuite.TestWorkflowEnvironment
	hours   civil.Hours
	version int
	warned  []string
	fails   int // how often Postgres is away
	next    func()
}

func (p *promised) snapshot() flow.Snapshot {
	snap := flow.Snapshot{Version: p.version, State: string(p.Status), Closed: p.Status.Closed()}
	if w, ok := p.Next(p.hours); ok {
		if snap.Deadline = &w.At; !p.env.Now().Before(w.At) {
			snap.Next = flow.Warn
		}
	}
	return snap
}

func (p *promised) load(context.Context, uuid.UUID) (flow.Snapshot, error) { return p.snapshot(), nil }

func (p *promised) warn(context.Context, uuid.UUID) (flow.Snapshot, error) {
	if p.fails > 0 {
		p.fails--
		return flow.Snapshot{}, errors.New("the database is away")
	}
	var all []work.Warning
	p.Promise, all = p.Warn(p.hours, p.env.Now())
	for _, w := range all {
		p.warned = append(p.warned, p.env.Now().UTC().Format("01-02 15:04 ")+string(w.Target)+" "+fmt.Sprint(w.Percent))
		p.version++
	}
	return p.snapshot(), nil
}

// commit carries out the next change.
func (p *promised) commit(context.Context, flow.Command) (flow.Snapshot, error) {
	p.next()
	p.version++
	return p.snapshot(), nil
}

func (p *promised) change(verb string, f func()) {
	p.next = f
	p.env.UpdateWorkflow(verb, uuid.NewString(), (&answer{}).callbacks(), flow.Command{ID: uuid.New()})
}

func TestTargetsAreWatchedOverAWeekendAHolidayAndAPause(t *testing.T) { // N.20, N.31
	env := environment(t)
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	hours, err := civil.Usual().Hours(zone, func(d civil.Date) bool {
		return d == civil.Of(2026, time.April, 3) || d == civil.Of(2026, time.April, 6)
	}) // Easter
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Date(2026, time.March, 27, 15, 30, 0, 0, time.UTC) // a Friday; the clocks go forward on Sunday
	env.SetStartTime(begun)
	p := &promised{env: env, hours: hours, version: 1, fails: 3, Request: work.Request{Status: work.RequestOpen,
		Promise: work.Promise{Start: begun, ResponseMinutes: 240, ResolutionMinutes: 5 * 450}}}
	env.OnActivity(acts.LoadRequest, mock.Anything, mock.Anything).Return(p.load)
	env.OnActivity(acts.WarnOfRequest, mock.Anything, mock.Anything).Return(p.warn)
	env.OnActivity(acts.CommitRequest, mock.Anything, mock.Anything).Return(p.commit)
	facts := func() work.Facts { return work.Facts{Now: env.Now()} }
	env.RegisterDelayedCallback(func() { // Monday, 13:00: five hours and a half are over
		p.change("wait", func() { p.Request, _ = p.Wait(facts()) })
	}, 68*time.Hour+30*time.Minute)
	env.RegisterDelayedCallback(func() { // Thursday, 08:00 UTC, which is nine by the clock
		p.change("resume", func() { p.Request, _ = p.Resume(facts()) })
	}, begun.AddDate(0, 0, 6).Sub(begun)-7*time.Hour-30*time.Minute)
	env.RegisterDelayedCallback(func() { p.change("status", func() { p.Request, _ = p.SetStatus(work.RequestCompleted, facts()) }) }, 40*24*time.Hour)
	env.ExecuteWorkflow(workflows.Request, flow.Input{ID: uuid.New()})
	if env.GetWorkflowError() != nil || !env.IsWorkflowCompleted() {
		t.Fatal(env.GetWorkflowError())
	}
	want := []string{ // in UTC, an hour behind the clocks from Monday on
		"03-27 17:30 response 50", "03-30 09:00 response 75", "03-30 09:36 response 90", "03-30 10:00 response 100",
		"04-07 14:45 resolution 50", "04-09 08:08 resolution 75", "04-09 14:45 resolution 90", "04-10 10:00 resolution 100",
	}
	if !slices.Equal(p.warned, want) {
		t.Errorf("people are told\n%s, want\n%s", strings.Join(p.warned, "\n"), strings.Join(want, "\n"))
	}
}
