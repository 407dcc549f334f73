package activities

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/bank"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// CommitInvoice carries out a command on an invoice in one transaction.
func (a *Activities) CommitInvoice(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, nil, a.invoice, a.invoiceSnapshot)
}

// LoadInvoice reads what an invoice's process needs to know.
func (a *Activities) LoadInvoice(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.invoiceSnapshot(ctx, a.store.Queries, id)
}

// invoice does what the verb says, by somebody who may bill all its projects.
func (a *Activities) invoice(ctx context.Context, s *step) (outcome, error) {
	switch s.cmd.Verb { // those that answer the credit note
	case "send-credit-note":
		return a.sendCreditNote(ctx, s)
	case "void-credit-note":
		return a.voidCreditNote(ctx, s)
	}
	verbs := map[string]func(context.Context, *step, db.LockInvoiceRow) error{
		"complete": a.completeInvoice, "send": a.sendInvoice, "void": a.voidInvoice, "credit": a.creditInvoice,
		"write-off": a.writeOff, "reverse-write-off": a.reverseWriteOff,
	}
	do, ok := verbs[s.cmd.Verb]
	if !ok {
		return outcome{}, fmt.Errorf("an invoice has no verb %q", s.cmd.Verb)
	}
	inv, err := s.invoiceInOrder(ctx)
	if err != nil {
		return outcome{}, err
	}
	if err := s.fresh(inv.Version); err != nil {
		return outcome{}, err
	}
	if err := mayBill(ctx, s.Queries, s.actor, inv.ID); err != nil {
		return outcome{}, err
	}
	if err := do(ctx, s, inv); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneInvoice(ctx, s.Queries, inv.ID, a.store.Now())
	if err != nil {
		return outcome{}, err
	}
	snap, err := a.invoiceSnapshot(ctx, s.Queries, inv.ID)
	view.Lines = nil // an answer is kept for ever; the lines are read from the invoice
	return outcome{answer: view, snap: snap}, err
}

// invoiceInOrder locks the invoice; first the account, where what the client
// owes changes, and before it the billing of its projects, where something of
// them may have been billed again.
func (s *step) invoiceInOrder(ctx context.Context) (db.LockInvoiceRow, error) {
	if s.cmd.Verb == "void-credit-note" {
		projects, err := s.InvoiceProjects(ctx, s.cmd.EntityID)
		if err == nil {
			err = s.BillProjectLocks(ctx, projects)
		}
		if err != nil {
			return db.LockInvoiceRow{}, err
		}
	}
	if slices.Contains([]string{"void", "credit", "void-credit-note", "write-off", "reverse-write-off"}, s.cmd.Verb) {
		inv, err := s.Invoice(ctx, s.cmd.EntityID)
		if err != nil {
			return db.LockInvoiceRow{}, err
		}
		if _, err := s.LockAccount(ctx, inv.ClientID); err != nil {
			return db.LockInvoiceRow{}, err
		}
	}
	return s.LockInvoice(ctx, s.cmd.EntityID)
}

func (a *Activities) completeInvoice(ctx context.Context, s *step, inv db.LockInvoiceRow) error {
	var in flow.CompleteInvoice
	if err := s.body(&in); err != nil {
		return err
	}
	c := completion{store: a.store, q: s.Queries, by: &s.cmd.ActorID, source: s.cmd.Source}
	if err := c.run(ctx, inv); err != nil {
		return err
	}
	return s.toSend(ctx, inv, in.Send)
}

// mayBill asks for the right over every project of an invoice.
func mayBill(ctx context.Context, q *db.Queries, actor access.Actor, invoice uuid.UUID) error {
	inv, err := q.Invoice(ctx, invoice)
	if err != nil {
		return err
	}
	return postgres.MayBill(ctx, q, actor, inv.ProjectIds)
}

// completion numbers and freezes an invoice in one transaction.
// Rule: billing, "Completing, sending".
type completion struct {
	store  *postgres.Store
	q      *db.Queries
	by     *uuid.UUID
	source string
}

func (c completion) run(ctx context.Context, inv db.LockInvoiceRow) error {
	m, err := c.material(ctx, inv.ID)
	if err != nil {
		return err
	}
	if err := billing.Completable(inv.State == "draft", len(m.lines), inv.Total); err != nil {
		return err
	}
	if err := c.approved(ctx, inv.ID); err != nil {
		return err
	}
	if err := c.reached(ctx, inv.ID); err != nil {
		return err
	}
	if err := c.taxedStill(ctx, m.lines, m.headings); err != nil {
		return err
	}
	snap, err := c.compose(ctx, inv, m)
	if err != nil {
		return err
	}
	// The counter's row is locked from here to the end of the transaction: last,
	// so that others wait as little as can be; a rollback gives the number back.
	year := int32(snap.IssuedOn.Year)
	seq, err := c.q.NextNumber(ctx, m.seller.NumberSeries, year)
	if err != nil {
		return err
	}
	number := billing.Number(m.seller.NumberSeries, year, seq)
	snap = snap.numbered(number).paidBy(bank.Reference(m.seller.IBAN, m.seller.CreditorReference, number))
	if m.seller.PaymentCode {
		snap = snap.scannable()
	}
	return c.freeze(ctx, inv, snap, m.seller.NumberSeries, seq)
}

// material is what an invoice is made of.
type material struct {
	lines    []db.InvoiceLinesRow
	headings []db.LineHeadingsRow
	seller   db.ProviderRow
	terms    db.InvoiceTermsRow
}

func (c completion) material(ctx context.Context, invoice uuid.UUID) (m material, err error) {
	if m.lines, err = c.q.InvoiceLines(ctx, invoice); err != nil {
		return m, err
	}
	if m.headings, err = c.q.LineHeadings(ctx, invoice); err != nil {
		return m, err
	}
	if m.seller, err = c.q.Provider(ctx); err != nil {
		return m, err
	}
	m.terms, err = c.q.InvoiceTerms(ctx, invoice)
	return m, err
}

// compose is everything that an invoice would say if it were completed now, but
// for its number.
func (c completion) compose(ctx context.Context, inv db.LockInvoiceRow, m material) (frozen, error) {
	data, err := snapshot(inv, m.lines, m.headings, m.seller, m.terms)
	if err != nil {
		return frozen{}, err
	}
	issued := civil.In(c.store.Now(), postgres.Zone(m.seller.TimeZone))
	pay, err := c.terms(ctx, inv.ID, issued)
	if err != nil {
		return frozen{}, err
	}
	data.IssuedOn, data.DueOn, data.Terms = issued, pay.Due(issued), termsText(pay, wordsFor(m.terms.Language))
	byHand, err := postgres.ItemTax(ctx, c.q, inv.ID, m.headings, nil, inv.Through)
	if err != nil {
		return frozen{}, err
	}
	return freezing(data, m.lines, m.headings, taxedNow(m.headings, byHand.Category, m.terms.TaxNote), m.seller, m.terms)
}

// terms are when the invoice is to be paid: by those of its work statements
// that end first (S1.11).
func (c completion) terms(ctx context.Context, invoice uuid.UUID, issued civil.Date) (billing.Terms, error) {
	rows, err := c.q.PaymentTerms(ctx, invoice)
	if err != nil {
		return billing.Terms{}, err
	}
	all := make([]billing.Terms, len(rows))
	for i, r := range rows {
		all[i] = billing.Terms{Days: int(r.Days), FromMonthEnd: r.FromMonthEnd}
	}
	return billing.FirstDue(issued, all), nil
}

// mostNamed is how many things are named that keep a draft from being completed.
const mostNamed = 5

// reached refuses milestones of tasks that were reopened or cancelled after they
// were collected (N.09).
func (c completion) reached(ctx context.Context, invoice uuid.UUID) error {
	names, err := c.q.MilestonesNotDue(ctx, invoice, mostNamed+1)
	if err != nil || len(names) == 0 {
		return err
	}
	if len(names) > mostNamed {
		names[mostNamed] = "and others"
	}
	return fault.New(billing.MilestoneNotDue, "what the draft bills is not due any more, its task is not complete: %s; complete the task, give the milestone a day, or collect the draft again without it", strings.Join(names, ", "))
}

// taxedStill refuses lines that were collected without tax, as reverse charge say,
// of a project that is taxed by now (N.11).
func (c completion) taxedStill(ctx context.Context, lines []db.InvoiceLinesRow, projects []db.LineHeadingsRow) error {
	taxes, err := postgres.HeadingTaxes(ctx, c.q, projects)
	if err != nil {
		return err
	}
	for i, p := range projects {
		for _, l := range lines {
			if l.ProjectID == nil || *l.ProjectID != p.ID || givenTax(l) {
				continue
			}
			if now := taxes[i].Missed(l.Kind, l.TaxPercent, l.Amount, l.FirstDate); !now.IsZero() {
				return fault.New(billing.TaxChanged, "the draft has no tax on %q, and project %s is taxed at %s %% now; collect the draft again", l.Description, p.Code, now)
			}
		}
	}
	return nil
}

// givenTax says whether somebody said at which percent an item by hand is taxed.
func givenTax(l db.InvoiceLinesRow) bool {
	return l.Kind != "time" && l.MadeOf == nil && !l.TaxFollows
}

// approved refuses time whose week was sent back or reopened after it was
// collected (N.01).
func (c completion) approved(ctx context.Context, invoice uuid.UUID) error {
	weeks, err := c.q.UnapprovedWeeks(ctx, invoice, mostNamed+1)
	if err != nil || len(weeks) == 0 {
		return err
	}
	named := make([]string, len(weeks))
	for i, w := range weeks {
		named[i] = fmt.Sprintf("%s (week from %s)", w.Name, w.Week)
	}
	if len(named) > mostNamed {
		named[mostNamed] = "and others"
	}
	return fault.New(billing.TimeUnapproved, "time on the draft is not approved any more: %s; have it approved, or collect the draft again without it", strings.Join(named, ", "))
}

func (c completion) freeze(ctx context.Context, inv db.LockInvoiceRow, data frozen, series string, seq int32) error {
	now := c.store.Now()
	err := c.q.CompleteInvoice(ctx, db.CompleteInvoiceParams{
		ID: inv.ID, Series: &series, Year: ptr(int32(data.IssuedOn.Year)), Sequence: &seq, Number: &data.Number,
		IssuedOn: data.IssuedOn, DueOn: data.DueOn, Snapshot: postgres.JSON(data), CompletedAt: &now,
	})
	if err != nil {
		return err
	}
	return c.store.Audit(ctx, c.q, postgres.Event{
		Actor: c.by, Kind: "invoice", ID: inv.ID, Verb: "complete", Version: inv.Version + 1, Source: c.source,
		Changes: map[string]postgres.Change{"state": {"draft", "complete"}, "number": {nil, data.Number}, "total": {nil, inv.Total}},
	})
}

func termsText(t billing.Terms, w words) string {
	switch {
	case t.FromMonthEnd:
		return fmt.Sprintf(w.monthEnd, t.Days)
	case t.Days == 0:
		return w.onReceipt
	}
	return fmt.Sprintf(w.net, t.Days)
}

// snapshot is everything that the invoice prints, as it is now.
func snapshot(inv db.LockInvoiceRow, lines []db.InvoiceLinesRow, headings []db.LineHeadingsRow, seller db.ProviderRow, t db.InvoiceTermsRow) (document.InvoiceData, error) {
	cur := money.Currency(inv.Currency)
	totals, err := billing.Sum(taxed(lines), cur)
	if err != nil {
		return document.InvoiceData{}, err
	}
	if !totals.Total.Equal(inv.Total) {
		return document.InvoiceData{}, fmt.Errorf("invoice %s stores a total of %s, its lines come to %s", inv.ID, inv.Total, totals.Total)
	}
	data := document.InvoiceData{
		Currency: cur, Language: printedLanguage(t.Language), Through: inv.Through, PurchaseOrder: t.PurchaseOrder,
		Seller: sellerOf(seller), Buyer: buyerOf(t, seller.CountryCode),
		Sections: sections(lines, headings, wordsFor(t.Language)),
		Subtotal: totals.Subtotal, Tax: totals.Tax, Total: totals.Total, Balance: totals.Total,
	}
	for _, x := range totals.Taxes {
		data.Taxes = append(data.Taxes, document.Tax{Percent: x.Percent, Label: wordsFor(t.Language).tax, Base: x.Base, Amount: x.Amount})
	}
	return data, nil
}

func sellerOf(p db.ProviderRow) document.Seller { return document.SellerOf(postgres.FirmParty(p)) }

// buyerOf is the client of an invoice, as a firm in a country addresses it.
func buyerOf(t db.InvoiceTermsRow, from string) document.Buyer {
	return document.BuyerOf(billing.Party{
		Name: t.Name, Address: t.BillingAddress, Street: t.Street, City: t.City, PostalCode: t.PostalCode, Country: t.CountryCode,
		Email: t.Email, TaxID: t.TaxID, VATID: t.VATID,
	}, from, t.Language)
}

func taxed(lines []db.InvoiceLinesRow) []billing.Taxed {
	out := make([]billing.Taxed, len(lines))
	for i, l := range lines {
		out[i] = billing.Taxed{Amount: l.Amount, TaxPercent: l.TaxPercent}
	}
	return out
}

func textLines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
}

// sections are the lines project by project, what was added by hand last.
func sections(lines []db.InvoiceLinesRow, projects []db.LineHeadingsRow, w words) []document.Section {
	byProject := map[uuid.UUID][]document.Line{}
	for _, l := range lines {
		id := uuid.Nil
		if l.ProjectID != nil {
			id = *l.ProjectID
		}
		byProject[id] = append(byProject[id], printed(l))
	}
	var out []document.Section
	for _, p := range projects {
		if len(byProject[p.ID]) > 0 {
			out = append(out, document.Section{Heading: p.Name, Lines: byProject[p.ID]})
		}
	}
	if extra := byProject[uuid.Nil]; len(extra) > 0 {
		out = append(out, document.Section{Heading: otherHeading(len(out), w), Lines: extra})
	}
	return out
}

func otherHeading(before int, w words) string {
	if before == 0 {
		return ""
	}
	return w.otherItems
}

func printed(l db.InvoiceLinesRow) document.Line {
	unit := ""
	if l.Minutes != nil {
		unit = "h"
	}
	price := l.UnitPrice
	if l.Kind == string(billing.Discount) {
		price = price.Mul(decimal.NewFromInt(-1))
	}
	return document.Line{
		Kind: l.Kind, Description: l.Description, Who: l.Who, Quantity: postgres.PrintedQuantity(l.Minutes, l.Quantity), Unit: unit,
		UnitPrice: price, Amount: l.Amount, TaxPercent: l.TaxPercent, WorkedFrom: l.FirstDate, WorkedTo: l.LastDate, Late: l.Late,
	}
}

// RenderInvoice makes the PDF of a completed invoice from its snapshot, stores
// it and makes the invoice visible to the client. Run again, it writes the same
// bytes and changes nothing.
func (a *Activities) RenderInvoice(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	row, err := a.store.InvoiceSnapshot(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Number == nil { // Postgres was restored to an earlier moment
		return a.LoadInvoice(ctx, id)
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	if row.PDFFileID == nil {
		if err := a.storePDF(ctx, id, row); err != nil {
			return flow.Snapshot{}, err
		}
	}
	if err := a.renderCreditNotes(ctx, id); err != nil {
		return flow.Snapshot{}, err
	}
	return a.invoiceSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) storePDF(ctx context.Context, id uuid.UUID, row db.InvoiceSnapshotRow) error {
	return a.storeDocument(ctx, postgres.InvoiceKey(id), *row.Number, row.Snapshot, func(q *db.Queries, file uuid.UUID) (int64, error) {
		return q.SetInvoicePDF(ctx, db.SetInvoicePDFParams{ID: id, PDFFileID: &file, VisibleAt: ptr(a.store.Now())})
	})
}

// storeDocument renders a snapshot, stores the bytes and links them, once.
func (a *Activities) storeDocument(ctx context.Context, key, number string, snapshot []byte, link func(q *db.Queries, file uuid.UUID) (int64, error)) error {
	var data document.InvoiceData
	if err := json.Unmarshal(snapshot, &data); err != nil {
		return fmt.Errorf("read the snapshot of %s: %w", number, err)
	}
	sum, count := sha256.New(), &counter{}
	err := a.files.Put(ctx, key, "application/pdf", func(w io.Writer) error {
		return document.Invoice(io.MultiWriter(w, sum, count), data)
	})
	if err != nil {
		return err
	}
	already := false // another run of this activity was first
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		file := a.store.NewID()
		err := q.InsertFile(ctx, db.InsertFileParams{ID: file, Name: number + ".pdf", ContentType: "application/pdf", Size: count.n, SHA256: sum.Sum(nil)})
		if err != nil {
			return err
		}
		n, err := link(q, file)
		if already = err == nil && n == 0; already {
			return errors.New("the document has its PDF")
		}
		return err
	})
	if already {
		return nil
	}
	return err
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
