package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// SendReminder reads what the client owes now and, where something is still to
// be reminded of, writes letter, mail and charges in one transaction. Run
// again, it finds the letter sent.
func (a *Activities) SendReminder(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		l, err := q.LockReminderLetter(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) { // Postgres was restored to an earlier moment
			snap, err = a.reminderSnapshot(ctx, q, id)
			return err
		}
		if err != nil {
			return err
		}
		if l.State == "review" && !unasked(l.RunState, l.DecidedBy) && !a.store.Now().Before(l.HoldUntil) {
			if err := a.remindClient(ctx, q, l); err != nil {
				return err
			}
		}
		snap, err = a.reminderSnapshot(ctx, q, id)
		return err
	})
	return snap, err
}

// remindClient sends a letter, skips one that has nothing to say any more, or
// holds one that nobody could be mailed.
func (a *Activities) remindClient(ctx context.Context, q *db.Queries, l db.LockReminderLetterRow) error {
	if _, err := q.LockReceivables(ctx, l.ClientID); err != nil {
		return err
	}
	s, err := a.letterNow(ctx, q, l)
	switch {
	case err != nil:
		return err
	case s.due.Reason != "":
		return a.leaveOut(ctx, q, l, "skip", "skipped", string(s.due.Reason))
	case l.By == byEmail && s.client.Email == "":
		return a.leaveOut(ctx, q, l, "hold", "held", noEmail)
	}
	return a.sendReminder(ctx, q, s)
}

// letterNow is a letter with what the client owes now.
func (a *Activities) letterNow(ctx context.Context, q *db.Queries, l db.LockReminderLetterRow) (sentLetter, error) {
	r, err := a.reminding(ctx, q)
	if err != nil {
		return sentLetter{}, err
	}
	asOf := civil.In(a.store.Now(), r.zone)
	if asOf.Before(l.AsOf) { // released before the day that the run is for
		asOf = l.AsOf
	}
	facts, err := postgres.ReminderFacts(ctx, q, l.ClientID, asOf, r.zone)
	if err != nil {
		return sentLetter{}, err
	}
	c, err := q.Client(ctx, l.ClientID)
	return sentLetter{reminding: r, row: l, client: c, facts: facts, due: billing.Remind(r.policy, facts)}, err
}

// WriteReminder renders a letter that has not gone yet as it would go now, for
// who reviews it (S1.70).
func (a *Activities) WriteReminder(ctx context.Context, w io.Writer, id uuid.UUID) error {
	var s sentLetter
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		l, err := q.LockReminderLetter(ctx, id)
		if err != nil {
			return err
		}
		s, err = a.letterNow(ctx, q, l)
		return err
	})
	if err == nil && s.due.Reason != "" {
		err = fault.New("not_rendered", "there is nothing to remind of now: %s", strings.ReplaceAll(string(s.due.Reason), "_", " "))
	}
	if err != nil {
		return err
	}
	return document.Reminder(w, s.document())
}

func (a *Activities) leaveOut(ctx context.Context, q *db.Queries, l db.LockReminderLetterRow, verb, state, reason string) error {
	err := q.SetReminderLetter(ctx, db.SetReminderLetterParams{ID: l.ID, State: state, Reason: reason, HoldUntil: l.HoldUntil, Comment: l.Comment, DecidedBy: l.DecidedBy, By: l.By})
	if err != nil {
		return err
	}
	return a.reminderEvent(ctx, q, l, verb, map[string]postgres.Change{"reason": {nil, reason}})
}

func (a *Activities) reminderEvent(ctx context.Context, q *db.Queries, l db.LockReminderLetterRow, verb string, changes map[string]postgres.Change) error {
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Reminder), ID: l.ID, Verb: verb, Version: l.Version + 1, Changes: changes, Source: "reminders of " + postgres.MonthOf(l.Month)})
}

// sentLetter is a letter on its way out.
type sentLetter struct {
	reminding
	row    db.LockReminderLetterRow
	client db.Client
	facts  billing.ReminderFacts
	due    billing.Reminder
}

func (a *Activities) sendReminder(ctx context.Context, q *db.Queries, s sentLetter) error {
	key := postgres.ReminderKey(s.row.ID)
	// A letter that is rolled back is written over by the next attempt.
	err := a.files.Put(ctx, key, "application/pdf", func(w io.Writer) error { return document.Reminder(w, s.document()) })
	if err != nil {
		return err
	}
	mailID, err := a.mailReminder(ctx, q, s, key)
	if err != nil {
		return err
	}
	charges, err := a.chargeReminder(ctx, q, s)
	if err != nil {
		return err
	}
	err = q.ReminderSent(ctx, db.ReminderSentParams{
		ID: s.row.ID, Level: int16(s.due.Level), Content: postgres.JSON(postgres.ContentOf(s.due, s.facts.AsOf)), MailID: mailID, SentOn: s.facts.AsOf, ChargeIds: charges,
	})
	if err != nil {
		return err
	}
	return a.reminderEvent(ctx, q, s.row, "send", map[string]postgres.Change{"level": {nil, s.due.Level}, "sent_by": {nil, s.row.By}})
}

// byEmail is how a letter goes that is not printed and posted.
const byEmail = "email"

// mailReminder writes the mail of a letter; one that is posted has none.
func (a *Activities) mailReminder(ctx context.Context, q *db.Queries, s sentLetter, fileKey string) (*uuid.UUID, error) {
	if s.row.By != byEmail {
		return nil, nil
	}
	month := postgres.MonthOf(s.row.Month)
	id, err := a.mailPacked(ctx, q, packed{
		key: fmt.Sprintf("reminder/%s/%s", s.row.ClientID, month), to: s.client.Email, cc: s.client.BillingCC, name: s.client.Name, letter: s.mail(),
		file: fmt.Sprintf("reminder-%s.pdf", month), fileKey: fileKey,
	})
	return &id, err
}

// text is what is asked of the client: the policy's own words, or those of the
// client's language.
func (s sentLetter) text() string {
	level := s.policy.Levels[s.due.Level-1]
	return cmp.Or(strings.TrimSpace(level.Text), byLevel(wordsFor(s.client.Language).reminderTexts, s.due.Level))
}

func (s sentLetter) mail() letter {
	w := wordsFor(s.client.Language)
	var owed strings.Builder
	for _, a := range s.due.Accounts {
		fmt.Fprintf(&owed, w.reminderOwed, document.Money(s.client.Language, a.DueNow(), a.Currency))
	}
	comment := ""
	if s.row.Comment != "" {
		comment = "\n" + s.row.Comment + "\n"
	}
	return letter{
		subject: fmt.Sprintf(byLevel(w.reminderSubject, s.due.Level), s.firm.Name),
		body:    fmt.Sprintf(w.reminderBody, line(s.client.Name), s.text(), owed.String(), comment, s.firm.Name),
	}
}

// document is the letter as it prints.
func (s sentLetter) document() document.ReminderData {
	f, c := s.firm, s.client
	d := document.ReminderData{
		Number: postgres.MonthOf(s.row.Month), Level: s.due.Level, Language: c.Language, On: s.facts.AsOf, Text: s.text(), Comment: s.row.Comment,
		Seller: sellerOf(f),
		Buyer:  document.BuyerOf(postgres.ClientParty(c), f.CountryCode, c.Language),
	}
	for _, a := range s.due.Accounts {
		account := document.ReminderAccount{Currency: a.Currency, Aging: a.Aging.Buckets, PastDue: a.PastDue, Credit: a.Aging.Credit, DueNow: a.DueNow(), Owed: a.Aging.Owed()}
		for _, l := range a.Lines {
			account.Lines = append(account.Lines, document.ReminderLine{
				Number: l.Number, IssuedOn: l.IssuedOn, DueOn: l.DueOn, Total: l.Total, Paid: l.Paid, Balance: l.Balance, DaysOverdue: l.DaysOverdue,
			})
		}
		d.Accounts = append(d.Accounts, account)
	}
	return d
}

// chargeReminder drafts what the policy charges: a draft invoice for each
// currency, for a person to look at and complete.
func (a *Activities) chargeReminder(ctx context.Context, q *db.Queries, s sentLetter) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	charges, err := s.due.Charges(s.policy, s.facts)
	if err != nil {
		return nil, err
	}
	for _, c := range charges {
		id := a.store.NewID()
		if err := q.InsertInvoice(ctx, db.InsertInvoiceParams{ID: id, ClientID: s.client.ID, Currency: string(c.Currency), Through: s.facts.AsOf}); err != nil {
			return nil, err
		}
		if err := a.chargeLines(ctx, q, s, id, c); err != nil {
			return nil, err
		}
		if err := a.store.Total(ctx, q, id, c.Currency, s.facts.AsOf); err != nil {
			return nil, err
		}
		err := a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Invoice), ID: id, Verb: "draft", Version: 2, Source: "reminders of " + postgres.MonthOf(s.row.Month),
			Changes: map[string]postgres.Change{"fee": {nil, c.Fee}, "interest": {nil, c.Interest}}})
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (a *Activities) chargeLines(ctx context.Context, q *db.Queries, s sentLetter, invoice uuid.UUID, c billing.ReminderCharge) error {
	w, level := wordsFor(s.client.Language), s.policy.Levels[s.due.Level-1]
	for _, l := range []struct {
		text   string
		amount decimal.Decimal
	}{
		{fmt.Sprintf(w.fee, s.due.Level), c.Fee},
		{fmt.Sprintf(w.interest, document.Percent(s.client.Language, level.Interest), document.Day(s.client.Language, s.facts.AsOf)), c.Interest},
	} {
		if l.amount.IsZero() {
			continue
		}
		err := q.InsertLine(ctx, db.InsertLineParams{
			ID: a.store.NewID(), InvoiceID: invoice, Kind: string(billing.Charge), Description: l.text, Quantity: decimal.NewFromInt(1), UnitPrice: l.amount, Amount: l.amount,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
