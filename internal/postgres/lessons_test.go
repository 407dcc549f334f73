package postgres_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/fixture"
)

func TestPrintedHoursTimesRateIsThePrintedAmount(t *testing.T) { // lesson 6
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	people := []uuid.UUID{f.Ann, f.Bob, f.Person(t, "Odd", "contributor", "98.53"), f.Person(t, "Odder", "contributor", "133.337")}
	entries := make([]fixture.Entry, 1000)
	for i := range entries {
		entries[i] = fixture.Entry{Task: f.Task, Person: people[i%4], Date: march(1 + i%28), Minutes: 7}
	}
	f.Record(t, entries...)

	for _, grouping := range []string{"entry", "task_person"} {
		f.Exec(t, `UPDATE work_statement SET line_grouping = $1`, grouping)
		inv := mustDraft(t, s, f, march(31))
		sum := decimal.Zero
		for _, l := range inv.Lines {
			price := decimal.RequireFromString(l.UnitPrice)
			want := price.Mul(decimal.NewFromInt(*l.Minutes)).Div(decimal.NewFromInt(60)).Round(2)
			if l.Amount != want.StringFixed(2) {
				t.Fatalf("%s × %s is printed as %s, want %s", l.Quantity, l.UnitPrice, l.Amount, want)
			}
			sum = sum.Add(decimal.RequireFromString(l.Amount))
		}
		if inv.Subtotal != sum.StringFixed(2) {
			t.Errorf("by %s the lines come to %s, the subtotal is %s", grouping, sum, inv.Subtotal)
		}
		f.Exec(t, `UPDATE time_entry SET invoice_line_id = NULL`)
		f.Exec(t, `DELETE FROM invoice`)
	}
}

func TestARateFromADateOnLeavesEarlierTimeAlone(t *testing.T) { // lesson 11, S1.12
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(15), Minutes: 60}, fixture.Entry{Task: f.Task, Person: f.Ann, Date: march(16), Minutes: 60})
	f.Exec(t, `UPDATE rate SET valid = '[2020-01-01,2026-03-16)' WHERE person_id = $1`, f.Ann)
	f.Exec(t, `INSERT INTO rate (id, person_id, hourly, currency, valid) VALUES (gen_random_uuid(), $1, 140, 'GBP', '[2026-03-16,)')`, f.Ann)
	inv := mustDraft(t, s, f, march(31))
	if len(inv.Lines) != 2 || inv.Lines[0].Amount != "100.00" || inv.Lines[1].Amount != "140.00" {
		t.Errorf("the lines are %+v", inv.Lines)
	}
}
