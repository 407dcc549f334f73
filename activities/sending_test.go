package activities_test

import (
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
)

// reachable gives the client an address, and one for copies.
func (b *bench) reachable(t *testing.T, language string) {
	t.Helper()
	b.Exec(t, `UPDATE client SET email = 'billing@client.example', billing_cc = '{cfo@client.example}', language = $2 WHERE id = $1`, b.Client, language)
}

// invoiceVerb carries out a command on an invoice by the account manager.
func (b *bench) invoiceVerb(t *testing.T, id uuid.UUID, verb string, body any) (flow.Snapshot, error) {
	t.Helper()
	return b.acts.CommitInvoice(t.Context(), b.command(t, b.AM, flow.Invoice, id, verb, body))
}

// completed is an invoice that was completed to be sent so.
func (b *bench) completed(t *testing.T, send string) uuid.UUID {
	t.Helper()
	id := b.draft(t)
	if _, err := b.invoiceVerb(t, id, "complete", flow.CompleteInvoice{Send: send}); err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) mails(t *testing.T, prefix string) int {
	t.Helper()
	return fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM mail WHERE key LIKE $1 || '%'`, prefix)
}

// arrive lets the mail server take all mail.
func (b *bench) arrive(t *testing.T) {
	t.Helper()
	b.Exec(t, `UPDATE mail SET state = 'sent', sent_at = $1 WHERE state <> 'sent'`, b.Now())
}

func (b *bench) invoiceIs(t *testing.T, id uuid.UUID) postgres.Invoice {
	t.Helper()
	inv, err := postgres.OneInvoice(t.Context(), b.Queries, id, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestAnInvoiceIsMailedOnceWithItsPDF(t *testing.T) { // S1.78, N.31
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	id := b.completed(t, "email")
	snap, err := b.acts.SendInvoice(t.Context(), id) // too early: there is no PDF
	if err != nil || snap.Next != flow.Render || b.mails(t, "invoice/") != 0 {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if snap, err = b.acts.RenderInvoice(t.Context(), id); err != nil || snap.Next != flow.Send || snap.WaitingFor != "send" {
		t.Fatalf("got %+v, %v", snap, err)
	}
	var all sync.WaitGroup
	for range 10 { // killed after its transaction, it runs again; or beside itself
		all.Go(func() {
			if snap, err := b.acts.SendInvoice(t.Context(), id); err != nil || snap.Next != "" || snap.WaitingFor != "payment" {
				t.Errorf("got %+v, %v", snap, err)
			}
		})
	}
	all.Wait()
	if n := b.mails(t, "invoice/"+id.String()+"/1"); n != 1 || b.mails(t, "") != 1 {
		t.Fatalf("%d mails", n)
	}
	subject := fixture.One[string](t, b.Store.Pool, `SELECT subject || to_address || ' cc ' || array_to_string(cc, ',') || body FROM mail`)
	inv := b.invoiceIs(t, id)
	for _, want := range []string{*inv.Number, "billing@client.example cc cfo@client.example", "GBP " + inv.Total, "http://localhost/api/v1/invoices/" + id.String() + ".pdf"} {
		if !strings.Contains(subject, want) {
			t.Errorf("%q is not in %s", want, subject)
		}
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT name || ' ' || content_type || ' ' || file_key FROM mail_attachment`); got != *inv.Number+".pdf application/pdf "+postgres.InvoiceKey(id) {
		t.Errorf("attached is %s", got)
	}
	if inv.State != "complete" || inv.SentAt != nil {
		t.Errorf("before the server took it, it is %s %v", inv.State, inv.SentAt)
	}
	b.Exec(t, `DELETE FROM outbox`)
	b.Exec(t, `UPDATE mail SET error = 'no copy to cfo@client.example'`)
	b.arrive(t)
	if inv := b.invoiceIs(t, id); *inv.Sendings[0].MailError != "no copy to cfo@client.example" {
		t.Errorf("who sent it reads %v", inv.Sendings[0].MailError)
	}
	b.Exec(t, `UPDATE mail SET error = ''`)
	if inv := b.invoiceIs(t, id); inv.Sendings[0].MailError != nil {
		t.Errorf("of a mail that all have it says %s", *inv.Sendings[0].MailError)
	}
	if inv := b.invoiceIs(t, id); inv.State != "sent" || inv.SentAt == nil || len(inv.Sendings) != 1 || *inv.Sendings[0].MailState != "sent" || !slices.Equal(inv.Sendings[0].CC, []string{"cfo@client.example"}) {
		t.Errorf("got %+v", inv)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'invoice' AND entity_id = $1`, id); n != 1 {
		t.Errorf("its process was told %d times", n)
	}
}

// A client that insists on an e-invoice gets it with the PDF, as it is read
// from steward; another gets the PDF alone.
func TestAnEInvoiceGoesWithTheMail(t *testing.T) { // N.17, S1.78
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	b.letterhead(t)
	b.Exec(t, `UPDATE client SET einvoice = 'en16931' WHERE id = $1`, b.Client)
	id := b.completed(t, "email")
	if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acts.SendInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	number, key := *b.invoiceIs(t, id).Number, postgres.EInvoiceKey(id)
	if got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(name || ' ' || content_type || ' ' || file_key, ', ' ORDER BY position) FROM mail_attachment`); got != number+".pdf application/pdf "+postgres.InvoiceKey(id)+", "+number+".xml application/xml "+key {
		t.Errorf("attached is %s", got)
	}
	r, err := b.files.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, err := io.ReadAll(r); err != nil || !strings.Contains(string(text), "<cbc:ID>"+number+"</cbc:ID>") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestSendingAgainIsAnotherOccasion(t *testing.T) { // S1.78
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	id := b.completed(t, "email")
	if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := b.invoiceVerb(t, id, "send", flow.SendInvoice{By: "email"}); code(err) != "being_sent" {
		t.Errorf("sent twice at once: %v", err)
	}
	if _, err := b.acts.SendInvoice(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.arrive(t)
	first := b.invoiceIs(t, id).SentAt
	if snap, err := b.invoiceVerb(t, id, "send", flow.SendInvoice{By: "email"}); err != nil || snap.Next != flow.Send {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if _, err := b.acts.SendInvoice(t.Context(), id); err != nil || b.mails(t, "invoice/"+id.String()+"/2") != 1 {
		t.Errorf("the second occasion: %v", err)
	}
	b.arrive(t)
	if again := b.invoiceIs(t, id); !again.SentAt.Equal(*first) || len(again.Sendings) != 2 {
		t.Errorf("got %+v", again)
	}
}

func TestPaperIsPrintedAndPostedBySomebody(t *testing.T) { // S1.78
	t.Parallel()
	b := set(t)
	for _, id := range []uuid.UUID{b.completed(t, "paper"), b.completed(t, "none")} {
		if inv := b.invoiceIs(t, id); inv.State == "complete" {
			if _, err := b.invoiceVerb(t, id, "send", flow.SendInvoice{By: "paper"}); err != nil {
				t.Fatal(err)
			}
		}
		inv := b.invoiceIs(t, id)
		if inv.State != "sent" || inv.SentAt == nil || len(inv.Sendings) != 1 || inv.Sendings[0].PrintedOn.IsZero() || *inv.Sendings[0].AskedBy != b.AM {
			t.Errorf("got %+v", inv)
		}
	}
	if b.mails(t, "") != 0 {
		t.Error("paper went by mail")
	}
}

func TestWhatCannotBeSentIsRefused(t *testing.T) { // S1.78
	t.Parallel()
	b := set(t)
	id := b.draft(t)
	if _, err := b.invoiceVerb(t, id, "send", flow.SendInvoice{By: "paper"}); code(err) != "not_sent" {
		t.Errorf("a draft: %v", err)
	}
	if _, err := b.invoiceVerb(t, id, "complete", flow.CompleteInvoice{Send: "email"}); code(err) != "no_email" {
		t.Errorf("a client without an address: %v", err)
	}
	if inv := b.invoiceIs(t, id); inv.State != "draft" {
		t.Errorf("the refused completion left it %s", inv.State)
	}
}

func TestTheClientReadsItsOwnLanguage(t *testing.T) { // S1.78
	t.Parallel()
	for language, want := range map[string][]string{
		"de": {"Rechnung INV-", "Mit freundlichen Grüßen", ",00 GBP"},
		"fr": {"Facture INV-", "Cordialement", ",00 GBP"},
		"es": {"Factura INV-", "Un cordial saludo", ",00 GBP"},
	} {
		b := set(t)
		b.reachable(t, language)
		id := b.completed(t, "email")
		if _, err := b.acts.RenderInvoice(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := b.acts.SendInvoice(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		text := fixture.One[string](t, b.Store.Pool, `SELECT subject || body FROM mail`)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in %s", language, w, text)
			}
		}
		if got := fixture.One[string](t, b.Store.Pool, `SELECT snapshot->>'language' FROM invoice WHERE id = $1`, id); got != language {
			t.Errorf("the PDF speaks %q", got)
		}
	}
}
