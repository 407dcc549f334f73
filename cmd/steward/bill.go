package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/config"
	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

type billCommand struct {
	Through  string `required:"" help:"The last work date that is billed, such as 2026-10-31."`
	Complete bool   `help:"Also complete the invoices: number, freeze and render them."`
	Resume   string `help:"Follow a run that was started before, by its id, instead of starting one."`
}

// Run bills all projects and prints a line for each invoice. The run goes on
// when this command is killed; --resume follows it again.
func (c billCommand) Run(ctx context.Context, s config.Settings, o out) error {
	through, err := civil.Parse(c.Through)
	if err != nil {
		return err
	}
	if s, err = s.Resolve(); err != nil {
		return err
	}
	v, err := connect(ctx, s, logger(o.Err, s))
	if err != nil {
		return err
	}
	defer v.close()
	id, err := c.start(ctx, v, through)
	if err != nil {
		return err
	}
	o.say("billing run %s", id)
	if err := follow(ctx, v.store, id, o); err != nil {
		return err
	}
	return printRun(ctx, v.store, id, o)
}

// start writes the run; a worker gives it its process. That of a run that was
// written and not started is started again.
func (c billCommand) start(ctx context.Context, v *service, through civil.Date) (uuid.UUID, error) {
	if c.Resume != "" {
		id, err := uuid.Parse(c.Resume)
		if err != nil {
			return id, fmt.Errorf("%q is not the id of a run", c.Resume)
		}
		run, err := v.store.Run(ctx, id)
		if err != nil || run.State == "done" {
			return id, postgres.Refusal(err)
		}
		return id, dispatch.NewTemporal(v.temporal).Run(ctx, id, "Billing through "+run.Through.String())
	}
	id := v.store.NewID()
	err := v.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.InsertRun(ctx, db.InsertRunParams{ID: id, Through: through, Complete: c.Complete}); err != nil {
			return err
		}
		if err := q.InsertOutbox(ctx, string(flow.BillingRun), id); err != nil { // starts it
			return err
		}
		return v.store.Audit(ctx, q, postgres.Event{Kind: "billing-run", ID: id, Verb: "create", Version: 1, Source: "command line",
			Changes: map[string]postgres.Change{"through": {nil, through}, "complete": {nil, c.Complete}}})
	})
	if err != nil {
		return id, err
	}
	return id, nil
}

// follow waits until the run is done and says from time to time how far it is.
func follow(ctx context.Context, store *postgres.Store, id uuid.UUID, o out) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	told := time.Now()
	for {
		run, err := store.Run(ctx, id)
		if err != nil && !postgres.Away(err) {
			return postgres.Refusal(err)
		}
		if err == nil && run.State == "done" {
			return nil
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			o.say("%s", far(ctx, store, id))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the run goes on by itself; follow it with --resume %s", id)
		case <-tick.C:
		}
	}
}

func far(ctx context.Context, store *postgres.Store, id uuid.UUID) string {
	all, err := store.CountRunProjects(ctx, id)
	items, itemsErr := store.RunItems(ctx, id)
	if errors.Join(err, itemsErr) != nil {
		return "the database is away; waiting for it"
	}
	return fmt.Sprintf("%d of %d projects are done; a worker must be running", len(items), all)
}

// printRun prints a line for each invoice: number or id, client, currency, total.
func printRun(ctx context.Context, store *postgres.Store, id uuid.UUID, o out) error {
	items, err := store.RunItems(ctx, id)
	if err != nil {
		return err
	}
	parked := 0
	for _, i := range items {
		switch i.Outcome {
		case "invoiced":
			name := i.InvoiceID.String()
			if i.Number != nil {
				name = *i.Number
			}
			if _, err := fmt.Fprintf(o.Out, "%s\t%s\t%s\t%s\n", name, *i.ClientName, *i.Currency, money.Currency(*i.Currency).Format(*i.Total)); err != nil {
				return err
			}
			if i.RefusedCode != "" {
				o.say("not completed: project %s: %s (%s)", i.ProjectCode, i.RefusedReason, i.RefusedCode)
			}
		case "parked":
			parked++
			o.say("parked: project %s: %s (%s)", i.ProjectCode, i.Reason, i.Code)
		}
	}
	if parked > 0 {
		return fmt.Errorf("%d projects were not billed; correct the reasons above and bill again", parked)
	}
	return nil
}
