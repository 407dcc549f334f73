package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// NoEmail is why a letter or report is held, and nothing mailed: the client has
// no address.
const NoEmail = "no_email"

// ReminderKey is where a reminder's PDF is in the file store.
func ReminderKey(letter uuid.UUID) string { return "reminders/" + letter.String() + ".pdf" }

// PolicyOf is the stored policy as the rules know it.
func PolicyOf(r db.ReminderPolicyRow) (billing.ReminderPolicy, error) {
	p := billing.ReminderPolicy{AfterSent: int(r.AfterSent), Minimum: r.Minimum, Currency: money.Currency(r.Currency)}
	err := json.Unmarshal(r.Levels, &p.Levels)
	if err == nil && len(p.Levels) == 0 {
		err = errors.New("the reminder policy has no levels")
	}
	return p, err
}

// ReminderFacts reads what a client owes and was reminded of, as of a day in
// the firm's zone.
func ReminderFacts(ctx context.Context, q *db.Queries, client uuid.UUID, asOf civil.Date, zone *time.Location) (billing.ReminderFacts, error) {
	f := billing.ReminderFacts{AsOf: asOf, Credit: map[money.Currency]decimal.Decimal{}}
	rows, err := q.Receivables(ctx, client)
	if err != nil {
		return f, err
	}
	for _, r := range rows {
		f.Owed = append(f.Owed, receivableOf(r, zone))
	}
	credit, err := q.OpenCredit(ctx, client)
	if err != nil {
		return f, err
	}
	for _, c := range credit {
		f.Credit[money.Currency(c.Currency)] = c.Amount
	}
	if f.PausedUntil, err = q.PausedUntil(ctx, client); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return f, err
	}
	f.Last, err = lastLetter(ctx, q, client)
	return f, err
}

func receivableOf(r db.ReceivablesRow, zone *time.Location) billing.Receivable {
	o := billing.Receivable{
		ID: r.ID, IssuedOn: r.IssuedOn, DueOn: r.DueOn, Currency: money.Currency(r.Currency), Total: r.Total, Paid: r.Total.Sub(r.Balance),
		Balance: r.Balance, Disputed: r.Disputed, PromisedUntil: r.PromisedUntil,
	}
	if r.Number != nil {
		o.Number = *r.Number
	}
	if r.SentAt != nil {
		o.SentOn = civil.In(*r.SentAt, zone)
	}
	return o
}

func lastLetter(ctx context.Context, q *db.Queries, client uuid.UUID) (*billing.LastLetter, error) {
	r, err := q.LastReminder(ctx, client)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var c ReminderContent
	if err := json.Unmarshal(r.Content, &c); err != nil {
		return nil, fmt.Errorf("read the last reminder of client %s: %w", client, err)
	}
	last := &billing.LastLetter{On: r.SentOn, Level: int(r.Level)}
	for _, a := range c.Accounts {
		for _, i := range a.Invoices {
			last.Invoices = append(last.Invoices, i.ID)
		}
	}
	return last, nil
}

// ReminderContent is what a client is reminded of, as it is kept and shown.
type ReminderContent struct {
	AsOf     civil.Date        `json:"as_of" format:"date"`
	Accounts []RemindedAccount `json:"accounts" doc:"What is past due, by currency"`
	LeftOut  []NotReminded     `json:"left_out,omitempty" doc:"Invoices that are not reminded of, and why"`
}

// RemindedAccount is what is past due in one currency.
type RemindedAccount struct {
	Currency string            `json:"currency"`
	Invoices []RemindedInvoice `json:"invoices"`
	PastDue  string            `json:"past_due"`
	Credit   string            `json:"credit" doc:"Left over of payments and credit notes"`
	DueNow   string            `json:"due_now" doc:"Past due less credit"`
	Owed     string            `json:"owed" doc:"All but what is disputed or promised, also what is not listed because it is not due yet or was not sent in time, less credit"`
	Aging    []string          `json:"aging" doc:"Not due yet, 1–30, 31–60, 61–90 and over 90 days"`
}

// RemindedInvoice is an invoice that is past due.
type RemindedInvoice struct {
	ID          uuid.UUID  `json:"id"`
	Number      string     `json:"number"`
	IssuedOn    civil.Date `json:"issued_on" format:"date"`
	DueOn       civil.Date `json:"due_on" format:"date"`
	Total       string     `json:"total"`
	Paid        string     `json:"paid"`
	Balance     string     `json:"balance"`
	DaysOverdue int        `json:"days_overdue"`
}

// NotReminded is an invoice that is not reminded of.
type NotReminded struct {
	ID       uuid.UUID  `json:"id"`
	Number   string     `json:"number"`
	DueOn    civil.Date `json:"due_on" format:"date"`
	Currency string     `json:"currency"`
	Balance  string     `json:"balance"`
	Reason   string     `json:"reason" enum:"not_due,disputed,promised,never_sent,sent_recently"`
}

// ContentOf is a reminder as it is kept.
func ContentOf(r billing.Reminder, asOf civil.Date) ReminderContent {
	c := ReminderContent{AsOf: asOf, Accounts: []RemindedAccount{}}
	for _, a := range r.Accounts {
		f := a.Currency.Format
		account := RemindedAccount{Currency: string(a.Currency), PastDue: f(a.PastDue), Credit: f(a.Aging.Credit), DueNow: f(a.DueNow()), Owed: f(a.Aging.Owed())}
		for _, b := range a.Aging.Buckets {
			account.Aging = append(account.Aging, f(b))
		}
		for _, l := range a.Lines {
			account.Invoices = append(account.Invoices, RemindedInvoice{
				ID: l.ID, Number: l.Number, IssuedOn: l.IssuedOn, DueOn: l.DueOn, Total: f(l.Total), Paid: f(l.Paid), Balance: f(l.Balance), DaysOverdue: l.DaysOverdue,
			})
		}
		c.Accounts = append(c.Accounts, account)
	}
	for _, o := range r.LeftOut {
		c.LeftOut = append(c.LeftOut, NotReminded{ID: o.ID, Number: o.Number, DueOn: o.DueOn, Currency: string(o.Currency), Balance: o.Currency.Format(o.Balance), Reason: string(o.Reason)})
	}
	return c
}

// ReminderLetter is what became of a client in a run.
type ReminderLetter struct {
	ID         uuid.UUID       `json:"id"`
	RunID      uuid.UUID       `json:"run_id"`
	Month      string          `json:"month" example:"2026-03"`
	ClientID   uuid.UUID       `json:"client_id"`
	ClientName string          `json:"client_name"`
	State      string          `json:"state" enum:"review,held,skipped,sent" doc:"review: it goes by itself when the hold is over; held: the rules leave the client out, or it has no e-mail address and the letter is to be posted; skipped: a person did, or nothing was left; sent: its mail was written, or it was printed and posted"`
	Reason     string          `json:"reason,omitempty" doc:"Why it was held or skipped"`
	Level      int16           `json:"level" doc:"0: no letter"`
	HoldUntil  time.Time       `json:"hold_until"`
	Content    ReminderContent `json:"content"`
	Comment    string          `json:"comment,omitempty"`
	DecidedBy  *uuid.UUID      `json:"decided_by,omitempty" doc:"Who skipped or released it"`
	Decider    *string         `json:"decided_by_name,omitempty"`
	By         string          `json:"by" enum:"email,paper" doc:"How it goes; on paper it is printed and posted by who released it so"`
	MailID     *uuid.UUID      `json:"mail_id,omitempty"`
	MailState  *string         `json:"mail_state,omitempty"`
	SentOn     civil.Date      `json:"sent_on,omitzero" format:"date"`
	Charges    []uuid.UUID     `json:"charges,omitempty" doc:"Draft invoices with its fee and interest"`
	Version    int32           `json:"version"`
}

// LetterOf is a stored letter as staff sees it.
func LetterOf(r db.ReminderLettersRow) (ReminderLetter, error) {
	l := ReminderLetter{
		ID: r.ID, RunID: r.RunID, Month: MonthOf(r.Month), ClientID: r.ClientID, ClientName: r.ClientName, State: r.State, Reason: r.Reason, Level: r.Level,
		HoldUntil: r.HoldUntil, Comment: r.Comment, DecidedBy: r.DecidedBy, Decider: r.DecidedByName, By: r.By, MailID: r.MailID, MailState: r.MailState, SentOn: r.SentOn, Charges: r.ChargeIds, Version: r.Version,
	}
	return l, json.Unmarshal(r.Content, &l.Content)
}

// MonthOf is the month of a day: "2026-03".
func MonthOf(d civil.Date) string { return fmt.Sprintf("%04d-%02d", d.Year, int(d.Month)) }

// HoldUntil is when the letters of a run go by themselves: after the days of
// review, and not before the day that the run is for.
func HoldUntil(now time.Time, holdDays int16, asOf civil.Date, zone *time.Location) time.Time {
	until := now.AddDate(0, 0, int(holdDays))
	if start := asOf.Start(zone); start.After(until) {
		return start
	}
	return until
}
