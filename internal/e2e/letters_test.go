package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// A worker is killed at each boundary of sending, crediting, reminding and
// reporting: each invoice and each credit note has one mail for its occasion,
// each month one letter, each week one report.
func TestLettersSurviveAKillAtEveryBoundary(t *testing.T) { // N.31, N.04, S1.69, S1.71, S1.78
	t.Parallel()
	f := newFirm(t).cleared(t)
	owed := f.draftByHand(t, 0)
	f.am.must(t, "POST", path("/invoices/%s/complete", owed), object{"send": "paper"})
	boundaries := []string{"RenderInvoice/after/1", "SendInvoice/before/1", "SendInvoice/after/1",
		"RenderInvoice/after/2", "SendInvoice/before/2", "SendInvoice/after/2", // of the credit note
		"PlanReminders/after/1", "FinishReminderRun/after/1", "SendReminder/before/1", "SendReminder/after/1",
		"MakeReports/after/1", "FinishStatusRun/after/1", "SendStatus/before/1", "SendStatus/after/1"}
	eventually(t, "its PDF is there", func() error { // else the first worker that is to die does so while it starts
		if r, err := f.am.attempt("GET", "/invoices/"+owed, nil); err != nil || r.Body["has_pdf"] != true {
			return fmt.Errorf("%v %w", r, errors.Join(err))
		}
		return nil
	})
	f.worker.kill()
	today := civil.In(time.Now(), time.UTC)
	for i, at := range boundaries {
		f.lettersThroughAKill(t, today, i, at)
	}
	for what, sql := range map[string]string{
		"mails of invoices": `SELECT count(*) FROM mail m JOIN invoice_sending s ON s.mail_id = m.id JOIN mail_attachment a ON a.mail_id = m.id WHERE m.key = 'invoice/' || s.invoice_id || '/1'`,
		"mails of credit notes": `SELECT count(*) FROM mail m JOIN credit_note_sending s ON s.mail_id = m.id JOIN credit_note n ON n.id = s.credit_note_id
			JOIN mail_attachment a ON a.mail_id = m.id WHERE m.key = 'invoice/' || n.invoice_id || '/credit-note/' || n.id || '/1'`,
		"credit notes":         `SELECT count(*) FROM credit_note`,
		"mails with reminders": `SELECT count(*) FROM mail m JOIN reminder_letter l ON l.mail_id = m.id JOIN mail_attachment a ON a.mail_id = m.id WHERE m.key LIKE 'reminder/%'`,
		"mails with reports":   `SELECT count(*) FROM mail m JOIN status_report r ON r.mail_ids = ARRAY[m.id] JOIN mail_attachment a ON a.mail_id = m.id AND a.file_key = r.file_key WHERE m.key LIKE 'status/%'`,
		"reports that went":    `SELECT count(*) FROM audit_event WHERE entity_kind = 'status' AND verb = 'send'`,
		"notices of reports":   `SELECT count(*) FROM notification WHERE kind = 'report_ready'`,
		"letters that went":    `SELECT count(*) FROM audit_event WHERE entity_kind = 'reminder' AND verb = 'send'`,
		"invoices sent":        `SELECT count(*) FROM invoice_sending WHERE by = 'email'`,
	} {
		if n := fixture.One[int](t, f.pool, sql); n != len(boundaries) {
			t.Errorf("%d %s, want %d", n, what, len(boundaries))
		}
	}
}

// lettersThroughAKill sends an invoice and makes the reminders of a month and
// the reports of a week while the worker dies at a moment and is started again.
func (f *firm) lettersThroughAKill(t *testing.T, today civil.Date, round int, at string) {
	t.Helper()
	w := f.startDoomed(at)
	invoice, asOf := f.draftByHand(t, round+1), civil.Of(today.Year, today.Month+time.Month(2+round), 15).String()
	ending := today.AddDays(-7 * (round + 1)).String() // of a week that is over, whatever the time
	died := false
	eventually(t, "the letters of "+at+" are written", func() error {
		select {
		case <-w.done:
			if !died {
				died = true
				w = f.startWorker()
			}
		default:
		}
		r, err := f.am.attempt("POST", path("/invoices/%s/complete", invoice), object{"send": "email"}, "Idempotency-Key", at)
		if err != nil || r.Status != 200 {
			return fmt.Errorf("%d %s %w", r.Status, r.Raw, errors.Join(err))
		}
		if err := f.invoiceMailed(t, invoice); err != nil {
			return err
		}
		if err := f.creditedBy(r.Body, at); err != nil {
			return err
		}
		if err := f.reportedIn(t, ending, at); err != nil {
			return err
		}
		return f.remindedIn(t, asOf)
	})
	if !died { // what it wrote last may be seen before it has died
		select {
		case <-w.done:
		case <-time.After(time.Minute):
			t.Errorf("the worker did not come to %s", at)
		}
	}
	w.kill()
}

// invoiceMailed tells whether an invoice's mail is written.
func (f *firm) invoiceMailed(t *testing.T, invoice string) error {
	t.Helper()
	sendings, _ := f.am.must(t, "GET", "/invoices/"+invoice, nil)["sendings"].([]any)
	if len(sendings) != 1 || sendings[0].(object)["mail_id"] == nil {
		return fmt.Errorf("the invoice was sent: %v", sendings)
	}
	return nil
}

// creditedBy takes an invoice back with a credit note that is mailed, and tells
// whether its mail is written.
func (f *firm) creditedBy(invoice object, at string) error {
	line := invoice["lines"].([]any)[0].(object)["id"]
	r, err := f.am.attempt("POST", path("/invoices/%s/credit", invoice["id"]),
		object{"lines": []object{{"line_id": line, "treatment": "write_off"}}, "reason": "agreed", "send": "email"}, "Idempotency-Key", "credit "+at)
	if err != nil || r.Status != 200 {
		return fmt.Errorf("%d %s %w", r.Status, r.Raw, errors.Join(err))
	}
	note := r.Body["credit_notes"].([]any)[0].(object)
	if r, err = f.am.attempt("GET", path("/credit-notes/%s", note["id"]), nil); err != nil || r.Status != 200 {
		return fmt.Errorf("%d %s %w", r.Status, r.Raw, errors.Join(err))
	}
	if sendings, _ := r.Body["sendings"].([]any); len(sendings) != 1 || sendings[0].(object)["mail_id"] == nil {
		return fmt.Errorf("the credit note was sent: %v", sendings)
	}
	return nil
}

// remindedIn makes the reminders of a month, releases the letter, and tells
// whether it is written.
func (f *firm) remindedIn(t *testing.T, asOf string) error {
	t.Helper()
	run := f.am.must(t, "POST", "/reminders/runs", object{"as_of": asOf})["id"].(string)
	letters, _ := f.am.must(t, "GET", "/reminders?run="+run, nil)["items"].([]any)
	if len(letters) != 1 {
		return fmt.Errorf("%d letters", len(letters))
	}
	l := letters[0].(object)
	if hold, _ := time.Parse(time.RFC3339, l["hold_until"].(string)); l["state"] == "review" && hold.After(time.Now()) {
		f.am.must(t, "POST", path("/reminders/runs/%s/clients/%s/release", run, f.client), nil)
	}
	if l["state"] != "sent" {
		return fmt.Errorf("the letter of %s is %v %v", asOf, l["state"], l["reason"])
	}
	return nil
}

// reportedIn makes the reports of a week, releases that of the client, and
// tells whether it was sent.
func (f *firm) reportedIn(t *testing.T, ending, at string) error {
	t.Helper()
	r, err := f.am.attempt("POST", "/status-reports/runs", object{"week_ending": ending}, "Idempotency-Key", "report "+at)
	if err != nil || r.Status != 202 {
		return fmt.Errorf("%d %s %w", r.Status, r.Raw, errors.Join(err))
	}
	for _, item := range f.am.must(t, "GET", "/status-reports?client="+f.client, nil)["items"].([]any) {
		report := item.(object)
		if report["week"] != r.Body["week"] {
			continue
		}
		if hold, _ := time.Parse(time.RFC3339, report["hold_until"].(string)); report["state"] == "review" && hold.After(time.Now()) {
			if r, err := f.am.attempt("POST", path("/status-reports/%s/release", report["id"]), nil, "Idempotency-Key", "release "+at); err != nil || r.Status != 200 {
				return fmt.Errorf("%d %s %w", r.Status, r.Raw, errors.Join(err))
			}
		}
		if report["state"] == "sent" {
			return nil
		}
		return fmt.Errorf("the report of %s is %v", ending, report["state"])
	}
	return fmt.Errorf("there is no report of %s", ending)
}
