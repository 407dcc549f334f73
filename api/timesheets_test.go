package api_test

import (
	"net/http"
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
	for _, body := range []object{{}, {"note": ""}, {"note": " \n"}} { // without a reason
		am.refused(422, "invalid", "POST", sheet+"/reject", body)
	}
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

// Ann changes time that is on a draft, which takes a while; her week is approved
// meanwhile.
func TestWhatIsApprovedIsWhatIsThere(t *testing.T) { // N.01
	t.Parallel()
	w := newWorld(t)
	entry := w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 10), Minutes: 60})[0]
	ann, am, sheet := w.as(w.Ann), w.as(w.AM), "/timesheets/"+w.Ann.String()+"/2026-03-10"
	draft := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []any{w.Project}, "through": "2026-03-31"}).str("id")
	m := fixture.NewMeeting(t, w.Pool, `SELECT FROM invoice WHERE id = $1 FOR UPDATE`, draft)
	changed := fixture.Do(t, m, func() answer {
		return ann.send("PATCH", "/time-entries/"+entry.String(), object{"minutes": 90})
	})
	approved := fixture.Do(t, m, func() answer {
		ann.send("POST", sheet+"/submit", nil)
		return am.send("POST", sheet+"/approve", nil)
	})
	m.Release(t)
	c, a := <-changed, <-approved
	if got := w.count(t, `SELECT sum(minutes) FROM time_entry`); a.status != http.StatusOK || a.body["minutes"] != float64(got) {
		t.Errorf("approved is %s, and %d minutes are there; the change was answered %d", a.text, got, c.status)
	}
}

// Ann changes time that is on a draft, which takes a while; the days are locked
// meanwhile.
func TestNothingIsChangedAfterTheLockIsAnswered(t *testing.T) { // N.01
	t.Parallel()
	w := newWorld(t)
	entry := w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 10), Minutes: 60})[0]
	ann, am := w.as(w.Ann), w.as(w.AM)
	draft := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []any{w.Project}, "through": "2026-03-31"}).str("id")
	for minutes, path := range map[int]string{90: "/provider/lock", 120: "/projects/" + w.Project.String() + "/lock"} {
		m := fixture.NewMeeting(t, w.Pool, `SELECT FROM invoice WHERE id = $1 FOR UPDATE`, draft)
		changed := fixture.Do(t, m, func() answer {
			return ann.send("PATCH", "/time-entries/"+entry.String(), object{"minutes": minutes})
		})
		var status int
		locked := fixture.Do(t, m, func() int {
			status = w.as(w.admin).send("PUT", path, object{"through": "2026-03-31"}).status
			return w.count(t, `SELECT sum(minutes) FROM time_entry`)
		})
		m.Release(t)
		c, then := <-changed, <-locked
		if got := w.count(t, `SELECT sum(minutes) FROM time_entry`); status != http.StatusOK || c.status != http.StatusOK || then != got {
			t.Errorf("%s: answered %d when there were %d minutes; there are %d now, and the change was answered %s", path, status, then, got, c.text)
		}
		w.as(w.admin).must("PUT", path, object{"through": nil})
	}
}
