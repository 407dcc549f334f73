package activities_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Nothing ran from the reminders' day until the month was over: they are made when
// something does, once, and not close to those of the next month.
func TestDownOverAMonthsEndRemindsOnce(t *testing.T) { // S1.70, S1.71, N.33, lesson 3
	t.Parallel()
	for name, c := range map[string]struct {
		day   int
		back  int // of June
		month time.Month
		next  int // of June; 0: none of June any more
	}{
		"down since the 25th":          {25, 1, time.May, 25},
		"for four weeks":               {10, 6, time.June, 0}, // in four days it would be June's
		"for two weeks":                {20, 3, time.May, 20},
		"a fortnight before June's":    {20, 6, time.June, 0},
		"until June's day was over":    {10, 12, time.June, 0},
		"for as long as it was June's": {10, 10, time.June, 0},
	} {
		b, _ := lent(t)
		b.Exec(t, `UPDATE reminder_policy SET day_of_month = $1`, c.day)
		b.tenOn(time.April, c.day)
		april := b.tick(t)
		b.Store.Now = func() time.Time { return time.Date(2026, time.June, c.back, 5, 0, 0, 0, time.UTC) }
		if c.back < c.day && b.tick(t) != uuid.Nil {
			t.Errorf("%s: it came before eight", name)
		}
		b.tenOn(time.June, c.back)
		run := b.tick(t)
		if run == uuid.Nil || b.tick(t) != uuid.Nil {
			t.Fatalf("%s: it was not caught up once", name)
		}
		row, err := b.ReminderRun(t.Context(), run)
		if err != nil || row.Month != civil.Of(2026, c.month, 1) {
			t.Errorf("%s: it is the run of %s, %v", name, row.Month, err)
		}
		b.tenOn(time.June, c.back+3)
		lettered{b.send(t, run)}.is(t, "sent", "", 1)
		for day := c.back + 3; day <= 30; day++ {
			b.tenOn(time.June, day)
			if made := b.tick(t); (made != uuid.Nil) != (day == c.next) {
				t.Errorf("%s: on June %d there is a run: %v", name, day, made != uuid.Nil)
			}
		}
		b.tenOn(time.July, c.day)
		if b.tick(t) == uuid.Nil {
			t.Errorf("%s: July has none", name)
		}
		if n := b.mails(t, ""); april == uuid.Nil || n != 1 {
			t.Errorf("%s: %d mails", name, n)
		}
	}
}

// Reminders that were off, or had another day, were not missed.
func TestWhatTheClockWasNotToMakeIsNotMadeGood(t *testing.T) { // S1.70
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE reminder_policy SET day_of_month = 20`)
	b.Exec(t, `INSERT INTO audit_event (id, at, entity_kind, entity_id, verb, version, changes) VALUES (gen_random_uuid(), '2026-05-25T09:00:00Z', 'reminder_policy', $1, 'edit', 2, '{"day_of_month": [1, 20]}')`, uuid.Nil)
	b.tenOn(time.June, 1)
	if b.tick(t) != uuid.Nil {
		t.Error("it was made though nobody wanted it on its day")
	}
	b.Exec(t, `UPDATE reminder_policy SET active = false`)
	b.tenOn(time.July, 1)
	if b.tick(t) != uuid.Nil {
		t.Error("it was made though reminders are off")
	}
}
