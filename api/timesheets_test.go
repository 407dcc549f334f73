package api_test

import (
	"testing"

	"steward/internal/civil"
	"steward/internal/fixture"
)

func TestATimesheetIsToldToWhoApprovesAndWhoseItIs(t *testing.T) { // N.01, N.21
	t.Parallel()
	w := newWorld(t)
	heard := func(want string) {
		t.Helper()
		got := fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(split_part(p.name, ' ', 1) || ' ' || n.kind || ' ' || n.digest || ' ' || n.subject || '|' || n.body, ', ' ORDER BY p.name), '') FROM notification n JOIN person p ON p.id = n.person_id`)
		if got != want {
			t.Errorf("heard is\n%s, want\n%s", got, want)
		}
		w.Exec(t, `DELETE FROM notification`)
	}
	for _, p := range []struct{ id, name string }{{w.AM.String(), "Olivia"}, {w.Manager.String(), "Manager"}, {w.Ann.String(), "Ann"}} {
		w.Exec(t, `UPDATE person SET name = $2 WHERE id = $1::text::uuid`, p.id, p.name)
	}
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 10), Minutes: 60})
	sheet := "/timesheets/" + w.Ann.String() + "/2026-03-13"
	ann, am := w.as(w.Ann), w.as(w.AM)
	ann.must("POST", sheet+"/submit", object{"note": "all of it"})
	waits := " timesheet_submitted true The week of 2026-03-09 of Ann waits for approval|all of it"
	heard("Manager" + waits + ", Olivia" + waits)
	am.must("POST", sheet+"/reject", object{"note": "which task?"})
	heard("Ann timesheet_rejected false Olivia sent your week of 2026-03-09 back|which task?")
	ann.must("POST", sheet+"/submit", nil)
	w.Exec(t, `DELETE FROM notification`)
	am.must("POST", sheet+"/approve", nil)
	heard("")
	am.must("POST", sheet+"/reopen", object{"note": "a day is missing"})
	heard("Ann timesheet_reopened false Olivia reopened your week of 2026-03-09|a day is missing")

	w.Exec(t, `UPDATE person SET active = false WHERE id IN ($1, $2)`, w.AM, w.Manager)
	w.Exec(t, `UPDATE person SET name = 'Ada' WHERE id = $1`, w.admin)
	ann.must("POST", sheet+"/submit", nil)
	heard("Ada timesheet_submitted true The week of 2026-03-09 of Ann waits for approval|")
}
