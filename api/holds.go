package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) holdRoutes() {
	write[ReminderPause](s, op(http.MethodPut, "/clients/{id}/reminders", "pause-reminders", "Send a client no reminders until a date", http.StatusOK), s.pauseReminders)
	write[InvoiceHold](s, op(http.MethodPost, "/invoices/{id}/dispute", "dispute-invoice", "Note that the client disputes an invoice, or that it is settled", http.StatusOK), s.disputeInvoice)
	write[InvoiceHold](s, op(http.MethodPost, "/invoices/{id}/promise", "promise-invoice", "Note until when the client promised to pay", http.StatusOK), s.promiseInvoice)
}

// ReminderPause is until when a client is not reminded.
type ReminderPause struct {
	PausedUntil civil.Date `json:"paused_until" required:"true" format:"date" nullable:"true" doc:"The last day without reminders; null ends the pause"`
}

func (s *Server) pauseReminders(ctx context.Context, in *oneInput[ReminderPause]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, clientKind, in.ID, "pause-reminders", in.Body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err == nil {
		err = s.looksAfter(ctx, in.ID, r.actor)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockClient(ctx, r.id); err != nil {
			return nil, err
		}
		c, err := q.Client(ctx, r.id)
		if err == nil {
			err = r.fresh(c.Version)
		}
		if err != nil {
			return nil, err
		}
		was, err := q.PausedUntil(ctx, r.id)
		if ignoreNoRows(err) != nil {
			return nil, err
		}
		if in.Body.PausedUntil.IsZero() {
			err = q.ResumeReminders(ctx, r.id)
		} else {
			err = q.PauseReminders(ctx, db.PauseRemindersParams{ClientID: r.id, PausedUntil: in.Body.PausedUntil, ChangedBy: &r.actor.ID, ChangedAt: s.store.Now()})
		}
		if err != nil {
			return nil, err
		}
		return in.Body, r.audited(ctx, s, q, c.Version, map[string]postgres.Change{"paused_until": {was, in.Body.PausedUntil}}, "")
	})
}

// InvoiceHold is why an invoice is not reminded of.
type InvoiceHold struct {
	InvoiceID     uuid.UUID  `json:"invoice_id"`
	Disputed      bool       `json:"disputed"`
	Reason        string     `json:"reason,omitempty" doc:"Of the dispute"`
	PromisedUntil civil.Date `json:"promised_until" format:"date" nullable:"true"`
}

// DisputeBody is the body of "dispute" on an invoice.
type DisputeBody struct {
	Reason  string `json:"reason,omitempty" maxLength:"2000"`
	Settled bool   `json:"settled,omitempty" doc:"The dispute is over: it is reminded of again"`
}

func (s *Server) disputeInvoice(ctx context.Context, in *verbInput[DisputeBody]) (*Done, error) {
	return s.hold(ctx, in.ByID, in.WriteHeaders, "dispute", in.said(), func(h *db.HoldInvoiceParams) {
		h.Disputed, h.Reason = !in.said().Settled, in.said().Reason
	})
}

// PromiseBody is the body of "promise" on an invoice.
type PromiseBody struct {
	Until civil.Date `json:"until" required:"true" format:"date" nullable:"true" doc:"The last day without reminders of it; null takes it back"`
}

func (s *Server) promiseInvoice(ctx context.Context, in *oneInput[PromiseBody]) (*Done, error) {
	return s.hold(ctx, in.ByID, in.WriteHeaders, "promise", in.Body, func(h *db.HoldInvoiceParams) { h.PromisedUntil = in.Body.Until })
}

// hold notes why a completed invoice is not reminded of.
func (s *Server) hold(ctx context.Context, id ByID, h WriteHeaders, verb string, body any, change func(*db.HoldInvoiceParams)) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Invoice, id.ID, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	inv, err := s.store.Invoice(ctx, r.id)
	if err == nil {
		err = s.looksAfter(ctx, inv.ClientID, r.actor)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.LockInvoice(ctx, r.id)
		if err == nil {
			err = r.fresh(row.Version)
		}
		if err != nil {
			return nil, err
		}
		if row.State != "complete" {
			return nil, fault.New(NotReminded, "only of a completed invoice is anybody reminded; this one is %s", row.State)
		}
		was, err := q.InvoiceHold(ctx, r.id)
		if ignoreNoRows(err) != nil {
			return nil, err
		}
		now := db.HoldInvoiceParams{InvoiceID: r.id, Disputed: was.Disputed, Reason: was.Reason, PromisedUntil: was.PromisedUntil, ChangedBy: &r.actor.ID, ChangedAt: s.store.Now()}
		change(&now)
		if err := q.HoldInvoice(ctx, now); err != nil {
			return nil, err
		}
		is := InvoiceHold{InvoiceID: r.id, Disputed: now.Disputed, Reason: now.Reason, PromisedUntil: now.PromisedUntil}
		changes := postgres.Diff(InvoiceHold{InvoiceID: r.id, Disputed: was.Disputed, Reason: was.Reason, PromisedUntil: was.PromisedUntil}, is)
		return is, r.audited(ctx, s, q, row.Version, changes, "")
	})
}

// NotReminded is the code for an invoice that nobody is reminded of.
const NotReminded fault.Code = "not_reminded"

func (s *Server) reminderPolicyRoutes() {
	read(s, op(http.MethodGet, "/reminders/policy", "get-reminder-policy", "How clients are reminded", http.StatusOK), s.getReminderPolicy)
	write[ReminderPolicy](s, op(http.MethodPut, "/reminders/policy", "set-reminder-policy", "Change how clients are reminded", http.StatusOK), s.setReminderPolicy)
}

// ReminderPolicyBody is how clients are reminded.
type ReminderPolicyBody struct {
	Active     bool                    `json:"active" doc:"Whether the clock makes runs"`
	DayOfMonth int16                   `json:"day_of_month" minimum:"1" maximum:"28" doc:"When the clock makes the run of the month, at eight by the firm's clock"`
	HoldDays   int16                   `json:"hold_days" minimum:"0" maximum:"28" doc:"For review; then letters go by themselves"`
	AfterSent  int16                   `json:"after_sent_days" minimum:"0" maximum:"365" doc:"From sending an invoice to its first reminder"`
	Minimum    decimal.Decimal         `json:"minimum" doc:"Less than this to be paid now, what is past due less credit, is not reminded of, in any currency"`
	Currency   string                  `json:"currency" maxLength:"10" doc:"Of the fees"`
	Levels     []billing.ReminderLevel `json:"levels" minItems:"1" maxItems:"9" doc:"In order; one level up for each letter at most"`
}

// ReminderPolicy is the policy with its version.
type ReminderPolicy struct {
	ReminderPolicyBody
	Version int32 `json:"version"`
}

// ReminderPolicySet is the policy as it is to be.
type ReminderPolicySet struct {
	ReminderPolicyBody
	AsRead
}

func policyOf(r db.ReminderPolicyRow) (ReminderPolicy, error) {
	p := ReminderPolicy{ReminderPolicyBody{
		Active: r.Active, DayOfMonth: r.DayOfMonth, HoldDays: r.HoldDays, AfterSent: r.AfterSent, Minimum: r.Minimum, Currency: r.Currency,
	}, r.Version}
	return p, json.Unmarshal(r.Levels, &p.Levels)
}

func (s *Server) getReminderPolicy(ctx context.Context, _ *struct{}) (*One[ReminderPolicy], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	r, err := s.store.ReminderPolicy(ctx)
	if err != nil {
		return nil, err
	}
	p, err := policyOf(r)
	return one(p, p.Version), err
}

func (s *Server) setReminderPolicy(ctx context.Context, in *newInput[ReminderPolicySet]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, policyKind, uuid.Nil, "edit", in.Body, access.RunBilling)
	if err == nil {
		err = checkPolicy(&in.Body.ReminderPolicyBody)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.ReminderPolicy(ctx)
		if err != nil {
			return nil, err
		}
		if err := r.fresh(row.Version); err != nil {
			return nil, err
		}
		b := in.Body.ReminderPolicyBody
		n, err := q.SetReminderPolicy(ctx, db.SetReminderPolicyParams{
			Active: b.Active, DayOfMonth: b.DayOfMonth, HoldDays: b.HoldDays, AfterSent: b.AfterSent, Minimum: b.Minimum, Currency: b.Currency,
			Levels: postgres.JSON(b.Levels), Version: row.Version,
		})
		if err != nil || n == 0 {
			return nil, orConflict(err, "it was changed at the same time")
		}
		was, err := policyOf(row)
		if err != nil {
			return nil, err
		}
		return ReminderPolicy{b, row.Version + 1}, r.audited(ctx, s, q, row.Version+1, postgres.Diff(was.ReminderPolicyBody, b), "")
	})
}

// policyKind is what the audit calls the policy.
const policyKind flow.Kind = "reminder_policy"

func checkPolicy(b *ReminderPolicyBody) error {
	var err error
	if b.Currency, err = currencyOf(b.Currency); err != nil {
		return err
	}
	c := money.Currency(b.Currency)
	if b.Minimum.IsNegative() {
		return fault.Wrong("minimum", "is not below zero")
	}
	if err := figure("minimum", b.Minimum, 3); err != nil {
		return err
	}
	if len(b.Levels) == 0 { // null
		return fault.Wrong("levels", "are one at least")
	}
	for _, l := range b.Levels {
		switch {
		case l.Fee.IsNegative() || !c.Fits(l.Fee):
			return fault.Wrong("levels", "a fee is not below zero, with the decimals of %s", c)
		case l.Interest.IsNegative() || l.Interest.GreaterThan(decimal.NewFromInt(100)):
			return fault.Wrong("levels", "interest is from 0 to 100 percent a year")
		}
		if _, err := money.Check(l.Fee); err != nil {
			return err
		}
	}
	return nil
}
