package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// pageSize is how many projects a billing run takes in hand at a time.
const pageSize = 100

// PlanRun reads the next projects of a run that have no outcome yet; of one that
// is done there are none, whoever tells it to begin once more.
func (a *Activities) PlanRun(ctx context.Context, after flow.BillOne) (flow.Page, error) {
	run, err := a.store.Run(ctx, after.RunID)
	if err != nil || run.State == "done" {
		return flow.Page{}, err
	}
	ids, err := a.store.RunProjects(ctx, db.RunProjectsParams{RunID: run.ID, After: after.ProjectID, Page: pageSize})
	if err != nil {
		return flow.Page{}, err
	}
	total, err := a.store.CountRunProjects(ctx, run.ID)
	return flow.Page{Projects: ids, Complete: run.Complete, Total: int(total)}, err
}

// BillProject drafts the invoice of one project within a run, once; the draft that
// an earlier run left of it is rebuilt. A refusal, such as a missing rate, or
// failing again and again parks the project with its reason; all others go on.
func (a *Activities) BillProject(ctx context.Context, in flow.BillOne) (flow.Billed, error) {
	if done, ok, err := a.billed(ctx, in); ok || err != nil {
		return done, err
	}
	err := a.store.Tx(ctx, func(q *db.Queries, tx pgx.Tx) error {
		return caught(func() error { return a.billProject(ctx, q, tx, in) })
	})
	if why := givenUp(ctx, err); why != nil {
		err = why
	}
	if f, ok := fault.From(err); ok && f.Code != fault.Conflict {
		err = a.store.InsertRunItem(ctx, db.InsertRunItemParams{RunID: in.RunID, ProjectID: in.ProjectID, Outcome: "parked", Code: string(f.Code), Reason: f.Message})
	}
	if err != nil {
		return flow.Billed{}, err // a conflict too: somebody else is at the same time; again
	}
	done, _, err := a.billed(ctx, in)
	return done, err
}

func (a *Activities) billed(ctx context.Context, in flow.BillOne) (flow.Billed, bool, error) {
	item, err := a.store.RunItem(ctx, in.RunID, in.ProjectID)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.Billed{}, false, nil
	}
	if err != nil {
		return flow.Billed{}, false, err
	}
	b := flow.Billed{Outcome: item.Outcome, Code: item.Code}
	if item.InvoiceID != nil {
		b.InvoiceID = *item.InvoiceID
	}
	return b, true, nil
}

func (a *Activities) billProject(ctx context.Context, q *db.Queries, tx pgx.Tx, in flow.BillOne) error {
	run, err := q.Run(ctx, in.RunID)
	if err != nil {
		return err
	}
	p, err := q.Project(ctx, in.ProjectID)
	if err != nil {
		return err
	}
	made, err := a.store.DraftForRun(ctx, tx, postgres.Draft{
		ID: a.store.NewID(), ClientID: p.ClientID, ProjectIDs: []uuid.UUID{p.ID}, Through: run.Through, RunID: &run.ID, By: run.CreatedBy,
	})
	if err != nil {
		return err
	}
	item := db.InsertRunItemParams{RunID: run.ID, ProjectID: p.ID, Outcome: "nothing_to_bill"}
	if len(made.Invoice.Lines) == 0 { // recorded as run, without an empty invoice
		return q.InsertRunItem(ctx, item)
	}
	item.Outcome, item.InvoiceID = "invoiced", &made.Invoice.ID
	if err := q.InsertRunItem(ctx, item); err != nil {
		return err
	}
	e := postgres.Event{
		Actor: run.CreatedBy, Kind: "invoice", ID: made.Invoice.ID, Verb: "draft", Version: 1, Source: runSource(run.ID),
		Changes: map[string]postgres.Change{"through": {nil, run.Through}},
	}
	if made.Before != "" { // of an earlier run
		type total struct {
			Total string `json:"total"`
		}
		e.Verb, e.Version = "collect", made.Invoice.Version
		e.Changes = postgres.Diff(total{made.Before}, total{made.Invoice.Total})
	}
	return a.store.Audit(ctx, q, e)
}

func runSource(id uuid.UUID) string { return "billing run " + id.String() }

// CompleteBilled completes what a run drafted for one project. Run again, it
// finds nothing left to complete. A refusal leaves it to a person, and its
// account manager and who asked for the run are told.
func (a *Activities) CompleteBilled(ctx context.Context, in flow.BillOne) error {
	run, err := a.store.Run(ctx, in.RunID)
	if err != nil {
		return err
	}
	id, err := a.store.RunInvoiceToComplete(ctx, in.RunID, in.ProjectID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		return caught(func() error {
			inv, err := q.LockInvoice(ctx, id)
			if err != nil || inv.State != "draft" {
				return err
			}
			return completion{store: a.store, q: q, by: run.CreatedBy, source: runSource(run.ID)}.run(ctx, inv)
		})
	})
	by := uuid.Nil
	if run.CreatedBy != nil {
		by = *run.CreatedBy
	}
	return a.left(ctx, id, err, by, func(q *db.Queries, why *fault.Fault) (int64, error) {
		return q.RefuseRunItem(ctx, db.RefuseRunItemParams{Code: string(why.Code), Reason: why.Message, RunID: in.RunID, ProjectID: in.ProjectID})
	})
}

// FinishRun marks a run as done.
func (a *Activities) FinishRun(ctx context.Context, id uuid.UUID) error {
	now := a.store.Now()
	if err := a.store.FinishRun(ctx, &now, id); err != nil {
		return fmt.Errorf("finish the run: %w", err)
	}
	return nil
}
