package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/activities"
	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// debt is a world whose client owes 100 since 31 January, posted on the first.
type debt struct {
	*world
	acts    *activities.Activities
	invoice uuid.UUID
}

func newDebt(t *testing.T) *debt {
	t.Helper()
	w := newWorld(t)
	f, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	d := &debt{w, activities.New(w.store, f, "http://localhost"), w.store.NewID()}
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		_, err := d.acts.CommitInvoice(ctx, flow.Command{ID: a.Command})
		if _, refused := flow.Refused(err); refused {
			return nil
		}
		return err
	}
	w.Exec(t, `UPDATE client SET email = 'billing@client.example' WHERE id = $1`, w.Client)
	w.Exec(t, `INSERT INTO invoice (id, client_id, currency, state, through, series, year, sequence, number, issued_on, due_on, subtotal, total, snapshot, completed_at, sent_at, sent_by)
		VALUES ($1, $2, 'GBP', 'complete', '2025-12-31', 'INV', 2026, 1, 'INV-2026-00001', '2026-01-01', '2026-01-31', 100, 100, '{}', '2026-01-01', '2026-01-01', 'paper')`, d.invoice, w.Client)
	w.Exec(t, `INSERT INTO invoice_project (invoice_id, project_id) VALUES ($1, $2)`, d.invoice, w.Project)
	return d
}

// planned makes a run by hand and lists its letters.
func (d *debt) planned(t *testing.T) string {
	t.Helper()
	run := d.as(d.admin).must("POST", "/reminders/runs", object{}).str("id")
	for range 2 {
		if _, err := d.acts.PlanReminders(t.Context(), flow.RunPage{RunID: uuid.MustParse(run)}); err != nil {
			t.Fatal(err)
		}
		if err := d.acts.FinishReminderRun(t.Context(), uuid.MustParse(run)); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

func TestAnAccountManagerReviewsTheReminders(t *testing.T) { // S1.70
	t.Parallel()
	d := newDebt(t)
	run := d.planned(t)
	if again := d.as(d.AM).must("POST", "/reminders/runs", object{"as_of": "2026-03-31"}); again.str("id") != run || again.status != 202 {
		t.Errorf("a month has another run: %s", again.text)
	}
	am := d.as(d.AM)
	got := am.must("GET", "/reminders/runs/"+run, nil)
	letters, _ := got.body["letters"].([]any)
	if got.str("state") != "planned" || got.str("month") != "2026-03" || len(letters) != 1 {
		t.Fatalf("got %s", got.text)
	}
	has(t, letters[0].(object), object{"state": "review", "level": 1, "hold_until": "2026-03-23T12:00:00Z", "client_id": d.Client.String()})
	path := "/reminders/runs/" + run + "/clients/" + d.Client.String()
	has(t, am.must("POST", path+"/comment", object{"comment": "Call me."}).body, object{"comment": "Call me.", "state": "review"})
	d.as(d.Bob).refused(403, "forbidden", "POST", path+"/skip", nil)
	has(t, am.must("POST", path+"/release", nil).body, object{"hold_until": "2026-03-20T12:00:00Z", "decided_by": d.AM.String()})
	if n := fixture.One[int](t, d.store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'reminder'`); n != 3 {
		t.Errorf("its process was told %d times, want when it was made, commented and released", n)
	}
	if runs := am.must("GET", "/reminders/runs?month=2026-03", nil).items(); len(runs) != 1 || runs[0]["id"] != run || runs[0]["letters"] != nil {
		t.Errorf("the month's runs are %v", runs)
	}
	if runs := am.must("GET", "/reminders/runs?month=2026-04", nil).items(); len(runs) != 0 {
		t.Errorf("another month's runs are %v", runs)
	}
	am.refused(422, "invalid", "GET", "/reminders/runs?month=2026-13", nil)
	if n := len(am.must("GET", "/reminders?state=review", nil).items()) - len(am.must("GET", "/reminders?state=sent", nil).items()); n != 1 {
		t.Errorf("%d letters are in review", n)
	}
	id := am.must("GET", "/reminders?client="+d.Client.String(), nil).items()[0]["id"].(string)
	if _, err := d.acts.SendReminder(t.Context(), uuid.MustParse(id)); err != nil {
		t.Fatal(err)
	}
	am.refused(409, "not_in_review", "POST", path+"/skip", nil)
	sent := am.must("GET", "/reminders?run="+run, nil).items()[0]
	has(t, sent, object{"state": "sent", "mail_state": "pending", "sent_on": "2026-03-20"})
	if body := fixture.One[string](t, d.store.Pool, `SELECT body FROM mail WHERE key LIKE 'reminder/%'`); !strings.Contains(body, "Call me.") {
		t.Errorf("the mail says %s", body)
	}
}

func TestLettersNameClientsAndWhoDecided(t *testing.T) { // S1.70: names stand beside ids
	t.Parallel()
	d := newDebt(t)
	run := d.planned(t)
	am, path := d.as(d.AM), "/reminders/runs/"+run+"/clients/"+d.Client.String()
	client := fixture.One[string](t, d.store.Pool, `SELECT name FROM client WHERE id = $1`, d.Client)
	everywhere := func(want object) {
		t.Helper()
		has(t, am.must("GET", "/reminders", nil).items()[0], want)
		has(t, am.must("GET", "/reminders/runs/"+run, nil).body["letters"].([]any)[0].(object), want)
	}
	named := object{"client_id": d.Client, "client_name": client}
	everywhere(named)
	if l := am.must("GET", "/reminders", nil).items()[0]; l["decided_by"] != nil || l["decided_by_name"] != nil {
		t.Errorf("nobody has decided, and it says %v, %v", l["decided_by"], l["decided_by_name"])
	}
	has(t, am.must("POST", path+"/comment", object{"comment": "Call me."}).body, named)
	decided := object{"client_name": client, "decided_by": d.AM, "decided_by_name": d.called(t, d.AM)}
	has(t, am.must("POST", path+"/release", nil).body, decided)
	everywhere(decided)
	decided = object{"client_name": client, "decided_by": d.admin, "decided_by_name": d.called(t, d.admin)}
	has(t, d.as(d.admin).must("POST", path+"/skip", nil).body, decided)
	everywhere(decided)
}

func TestASkippedClientGetsNoLetter(t *testing.T) { // S1.70
	t.Parallel()
	d := newDebt(t)
	run := d.planned(t)
	skip := d.as(d.AM).with("Idempotency-Key", "once")
	for range 2 {
		has(t, skip.must("POST", "/reminders/runs/"+run+"/clients/"+d.Client.String()+"/skip", nil).body, object{"state": "skipped", "reason": "by_hand"})
	}
	d.at(noon.Add(30 * 24 * time.Hour))
	id := d.as(d.AM).must("GET", "/reminders", nil).items()[0]["id"].(string)
	if snap, err := d.acts.SendReminder(t.Context(), uuid.MustParse(id)); err != nil || !snap.Closed {
		t.Errorf("got %+v, %v", snap, err)
	}
	if n := fixture.One[int](t, d.store.Pool, `SELECT count(*) FROM mail`); n != 0 {
		t.Errorf("%d mails", n)
	}
	d.as(d.AM).refused(404, "not_found", "POST", "/reminders/runs/"+run+"/clients/"+uuid.NewString()+"/skip", nil)
}

func TestALetterIsPostedToAClientWithoutAnAddress(t *testing.T) { // S1.71, S1.78
	t.Parallel()
	d := newDebt(t)
	d.Exec(t, `UPDATE client SET email = '' WHERE id = $1`, d.Client)
	run := d.planned(t)
	am, path := d.as(d.AM), "/reminders/runs/"+run+"/clients/"+d.Client.String()
	letter := am.must("GET", "/reminders?run="+run, nil).items()[0]
	has(t, letter, object{"state": "held", "reason": "no_email", "level": 1, "by": "email"})
	pdf := "/reminders/" + letter["id"].(string) + ".pdf"
	am.refused(422, "not_available", "GET", pdf, nil) // this server renders none
	d.as(d.Bob).refused(403, "forbidden", "GET", pdf, nil)
	d.as(d.contact(t)).refused(404, "not_found", "GET", pdf, nil)
	am.refused(409, "no_email", "POST", path+"/release", nil)
	has(t, am.must("POST", path+"/comment", object{"comment": "Call me."}).body, object{"state": "held", "comment": "Call me."})
	d.as(d.Person(t, "Other", "account_manager", "")).refused(403, "forbidden", "POST", path+"/post", nil)
	has(t, am.must("POST", path+"/post", nil).body, object{"state": "review", "by": "paper", "hold_until": "2026-03-20T12:00:00Z", "decided_by": d.AM.String()})
	if _, err := d.acts.SendReminder(t.Context(), uuid.MustParse(letter["id"].(string))); err != nil {
		t.Fatal(err)
	}
	has(t, am.must("GET", "/reminders?run="+run, nil).items()[0], object{"state": "sent", "by": "paper", "mail_id": nil, "sent_on": "2026-03-20"})
	am.refused(409, "not_in_review", "POST", path+"/post", nil)
	d.Exec(t, `UPDATE reminder_letter SET state = 'skipped', reason = 'by_hand', sent_on = NULL`)
	am.refused(409, "not_rendered", "GET", pdf, nil)
}

func TestARunForALaterDayWaitsForIt(t *testing.T) { // S1.70
	t.Parallel()
	d := newDebt(t)
	run := d.as(d.AM).must("POST", "/reminders/runs", object{"as_of": "2026-06-10"})
	has(t, run.body, object{"month": "2026-06", "as_of": "2026-06-10", "hold_until": "2026-06-09T23:00:00Z", "state": "planning"})
	d.as(d.Bob).refused(403, "forbidden", "POST", "/reminders/runs", object{})
	d.as(d.AM).refused(422, "invalid", "POST", "/reminders/runs", object{"as_of": "0007-01-01"})
}

func TestPausesDisputesAndPromisesAreKept(t *testing.T) { // S1.71
	t.Parallel()
	d := newDebt(t)
	am, invoice := d.as(d.AM), "/invoices/"+d.invoice.String()
	has(t, am.must("PUT", "/clients/"+d.Client.String()+"/reminders", object{"paused_until": "2026-04-30"}).body, object{"paused_until": "2026-04-30"})
	has(t, am.must("POST", invoice+"/dispute", object{"reason": "two hours too many"}).body, object{"disputed": true, "reason": "two hours too many"})
	has(t, am.must("POST", invoice+"/promise", object{"until": "2026-05-15"}).body, object{"disputed": true, "promised_until": "2026-05-15"})
	has(t, am.must("POST", invoice+"/dispute", object{"settled": true}).body, object{"disputed": false, "promised_until": "2026-05-15"})
	has(t, am.must("POST", invoice+"/promise", object{"until": nil}).body, object{"promised_until": nil})
	has(t, am.must("PUT", "/clients/"+d.Client.String()+"/reminders", object{"paused_until": nil}).body, object{"paused_until": nil})
	other := d.as(d.Person(t, "Other", "account_manager", ""))
	other.refused(403, "forbidden", "POST", invoice+"/promise", object{"until": "2026-05-15"})
	other.refused(403, "forbidden", "PUT", "/clients/"+d.Client.String()+"/reminders", object{"paused_until": "2026-04-30"})
	clara := d.Person(t, "Clara", "account_manager", "") // S1.02: the client's own
	d.Exec(t, `UPDATE client SET account_manager_id = $2 WHERE id = $1`, d.Client, clara)
	has(t, d.as(clara).must("POST", invoice+"/dispute", object{"reason": "late"}).body, object{"disputed": true})
	has(t, d.as(clara).must("POST", invoice+"/dispute", object{"settled": true}).body, object{"disputed": false})
	other.refused(403, "forbidden", "POST", invoice+"/dispute", object{"settled": true})
	draft := am.must("POST", "/invoices", object{"client_id": d.Client, "through": "2026-03-31"}).str("id")
	d.as(d.admin).refused(409, "not_reminded", "POST", "/invoices/"+draft+"/dispute", object{})
	if n := fixture.One[int](t, d.store.Pool, `SELECT count(*) FROM reminder_pause`); n != 0 {
		t.Errorf("%d pauses are left", n)
	}
}

func TestThePolicyIsCheckedAndVersioned(t *testing.T) { // S1.70, S1.71
	t.Parallel()
	d := newDebt(t)
	am := d.as(d.AM)
	was := am.must("GET", "/reminders/policy", nil)
	if was.header.Get("ETag") == "" || was.body["hold_days"] != 3.0 {
		t.Errorf("got %s", was.text)
	}
	policy := object{"active": true, "day_of_month": 5, "hold_days": 2, "after_sent_days": 3, "minimum": "25", "currency": "gbp",
		"levels": []object{{"days_overdue": 7, "days_since_last": 0}, {"days_overdue": 30, "days_since_last": 14, "fee": "15.00", "interest_percent": "8", "text": "Pay."}}}
	before := fixture.One[time.Time](t, d.store.Pool, `SELECT clock_timestamp()`)
	missed := func(want bool) { // a month that nothing ran in, of the clock as it was set
		t.Helper()
		if got, err := d.store.RemindersMissed(t.Context(), civil.Of(2026, time.January, 1), before); err != nil || got != want {
			t.Errorf("the clock missed a month: %t, %v", got, err)
		}
	}
	missed(true)
	has(t, am.must("PUT", "/reminders/policy", policy).body, object{"currency": "GBP", "version": 2})
	missed(false)
	am.with("If-Match", was.header.Get("ETag")).refused(412, "stale", "PUT", "/reminders/policy", policy)
	levels := slices.Clone(policy["levels"].([]object))
	for _, fee := range []string{"-1", "0.001"} {
		levels[1] = object{"days_overdue": 30, "days_since_last": 14, "fee": fee}
		policy["levels"] = levels
		am.refused(422, "invalid", "PUT", "/reminders/policy", policy)
	}
	for _, none := range []any{[]object{}, nil} {
		policy["levels"] = none
		am.refused(422, "invalid", "PUT", "/reminders/policy", policy)
	}
	d.as(d.Bob).refused(403, "forbidden", "GET", "/reminders/policy", nil)
}

func TestInvoicesAreSentThroughTheirProcess(t *testing.T) { // S1.78
	t.Parallel()
	d := newDebt(t)
	am, invoice := d.as(d.AM), "/invoices/"+d.invoice.String()
	sent := am.must("POST", invoice+"/send", object{"by": "email"})
	has(t, sent.body, object{"state": "sent"}) // it was posted before
	am.refused(409, "being_sent", "POST", invoice+"/send", object{"by": "email"})
	am.refused(422, "invalid", "POST", invoice+"/send", object{"by": "pigeon"})
	d.Exec(t, `UPDATE client SET email = '' WHERE id = $1`, d.Client)
	am.refused(409, "no_email", "POST", invoice+"/send", object{"by": "email"})
	am.must("POST", invoice+"/send", object{"by": "paper"})
	got := am.must("GET", invoice, nil)
	if s, _ := got.body["sendings"].([]any); len(s) != 2 || s[1].(object)["printed_on"] != "2026-03-20" {
		t.Errorf("got %s", got.text)
	}
	am.must("PATCH", "/clients/"+d.Client.String(), object{"language": "de"})
	am.refused(422, "invalid", "PATCH", "/clients/"+d.Client.String(), object{"language": "tlh"})
}
