package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) invoiceRoutes() {
	write[postgres.Invoice](s, op(http.MethodPost, "/invoices", "draft-invoice", "Draft an invoice and collect the time of its projects", http.StatusCreated), s.draftInvoice)
	read(s, op(http.MethodGet, "/invoices", "list-invoices", "List invoices, the oldest first", http.StatusOK), s.listInvoices)
	read(s, answersAs(op(http.MethodGet, "/invoices/csv", "list-invoices-csv", "All that list-invoices would show, as CSV; /invoices.csv is the same", http.StatusOK), "text/csv", "The invoices"), s.invoicesCSV)
	read(s, op(http.MethodGet, "/invoices/{id}", "get-invoice", "One invoice with its lines", http.StatusOK), s.getInvoice)
	write[postgres.Invoice](s, op(http.MethodPost, "/invoices/{id}/collect", "collect-time", "Gather the billable time of a draft's projects afresh", http.StatusOK), s.collect)
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/complete", "complete-invoice", "Number and freeze an invoice", http.StatusOK)), s.completeInvoice)
	write[Nothing](s, op(http.MethodDelete, "/invoices/{id}", "delete-draft", "Throw a draft away; its time can be billed again", http.StatusOK), s.deleteDraft)
	read(s, op(http.MethodGet, "/invoices/{id}/lines/{line}/explain", "explain-line", "Which time a line stands for, and how its amount came about", http.StatusOK), s.explain)
	write[postgres.Invoice](s, acts(op(http.MethodPost, "/invoices/{id}/send", "send-invoice", "Send a completed invoice by e-mail, or note that it was printed and posted", http.StatusOK)), s.sendInvoice)
	s.itemRoutes()
	s.pdfRoutes()
	s.einvoiceRoutes()
	s.creditRoutes()
}

// DraftBody asks for a new invoice.
type DraftBody struct {
	ClientID   uuid.UUID   `json:"client_id"`
	ProjectIDs []uuid.UUID `json:"project_ids,omitempty" maxItems:"100" doc:"Whose time is collected; none for items made by hand alone"`
	Through    civil.Date  `json:"through" format:"date" doc:"The last work date that is billed"`
}

type draftInput struct {
	WriteHeaders
	Body DraftBody
}

func (s *Server) draftInvoice(ctx context.Context, in *draftInput) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.Invoice, s.store.NewID(), "create", in.Body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err == nil {
		err = postgres.MayBill(ctx, s.store.Queries, r.actor, in.Body.ProjectIDs)
	}
	if err == nil && in.Body.Through.IsZero() {
		err = fault.Wrong("through", "is required")
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusCreated, func(q *db.Queries, tx pgx.Tx) (any, error) {
		if _, err := q.Client(ctx, in.Body.ClientID); err != nil {
			return nil, notThere(err, "client_id", "there is no such client")
		}
		d := postgres.Draft{ID: r.id, ClientID: in.Body.ClientID, ProjectIDs: in.Body.ProjectIDs, Through: in.Body.Through, By: &r.actor.ID}
		if err := s.store.DraftInvoice(ctx, tx, d); err != nil {
			return nil, err
		}
		return s.changed(ctx, r, q, map[string]postgres.Change{"through": {nil, in.Body.Through}})
	})
	return s.withLines(ctx, d, err)
}

// changed audits a change of a draft and reads it as it is now, for an answer
// that can be kept: its lines may be thousands.
func (s *Server) changed(ctx context.Context, r request, q *db.Queries, changes map[string]postgres.Change) (postgres.Invoice, error) {
	row, err := q.Invoice(ctx, r.id)
	if err != nil {
		return postgres.Invoice{}, err
	}
	changes["total"] = postgres.Change{changes["total"][0], row.Total}
	if err := r.audited(ctx, s, q, row.Version, changes, ""); err != nil {
		return postgres.Invoice{}, err
	}
	inv, err := postgres.OneInvoice(ctx, q, r.id, s.store.Now())
	if len(inv.Lines) > keptLines {
		inv.Lines = nil
	}
	return inv, err
}

type listInvoicesInput struct {
	PageInput
	InvoiceFilter
}

// InvoiceFilter chooses invoices.
type InvoiceFilter struct {
	Client  string   `query:"client"`
	Project string   `query:"project"`
	Run     string   `query:"billing_run"`
	State   []string `query:"state,explode" enum:"draft,complete,sent,partly_paid,paid,void," doc:"The state that is shown; one or several"`
	Number  string   `query:"number"`
	PastDue string   `query:"past_due" enum:"true,false," doc:"Whether something is owed on it, and the day it was due is over where the client is"`
}

func (s *Server) listInvoices(ctx context.Context, in *listInvoicesInput) (*PageOutput[postgres.Invoice], error) {
	if outside(ctx) {
		return s.clientInvoices(ctx, in)
	}
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	q, err := in.params()
	if err != nil {
		return nil, err
	}
	now := s.store.Now()
	if q.PastDue != nil {
		if q.Zones, q.Todays, err = postgres.Todays(ctx, s.store.Lists, now); err != nil {
			return nil, err
		}
	}
	rows, err := s.store.Lists.Invoices(ctx, q)
	return page(in.PageInput, rows, func(r db.InvoicesRow) cursor { return cursor{ID: r.ID} },
		func(r db.InvoicesRow) postgres.Invoice { return postgres.InvoiceOf(r, now) }), err
}

func (in *listInvoicesInput) params() (db.InvoicesParams, error) {
	c, err := in.after()
	if err != nil {
		return db.InvoicesParams{}, err
	}
	q := db.InvoicesParams{After: c.ID, Page: in.Limit + 1, States: chosen(in.State), Number: optionalText(in.Number), PastDue: yesNo(in.PastDue)}
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return q, err
	}
	if q.ProjectID, err = optionalID("project", in.Project); err != nil {
		return q, err
	}
	q.RunID, err = optionalID("billing_run", in.Run)
	return q, err
}

// seeMoney asks for the right to see rates and invoices.
func seeMoney(ctx context.Context) error {
	if err := see(ctx); err != nil {
		return err
	}
	return can(ctx, access.ReadMoney)
}

func (s *Server) getInvoice(ctx context.Context, in *ByID) (*One[postgres.Invoice], error) {
	if outside(ctx) {
		inv, err := s.clientInvoice(ctx, in.ID)
		return one(inv, inv.Version), err
	}
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	inv, err := postgres.OneInvoice(ctx, s.store.Queries, in.ID, s.store.Now())
	return one(inv, inv.Version), err
}

// onDraft locks a draft for a change by somebody who may bill all its projects.
func (s *Server) onDraft(ctx context.Context, r request, q *db.Queries) (db.LockInvoiceRow, error) {
	row, projects, err := postgres.LockDraft(ctx, q, r.id)
	if _, refused := fault.From(err); err != nil && !refused {
		return row, err
	}
	if err := postgres.MayBill(ctx, q, r.actor, projects); err != nil {
		return row, err // before anything is said of the invoice
	}
	if err == nil {
		err = r.fresh(row.Version)
	}
	return row, err
}

// CollectBody asks a draft to be gathered afresh.
type CollectBody struct {
	Through    civil.Date  `json:"through,omitzero" required:"false" format:"date" doc:"The last work date that is billed; as before if left out"`
	ProjectIDs []uuid.UUID `json:"project_ids,omitempty" maxItems:"100" doc:"More projects of the same client and currency, added to the draft's"`
}

func (s *Server) collect(ctx context.Context, in *verbInput[CollectBody]) (*Done, error) {
	r, err := s.draftRequest(ctx, in.WriteHeaders, in.ID, "collect", in.said())
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		row, changes, err := s.widened(ctx, r, q, in.said().ProjectIDs)
		if err != nil {
			return nil, err
		}
		through := in.said().Through
		if through.IsZero() {
			through = row.Through
		}
		rerated, err := s.store.Recollect(ctx, tx, row, through)
		if err != nil {
			return nil, err
		}
		changes["through"], changes["total"] = postgres.Change{row.Through, through}, postgres.Change{row.Total, nil}
		inv, err := s.changed(ctx, r, q, changes)
		inv.Rerated = rerated
		return inv, err
	})
	return s.withLines(ctx, d, err)
}

// widened locks a draft for a change and puts more projects on it.
func (s *Server) widened(ctx context.Context, r request, q *db.Queries, more []uuid.UUID) (db.LockInvoiceRow, map[string]postgres.Change, error) {
	changes := map[string]postgres.Change{}
	before, err := q.InvoiceProjects(ctx, r.id)
	if err == nil && len(more) > 0 {
		err = q.BillProjectLocks(ctx, slices.Concat(before, more)) // all before the draft: one order for everybody
	}
	if err != nil {
		return db.LockInvoiceRow{}, nil, err
	}
	row, err := s.onDraft(ctx, r, q)
	if err != nil || len(more) == 0 {
		return row, changes, err
	}
	if err := postgres.MayBill(ctx, q, r.actor, more); err != nil {
		return row, nil, err
	}
	if err := s.store.AddProjects(ctx, q, row, more); err != nil {
		return row, nil, err
	}
	after, err := q.InvoiceProjects(ctx, r.id)
	if !slices.Equal(before, after) {
		changes["project_ids"] = postgres.Change{before, after}
	}
	return row, changes, err
}

// change is a write to a draft: one transaction, audited, answered with the
// invoice as it is then.
func (s *Server) change(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f func(r request, q *db.Queries, tx pgx.Tx) (map[string]postgres.Change, error)) (*Done, error) {
	r, err := s.draftRequest(ctx, h, id, verb, body)
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		changes, err := f(r, q, tx)
		if err != nil {
			return nil, err
		}
		return s.changed(ctx, r, q, changes)
	})
	return s.withLines(ctx, d, err)
}

// draftRequest is a request to change a draft, by somebody who sees it.
func (s *Server) draftRequest(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any) (request, error) {
	r, err := s.newRequest(ctx, h, flow.Invoice, id, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	return r, err
}

func (s *Server) completeInvoice(ctx context.Context, in *verbInput[flow.CompleteInvoice]) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "complete", in.said())
}

func (s *Server) sendInvoice(ctx context.Context, in *oneInput[flow.SendInvoice]) (*Done, error) {
	return s.onInvoice(ctx, in.WriteHeaders, in.ID, "send", in.Body)
}

// onInvoice sends a verb through the invoice's process.
func (s *Server) onInvoice(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Invoice, id, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	inv, err := s.store.Invoice(ctx, id)
	if err != nil {
		return nil, s.refuse(err)
	}
	r.name = "Invoice for " + inv.ClientName
	d, err := s.do(ctx, r, http.StatusOK)
	return s.withLines(ctx, d, err)
}

type draftByID struct {
	ByID
	WriteHeaders
}

func (s *Server) deleteDraft(ctx context.Context, in *draftByID) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.Invoice, in.ID, "delete", struct{}{})
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := s.onDraft(ctx, r, q)
		if err != nil {
			return nil, err
		}
		if _, err := q.ReleaseTime(ctx, r.id); err != nil {
			return nil, err
		}
		if err := q.ForgetRunInvoice(ctx, &r.id); err != nil {
			return nil, err
		}
		if _, err := q.DeleteInvoice(ctx, r.id); err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, row.Version, map[string]postgres.Change{"total": {row.Total, nil}}, "")
	})
}
