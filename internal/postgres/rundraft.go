package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"steward/internal/billing"
	"steward/internal/fault"
)

// RunDraft is what a billing run made of a project.
type RunDraft struct {
	Invoice Invoice
	Before  string // the total of the draft that was there, "" for a new one
}

// DraftForRun is [Store.DraftInvoice] for the one project of a billing run. The
// draft that a run before left of it, through the same date, is rebuilt instead of
// making a second one beside it; items made by hand stay on it. What a run that
// goes on at the same time drafts is that run's. An invoice without lines means
// that there is nothing to bill, and is not kept. Rule: billing, "Recurring runs",
// run again.
func (s *Store) DraftForRun(ctx context.Context, tx pgx.Tx, d Draft) (RunDraft, error) {
	again, err := s.draftAgain(ctx, tx, d)
	if err != nil || len(again.Invoice.Lines) > 0 {
		return again, err
	}
	q := s.WithTx(tx)
	if err := s.DraftInvoice(ctx, tx, d); err != nil {
		return RunDraft{}, err
	}
	inv, err := OneInvoice(ctx, q, d.ID, s.Now())
	if err != nil || len(inv.Lines) > 0 {
		return RunDraft{Invoice: inv}, err
	}
	_, err = q.DeleteInvoice(ctx, d.ID)
	return RunDraft{}, err
}

// draftAgain rebuilds the draft that is there; without one the invoice has no lines.
func (s *Store) draftAgain(ctx context.Context, tx pgx.Tx, d Draft) (RunDraft, error) {
	q := s.WithTx(tx)
	id, err := q.DraftLeft(ctx, d.Through, d.ProjectIDs[0])
	if errors.Is(err, pgx.ErrNoRows) {
		return RunDraft{}, nil
	}
	if err != nil {
		return RunDraft{}, err
	}
	_, _, err = LockDraft(ctx, q, id)
	if fault.Is(err, billing.AlreadyComplete) || errors.Is(err, pgx.ErrNoRows) { // completed or thrown away in the meantime
		return RunDraft{}, nil
	}
	if err != nil {
		return RunDraft{}, err
	}
	before, err := OneInvoice(ctx, q, id, s.Now())
	if err != nil {
		return RunDraft{}, err
	}
	if err := s.Collect(ctx, tx, id, d.Through); err != nil {
		return RunDraft{}, err
	}
	inv, err := OneInvoice(ctx, q, id, s.Now())
	return RunDraft{Invoice: inv, Before: before.Total}, err
}
