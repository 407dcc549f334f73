package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/einvoice"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// voidInvoice makes an invoice void and releases its time, in one transaction.
// Its number stays. Rule: billing, "Void and credit".
func (a *Activities) voidInvoice(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.VoidInvoice
	if err := s.body(&in); err != nil {
		return err
	}
	noted, err := s.HasCreditNotes(ctx, inv.ID)
	if err != nil {
		return err
	}
	if err := billing.Voidable(inv.State, inv.Paid.Add(inv.Credited), noted); err != nil {
		return err
	}
	today, err := firmToday(ctx, s.Queries, a.store)
	if err != nil {
		return err
	}
	if err := s.VoidInvoice(ctx, db.VoidInvoiceParams{ID: inv.ID, VoidedAt: ptr(a.store.Now()), VoidedOn: today, Reason: in.Reason}); err != nil {
		return err
	}
	if err := s.release(ctx, inv.ID); err != nil {
		return err
	}
	if err := s.InsertOutbox(ctx, string(flow.Account), inv.ClientID); err != nil {
		return err
	}
	return s.audit(ctx, inv.Version+1, map[string]postgres.Change{"state": {inv.State, "void"}}, in.Reason)
}

// release gives back everything that an invoice has claimed, so that the next
// run bills it once. Whatever else can be claimed by a line is released here.
func (s *step) release(ctx context.Context, invoice uuid.UUID) error {
	noted, err := s.NoteReleases(ctx, invoice)
	if err != nil {
		return err
	}
	released, err := s.ReleaseTime(ctx, invoice)
	if err == nil && noted != released {
		err = fmt.Errorf("invoice %s: %d entries were noted, %d released", invoice, noted, released)
	}
	return err
}

// creditInvoice takes back a part of an invoice: a credit note, what becomes of
// each entry, and the balance (N.04).
func (a *Activities) creditInvoice(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.CreditInvoice
	if err := s.body(&in); err != nil {
		return err
	}
	if inv.State != "complete" {
		return fault.New(billing.NotComplete, "only a completed invoice can be credited; this one is %s", inv.State)
	}
	c := crediting{step: s, store: a.store, inv: inv, reason: strings.TrimSpace(in.Reason), currency: money.Currency(inv.Currency), id: a.store.NewID(), send: in.Send}
	return c.run(ctx, asks(in.Lines))
}

func asks(lines []flow.CreditLine) []billing.CreditAsk {
	all := make([]billing.CreditAsk, len(lines))
	for i, l := range lines {
		all[i] = billing.CreditAsk{LineID: l.LineID, Treatment: l.Treated(), Entries: l.Entries, Amount: l.Amount}
	}
	return all
}

// crediting is a credit note in the making.
type crediting struct {
	*step
	store    *postgres.Store
	inv      db.LockInvoiceRow
	id       uuid.UUID
	reason   string
	currency money.Currency
	lines    []db.InvoiceLinesRow
	send     string // how it goes to the client
}

func (c *crediting) run(ctx context.Context, asks []billing.CreditAsk) error {
	base, err := c.base(ctx)
	if err != nil {
		return err
	}
	before, err := c.CreditNoteTotals(ctx, c.inv.ID)
	if err != nil {
		return err
	}
	off, err := c.InvoiceWrittenOff(ctx, c.inv.ID)
	if err != nil {
		return err
	}
	lines, totals, err := billing.CreditNote(asks, base, c.inv.Total, before.Add(off), c.currency)
	if err != nil {
		return err
	}
	note, err := c.issue(ctx, lines, totals)
	if err != nil {
		return err
	}
	for i, l := range lines {
		if err := c.line(ctx, i, l); err != nil {
			return err
		}
	}
	if err := c.settle(ctx, note.IssuedOn, totals.Total); err != nil {
		return err
	}
	if err := c.creditToSend(ctx, c.inv, c.id, c.send); err != nil {
		return err
	}
	changes := map[string]postgres.Change{"credit_note": {nil, note.Number}, "credited": {nil, c.currency.Format(totals.Total) + " " + string(c.currency)}}
	now, err := c.Invoice(ctx, c.inv.ID)
	if err != nil {
		return err
	}
	if err := c.audit(ctx, now.Version, changes, c.reason); err != nil {
		return err
	}
	return c.InsertOutbox(ctx, string(flow.Account), c.inv.ClientID)
}

// base is what the lines are, and what credit notes left of them.
func (c *crediting) base(ctx context.Context) ([]billing.CreditBase, error) {
	var err error
	if c.lines, err = c.InvoiceLines(ctx, c.inv.ID); err != nil {
		return nil, err
	}
	before, err := c.CreditedBefore(ctx, c.inv.ID)
	if err != nil {
		return nil, err
	}
	entries, err := c.CreditableEntries(ctx, c.inv.ID)
	if err != nil {
		return nil, err
	}
	all, at := make([]billing.CreditBase, len(c.lines)), map[uuid.UUID]int{}
	for i, l := range c.lines {
		all[i] = billing.CreditBase{ID: l.ID, Time: l.Kind == "time", Claimed: claimed(l), Rate: l.UnitPrice, Increment: int64(l.IncrementMinutes), Amount: l.Amount,
			TaxPercent: l.TaxPercent, Entries: map[uuid.UUID]int64{}}
		at[l.ID] = i
	}
	for _, b := range before {
		all[at[b.InvoiceLineID]].BeforeMinutes, all[at[b.InvoiceLineID]].BeforeAmount = b.Minutes, b.Amount
	}
	for _, e := range entries {
		all[at[e.LineID]].Entries[e.ID] = int64(e.Minutes)
	}
	return all, nil
}

// issue numbers and freezes the credit note. The counter's row is locked from
// here to the end of the transaction; a rollback gives the number back.
func (c *crediting) issue(ctx context.Context, lines []billing.CreditLine, t billing.Totals) (frozen, error) {
	data, err := c.snapshot(ctx, lines, t)
	if err != nil {
		return data, err
	}
	series, err := c.CreditSeries(ctx)
	if err != nil {
		return data, err
	}
	year := int32(data.IssuedOn.Year)
	seq, err := c.NextNumber(ctx, series, year)
	if err != nil {
		return data, err
	}
	data = data.numbered(billing.Number(series, year, seq))
	return data, c.InsertCreditNote(ctx, db.InsertCreditNoteParams{
		ID: c.id, InvoiceID: c.inv.ID, ClientID: c.inv.ClientID, Currency: c.inv.Currency, Series: series, Year: year, Sequence: seq, Number: data.Number,
		IssuedOn: data.IssuedOn, Reason: c.reason, Subtotal: t.Subtotal, Tax: t.Tax, Total: t.Total, Snapshot: postgres.JSON(data),
		CreatedBy: &c.cmd.ActorID, CreatedAt: c.store.Now(),
	})
}

// snapshot is everything that the credit note prints, and what its e-invoice
// says, as it is now.
func (c *crediting) snapshot(ctx context.Context, lines []billing.CreditLine, t billing.Totals) (frozen, error) {
	seller, err := c.Provider(ctx)
	if err != nil {
		return frozen{}, err
	}
	terms, err := c.InvoiceTerms(ctx, c.inv.ID)
	if err != nil {
		return frozen{}, err
	}
	headings, err := c.LineHeadings(ctx, c.inv.ID)
	if err != nil {
		return frozen{}, err
	}
	printed := c.printedLines(lines)
	w := wordsFor(terms.Language)
	data := document.InvoiceData{
		Title: w.creditNote, CreditOf: *c.inv.Number, Currency: c.currency, Language: printedLanguage(terms.Language), PurchaseOrder: terms.PurchaseOrder, Notes: c.reason, Unexplained: c.reason == "",
		IssuedOn: civil.In(c.store.Now(), postgres.Zone(seller.TimeZone)),
		Seller:   sellerOf(seller), Buyer: buyerOf(terms, seller.CountryCode), Sections: sections(printed, headings, w),
		Subtotal: t.Subtotal, Tax: t.Tax, Total: t.Total, Balance: t.Total,
	}
	for _, x := range t.Taxes {
		data.Taxes = append(data.Taxes, document.Tax{Percent: x.Percent, Label: w.tax, Base: x.Base, Amount: x.Amount})
	}
	credits := einvoice.Reference{Number: *c.inv.Number, Issued: c.inv.IssuedOn}
	as, err := c.taxed(ctx, headings, terms)
	if err != nil {
		return frozen{}, err
	}
	return freezing(data, printed, headings, as, seller, terms, credits)
}

// taxed is how the lines were taxed on the invoice.
func (c *crediting) taxed(ctx context.Context, headings []db.LineHeadingsRow, terms db.InvoiceTermsRow) (taxing, error) {
	byHand, err := postgres.ItemTax(ctx, c.Queries, c.inv.ID, headings, nil, c.inv.Through)
	if err != nil {
		return taxing{}, err
	}
	row, err := c.InvoiceSnapshot(ctx, c.inv.ID)
	if err != nil {
		return taxing{}, err
	}
	var invoiced frozen
	if err := json.Unmarshal(row.Snapshot, &invoiced); err != nil {
		return taxing{}, fmt.Errorf("read the snapshot of %s: %w", *c.inv.Number, err)
	}
	return taxedThen(invoiced.EInvoice, c.lines, taxedNow(headings, byHand.Category, terms.TaxNote)), nil
}

// printedLines are the invoice's lines with what is credited of them.
func (c *crediting) printedLines(lines []billing.CreditLine) []db.InvoiceLinesRow {
	var all []db.InvoiceLinesRow
	for _, x := range lines {
		for _, l := range c.lines {
			if l.ID != x.LineID {
				continue
			}
			l.Amount = x.Amount
			if l.Minutes != nil {
				l.Minutes = &x.Minutes
				l.FirstDate, l.LastDate, l.Late = civil.Date{}, civil.Date{}, false // of the whole line
			} else if !c.whole(l.ID, x.Amount) {
				l.Quantity, l.UnitPrice = decimal.NewFromInt(1), x.Amount.Abs()
			}
			all = append(all, l)
		}
	}
	return all
}

// whole tells whether an item is credited as it was billed.
func (c *crediting) whole(line uuid.UUID, amount decimal.Decimal) bool {
	for _, l := range c.lines {
		if l.ID == line {
			return l.Amount.Equal(amount)
		}
	}
	return false
}

// claimed tells whether a line was made of a milestone or an expense.
func claimed(l db.InvoiceLinesRow) bool {
	return l.MadeOf != nil && (*l.MadeOf == "milestone" || *l.MadeOf == "expense")
}

// line stores what is taken back of a line, notes its entries and releases
// what is billable again.
func (c *crediting) line(ctx context.Context, i int, l billing.CreditLine) error {
	row := db.InsertCreditLineParams{ID: c.store.NewID(), CreditNoteID: c.id, InvoiceLineID: l.LineID, Position: int32(i + 1), Treatment: string(l.Treatment),
		Amount: l.Amount, TaxPercent: l.TaxPercent}
	if l.Minutes > 0 {
		row.Minutes = &l.Minutes
	}
	if err := c.InsertCreditLine(ctx, row); err != nil {
		return err
	}
	if len(l.Entries) == 0 {
		if l.Treatment != billing.Release {
			return nil
		}
		if err := c.NoteItemRelease(ctx, c.id, l.LineID); err != nil {
			return err
		}
		return c.ReleaseItem(ctx, l.LineID)
	}
	want := int64(len(l.Entries))
	n, err := c.NoteCorrections(ctx, db.NoteCorrectionsParams{CreditNoteID: c.id, Treatment: string(l.Treatment), Entries: l.Entries, LineID: l.LineID})
	if err == nil && n == want && l.Treatment == billing.Release {
		n, err = c.ReleaseEntries(ctx, l.Entries, l.LineID)
	}
	if err == nil && n != want {
		err = fmt.Errorf("credit note of %s: %d entries instead of %d", *c.inv.Number, n, want)
	}
	return err
}

// settle takes the credit note off what is owed on the invoice; what is left is
// the client's credit.
func (c *crediting) settle(ctx context.Context, on civil.Date, total decimal.Decimal) error {
	amount := decimal.Min(total, c.inv.Total.Sub(c.inv.Paid).Sub(c.inv.Credited))
	if amount.Sign() <= 0 {
		return nil
	}
	rows, err := c.LockOpenInvoices(ctx, db.LockOpenInvoicesParams{ClientID: c.inv.ClientID, Chosen: true, Currency: c.inv.Currency, Ids: []uuid.UUID{c.inv.ID}})
	if err != nil {
		return err
	}
	for _, r := range rows {
		on = civil.Later(on, r.FreeOn)
	}
	return c.InsertApplication(ctx, db.InsertApplicationParams{ID: c.store.NewID(), ClientID: c.inv.ClientID, Currency: c.inv.Currency, CreditNoteID: &c.id,
		InvoiceID: &c.inv.ID, Amount: amount, AppliedOn: on})
}

// renderCreditNotes makes the PDFs of an invoice's credit notes from their
// snapshots.
func (a *Activities) renderCreditNotes(ctx context.Context, invoice uuid.UUID) error {
	notes, err := a.store.UnrenderedCreditNotes(ctx, invoice)
	if err != nil {
		return err
	}
	for _, n := range notes {
		err := a.storeDocument(ctx, postgres.CreditNoteKey(n.ID), n.Number, n.Snapshot, func(q *db.Queries, file uuid.UUID) (int64, error) {
			return q.SetCreditPDF(ctx, db.SetCreditPDFParams{ID: n.ID, PDFFileID: &file, VisibleAt: ptr(a.store.Now())})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
