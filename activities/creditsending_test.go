package activities_test

import (
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// credited takes back all of an invoice with a credit note to be sent so.
func (b *bench) credited(t *testing.T, invoice uuid.UUID, send string) (uuid.UUID, error) {
	t.Helper()
	line := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM invoice_line WHERE invoice_id = $1 ORDER BY position LIMIT 1`, invoice)
	_, err := b.invoiceVerb(t, invoice, "credit", flow.CreditInvoice{Lines: []flow.CreditLine{{LineID: line, WriteOff: true}}, Reason: "agreed", Send: send})
	if err != nil {
		return uuid.Nil, err
	}
	return fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM credit_note WHERE invoice_id = $1`, invoice), nil
}

// rendered is a credit note that is asked to be sent so, with its PDF.
func (b *bench) rendered(t *testing.T, send string) (invoice, note uuid.UUID) {
	t.Helper()
	invoice = b.completed(t, "none")
	note, err := b.credited(t, invoice, send)
	if err == nil {
		_, err = b.acts.RenderInvoice(t.Context(), invoice)
	}
	if err != nil {
		t.Fatal(err)
	}
	return invoice, note
}

func (b *bench) noteIs(t *testing.T, id uuid.UUID) postgres.CreditNote {
	t.Helper()
	n, err := postgres.OneCreditNote(t.Context(), b.Queries, id, true)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bench) attached(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, b.Store.Pool, `SELECT string_agg(name || ' ' || content_type || ' ' || file_key, ', ' ORDER BY position) FROM mail_attachment`)
}

func creditMail(invoice, note uuid.UUID, occasion string) string {
	return "invoice/" + invoice.String() + "/credit-note/" + note.String() + "/" + occasion
}

func TestACreditNoteIsMailedOnceWithItsPDF(t *testing.T) { // N.04, S1.78, N.31
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	invoice := b.completed(t, "none")
	if _, err := b.acts.RenderInvoice(t.Context(), invoice); err != nil {
		t.Fatal(err)
	}
	note, err := b.credited(t, invoice, "email")
	if err != nil {
		t.Fatal(err)
	}
	open := func() int {
		return fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM open_thing WHERE kind = 'invoice' AND id = $1`, invoice)
	}
	if snap, err := b.acts.SendInvoice(t.Context(), invoice); err != nil || snap.Next != flow.Render || b.mails(t, "") != 0 { // too early: there is no PDF
		t.Fatalf("got %+v, %v", snap, err)
	}
	if snap, err := b.acts.RenderInvoice(t.Context(), invoice); err != nil || snap.Next != flow.Send || snap.Closed || open() != 1 {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if rows, err := b.StepsThatWait(t.Context(), b.Now()); err != nil || len(rows) != 1 || rows[0].Step != "send" || rows[0].Things != 1 {
		t.Errorf("what waits: %+v, %v", rows, err)
	}
	var all sync.WaitGroup
	for range 10 { // killed after its transaction, it runs again; or beside itself
		all.Go(func() {
			if snap, err := b.acts.SendInvoice(t.Context(), invoice); err != nil || snap.Next != "" || !snap.Closed {
				t.Errorf("got %+v, %v", snap, err)
			}
		})
	}
	all.Wait()
	if n := b.mails(t, creditMail(invoice, note, "1")); n != 1 || b.mails(t, "") != 1 || open() != 0 {
		t.Fatalf("%d mails", n)
	}
	n := b.noteIs(t, note)
	text := fixture.One[string](t, b.Store.Pool, `SELECT subject || to_address || ' cc ' || array_to_string(cc, ',') || body FROM mail`)
	for _, want := range []string{n.Number, n.InvoiceNumber, "billing@client.example cc cfo@client.example", "GBP " + n.Total, "http://localhost/api/v1/credit-notes/" + note.String() + ".pdf"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if got := b.attached(t); got != n.Number+".pdf application/pdf "+postgres.CreditNoteKey(note) {
		t.Errorf("attached is %s", got)
	}
	if n.SentAt != nil || len(n.Sendings) != 1 || *n.Sendings[0].AskedBy != b.AM || *n.Sendings[0].MailState != "pending" || len(n.Sendings[0].CC) != 1 {
		t.Errorf("before the server took it: %+v", n)
	}
	b.arrive(t)
	if sent := b.noteIs(t, note); sent.SentAt == nil || sent.Version <= n.Version || *sent.Sendings[0].MailState != "sent" {
		t.Errorf("got %+v", sent)
	}
	if inv := b.invoiceIs(t, invoice); inv.SentAt != nil || len(inv.Sendings) != 0 {
		t.Errorf("its invoice was not sent: %+v", inv)
	}
	fixture.Balance(t, b.Store.Pool)
}

func TestACreditNoteIsSentAgainOnAnotherOccasion(t *testing.T) { // N.04, S1.78
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	invoice, note := b.rendered(t, "")
	if n := b.noteIs(t, note); len(n.Sendings) != 0 {
		t.Fatalf("nobody asked to send it: %+v", n)
	}
	send := func(by string) (flow.Snapshot, error) {
		return b.invoiceVerb(t, invoice, "send-credit-note", flow.SendCreditNote{CreditNoteID: note, By: by})
	}
	b.Exec(t, `DELETE FROM outbox`)
	before := b.invoiceIs(t, invoice).Version
	if snap, err := send("email"); err != nil || snap.Next != flow.Send || snap.Version <= int(before) {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'invoice' AND entity_id = $1`, invoice); n != 1 {
		t.Errorf("its process was told %d times", n)
	}
	if _, err := send("email"); code(err) != "being_sent" {
		t.Errorf("sent twice at once: %v", err)
	}
	if _, err := b.acts.SendInvoice(t.Context(), invoice); err != nil {
		t.Fatal(err)
	}
	b.arrive(t)
	first := b.noteIs(t, note).SentAt
	if _, err := send("paper"); err != nil {
		t.Fatal(err)
	}
	if _, err := send("email"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acts.SendInvoice(t.Context(), invoice); err != nil || b.mails(t, creditMail(invoice, note, "3")) != 1 || b.mails(t, "") != 2 {
		t.Errorf("the third occasion: %v", err)
	}
	b.arrive(t)
	again := b.noteIs(t, note)
	if !again.SentAt.Equal(*first) || len(again.Sendings) != 3 || again.Sendings[1].By != "paper" || again.Sendings[1].PrintedOn.IsZero() {
		t.Errorf("got %+v", again)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'credit_note' AND entity_id = $1 AND verb = 'send'`, note); n != 3 {
		t.Errorf("%d are in the audit", n)
	}
	fixture.Balance(t, b.Store.Pool)
}

func TestACreditNoteThatCannotBeMailedIsRefused(t *testing.T) { // N.04, S1.78
	t.Parallel()
	b := set(t)
	invoice := b.completed(t, "none")
	if _, err := b.credited(t, invoice, "email"); code(err) != "no_email" {
		t.Errorf("a client without an address: %v", err)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM credit_note`); n != 0 {
		t.Error("what was refused was credited")
	}
	note, err := b.credited(t, invoice, "paper")
	if err != nil || b.noteIs(t, note).SentAt == nil || b.mails(t, "") != 0 {
		t.Errorf("on paper: %v", err)
	}
	other := b.completed(t, "none")
	for id, want := range map[uuid.UUID]string{invoice: "no_email", other: "not_found"} {
		if _, err := b.invoiceVerb(t, id, "send-credit-note", flow.SendCreditNote{CreditNoteID: note, By: "email"}); string(code(err)) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A client that insists on an e-invoice gets that of the credit note with it,
// in its own language.
func TestAnEInvoiceGoesWithACreditNote(t *testing.T) { // N.04, N.17, S1.78
	t.Parallel()
	for language, want := range map[string]string{"de": "Gutschrift CN-", "fr": "Avoir CN-", "es": "Factura rectificativa CN-"} {
		b := set(t)
		b.reachable(t, language)
		b.letterhead(t)
		b.Exec(t, `UPDATE client SET einvoice = 'en16931' WHERE id = $1`, b.Client)
		invoice, note := b.rendered(t, "email")
		if _, err := b.acts.SendInvoice(t.Context(), invoice); err != nil {
			t.Fatal(err)
		}
		number, key := b.noteIs(t, note).Number, postgres.CreditEInvoiceKey(note)
		if got := b.attached(t); got != number+".pdf application/pdf "+postgres.CreditNoteKey(note)+", "+number+".xml application/xml "+key {
			t.Errorf("attached is %s", got)
		}
		if subject := fixture.One[string](t, b.Store.Pool, `SELECT subject FROM mail`); !strings.Contains(subject, want) {
			t.Errorf("%q is not in %s", want, subject)
		}
		r, err := b.files.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil || !strings.Contains(string(text), "<CreditNote ") || !strings.Contains(string(text), "<cbc:ID>"+number+"</cbc:ID>") {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// A mail that had gone out when Postgres was restored to a moment before it waits
// for a person when it is written again, as the invoice's own does.
func TestACreditNoteThatWentOutWaitsAfterARestore(t *testing.T) { // N.31, S1.78
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	invoice, _ := b.rendered(t, "email")
	b.Exec(t, `WITH r AS (INSERT INTO reconciliation (id, mode, as_of, began_at) VALUES (gen_random_uuid(), 'restored', now(), now()) RETURNING id)
		INSERT INTO went_out (process, at, run_id) SELECT $1, now(), id FROM r`, flow.ID(flow.Invoice, invoice))
	if _, err := b.acts.SendInvoice(t.Context(), invoice); err != nil {
		t.Fatal(err)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT state FROM mail`); got != "unknown" {
		t.Errorf("it is %s", got)
	}
}
