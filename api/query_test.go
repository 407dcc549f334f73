package api_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestAFilterThatIsNotThereIsRefused(t *testing.T) { // S1.36, S1.79, contract "Lists"
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, query := range []string{"sate=draft", "State=draft", "limit=5&project_id=" + w.Project.String(), "client=" + w.Client.String() + "&client=" + uuid.NewString(), "past_due=true&past_due=false"} {
		am.refused(422, "invalid", "GET", "/invoices?"+query, nil)
		am.refused(422, "invalid", "GET", "/invoices.csv?"+query, nil)
	}
	r := am.refused(422, "invalid", "GET", "/tasks?assigned=me", nil)
	if at := r.body["errors"].([]any)[0].(object)["location"]; at != "query.assigned" {
		t.Errorf("what is wrong is said to be %v", at)
	}
	am.refused(400, "malformed", "GET", "/tasks?status=%zz", nil)
	am.refused(422, "invalid", "GET", "/reports/aging?asof=2026-03-31", nil)
	w.as(w.contact(t)).refused(422, "invalid", "GET", "/requests?sttus=open", nil)

	// What comes to nothing is left alone: nothing is chosen by it.
	am.must("GET", "/tasks/"+w.Task.String()+"?from=mail", nil)
	am.must("GET", "/plan.ics?nocache=1", nil)
}

func TestListsTakeSeveralStatuses(t *testing.T) { // S1.36, S1.47, S1.50, S1.77
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	planned, open, complete := w.NewTask(t, "planned"), w.NewTask(t, "open"), w.NewTask(t, "complete")
	w.Exec(t, `DELETE FROM task WHERE id = $1`, w.Task)
	w.Exec(t, `UPDATE task SET assignee_person_id = $1`, w.Ann)
	w.Exec(t, `UPDATE task SET visible_to_client = true`)
	contact := w.as(w.contact(t))
	want := []string{planned.String(), open.String()}
	slices.Sort(want)
	for _, c := range []caller{am, contact} {
		got := c.lists("/tasks?status=planned&status=open&project=" + w.Project.String())
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("planned and open are %v, want %v; complete is %s", got, want, complete)
		}
		if n := len(c.lists("/tasks?status=&project=" + w.Project.String())); n != 3 {
			t.Errorf("without a status there are %d, want 3", n)
		}
	}
	w.Record(t, fixture.Entry{Task: open, Person: w.Ann, Date: day(1), Minutes: 60}, fixture.Entry{Task: open, Person: w.Ann, Date: day(20), Minutes: 60})
	done := w.through("2026-03-10")
	w.complete(t, done)
	draft := w.through("2026-03-31")
	for query, want := range map[string]int{"state=draft&state=complete": 2, "state=paid&state=draft": 1, "state=paid&state=sent": 0, "state=": 2} {
		if got := am.lists("/invoices?" + query); len(got) != want {
			t.Errorf("by %s there are %v of %s and %s, want %d", query, got, draft, done, want)
		}
	}
}
