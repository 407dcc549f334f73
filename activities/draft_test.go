package activities_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
)

func TestADraftIsRenderedAsItWouldBeCompleted(t *testing.T) { // S1.77
	t.Parallel()
	b := set(t)
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET language = 'de', einvoice = 'peppol' WHERE id = $1`, b.Client)
	id := b.draft(t)
	b.items(t, id)
	var draft bytes.Buffer
	if err := b.acts.WriteDraft(t.Context(), &draft, id); err != nil {
		t.Fatalf("what the e-invoice lacks keeps the draft from being read: %v", err)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM invoice WHERE snapshot IS NOT NULL OR pdf_file_id IS NOT NULL)`); n != 0 {
		t.Errorf("%d things are kept of a draft that was rendered", n)
	}
	b.Exec(t, `UPDATE client SET einvoice = '' WHERE id = $1`, b.Client)
	if _, err := b.invoiceVerb(t, id, "complete", flow.CompleteInvoice{}); err != nil {
		t.Fatal(err)
	}
	var complete document.InvoiceData
	if err := json.Unmarshal([]byte(fixture.One[string](t, b.Store.Pool, `SELECT snapshot::text FROM invoice WHERE id = $1`, id)), &complete); err != nil {
		t.Fatal(err)
	}
	complete.Number, complete.IssuedOn, complete.DueOn = "", civil.Date{}, civil.Date{}
	var want bytes.Buffer
	if err := document.Invoice(&want, complete); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(draft.Bytes(), want.Bytes()) {
		t.Error("the draft differs from the invoice in more than its number and its dates")
	}
	if err := b.acts.WriteDraft(t.Context(), &draft, id); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a completed invoice is rendered as a draft: %v", err)
	}
	if err := b.acts.WriteDraft(t.Context(), &draft, uuid.New()); !fault.Is(err, fault.NotFound) {
		t.Errorf("an invoice that is not there: %v", err)
	}
}

func TestADraftWithoutALineIsRendered(t *testing.T) { // S1.77
	t.Parallel()
	b := set(t)
	id := b.draft(t)
	b.Exec(t, `UPDATE time_entry SET invoice_line_id = NULL`)
	b.Exec(t, `DELETE FROM invoice_line WHERE invoice_id = $1`, id)
	b.totals(t, id)
	var draft bytes.Buffer
	if err := b.acts.WriteDraft(t.Context(), &draft, id); err != nil || !bytes.HasPrefix(draft.Bytes(), []byte("%PDF")) {
		t.Errorf("got %.20q, %v", draft.String(), err)
	}
}

func TestInternalTimeIsNeverBilled(t *testing.T) { // billing "Which time is billed"
	t.Parallel()
	b := set(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 60},
		fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 45, Billing: "internal"}, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 30, Billing: "no_charge"})
	inv := b.shown(t, b.collect(t))
	if len(inv.Lines) != 2 || inv.Total != "120.00" {
		t.Errorf("billed are %+v", inv.Lines)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT sum(minutes) FROM time_entry WHERE invoice_line_id IS NULL`); n != 45 {
		t.Errorf("%d minutes are on no invoice", n)
	}
}
