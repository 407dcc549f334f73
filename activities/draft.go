package activities

import (
	"context"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/postgres/db"
)

// WriteDraft renders a draft as it would be completed now, marked as a draft and
// without a number or dates (S1.77). Nothing of it is kept. What would keep it
// from being completed does not keep it from being read. It returns
// [fault.Unavailable] for an invoice that is no draft any more.
func (a *Activities) WriteDraft(ctx context.Context, w io.Writer, id uuid.UUID) error {
	var drafted frozen
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		inv, err := q.LockInvoice(ctx, id) // so that lines and totals are of one moment
		if err != nil {
			return err
		}
		if inv.State != "draft" {
			return fault.New(fault.Unavailable, "the invoice has just been completed and its PDF is being made; try again in a moment")
		}
		c := completion{store: a.store, q: q}
		m, err := c.material(ctx, id)
		if err != nil {
			return err
		}
		m.terms.EInvoice = "" // what an e-invoice lacks is refused when there is to be one
		drafted, err = c.compose(ctx, inv, m)
		return err
	})
	if err != nil {
		return err
	}
	drafted.IssuedOn, drafted.DueOn = civil.Date{}, civil.Date{} // it has them when it is completed
	return document.Invoice(w, drafted.InvoiceData)
}
