package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/money"
)

func figure(s string) decimal.Decimal { return decimal.RequireFromString(s) }

var (
	due    = civil.Of(2026, time.January, 31)
	policy = billing.ReminderPolicy{AfterSent: 7, Minimum: figure("10"), Currency: "EUR", Levels: []billing.ReminderLevel{
		{Overdue: 7}, {Overdue: 30, Since: 21, Fee: figure("5")}, {Overdue: 60, Since: 21, Fee: figure("10"), Interest: figure("9")},
	}}
)

// owed is an invoice over 100 that was sent a month before it was due.
func owed(change func(*billing.Receivable)) billing.Receivable {
	r := billing.Receivable{ID: uuid.New(), Number: "INV-2026-00001", IssuedOn: due.AddDays(-30), DueOn: due, SentOn: due.AddDays(-30), Currency: "EUR", Total: figure("100"), Balance: figure("100")}
	if change != nil {
		change(&r)
	}
	return r
}

func facts(day int, all ...billing.Receivable) billing.ReminderFacts {
	return billing.ReminderFacts{AsOf: due.AddDays(day), Owed: all}
}

func TestWhoIsRemindedAndWhoIsNot(t *testing.T) { // S1.71, billing "Reminders"
	paused := facts(40, owed(nil))
	paused.PausedUntil = due.AddDays(40)
	awake := paused
	awake.PausedUntil = due.AddDays(39)
	credit := facts(40, owed(nil))
	credit.Credit = map[money.Currency]decimal.Decimal{"EUR": figure("100")}
	some := facts(40, owed(nil))
	some.Credit = map[money.Currency]decimal.Decimal{"EUR": figure("90"), "GBP": figure("500")}
	cents := facts(40, owed(nil))
	cents.Credit = map[money.Currency]decimal.Decimal{"EUR": figure("90.01")}
	for name, c := range map[string]struct {
		facts  billing.ReminderFacts
		level  int
		reason billing.ReminderReason
	}{
		"due today":              {facts(0, owed(nil)), 0, billing.NothingPastDue},
		"a day before N":         {facts(6, owed(nil)), 0, billing.NotYet},
		"due + N":                {facts(7, owed(nil)), 1, ""},
		"long after due + N":     {facts(400, owed(nil)), 1, ""},
		"nothing owed":           {facts(40), 0, billing.NothingPastDue},
		"disputed":               {facts(40, owed(func(r *billing.Receivable) { r.Disputed = true })), 0, billing.NothingPastDue},
		"promised until the day": {facts(40, owed(func(r *billing.Receivable) { r.PromisedUntil = due.AddDays(40) })), 0, billing.NothingPastDue},
		"a promise not kept":     {facts(40, owed(func(r *billing.Receivable) { r.PromisedUntil = due.AddDays(39) })), 1, ""},
		"never sent":             {facts(40, owed(func(r *billing.Receivable) { r.SentOn = civil.Date{} })), 0, billing.NothingPastDue},
		"sent six days ago":      {facts(40, owed(func(r *billing.Receivable) { r.SentOn = due.AddDays(34) })), 0, billing.NothingPastDue},
		"sent seven days ago":    {facts(40, owed(func(r *billing.Receivable) { r.SentOn = due.AddDays(33) })), 1, ""},
		"below the minimum":      {facts(40, owed(func(r *billing.Receivable) { r.Balance = figure("9.99") })), 0, billing.BelowMinimum},
		"covered by credit":      {credit, 0, billing.CoveredByCredit},
		"almost covered":         {some, 1, ""},
		"below it after credit":  {cents, 0, billing.BelowMinimum},
		"paused":                 {paused, 0, billing.Paused},
		"paused until yesterday": {awake, 1, ""},
	} {
		r := billing.Remind(policy, c.facts)
		if r.Level != c.level || r.Reason != c.reason {
			t.Errorf("%s: level %d %q, want %d %q", name, r.Level, r.Reason, c.level, c.reason)
		}
	}
}

func TestAReminderMovesOneStepAndNotThree(t *testing.T) { // N.33, lesson 3
	inv := owed(nil)
	f := facts(8, inv)
	if r := billing.Remind(policy, f); r.Level != 1 {
		t.Fatalf("the first is of level %d", r.Level)
	}
	f.Last = &billing.LastLetter{On: f.AsOf, Level: 1, Invoices: []uuid.UUID{inv.ID}}
	for day, want := range map[int]struct {
		level  int
		reason billing.ReminderReason
	}{
		8: {0, billing.TooSoon}, 28: {1, ""}, 29: {1, ""}, 30: {2, ""}, 48: {2, ""}, // back after forty days
		95: {2, ""}, // also where the third level's days have passed
	} {
		f.AsOf = due.AddDays(day)
		if r := billing.Remind(policy, f); r.Level != want.level || r.Reason != want.reason {
			t.Errorf("day %d: level %d %q, want %d %q", day, r.Level, r.Reason, want.level, want.reason)
		}
	}
	f.Last = &billing.LastLetter{On: due.AddDays(95), Level: 3, Invoices: []uuid.UUID{inv.ID}}
	f.AsOf = due.AddDays(120)
	if r := billing.Remind(policy, f); r.Level != 3 {
		t.Errorf("after the last level comes %d", r.Level)
	}
	f.AsOf = due.AddDays(110)
	if r := billing.Remind(policy, f); r.Level != 0 || r.Reason != billing.TooSoon {
		t.Errorf("fifteen days later: %d %q", r.Level, r.Reason)
	}
}

func TestAPaidUpClientBeginsAgain(t *testing.T) { // billing "Reminders"
	paid, later := uuid.New(), owed(func(r *billing.Receivable) { r.DueOn = due.AddDays(60) })
	f := facts(70, later)
	f.Last = &billing.LastLetter{On: due.AddDays(40), Level: 3, Invoices: []uuid.UUID{paid}}
	if r := billing.Remind(policy, f); r.Level != 1 {
		t.Errorf("got level %d", r.Level)
	}
	back := owed(func(r *billing.Receivable) { r.ID = paid }) // its payment was reversed
	f.Owed = []billing.Receivable{back, later}
	if r := billing.Remind(policy, f); r.Level != 3 {
		t.Errorf("after a reversal: level %d", r.Level)
	}
}

func TestALetterListsAllThatIsPastDueByCurrency(t *testing.T) { // S1.71
	number := func(n, balance string, days int, c money.Currency) billing.Receivable {
		return owed(func(r *billing.Receivable) {
			r.Number, r.Balance, r.Currency, r.DueOn = n, figure(balance), c, due.AddDays(-days)
			r.SentOn = r.DueOn.AddDays(-30)
		})
	}
	f := facts(0, number("INV-10", "0.25", 1, "EUR"), number("INV-3", "30", 1, "EUR"), number("INV-1", "100", 95, "EUR"), number("INV-2", "70", 45, "EUR"), number("INV-4", "1000", -5, "EUR"),
		number("INV-5", "50", 20, "GBP"), number("INV-6", "5", 20, "USD"))
	f.Credit = map[money.Currency]decimal.Decimal{"EUR": figure("20")}
	r := billing.Remind(policy, f)
	if r.Level != 1 || len(r.Accounts) != 2 {
		t.Fatalf("got %+v", r)
	}
	eur := r.Accounts[0]
	var numbers []string
	for _, l := range eur.Lines {
		numbers = append(numbers, l.Number)
	}
	if !slices.Equal(numbers, []string{"INV-1", "INV-2", "INV-3", "INV-10"}) || eur.Lines[0].DaysOverdue != 95 {
		t.Errorf("got %v", numbers)
	}
	if got := eur.PastDue.String() + " " + eur.DueNow().String() + " " + eur.Aging.Owed().String(); got != "200.25 180.25 1180.25" {
		t.Errorf("past due, due now, owed: %s", got)
	}
	for i, want := range []string{"1000", "30.25", "70", "0", "100"} {
		if eur.Aging.Buckets[i].String() != want {
			t.Errorf("bucket %d is %s, want %s", i, eur.Aging.Buckets[i], want)
		}
	}
	if r.Accounts[1].Currency != "GBP" {
		t.Errorf("the second account is in %s", r.Accounts[1].Currency)
	}
}

func TestTheTotalOwedIsThatOfTheStatement(t *testing.T) { // S1.71
	f := facts(40, owed(nil),
		owed(func(r *billing.Receivable) { r.Balance, r.DueOn = figure("7"), due.AddDays(5) }), // sent, and past due
		owed(func(r *billing.Receivable) { r.Balance, r.SentOn = figure("20"), civil.Date{} }),
		owed(func(r *billing.Receivable) { r.Balance, r.SentOn = figure("30"), due.AddDays(39) }),
		owed(func(r *billing.Receivable) { r.Balance, r.DueOn = figure("40"), due.AddDays(60) }),
		owed(func(r *billing.Receivable) { r.Balance, r.Disputed = figure("500"), true }),
		owed(func(r *billing.Receivable) { r.Balance, r.PromisedUntil = figure("600"), due.AddDays(50) }))
	r := billing.Remind(policy, f)
	a := r.Accounts[0]
	if got := a.PastDue.String() + " " + a.Aging.Owed().String(); len(a.Lines) != 2 || got != "107 197" {
		t.Errorf("%d lines, past due and owed: %s", len(a.Lines), got)
	}
	if got := a.Aging.Buckets[0].String() + " " + a.Aging.Buckets[2].String(); got != "40 157" {
		t.Errorf("not due, and by 31 to 60 days: %s", got)
	}
	charged := policy
	charged.Levels = []billing.ReminderLevel{{Interest: figure("9")}}
	r = billing.Remind(charged, f)
	if c, err := r.Charges(charged, f); err != nil || len(c) != 1 || c[0].Interest.String() != "1.05" { // 100 for 40 days, 7 for 35
		t.Errorf("charged is %+v, %v", c, err)
	}
}

func TestChargesAreAsThePolicySays(t *testing.T) { // billing "Reminders"
	inv := owed(nil)
	f := facts(70, inv)
	f.Last = &billing.LastLetter{On: due.AddDays(40), Level: 2, Invoices: []uuid.UUID{inv.ID}}
	for level, want := range map[int]string{1: "", 2: "EUR 5 0", 3: "EUR 10 0.74"} { // 100 × 9 % × 30 / 365
		r := billing.Remind(policy, f)
		r.Level = level
		got := ""
		charges, err := r.Charges(policy, f)
		for _, c := range charges {
			got += string(c.Currency) + " " + c.Fee.String() + " " + c.Interest.String()
		}
		if err != nil || got != want {
			t.Errorf("level %d: %q, %v; want %q", level, got, err, want)
		}
	}
}

func TestNoInterestIsChargedOnWhatTheClientHasLeftOver(t *testing.T) { // N.05, billing "Reminders"
	charged := policy
	charged.Levels = []billing.ReminderLevel{{Interest: figure("9")}}
	f := facts(40, owed(nil), owed(func(r *billing.Receivable) { r.DueOn = due.AddDays(20) }))
	for credit, want := range map[string]string{"0": "1.48", "60": "0.89", "100": "0.49", "150": "0.25"} { // 9 % of the 100 for 40 days and 100 for 20, the oldest covered first
		f.Credit = map[money.Currency]decimal.Decimal{"EUR": figure(credit)}
		r := billing.Remind(charged, f)
		if c, err := r.Charges(charged, f); err != nil || len(c) != 1 || c[0].Interest.String() != want {
			t.Errorf("with a credit of %s charged is %+v, %v; want %s", credit, c, err, want)
		}
	}
}

func TestDaysBetweenLettersAreCountedFromTheLast(t *testing.T) { // S1.71, billing "Reminders"
	patient := policy
	patient.Levels = []billing.ReminderLevel{{Overdue: 7, Since: 10}, {Overdue: 30, Since: 21}}
	paid, inv := uuid.New(), owed(nil)
	last := func(level, day int, named uuid.UUID) *billing.LastLetter {
		return &billing.LastLetter{On: due.AddDays(day), Level: level, Invoices: []uuid.UUID{named}}
	}
	for name, c := range map[string]struct {
		day    int
		last   *billing.LastLetter
		level  int
		reason billing.ReminderReason
	}{
		"the first letter waits for none":         {7, nil, 1, ""},
		"begins again, nine days after":           {30, last(2, 21, paid), 0, billing.TooSoon},
		"begins again, ten days after":            {30, last(2, 20, paid), 1, ""},
		"begins again, and not yet":               {6, last(2, -30, paid), 0, billing.NotYet},
		"the next level, twenty days after":       {30, last(1, 10, inv.ID), 1, ""},
		"the next level, twenty-one days after":   {30, last(1, 9, inv.ID), 2, ""},
		"the same level again, nine days after":   {25, last(1, 16, inv.ID), 0, billing.TooSoon},
		"the same level again, ten days after":    {25, last(1, 15, inv.ID), 1, ""},
		"the last level again, twenty days after": {90, last(2, 70, inv.ID), 0, billing.TooSoon},
		"the last level again, twenty-one after":  {90, last(2, 69, inv.ID), 2, ""},
	} {
		f := facts(c.day, inv)
		f.Last = c.last
		if r := billing.Remind(patient, f); r.Level != c.level || r.Reason != c.reason {
			t.Errorf("%s: level %d %q, want %d %q", name, r.Level, r.Reason, c.level, c.reason)
		}
	}
}

func TestFeesAreInThePolicysCurrencyAndInterestFromTheLastLetter(t *testing.T) { // billing "Reminders"
	charged := policy
	charged.Levels = []billing.ReminderLevel{{Fee: figure("5"), Interest: figure("36.5")}}
	late := owed(func(r *billing.Receivable) { r.Currency, r.DueOn = "GBP", due.AddDays(35) })
	f := facts(40, owed(nil), late)
	f.Last = &billing.LastLetter{On: due.AddDays(30)}
	r := billing.Remind(charged, f)
	c, err := r.Charges(charged, f)
	if err != nil || len(c) != 2 || c[0].Fee.String()+" "+c[0].Interest.String() != "5 1" || c[1].Fee.String()+" "+c[1].Interest.String() != "0 0.5" {
		t.Errorf("charged is %+v, %v; want 5 and 1 for ten days in EUR, 0 and 0.50 for five in GBP", c, err)
	}
}

func TestWhatIsNotRemindedOfIsSaid(t *testing.T) { // S1.70, S1.71
	f := facts(40, owed(nil), owed(func(r *billing.Receivable) { r.Number, r.Disputed = "INV-2", true }), owed(func(r *billing.Receivable) { r.Number, r.SentOn = "INV-3", civil.Date{} }))
	r := billing.Remind(policy, f)
	if len(r.LeftOut) != 2 || r.LeftOut[0].Number != "INV-2" || r.LeftOut[0].Reason != billing.Disputed || r.LeftOut[1].Reason != billing.NeverSent {
		t.Errorf("left out are %+v", r.LeftOut)
	}
}
