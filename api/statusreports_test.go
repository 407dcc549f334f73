package api_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"steward/activities"
	"steward/api"
	"steward/internal/dispatch"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// reporting is a world whose client has a report that waits; it returns how it
// is sent.
func reporting(t *testing.T) (w *world, report string, send func()) {
	t.Helper()
	store, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w = newWorldWith(t, func(o *api.Options) { o.Files = store })
	acts := activities.New(w.store, store, "http://localhost")
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		if want := "status/" + w.Client.String() + "/2026-W12"; a.Process != want {
			t.Errorf("the action goes to %s, want %s", a.Process, want)
		}
		_, err := acts.CommitStatus(ctx, flow.Command{ID: a.Command})
		if _, refused := flow.Refused(err); refused {
			return nil
		}
		return err
	}
	run := w.as(w.AM).must("POST", "/status-reports/runs", object{"week_ending": "2026-03-20"})
	has(t, run.body, object{"week": "2026-W12", "state": "running"})
	id := uuid.MustParse(run.str("id"))
	if kind := fixture.One[string](t, w.Pool, `SELECT entity_kind FROM outbox WHERE entity_id = $1`, id); kind != "status-run" {
		t.Errorf("the worker is told of a %s", kind)
	}
	made, err := acts.MakeStatus(t.Context(), flow.StatusOne{RunID: id, ClientID: w.Client})
	if err != nil {
		t.Fatal(err)
	}
	return w, "/status-reports/" + made.ID.String(), func() {
		if snap, err := acts.SendStatus(t.Context(), made.ID); err != nil || snap.State != "sent" {
			t.Fatalf("got %+v, %v", snap, err)
		}
	}
}

func TestAStatusReportIsSteeredByItsAccountManagersAndReadByTheClient(t *testing.T) { // S1.69, S1.05
	t.Parallel()
	w, report, send := reporting(t)
	carl, contact := w.contact(t), w.outside(w.Client, "client_contact")
	other := w.Person(t, "Oscar", "account_manager", "")
	has(t, w.as(w.AM).must("GET", report, nil).body, object{"state": "waiting", "week": "2026-W12"})
	has(t, w.as(w.AM).must("POST", report+"/comment", object{"comment": "Hello"}).body, object{"comment": "Hello", "version": 2})
	has(t, w.as(w.AM).must("POST", report+"/hold", nil).body, object{"state": "held"})
	w.as(w.AM).refused(409, "conflict", "POST", report+"/hold", nil)
	w.as(w.AM).refused(409, "not_rendered", "GET", report+"/pdf", nil)
	for _, who := range []uuid.UUID{w.Ann, other} {
		w.as(who).refused(403, "forbidden", "GET", report, nil)
		w.as(who).refused(403, "forbidden", "POST", report+"/release", nil)
		if n := len(w.as(who).must("GET", "/status-reports", nil).items()); n != 0 {
			t.Errorf("somebody sees %d reports", n)
		}
	}
	for _, who := range []uuid.UUID{carl, contact} { // it is not sent yet
		w.as(who).refused(404, "not_found", "GET", report, nil)
		w.as(who).refused(404, "not_found", "POST", report+"/release", nil)
	}
	has(t, w.as(w.admin).must("POST", report+"/release", nil).body, object{"state": "waiting"})
	send()
	has(t, w.as(carl).must("GET", report, nil).body, object{"state": "sent", "comment": "Hello"})
	w.as(contact).refused(404, "not_found", "GET", report, nil)
	w.as(contact).refused(404, "not_found", "GET", "/status-reports", nil)
	if n := len(w.as(carl).must("GET", "/status-reports?client="+w.Client.String(), nil).items()); n != 1 {
		t.Errorf("the client's manager sees %d reports", n)
	}
	before := w.as(carl).must("GET", report+"/pdf", nil).text
	w.Exec(t, `UPDATE project SET name = 'Another name'`)
	if after := w.as(w.AM).must("GET", report+".pdf", nil).text; after != before || len(after) < 1000 {
		t.Errorf("what was sent reads differently")
	}
	w.as(w.AM).refused(422, "invalid", "POST", "/status-reports/runs", object{"week_ending": "2026-03-21"})
	w.as(w.Ann).refused(403, "forbidden", "POST", "/status-reports/runs", object{"week_ending": "2026-03-20"})
}
