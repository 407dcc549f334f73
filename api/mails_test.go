package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// mail writes a mail in a state and returns its id.
func (w *world) mail(t *testing.T, state string) uuid.UUID {
	t.Helper()
	id := w.store.NewID()
	w.Exec(t, `INSERT INTO mail (id, key, message_id, to_address, subject, body, state, attempts, next_at, claimed_at, sent_at, error, created_at)
		VALUES ($1, $2, $2, 'ann@firm.example', 'Digest', 'Private', $3, 1, $4, $4, CASE WHEN $3 = 'sent' THEN $4::timestamptz END, 'no answer', $4)`, id, "digest/"+id.String(), state, noon)
	return id
}

func TestAnOperatorSeesWhatGoesOutAndSendsAgain(t *testing.T) { // N.14, N.31
	t.Parallel()
	w := newWorld(t)
	ada := w.as(w.admin)
	for _, state := range []string{"pending", "sending", "sent", "failed"} {
		w.mail(t, state)
	}
	id := w.mail(t, "unknown")
	list := ada.must("GET", "/mails", nil)
	if len(list.items()) != 5 || strings.Contains(list.text, "Private") {
		t.Errorf("got %s", list.text)
	}
	unknown := ada.must("GET", "/mails?state=unknown&limit=1", nil)
	has(t, unknown.items()[0], object{"id": id, "key": "digest/" + id.String(), "to": "ann@firm.example", "subject": "Digest", "state": "unknown", "attempts": 1, "error": "no answer", "sent_at": nil})
	again := ada.with("Idempotency-Key", "k")
	for range 2 {
		has(t, again.must("POST", "/mails/"+id.String()+"/resend", nil).body, object{"id": id, "state": "pending", "attempts": 0, "next_at": noon})
	}
	ada.refused(409, "conflict", "POST", "/mails/"+id.String()+"/resend", nil)
	for _, m := range list.items() {
		path := "/mails/" + m["id"].(string) + "/resend"
		switch m["state"] {
		case "failed":
			ada.must("POST", path, nil)
		case "sent", "sending", "pending":
			ada.refused(409, "conflict", "POST", path, nil)
		}
	}
	ada.refused(404, "not_found", "POST", "/mails/"+w.Task.String()+"/resend", nil)
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'mail' AND verb = 'resend' AND actor_id = $1`, w.admin); n != 2 {
		t.Errorf("%d are audited, want 2", n)
	}
}

func TestAnOperatorNotesThatAnUnknownMailHasArrived(t *testing.T) { // N.14, N.31
	t.Parallel()
	w := newWorld(t)
	ada, id := w.as(w.admin), w.mail(t, "unknown")
	w.Exec(t, `UPDATE mail SET secret = true`)
	path := "/mails/" + id.String()
	once := ada.with("Idempotency-Key", "k")
	for range 2 {
		has(t, once.must("POST", path+"/arrived", object{"note": "Ann has it"}).body, object{"id": id, "state": "sent", "sent_at": noon, "error": nil})
	}
	ada.refused(409, "conflict", "POST", path+"/arrived", nil)
	ada.refused(409, "conflict", "POST", path+"/resend", nil)
	if kept := fixture.One[string](t, w.Pool, `SELECT body FROM mail WHERE id = $1`, id); kept != "" {
		t.Errorf("its secret is kept: %q", kept)
	}
	if got := fixture.One[string](t, w.Pool, `SELECT string_agg(verb || ' ' || note || ' ' || (changes -> 'state')::text, ', ') FROM audit_event WHERE entity_kind = 'mail' AND actor_id = $1`, w.admin); got != `arrived Ann has it ["unknown", "sent"]` {
		t.Errorf("the audit has %q", got)
	}
	for _, state := range []string{"pending", "sending", "failed", "sent"} {
		ada.refused(409, "conflict", "POST", "/mails/"+w.mail(t, state).String()+"/arrived", nil)
	}
	ada.refused(404, "not_found", "POST", "/mails/"+w.Task.String()+"/arrived", nil)
	w.as(w.AM).refused(403, "forbidden", "POST", path+"/arrived", nil)
	ada.must("POST", "/mails/"+w.mail(t, "unknown").String()+"/arrived", nil) // without a word
}

func TestMailIsForAdmins(t *testing.T) { // N.14
	t.Parallel()
	w := newWorld(t)
	id := w.mail(t, "failed")
	for _, who := range []uuid.UUID{w.Ann, w.AM, w.Manager} {
		w.as(who).refused(403, "forbidden", "GET", "/mails", nil)
		w.as(who).refused(403, "forbidden", "POST", "/mails/"+id.String()+"/resend", nil)
	}
	w.as(w.contact(t)).refused(404, "not_found", "GET", "/mails", nil)
}

func TestMetricsTellOfMailThatDoesNotGoOut(t *testing.T) { // N.21
	t.Parallel()
	w := newWorld(t)
	w.mail(t, "unknown")
	w.mail(t, "pending")
	w.mail(t, "pending")
	w.at(noon.Add(90 * time.Second))
	text := w.scraped(t)
	for _, want := range []string{`steward_mails{state="pending"} 2`, `steward_mails{state="failed"} 0`, `steward_mails{state="unknown"} 1`, "steward_mail_oldest_pending_seconds 90", "steward_mail_server 0"} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}
