package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/flow"
	"steward/workflows"
)

// books stands for Postgres: which periods are due and which were billed.
type books struct {
	mu       sync.Mutex
	today    civil.Date
	projects []uuid.UUID
	rhythm   billing.Rhythm
	billed   []flow.Period
	most     int // that went on at one time
	now      int
}

func (b *books) due(_ context.Context, after flow.Period) (flow.Due, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var due flow.Due
	for _, p := range b.rhythm.Over(after.End, b.today, 100) {
		for _, id := range b.projects {
			one := flow.Period{ProjectID: id, End: p.End}
			known := false
			for _, x := range b.billed {
				known = known || x == one
			}
			if !known {
				due.Periods = append(due.Periods, one)
			}
		}
	}
	return due, nil
}

func (b *books) bill(_ context.Context, p flow.Period) (flow.Billed, error) {
	b.mu.Lock()
	b.now++
	b.most = max(b.most, b.now)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.now--
		b.billed = append(b.billed, p)
	}()
	return flow.Billed{Outcome: "nothing_to_bill"}, nil
}

func (b *books) tick(t *testing.T) {
	t.Helper()
	env := environment(t)
	register(env)
	env.OnActivity(acts.PlanPeriods, mock.Anything, flow.After{}).Return(flow.Told{}, nil).Once()
	env.OnActivity(acts.DuePeriods, mock.Anything, mock.Anything).Return(b.due)
	env.OnActivity(acts.BillPeriod, mock.Anything, mock.Anything).Return(b.bill)
	env.OnActivity(acts.WarnOfBudgets, mock.Anything, flow.After{}).Return(flow.Told{}, nil).Once()
	env.ExecuteWorkflow(workflows.BillingTick, flow.Tick{})
	if env.GetWorkflowError() != nil {
		t.Fatal(env.GetWorkflowError())
	}
}

func register(env *testsuite.TestWorkflowEnvironment) {
	env.RegisterWorkflowWithOptions(workflows.BillingPeriod, workflow.RegisterOptions{Name: flow.BillingPeriodWorkflow})
}

// A tick each day for a year, but for forty days over two period ends: every
// period of every project is billed once, in order.
func TestAYearOfTicksWithFortyDaysDown(t *testing.T) { // N.33, lesson 3, lesson 5
	start := civil.Of(2027, time.December, 10)
	b := &books{projects: []uuid.UUID{{1}, {2}, {3}, {4}, {5}, {6}}, rhythm: billing.Rhythm{Cycle: billing.Monthly, Anchor: 31, From: start}}
	for day := range 365 {
		if day > 40 && day <= 80 { // from 20 January to 28 February
			continue
		}
		b.today = start.AddDays(day)
		b.tick(t)
	}
	var ends []string
	seen := map[flow.Period]bool{}
	for _, p := range b.billed {
		if seen[p] {
			t.Errorf("%s was billed twice", p.ID())
		}
		seen[p] = true
		if end := p.End.String(); len(ends) == 0 || ends[len(ends)-1] != end {
			ends = append(ends, end)
		}
	}
	if got := strings.Join(ends, " "); got != "2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30 2028-05-31 2028-06-30 2028-07-31 2028-08-31 2028-09-30 2028-10-31 2028-11-30" {
		t.Errorf("billed in the order %s", got)
	}
	if len(b.billed) != 72 || b.most > 4 {
		t.Errorf("%d periods, %d at one time; want 72, at most 4", len(b.billed), b.most)
	}
}

func TestATickIsLateAndNotLostWhilePostgresIsAway(t *testing.T) { // N.31
	env := environment(t)
	tries := 0
	env.OnActivity(acts.PlanPeriods, mock.Anything, mock.Anything).Return(func(context.Context, flow.After) (flow.Told, error) {
		if tries++; tries < 8 {
			return flow.Told{}, errors.New("the database is away")
		}
		return flow.Told{}, nil
	})
	env.OnActivity(acts.DuePeriods, mock.Anything, mock.Anything).Return(flow.Due{}, nil)
	env.OnActivity(acts.WarnOfBudgets, mock.Anything, mock.Anything).Return(flow.Told{}, nil)
	env.ExecuteWorkflow(workflows.BillingTick, flow.Tick{})
	if env.GetWorkflowError() != nil || tries != 8 {
		t.Errorf("after %d tries: %v", tries, env.GetWorkflowError())
	}
}

func TestAPeriodIsCompletedWhereThatIsAgreed(t *testing.T) { // S1.72, S1.77
	for name, c := range map[string]struct {
		billed    flow.Billed
		refuse    error
		completed int
		processes int
	}{
		"agreed":     {flow.Billed{Outcome: "invoiced", InvoiceID: uuid.New(), Complete: true}, nil, 1, 1},
		"refused":    {flow.Billed{Outcome: "invoiced", InvoiceID: uuid.New(), Complete: true}, refusal("negative_total"), 1, 0},
		"not agreed": {flow.Billed{Outcome: "invoiced", InvoiceID: uuid.New()}, nil, 0, 0},
		"parked":     {flow.Billed{Outcome: "parked", Code: "missing_rate"}, nil, 0, 0},
		"empty":      {flow.Billed{Outcome: "nothing_to_bill", Complete: true}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t)
			env.RegisterWorkflow(workflows.Invoice)
			completed, processes := 0, 0
			env.OnActivity(acts.BillPeriod, mock.Anything, mock.Anything).Return(c.billed, nil).Once()
			env.OnActivity(acts.CompletePeriod, mock.Anything, mock.Anything).Return(func(context.Context, uuid.UUID) error { completed++; return c.refuse })
			env.OnWorkflow(flow.InvoiceWorkflow, mock.Anything, mock.Anything).Return(func(workflow.Context, flow.Input) error { processes++; return nil })
			env.ExecuteWorkflow(workflows.BillingPeriod, flow.Period{ProjectID: uuid.New(), End: civil.Of(2026, time.March, 31)})
			if env.GetWorkflowError() != nil || completed != c.completed || processes != c.processes {
				t.Errorf("completed %d, processes %d, %v", completed, processes, env.GetWorkflowError())
			}
		})
	}
}

func TestTheProcessOfAPeriodIsNamedAfterIt(t *testing.T) { // N.30
	p := flow.Period{ProjectID: uuid.UUID{15: 1}, End: civil.Of(2026, time.March, 31), Name: "ACME"}
	if got := fmt.Sprint(p.ID(), " ", p.Summary()); got != "billing-run/00000000-0000-0000-0000-000000000001/2026-03-31 Billing ACME through 2026-03-31" {
		t.Error(got)
	}
}
