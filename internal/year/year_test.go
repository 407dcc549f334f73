package year

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/workflows"
)

var (
	seed    = flag.Uint64("seed", 0, "of the year; 0 draws one")
	days    = flag.Int("days", 365, "how long the year is")
	clients = flag.Int("clients", 10, "how many clients there are")
	busy    = flag.Int("busy", 4, "how many things happen on a day, on average")
)

// For forty days, over at least two ends of most periods, the scheduler is
// down: nothing is billed or reminded by the clock, while people go on.
const down = 40

// A year of a firm whose clients are in five zones and five currencies, with
// anchors 1, 15, 30, 31 and last, late time, edits, payments in parts and too
// much, voids, credit notes, rates from a date on. After every day the books add
// up; after every round of the clock all that was to be billed is, once.
//
// The same seed draws the same deeds; what is billed abreast may still come out
// in another order.
func TestAYearOfTheFirm(t *testing.T) { // N.31, N.33, N.04–N.06, N.12, N.13, S1.70–S1.81, lessons 1–3, 5, 6, 9–11
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	f := found(t, s)
	began := f.random.IntN(max(*days-down-1, 1))
	for n := range *days {
		f.day(t, n, n < began || n >= began+down)
	}
	for n := *days; whole() && n < 2**days && len(f.undone()) > 0; n++ { // some years have no occasion for what is rare
		f.day(t, n, true)
	}
	t.Log(f.summary(t))
	f.meansSomething(t)
}

// day is one day of the firm: at six the clock bills, at eight it reminds, and
// people do what they do at any hour.
func (f *firm) day(t *testing.T, n int, scheduled bool) {
	t.Helper()
	type event struct {
		minute int
		do     func()
	}
	var events []event
	for range f.random.IntN(2**busy + 1) {
		events = append(events, event{f.random.IntN(24 * 60), f.deed})
	}
	events = append(events, event{8*60 + 10, f.letters}, event{20 * 60, f.letters})
	if scheduled {
		events = append(events, event{6 * 60, func() { f.tick(t) }})
		for _, hour := range []int{7, 8, 15} { // the clock asks every hour
			events = append(events, event{hour*60 + 5, f.reminders})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.minute - b.minute })
	for _, e := range events {
		f.at(f.first.AddDays(n), e.minute)
		e.do()
	}
	f.holds(t)
	if n%30 == 29 {
		f.exec(`ANALYZE`) // as Postgres does by itself on a firm that is not a minute old
		f.statementsAre(t, f.today())
		f.statementsAre(t, f.today().AddDays(-f.random.IntN(30)))
	}
	if t.Failed() {
		t.Fatalf("on %s, day %d of the year; %s", f.today(), n, f.summary(t))
	}
}

// tick is a round of billing by the clock: mostly alone, at times beside
// another one or while people are at work.
func (f *firm) tick(t *testing.T) {
	t.Helper()
	bill := func() { f.engine.toTheEnd(workflows.BillingTick, flow.Tick{}) }
	switch f.random.IntN(8) {
	case 0: // and another, which somebody triggered
		var both sync.WaitGroup
		both.Go(bill)
		both.Go(bill)
		both.Wait()
	case 1:
		var both sync.WaitGroup
		both.Go(bill)
		for range 4 {
			f.deed()
		}
		both.Wait()
		bill() // what was recorded meanwhile is for the next; what met a conflict is done
		f.settle()
		f.periodsAre(t)
		return
	default:
		bill()
	}
	if f.any(`SELECT project_id FROM billing_period WHERE outcome = 'due' OR run_at = `+f.literal(), func(uuid.UUID) string { return "" }) != nothing {
		fixture.Hold(t, f.Pool, f.asked(justBilled))
	}
	f.periodsAre(t)
	f.settle()
}

// reminders is what the schedule of reminders does.
func (f *firm) reminders() {
	f.engine.toTheEnd(workflows.Reminders, nil)
	f.settle()
}

// summary is what has happened so far.
func (f *firm) summary(t testing.TB) string {
	t.Helper()
	out := fixture.One[string](t, f.Pool, `SELECT format('%s entries, %s invoices (%s void, %s drafts), %s credit notes, %s payments, %s periods (%s parked now), %s reminders, %s mails',
		(SELECT count(*) FROM time_entry), (SELECT count(*) FROM invoice), (SELECT count(*) FROM invoice WHERE state = 'void'), (SELECT count(*) FROM invoice WHERE state = 'draft'),
		(SELECT count(*) FROM credit_note), (SELECT count(*) FROM payment), (SELECT count(*) FROM billing_period), (SELECT count(*) FROM billing_period WHERE outcome = 'parked'),
		(SELECT count(*) FROM reminder_letter WHERE state = 'sent'), (SELECT count(*) FROM mail))`)
	for _, k := range slices.Sorted(maps.Keys(f.outcomes)) {
		out += fmt.Sprintf("\n%5d %s", f.outcomes[k], k)
	}
	return out
}

// undone are the deeds that nobody has managed yet.
func (f *firm) undone() (names []string) {
	for _, d := range deeds {
		if d.weight > 1 && f.outcomes[d.name+" "] == 0 {
			names = append(names, d.name)
		}
	}
	return names
}

// whole tells whether the year is long and busy enough for everything to happen.
func whole() bool { return *days >= 365 && *clients >= 10 && *busy >= 4 }

// meansSomething fails a whole year in which too little happened.
func (f *firm) meansSomething(t testing.TB) {
	t.Helper()
	if !whole() {
		return
	}
	for _, name := range f.undone() {
		t.Errorf("nobody managed to %s", name)
	}
	if n := fixture.One[int](t, f.Pool, `SELECT count(DISTINCT due_on) FROM invoice WHERE issued_on IS NOT NULL`); n < 20 {
		t.Errorf("invoices were due on %d days only", n)
	}
	if n := fixture.One[int](t, f.Pool, `SELECT count(*) FROM reminder_letter WHERE state = 'sent'`); n < 5 {
		t.Errorf("%d reminders went", n)
	}
}
