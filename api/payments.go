package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) paymentRoutes() {
	write[postgres.Payment](s, acts(op(http.MethodPost, "/payments", "record-payment", "Record a payment and apply it to invoices", http.StatusCreated)), s.recordPayment)
	read(s, op(http.MethodGet, "/payments", "list-payments", "List payments, the oldest first", http.StatusOK), s.listPayments)
	read(s, op(http.MethodGet, "/payments/{id}", "get-payment", "One payment and where it went", http.StatusOK), s.getPayment)
	write[postgres.Payment](s, acts(op(http.MethodPost, "/payments/{id}/apply", "apply-payment", "Apply what is left of a payment to invoices", http.StatusOK)), s.applyPayment)
	write[postgres.Payment](s, acts(op(http.MethodPost, "/payments/{id}/reverse", "reverse-payment", "Take a payment back; what it was applied to is owed again", http.StatusOK)), s.reversePayment)
	write[postgres.Refund](s, acts(op(http.MethodPost, "/clients/{id}/refunds", "refund-credit", "Give credit back to a client", http.StatusCreated)), s.refundCredit)
	read(s, op(http.MethodGet, "/clients/{id}/refunds", "list-refunds", "List what was given back to a client, the oldest first", http.StatusOK), s.listRefunds)
	read(s, op(http.MethodGet, "/refunds/{id}", "get-refund", "One refund and what it was taken of", http.StatusOK), s.getRefund)
	write[postgres.Refund](s, acts(op(http.MethodPost, "/refunds/{id}/reverse", "reverse-refund", "Take a refund back; what it gave back is the client's credit again", http.StatusOK)), s.reverseRefund)
	read(s, op(http.MethodGet, "/clients/{id}/credit", "get-client-credit", "What a client has left over, by currency", http.StatusOK), s.clientCredit)
}

// onAccount is a verb on its way through the process of a client's account.
func (s *Server) onAccount(ctx context.Context, h WriteHeaders, client uuid.UUID, verb string, body any) (request, error) {
	r, err := s.newRequest(ctx, h, flow.Account, client, verb, body)
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = can(ctx, access.ReceiveMoney)
	}
	if err != nil {
		return r, err
	}
	c, err := s.store.Client(ctx, client)
	r.name = "Account of " + c.Name
	return r, err
}

func (s *Server) recordPayment(ctx context.Context, in *newInput[flow.RecordPayment]) (*Done, error) {
	in.Body.ImportKey = ""
	r, err := s.onAccount(ctx, in.WriteHeaders, in.Body.ClientID, "record-payment", in.Body)
	if err != nil {
		return nil, s.refuse(notThere(err, "client_id", "there is no such client"))
	}
	if in.Body.ReceivedOn.IsZero() {
		return nil, s.refuse(fault.Wrong("received_on", "is required"))
	}
	return s.do(ctx, r, http.StatusCreated)
}

type listPaymentsInput struct {
	PageInput
	Client    string `query:"client"`
	Invoice   string `query:"invoice" doc:"Those applied to it"`
	Reference string `query:"reference"`
	Unapplied bool   `query:"unapplied" doc:"Only those with something left"`
}

func (s *Server) listPayments(ctx context.Context, in *listPaymentsInput) (*PageOutput[postgres.Payment], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	q := db.PaymentsParams{After: c.ID, Page: in.Limit + 1, Reference: optionalText(in.Reference), Unapplied: in.Unapplied}
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return nil, err
	}
	if q.InvoiceID, err = optionalID("invoice", in.Invoice); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Payments(ctx, q)
	if err != nil {
		return nil, err
	}
	all, err := postgres.PaymentsOf(ctx, s.store.Queries, rows)
	return page(in.PageInput, all, func(p postgres.Payment) cursor { return cursor{ID: p.ID} }, func(p postgres.Payment) postgres.Payment { return p }), err
}

func (s *Server) getPayment(ctx context.Context, in *ByID) (*One[postgres.Payment], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	p, err := postgres.OnePayment(ctx, s.store.Queries, in.ID)
	return one(p, p.Version), err
}

// clientOf is whose a payment is; without the right to see money there is none.
func (s *Server) clientOf(ctx context.Context, payment uuid.UUID) (uuid.UUID, error) {
	if err := seeMoney(ctx); err != nil {
		return uuid.Nil, err
	}
	p, err := s.store.Payment(ctx, payment)
	return p.ClientID, err
}

func (s *Server) applyPayment(ctx context.Context, in *verbInput[flow.ApplyCredit]) (*Done, error) {
	client, err := s.clientOf(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	body := flow.ApplyCredit{PaymentID: &in.ID, Applications: in.said().Applications}
	r, err := s.onAccount(ctx, in.WriteHeaders, client, "apply", body)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusOK)
}

func (s *Server) reversePayment(ctx context.Context, in *oneInput[flow.ReversePayment]) (*Done, error) {
	client, err := s.clientOf(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	r, err := s.onAccount(ctx, in.WriteHeaders, client, "reverse", flow.ReversePayment{PaymentID: in.ID, Reason: in.Body.Reason})
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusOK)
}

func (s *Server) refundCredit(ctx context.Context, in *oneInput[flow.RefundCredit]) (*Done, error) {
	r, err := s.onAccount(ctx, in.WriteHeaders, in.ID, "refund", in.Body)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusCreated)
}

type listRefundsInput struct {
	ByID
	PageInput
}

func (s *Server) listRefunds(ctx context.Context, in *listRefundsInput) (*PageOutput[postgres.Refund], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Client(ctx, in.ID); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Refunds(ctx, db.RefundsParams{ClientID: in.ID, After: c.ID, Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	all, err := postgres.RefundsOf(ctx, s.store.Queries, rows)
	return page(in.PageInput, all, func(r postgres.Refund) cursor { return cursor{ID: r.ID} }, func(r postgres.Refund) postgres.Refund { return r }), err
}

func (s *Server) getRefund(ctx context.Context, in *ByID) (*One[postgres.Refund], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	r, err := postgres.OneRefund(ctx, s.store.Queries, in.ID)
	return one(r, r.Version), err
}

func (s *Server) reverseRefund(ctx context.Context, in *oneInput[flow.ReverseRefund]) (*Done, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, s.refuse(err)
	}
	was, err := s.store.Refund(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	r, err := s.onAccount(ctx, in.WriteHeaders, was.ClientID, "reverse-refund", flow.ReverseRefund{RefundID: in.ID, Reason: in.Body.Reason})
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusOK)
}

// Credits is what a client has left over.
type Credits struct {
	ClientID uuid.UUID               `json:"client_id"`
	Items    []postgres.ClientCredit `json:"items" doc:"By currency"`
}

func (s *Server) clientCredit(ctx context.Context, in *ByID) (*struct{ Body Credits }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Client(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := postgres.CreditOf(ctx, s.store.Queries, in.ID)
	return &struct{ Body Credits }{Credits{in.ID, all}}, err
}

// firmToday is the day in the firm's zone.
func (s *Server) firmToday(ctx context.Context) (civil.Date, error) {
	p, err := s.store.Provider(ctx)
	return civil.In(s.store.Now(), postgres.Zone(p.TimeZone)), err
}
