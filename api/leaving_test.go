package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestWhatIsOpenWithSomebodyWhoHasLeftIsToldAndListed(t *testing.T) { // S1.02, S1.37, S1.39, N.21
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, admin, path := w.as(w.contact(t)), w.as(w.admin), "/users/"+w.Ann.String()
	request := w.requested(boss).str("id")
	w.as(w.AM).must("POST", "/requests/"+request+"/assign", object{"to": object{"user_id": w.Ann}})
	helped, waits, closed := w.NewTask(t, "open"), w.Waiting(t), w.NewTask(t, "complete")
	w.Exec(t, `UPDATE task SET owner_id = $2 WHERE id = $1`, helped, w.Bob) // answers for it
	w.Exec(t, `DELETE FROM notification`)

	dismissed := admin.must("PATCH", path, object{"active": false})
	has(t, dismissed.body, object{"active": false, "left_open": object{"tasks": 2, "requests": 1, "projects": 0, "clients": 0, "groups": 0}})
	has(t, admin.must("GET", path, nil).body, object{"left_open": object{"tasks": 2, "requests": 1, "projects": 0, "clients": 0, "groups": 0}})
	if a := admin.must("GET", "/users/"+w.Bob.String(), nil); a.body["left_open"] != nil {
		t.Errorf("of Bob, who is there, it says %v", a.body["left_open"])
	}
	told := func(who uuid.UUID) string {
		return fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(kind || ' ' || entity_kind || ' ' || subject, '; '), '') FROM notification WHERE person_id = $1 AND entity_id = $2`, who, w.Ann)
	}
	name := w.name(w.Ann)
	for who, want := range map[uuid.UUID]string{
		w.AM: "left user " + name + " has left: 2 tasks, 1 request to hand on", w.Manager: "left user " + name + " has left: 2 tasks, 1 request to hand on",
		w.Bob: "left user " + name + " has left: 1 task to hand on", w.admin: "",
	} {
		if got := told(who); got != want {
			t.Errorf("%s is told %q, want %q", w.name(who), got, want)
		}
	}
	if body := fixture.One[string](t, w.Pool, `SELECT body FROM notification WHERE person_id = $1`, w.AM); strings.Count(body, "\n") != 3 || !strings.Contains(body, "REQ-1 ") {
		t.Errorf("the account manager reads %q", body)
	}
	admin.must("PATCH", path, object{"name": "Ann Other"})
	if n := w.count(t, `SELECT count(*) FROM notification WHERE kind = 'left'`); n != 3 {
		t.Errorf("%d are told, want each once", n)
	}
	var left []string
	for _, it := range w.as(w.AM).must("GET", "/tasks?left=true&status=open&status=planned", nil).items() {
		left = append(left, it["id"].(string))
	}
	slices.Sort(left)
	want := []string{w.Task.String(), helped.String()}
	if slices.Sort(want); !slices.Equal(left, want) {
		t.Errorf("tasks of who has left are %v, want %v", left, want)
	}
	for _, it := range w.as(w.AM).must("GET", "/tasks?left=false", nil).items() {
		if id := it["id"]; id != waits.String() {
			t.Errorf("%v is listed as of somebody who is there; %s is closed", id, closed)
		}
	}
	boss.refused(422, "invalid", "GET", "/tasks?left=true", nil)
}

func TestAdminsHearWhatNobodyElseAnswersFor(t *testing.T) { // S1.02, S1.04, N.21
	t.Parallel()
	w := newWorld(t)
	ada := w.Person(t, "Ada", "admin", "")
	w.Exec(t, `UPDATE client SET account_manager_id = $2 WHERE id = $1`, w.Client, w.AM)
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = now()`)
	has(t, w.as(w.admin).must("PATCH", "/users/"+w.AM.String(), object{"active": false}).body,
		object{"left_open": object{"tasks": 0, "requests": 0, "projects": 1, "clients": 1, "groups": 0}})
	has(t, w.as(w.admin).must("PATCH", "/users/"+w.Manager.String(), object{"active": false}).body,
		object{"left_open": object{"tasks": 0, "requests": 0, "projects": 0, "clients": 0, "groups": 1}})
	want := w.name(w.AM) + " has left: 1 project, 1 client to hand on; " + w.name(w.Manager) + " has left: 1 group to hand on"
	if got := fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(subject, '; ' ORDER BY id), '') FROM notification WHERE person_id = $1`, ada); got != want {
		t.Errorf("another admin is told %q, want %q", got, want)
	}
	if n := w.count(t, `SELECT count(*) FROM notification WHERE kind = 'left'`); n != 2 {
		t.Errorf("%d are told", n)
	}
	w.Exec(t, `UPDATE project SET status = 'complete'`)
	w.as(w.admin).must("PATCH", "/users/"+w.AM.String(), object{"active": true})
	w.Exec(t, `UPDATE client SET account_manager_id = NULL`)
	w.as(w.admin).must("PATCH", "/users/"+w.AM.String(), object{"active": false}) // with nothing
	if n := w.count(t, `SELECT count(*) FROM notification WHERE kind = 'left'`); n != 2 {
		t.Errorf("%d are told of somebody who leaves nothing", n-2)
	}
}
