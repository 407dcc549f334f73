package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"steward/internal/config"
	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/worker"
)

type reconcileCommand struct {
	DryRun   bool       `help:"Only say what differs."`
	Restored bool       `help:"Postgres was restored to an earlier moment, and Temporal was kept: hold mail that has gone out since, give no number again, and have processes forget what they know. Run it before workers and APIs are started."`
	AsOf     *time.Time `help:"With --restored: that moment, such as 2026-11-22T10:00:00Z; by default the last that the database knows of."`
	List     bool       `help:"Print each difference, and not only how many there are; --restored always does."`
}

// Run has a worker compare what is open in Postgres with what runs in Temporal
// and mend what differs, waits for it, and prints what was found.
func (c reconcileCommand) Run(ctx context.Context, s config.Settings, o out) error {
	if c.Restored && c.DryRun || c.AsOf != nil && !c.Restored {
		return errors.New("--restored does not go with --dry-run, and --as-of goes with --restored alone")
	}
	s, err := s.Resolve()
	if err != nil {
		return err
	}
	v, err := connect(ctx, s, logger(o.Err, s))
	if err != nil {
		return err
	}
	defer v.close()
	in, err := c.asked(ctx, v)
	if err != nil {
		return err
	}
	if c.Restored {
		r := worker.NewReconciler(v.store, v.activities(), dispatch.NewProcesses(v.temporal, v.data), v.log)
		if err := r.HoldBack(ctx, in); err != nil {
			return fmt.Errorf("hold back what has gone out since %s: %w", in.AsOf.Format(time.RFC3339), err)
		}
		o.say("mail and numbers since %s are held back: start the workers now, and the APIs when this has ended", in.AsOf.Format(time.RFC3339))
	}
	if !c.DryRun {
		u := worker.Upkeep{Store: v.store, Temporal: v.temporal, Attributes: v.attributes, Log: v.log}
		if err := u.Mend(ctx, false); err != nil { // Temporal may have lost all, under workers that went on running
			return err
		}
	}
	_, err = v.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "reconcile/" + in.ID.String(), TaskQueue: flow.Runs, StaticSummary: "Comparing what is open with what runs"}, flow.ReconcileWorkflow, in)
	if err != nil {
		return fmt.Errorf("ask for the comparison: %w", err)
	}
	if err := awaitReconciled(ctx, v.store, in, o); err != nil {
		return err
	}
	return c.report(ctx, v.store, in, o)
}

// asked is what the flags ask for.
func (c reconcileCommand) asked(ctx context.Context, v *service) (flow.Reconcile, error) {
	in := flow.Reconcile{ID: v.store.NewID(), Mode: flow.Asked, AsOf: c.AsOf}
	switch {
	case c.DryRun:
		in.Mode = flow.Dry
	case c.Restored:
		in.Mode = flow.Restored
		if in.AsOf == nil {
			at, err := v.store.RestoredTo(ctx)
			if err != nil {
				return in, fmt.Errorf("find out the moment that the database was restored to: %w", err)
			}
			in.AsOf = &at
		}
	}
	return in, nil
}

// awaitReconciled waits until the comparison has ended, and says from time to
// time what it has found.
func awaitReconciled(ctx context.Context, store *postgres.Store, in flow.Reconcile, o out) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	told := time.Now()
	for {
		row, err := store.Reconciliation(ctx, in.ID)
		if err == nil && row.EndedAt != nil {
			return nil
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			counts, _ := store.CountFindings(ctx, in.ID) // only said
			o.say("%d differences so far; a worker must be running", sum(counts))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the comparison goes on by itself; its rows are those of %s", in.ID)
		case <-tick.C:
		}
	}
}

func sum(counts []db.CountFindingsRow) (n int64) {
	for _, c := range counts {
		n += c.Findings
	}
	return n
}

// report prints what was found: how many, and each.
func (c reconcileCommand) report(ctx context.Context, store *postgres.Store, in flow.Reconcile, o out) error {
	row, err := store.Reconciliation(ctx, in.ID)
	if err != nil {
		return err
	}
	counts, err := store.CountFindings(ctx, in.ID)
	if err != nil {
		return err
	}
	for _, n := range counts {
		if _, err := fmt.Fprintf(o.Out, "%s\t%s\t%d\n", n.Drift, n.Kind, n.Findings); err != nil {
			return err
		}
	}
	if c.List || c.Restored {
		if err := list(ctx, store, in, o); err != nil {
			return err
		}
	}
	done := "every open thing has its process"
	if c.DryRun {
		done = "nothing was changed"
	}
	o.say("%d open things were compared with %d processes: %d differences; %s", row.Things, row.Processes, sum(counts), done)
	return nil
}

// list prints each finding: what, of which kind, which process, in words.
func list(ctx context.Context, store *postgres.Store, in flow.Reconcile, o out) error {
	after := db.FindingsParams{RunID: in.ID, Page: 1000}
	for {
		page, err := store.Findings(ctx, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, f := range page {
			if _, err := fmt.Fprintf(o.Out, "%s\t%s\t%s\t%s\n", f.Drift, f.Kind, f.Process, f.Note); err != nil {
				return err
			}
		}
		last := page[len(page)-1]
		after.Drift, after.Process = last.Drift, last.Process
	}
}
