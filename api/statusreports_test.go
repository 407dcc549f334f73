package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/activities"
	"steward/api"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// reporting is a world whose client is told how its projects stand.
type reporting struct {
	*world
	acts *activities.Activities
}

func newReporting(t *testing.T) *reporting {
	t.Helper()
	store, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := newWorldWith(t, func(o *api.Options) { o.Files = store })
	w.Exec(t, `UPDATE client SET email = 'office@client.example' WHERE id = $1`, w.Client)
	return &reporting{w, activities.New(w.store, store, "http://localhost")}
}

// make has the reports of a week made, and returns where the client's is.
func (r *reporting) make(t *testing.T, ending string) string {
	t.Helper()
	run := r.as(r.AM).must("POST", "/status-reports/runs", object{"week_ending": ending})
	id := uuid.MustParse(run.str("id"))
	if kind := fixture.One[string](t, r.Pool, `SELECT entity_kind FROM outbox WHERE entity_id = $1`, id); kind != "status-run" {
		t.Errorf("the worker is told of a %s", kind)
	}
	if _, err := r.acts.MakeReports(t.Context(), flow.RunPage{RunID: id}); err != nil {
		t.Fatal(err)
	}
	if err := r.acts.FinishStatusRun(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	has(t, r.as(r.AM).must("GET", "/status-reports/runs/"+id.String(), nil).body, object{"state": "done", "created_by": r.AM.String()})
	return "/status-reports/" + fixture.One[uuid.UUID](t, r.Pool, `SELECT id FROM status_report WHERE client_id = $1 ORDER BY id DESC LIMIT 1`, r.Client).String()
}

// sends does what the report's process does.
func (r *reporting) sends(t *testing.T, report string) flow.Snapshot {
	t.Helper()
	snap, err := r.acts.SendStatus(t.Context(), uuid.MustParse(strings.TrimPrefix(report, "/status-reports/")))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func TestAnAccountManagerReviewsAStatusReport(t *testing.T) { // S1.69
	t.Parallel()
	r := newReporting(t)
	report := r.make(t, "2026-03-20")
	am, other := r.as(r.AM), r.as(r.Person(t, "Oscar", "account_manager", ""))
	got := am.must("GET", report, nil)
	has(t, got.body, object{"state": "review", "week": "2026-W12", "week_ending": "2026-03-20", "hold_until": "2026-03-21T12:00:00Z", "version": 1})
	if got.body["report"] == nil || got.header.Get("ETag") != `"1"` {
		t.Errorf("it says %s", got.text)
	}
	has(t, am.must("POST", report+"/comment", object{"comment": " Hello "}).body, object{"comment": "Hello", "comment_by": r.AM.String(), "version": 2})
	am.refused(422, "invalid", "POST", report+"/comment", object{})
	am.with("If-Match", `"1"`).refused(412, "stale", "POST", report+"/hold", nil)
	hold := am.with("Idempotency-Key", "once")
	for range 2 {
		has(t, hold.must("POST", report+"/hold", object{"note": "wait for the bank"}).body, object{"state": "held", "decided_by": r.AM.String(), "version": 3})
	}
	hold.refused(409, "idempotency_key_reused", "POST", report+"/hold", object{"note": "another"})
	am.refused(409, "held_already", "POST", report+"/hold", nil)
	am.refused(409, "not_rendered", "GET", report+"/pdf", nil)
	has(t, other.must("GET", report, nil).body, object{"state": "held"})
	other.refused(403, "forbidden", "POST", report+"/release", nil)
	r.as(r.Ann).refused(403, "forbidden", "GET", report, nil)
	r.as(r.Ann).refused(403, "forbidden", "POST", report+"/release", nil)
	am.refused(404, "not_found", "POST", "/status-reports/"+uuid.NewString()+"/hold", nil)
	r.at(noon.Add(10 * 24 * time.Hour))
	if snap := r.sends(t, report); snap.State != "held" {
		t.Errorf("what is held went: %+v", snap)
	}
	has(t, r.as(r.admin).must("POST", report+"/release", nil).body, object{"state": "review", "hold_until": "2026-03-21T12:00:00Z"})
	if n := fixture.One[int](t, r.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'status'`); n != 4 {
		t.Errorf("its process was told %d times, want when it was made, commented, held and released", n)
	}
	r.sends(t, report)
	sent := am.must("GET", report, nil)
	has(t, sent.body, object{"state": "sent", "sent_at": "2026-03-30T12:00:00Z"})
	if mails, _ := sent.body["mails"].([]any); len(mails) != 1 || mails[0].(object)["to"] != "office@client.example" {
		t.Errorf("its mails are %v", sent.body["mails"])
	}
	am.refused(409, "not_in_review", "POST", report+"/hold", nil)
	am.refused(409, "not_in_review", "POST", report+"/comment", object{"comment": "too late"})
	history := r.as(r.admin).must("GET", "/audit?entity="+strings.TrimPrefix(report, "/status-reports/"), nil).text
	for _, want := range []string{"put it on hold", "let it go at once", "sent it"} {
		if !strings.Contains(history, want) {
			t.Errorf("%q is not in %s", want, history)
		}
	}
}

func TestAReleasedReportGoesBeforeItsTime(t *testing.T) { // S1.69
	t.Parallel()
	r := newReporting(t)
	report := r.make(t, "2026-03-20")
	if snap := r.sends(t, report); snap.State != "review" {
		t.Fatalf("got %+v", snap)
	}
	has(t, r.as(r.AM).must("POST", report+"/release", nil).body, object{"state": "review", "hold_until": "2026-03-20T12:00:00Z"})
	if snap := r.sends(t, report); snap.State != "sent" {
		t.Errorf("got %+v", snap)
	}
}

func TestAWeekIsReportedOnceForEachClient(t *testing.T) { // S1.69
	t.Parallel()
	r := newReporting(t)
	first := r.make(t, "2026-03-16")
	if again := r.make(t, "2026-03-22"); again != first {
		t.Errorf("the same week has %s and %s", first, again)
	}
	earlier := r.make(t, "2026-03-13")
	am := r.as(r.AM)
	both := []string{strings.TrimPrefix(first, "/status-reports/"), strings.TrimPrefix(earlier, "/status-reports/")}
	if got := am.lists("/status-reports?client=" + r.Client.String() + "&limit=1"); !slices.Equal(got, both) {
		t.Errorf("the list has %v", got)
	}
	if newest := am.must("GET", "/status-reports?limit=1", nil).items()[0]["id"]; newest != both[1] {
		t.Errorf("the list begins with %v", newest)
	}
	if got := am.lists("/status-reports?state=held"); got != nil {
		t.Errorf("held are %v", got)
	}
	if got := am.lists("/status-reports?client=" + uuid.NewString()); got != nil {
		t.Errorf("another client has %v", got)
	}
	am.refused(422, "invalid", "POST", "/status-reports/runs", object{"week_ending": "2026-03-23"})
	am.refused(422, "invalid", "POST", "/status-reports/runs", object{"week_ending": "0007-01-01"})
	am.refused(422, "bad_cursor", "GET", "/status-reports?cursor=x", nil)
	am.refused(422, "invalid", "GET", "/status-reports?state=gone", nil)
	r.as(r.Ann).refused(403, "forbidden", "POST", "/status-reports/runs", object{})
	r.as(r.Ann).refused(403, "forbidden", "GET", "/status-reports", nil)
	run := am.must("POST", "/status-reports/runs", nil)
	has(t, run.body, object{"week": "2026-W12", "week_ending": "2026-03-20", "state": "running"})
	if runs := am.must("GET", "/status-reports/runs?limit=1", nil).items(); len(runs) != 1 || runs[0]["id"] != run.str("id") {
		t.Errorf("the list of runs begins with %v", runs)
	}
	if runs := am.must("GET", "/status-reports/runs?week=2026-W10", nil).items(); len(runs) != 0 {
		t.Errorf("a week without one has %v", runs)
	}
}

func TestTheClientReadsAgainWhatItWasSent(t *testing.T) { // S1.69, S1.05, S2.16
	t.Parallel()
	r := newReporting(t)
	report := r.make(t, "2026-03-20")
	other := r.store.NewID()
	r.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Other', 'GBP')`, other)
	manager := r.as(r.contact(t))
	outside := []caller{r.as(r.outside(r.Client, "client_contact")), r.as(r.outside(other, "client_manager"))}
	for _, c := range append(outside, manager) { // it is not sent yet
		c.refused(404, "not_found", "GET", report, nil)
		c.refused(404, "not_found", "GET", report+"/pdf", nil)
		if got := c.lists("/status-reports"); got != nil {
			t.Errorf("somebody outside is shown %v", got)
		}
	}
	r.as(r.AM).must("POST", report+"/comment", object{"comment": "Hello"})
	r.as(r.AM).must("POST", report+"/release", nil)
	r.sends(t, report)
	seen := manager.must("GET", report, nil)
	has(t, seen.body, object{"state": "sent", "comment": "Hello", "week": "2026-W12"})
	for _, secret := range []string{"comment_by", "decided_by", "mails", "hold_until", "reason"} {
		if _, there := seen.body[secret]; there {
			t.Errorf("the client reads %s", secret)
		}
	}
	if said, _ := seen.body["report"].(object); said["week"] != "2026-W12" {
		t.Errorf("it says %s", seen.text)
	}
	if got := manager.lists("/status-reports"); len(got) != 1 {
		t.Errorf("its list has %v", got)
	}
	before := manager.must("GET", report+"/pdf", nil).text
	r.Exec(t, `UPDATE project SET name = 'Another name'`)
	if after := r.as(r.AM).must("GET", report+".pdf", nil).text; after != before || len(after) < 1000 {
		t.Error("what was sent reads differently")
	}
	for _, c := range outside {
		c.refused(404, "not_found", "GET", report, nil)
		c.refused(404, "not_found", "GET", report+".pdf", nil)
		if got := c.lists("/status-reports"); got != nil {
			t.Errorf("others are shown %v", got)
		}
	}
	for _, verb := range []string{"hold", "release"} {
		manager.refused(404, "not_found", "POST", report+"/"+verb, nil)
	}
	manager.refused(404, "not_found", "GET", "/status-reports/policy", nil)
	manager.refused(404, "not_found", "POST", "/status-reports/runs", object{})
}

func TestTheFirmSaysWhenReportsAreMade(t *testing.T) { // S1.69
	t.Parallel()
	r := newReporting(t)
	am := r.as(r.AM)
	was := am.must("GET", "/status-reports/policy", nil)
	has(t, was.body, object{"active": true, "weekday": 4, "hour": 14, "hold_hours": 24, "version": 1})
	policy := object{"active": true, "weekday": 1, "hour": 9, "hold_hours": 48}
	has(t, am.must("PUT", "/status-reports/policy", policy).body, object{"weekday": 1, "hold_hours": 48, "version": 2})
	am.with("If-Match", was.header.Get("ETag")).refused(412, "stale", "PUT", "/status-reports/policy", policy)
	for field, wrong := range map[string]any{"weekday": 8, "hour": 24, "hold_hours": 145} {
		bad := object{"active": true, "weekday": 1, "hour": 9, "hold_hours": 48}
		bad[field] = wrong
		am.refused(422, "invalid", "PUT", "/status-reports/policy", bad)
	}
	r.as(r.Ann).refused(403, "forbidden", "GET", "/status-reports/policy", nil)
	r.as(r.Ann).refused(403, "forbidden", "PUT", "/status-reports/policy", policy)
	if since := fixture.One[time.Time](t, r.Pool, `SELECT since FROM status_policy`); !since.Equal(noon) {
		t.Errorf("the new policy counts from %s", since)
	}
}
