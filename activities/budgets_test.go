package activities_test

import (
	"testing"

	"steward/internal/fixture"
	"steward/internal/flow"
)

func (b *told) warned(t *testing.T, want string) {
	t.Helper()
	for range 2 { // the second time there is nothing new
		if _, err := b.acts.WarnOfBudgets(t.Context(), flow.After{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT coalesce(string_agg(substr(subject, 12), '; ' ORDER BY id), '') FROM notification WHERE kind = 'budget_warning' AND person_id = $1`, b.AM); got != want {
		t.Errorf("told is %q, want %q", got, want)
	}
}

func TestABudgetWarnsAtHalfFourFifthsAndAllOnce(t *testing.T) { // N.07
	t.Parallel()
	b := setAt(t, "2026-03-20T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET budget_minutes = 600, budget_amount = 1500`)
	hour := func(n int) {
		b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60 * n})
	}
	hour(4)
	b.warned(t, "")
	hour(2)
	b.warned(t, "has used 50 % of its budget of 10.00 hours")
	hour(2)
	b.warned(t, "has used 50 % of its budget of 10.00 hours; has used 80 % of its budget of 10.00 hours; has used 50 % of its budget of GBP 1,500.00")
	hour(10)
	b.warned(t, "has used 50 % of its budget of 10.00 hours; has used 80 % of its budget of 10.00 hours; has used 50 % of its budget of GBP 1,500.00; "+
		"has used 100 % of its budget of 10.00 hours; has used 100 % of its budget of GBP 1,500.00")
}

func TestABudgetIsUsedByWhatIsDueBesideTime(t *testing.T) { // N.07
	t.Parallel()
	b := setAt(t, "2026-03-20T06:00:00Z")
	b.Exec(t, `UPDATE work_statement SET billing_kind = 'fixed_price', budget_amount = 1000`)
	b.Exec(t, `INSERT INTO milestone (id, project_id, name, amount, due_on) VALUES (gen_random_uuid(), $1, 'Signed', 300, '2026-03-20'), (gen_random_uuid(), $1, 'Live', 700, '2026-03-21')`, b.Project)
	b.warned(t, "")
	b.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount, markup_percent, billable) VALUES (gen_random_uuid(), $1, $2, '2026-03-20', 'Hotel', 200, 10, true)`, b.Project, b.Ann)
	b.warned(t, "has used 50 % of its budget of GBP 1,000.00")
}
