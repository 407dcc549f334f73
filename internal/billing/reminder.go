package billing

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// ReminderLevel is one step of reminding.
type ReminderLevel struct {
	Overdue  int             `json:"days_overdue" minimum:"0" maximum:"3650" doc:"Of the oldest invoice, until this level is reached"`
	Since    int             `json:"days_since_last" minimum:"0" maximum:"3650" doc:"Since the last letter"`
	Text     string          `json:"text,omitempty" maxLength:"4000" doc:"Instead of the text that comes with the client's language"`
	Fee      decimal.Decimal `json:"fee,omitzero" required:"false" doc:"Charged with a letter of this level, in the policy's currency"`
	Interest decimal.Decimal `json:"interest_percent,omitzero" required:"false" doc:"A year, on what is past due, charged with a letter of this level"`
}

// ReminderPolicy is how clients are reminded. Rule: billing, "Reminders".
type ReminderPolicy struct {
	Levels    []ReminderLevel // in order; at least one
	AfterSent int             // days from sending an invoice to its first reminder
	Minimum   decimal.Decimal // less than this to be paid now is not reminded of, in any currency
	Currency  money.Currency  // of the fees
}

// Receivable is a completed invoice, not void, on which something is owed.
type Receivable struct {
	ID                      uuid.UUID
	Number                  string
	IssuedOn, DueOn, SentOn civil.Date // no SentOn: it was never sent
	Currency                money.Currency
	Total, Paid, Balance    decimal.Decimal
	Disputed                bool
	PromisedUntil           civil.Date // no date: not promised
}

// LastLetter is the last reminder that a client was sent.
type LastLetter struct {
	On       civil.Date
	Level    int
	Invoices []uuid.UUID // what it reminded of
}

// ReminderFacts is what is known of a client on a day.
type ReminderFacts struct {
	AsOf        civil.Date
	PausedUntil civil.Date
	Last        *LastLetter
	Owed        []Receivable
	Credit      map[money.Currency]decimal.Decimal // left over
}

// ReminderReason is why a client or an invoice is not reminded of.
type ReminderReason string

// The reasons, of a client, then of an invoice.
const (
	NothingPastDue  ReminderReason = "nothing_past_due"
	Paused          ReminderReason = "paused"
	BelowMinimum    ReminderReason = "below_minimum"
	CoveredByCredit ReminderReason = "covered_by_credit"
	NotYet          ReminderReason = "not_yet"  // the first level's days have not passed
	TooSoon         ReminderReason = "too_soon" // after the last letter

	NotDue       ReminderReason = "not_due"
	Disputed     ReminderReason = "disputed"
	Promised     ReminderReason = "promised"
	NeverSent    ReminderReason = "never_sent"
	SentRecently ReminderReason = "sent_recently"
)

// ReminderLine is an invoice on a reminder.
type ReminderLine struct {
	Receivable
	DaysOverdue int
}

// ReminderAccount is what is reminded of in one currency.
type ReminderAccount struct {
	Currency money.Currency
	Lines    []ReminderLine // the oldest due first
	PastDue  decimal.Decimal
	Aging    Aging // with what is owed and not listed
}

// DueNow is what is past due less the credit left over.
func (a ReminderAccount) DueNow() decimal.Decimal { return a.PastDue.Sub(a.Aging.Credit) }

// LeftOut is an invoice that is not reminded of.
type LeftOut struct {
	Receivable
	Reason ReminderReason
}

// Reminder is what a client is reminded of, or why not.
type Reminder struct {
	Level    int // 1 is the first; 0: no letter
	Reason   ReminderReason
	Accounts []ReminderAccount
	LeftOut  []LeftOut
}

// Remind says which letter a client is due. Whatever was missed, the level goes
// up by one at most; a client who has paid all that the last letter named
// begins again at the first. Rule: billing, "Reminders".
func Remind(p ReminderPolicy, f ReminderFacts) Reminder {
	var r Reminder
	r.Accounts, r.LeftOut = accountsOf(p, f)
	if !f.PausedUntil.IsZero() && !f.AsOf.After(f.PausedUntil) {
		r.Reason = Paused
		return r
	}
	if len(r.Accounts) == 0 {
		r.Reason = NothingPastDue
		return r
	}
	var why ReminderReason
	remind := slices.DeleteFunc(slices.Clone(r.Accounts), func(a ReminderAccount) bool {
		reason := a.spared(p)
		why = cmp.Or(reason, why)
		return reason != ""
	})
	if len(remind) == 0 {
		r.Reason = why
		return r
	}
	r.Level, r.Reason = levelFor(p, f, remind)
	if r.Level > 0 {
		r.Accounts = remind
	}
	return r
}

// spared says why a currency is left out.
func (a ReminderAccount) spared(p ReminderPolicy) ReminderReason {
	switch {
	case a.Aging.Credit.GreaterThanOrEqual(a.PastDue):
		return CoveredByCredit
	case a.DueNow().LessThan(p.Minimum):
		return BelowMinimum
	}
	return ""
}

// accountsOf gathers what is past due by currency, and what is left out.
func accountsOf(p ReminderPolicy, f ReminderFacts) (accounts []ReminderAccount, left []LeftOut) {
	owed := slices.Clone(f.Owed)
	slices.SortFunc(owed, func(a, b Receivable) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), a.DueOn.Compare(b.DueOn), cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number))
	})
	for _, o := range owed {
		reason := leftOut(p, f.AsOf, o)
		if reason != "" {
			left = append(left, LeftOut{o, reason})
		}
		if reason == Disputed || reason == Promised {
			continue // not to be spoken of
		}
		if n := len(accounts); n == 0 || accounts[n-1].Currency != o.Currency {
			accounts = append(accounts, ReminderAccount{Currency: o.Currency, Aging: Aging{Credit: f.Credit[o.Currency]}})
		}
		a := &accounts[len(accounts)-1]
		a.Aging.Add(o.Balance, o.DueOn, f.AsOf)
		if reason == "" {
			a.Lines = append(a.Lines, ReminderLine{o, f.AsOf.DaysSince(o.DueOn)})
			a.PastDue = a.PastDue.Add(o.Balance)
		}
	}
	accounts = slices.DeleteFunc(accounts, func(a ReminderAccount) bool { return len(a.Lines) == 0 })
	return accounts, left
}

// leftOut says why an invoice is not reminded of.
func leftOut(p ReminderPolicy, asOf civil.Date, o Receivable) ReminderReason {
	switch {
	case o.Disputed:
		return Disputed
	case !o.PromisedUntil.IsZero() && !asOf.After(o.PromisedUntil):
		return Promised
	case !asOf.After(o.DueOn):
		return NotDue
	case o.SentOn.IsZero():
		return NeverSent
	case asOf.Before(o.SentOn.AddDays(p.AfterSent)):
		return SentRecently
	}
	return ""
}

// levelFor is the level of the letter that is due, or why there is none.
func levelFor(p ReminderPolicy, f ReminderFacts, accounts []ReminderAccount) (int, ReminderReason) {
	oldest := 0
	for _, a := range accounts {
		oldest = max(oldest, a.Lines[0].DaysOverdue)
	}
	level, since := 0, 0
	if f.Last != nil {
		since = f.AsOf.DaysSince(f.Last.On)
		if stillOwed(*f.Last, f.Owed) {
			level = min(f.Last.Level, len(p.Levels))
		}
	}
	if level < len(p.Levels) {
		if next := p.Levels[level]; oldest >= next.Overdue && (f.Last == nil || since >= next.Since) {
			return level + 1, ""
		}
	}
	switch {
	case level == 0 && oldest < p.Levels[0].Overdue:
		return 0, NotYet
	case level == 0 || since < p.Levels[level-1].Since || since == 0:
		return 0, TooSoon
	}
	return level, ""
}

// stillOwed tells whether something that a letter named has not been paid.
func stillOwed(l LastLetter, owed []Receivable) bool {
	return slices.ContainsFunc(owed, func(o Receivable) bool { return slices.Contains(l.Invoices, o.ID) })
}

// ReminderCharge is what a letter costs the client.
type ReminderCharge struct {
	Currency money.Currency
	Fee      decimal.Decimal
	Interest decimal.Decimal
}

// Charges is what the policy charges with a letter: the fee of its level, and
// interest for the days since each invoice was due or, where there was a letter
// before, since that, on what the credit left over does not cover, the oldest
// first. It is nothing where the policy says nothing. It refuses
// with [fault.Overflow].
func (r Reminder) Charges(p ReminderPolicy, f ReminderFacts) ([]ReminderCharge, error) {
	if r.Level == 0 {
		return nil, nil
	}
	level := p.Levels[r.Level-1]
	var all []ReminderCharge
	for _, a := range r.Accounts {
		c := ReminderCharge{Currency: a.Currency}
		if a.Currency == p.Currency {
			c.Fee = a.Currency.Round(level.Fee)
		}
		balanceDays, credit := decimal.Zero, a.Aging.Credit
		for _, l := range a.Lines {
			covered := decimal.Min(credit, l.Balance)
			credit = credit.Sub(covered)
			from := l.DueOn
			if f.Last != nil && f.Last.On.After(from) {
				from = f.Last.On
			}
			balanceDays = balanceDays.Add(l.Balance.Sub(covered).Mul(decimal.NewFromInt(int64(f.AsOf.DaysSince(from)))))
		}
		var err error
		if c.Interest, err = money.Interest(balanceDays, level.Interest, a.Currency); err != nil {
			return nil, err
		}
		if _, err := money.Check(c.Fee.Add(c.Interest)); err != nil {
			return nil, err
		}
		if c.Fee.Sign() > 0 || c.Interest.Sign() > 0 {
			all = append(all, c)
		}
	}
	return all, nil
}
