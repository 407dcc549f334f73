package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/bank"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/einvoice"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// frozen is the snapshot of an invoice: what it prints, and what its e-invoice
// says (N.17). Either reads its own part.
type frozen struct {
	document.InvoiceData
	EInvoice einvoice.Document `json:"einvoice"`
}

// freezing makes the snapshot of an invoice, or of a credit note of invoices,
// that has its dates but not its number yet. A client that insists on an
// e-invoice gets no invoice without what that needs.
func freezing(data document.InvoiceData, lines []db.InvoiceLinesRow, projects []db.LineHeadingsRow, as taxing, seller db.ProviderRow, t db.InvoiceTermsRow, credits ...einvoice.Reference) (frozen, error) {
	doc := einvoice.Document{
		Profile: einvoice.Profile(t.EInvoice), Kind: einvoice.Invoice, Issued: data.IssuedOn, Due: data.DueOn, Currency: data.Currency,
		BuyerReference: t.BuyerReference, PurchaseOrder: data.PurchaseOrder, Seller: sellerParty(seller), Buyer: buyerParty(t),
		Payment:  einvoice.Payment{Terms: data.Terms, IBAN: seller.IBAN, BIC: seller.BIC},
		Lines:    einvoiceLines(lines, projects, as),
		Subtotal: data.Subtotal, Tax: data.Tax, Total: data.Total, Paid: data.Paid,
	}
	doc.From, doc.To = supplied(doc, as, data)
	doc.Buyer.VATID, doc.Buyer.Registration = cmp.Or(doc.Buyer.VATID, as.vatID), cmp.Or(doc.Buyer.Registration, as.registration)
	var err error
	if doc.Taxes, err = einvoice.Group(doc.Lines, doc.Currency); err != nil {
		return frozen{}, err
	}
	for i, x := range doc.Taxes { // as printed
		doc.Taxes[i].Reason = as.reason(x.Category)
		for _, p := range data.Taxes {
			if !p.Percent.IsZero() && p.Percent.Equal(x.Percent) {
				doc.Taxes[i].Amount = p.Amount
			}
		}
	}
	if len(credits) > 0 {
		doc = doc.Crediting(credits...)
	}
	if data.Buyer.TaxID == "" {
		data.Buyer.VATID = cmp.Or(data.Buyer.VATID, as.vatID)
	}
	data.Notes = withReasons(data.Notes, data.Language, doc.Taxes)
	unfit := doc.ForProfile()
	f := frozen{InvoiceData: data, EInvoice: doc}
	if t.EInvoice == "" {
		return f, nil
	}
	doc.Number = "-" // it gets one when all else is sound
	return f, cmp.Or(doc.Check(), unfit)
}

// supplied is the first and last day of what is billed. XRechnung asks for them
// always (BR-DE-TMP-32): of items alone it is the day that the invoice goes
// through, by which they are taxed too; of a credit note, those of its invoice.
func supplied(doc einvoice.Document, as taxing, data document.InvoiceData) (from, to civil.Date) {
	from, to = einvoice.Span(doc.Lines)
	if doc.Profile != einvoice.XRechnung || !from.IsZero() || !to.IsZero() {
		return from, to
	}
	return cmp.Or(as.from, data.Through, data.IssuedOn), cmp.Or(as.to, data.Through, data.IssuedOn)
}

// numbered gives the snapshot its number.
func (f frozen) numbered(number string) frozen {
	f.Number, f.EInvoice.Number = number, number
	return f
}

// paidBy gives the snapshot of an invoice the reference that its payer is asked to
// quote (S1.77, S1.79).
func (f frozen) paidBy(reference string) frozen {
	f.Reference, f.EInvoice.Payment.Reference = bank.Spaced(reference), reference
	return f
}

// scannable gives the snapshot of an invoice the code that it is paid by, where its
// account and currency have one. Only parts of addresses go into codes, never what
// is printed as it was written (S1.77).
func (f frozen) scannable() frozen {
	p := f.EInvoice.Payment
	f.PayBy = bank.NewCode(p.IBAN, p.BIC, codeParty(f.EInvoice.Seller), codeParty(f.EInvoice.Buyer), p.Reference, f.Number, f.Balance, f.Currency)
	return f
}

func codeParty(p einvoice.Party) bank.Party {
	return bank.Party{Name: p.Name, Street: p.Address.Street, PostalCode: p.Address.PostalCode, Town: p.Address.City, Country: p.Address.Country}
}

// withReasons prints why no tax is charged, as the law wants it (N.11).
func withReasons(notes, language string, taxes []einvoice.Tax) string {
	all := []string{}
	if notes != "" {
		all = append(all, notes)
	}
	for _, t := range taxes {
		if said := t.PrintedReason(language); said != "" {
			all = append(all, said)
		}
	}
	return strings.Join(all, "\n")
}

func sellerParty(p db.ProviderRow) einvoice.Party {
	party := einvoice.Party{
		Name: p.Name, Registration: p.Registration, VATID: vatID(p.VATID, p.TaxID, p.CountryCode), Endpoint: p.ElectronicAddress,
		Contact: p.Name, Phone: p.Phone, Email: p.Email,
		Address: einvoice.Address{Street: p.Street, City: p.City, PostalCode: p.PostalCode, Country: p.CountryCode, Free: textLines(p.Address)},
	}
	if same, err := einvoice.ParseVATID("", p.TaxID); err != nil || same != party.VATID {
		party.TaxID = p.TaxID
	}
	return party
}

func buyerParty(t db.InvoiceTermsRow) einvoice.Party {
	return einvoice.Party{
		Name: t.Name, Registration: t.Registration, VATID: vatID(t.VATID, t.TaxID, t.CountryCode), Endpoint: t.ElectronicAddress, Email: t.Email,
		Address: einvoice.Address{Street: t.Street, City: t.City, PostalCode: t.PostalCode, Country: t.CountryCode, Free: textLines(t.BillingAddress)},
	}
}

// vatID is the VAT identifier; where none is given, the tax number that is
// printed, if it begins with the prefix of the party's country.
func vatID(given, printed, country string) string {
	if given != "" || country == "" {
		return given
	}
	prefix := map[string]string{"GR": "EL"}[country]
	if prefix == "" {
		prefix = country
	}
	id, err := einvoice.ParseVATID("", printed)
	if err != nil || !strings.HasPrefix(id, prefix) {
		return ""
	}
	return id
}

// taxing is the category that a line is taxed in, why none is charged in one, by
// which numbers the client was known, where it has none now, and of which days the
// invoice was.
type taxing struct {
	category            func(db.InvoiceLinesRow) einvoice.Category
	reason              func(einvoice.Category) string
	vatID, registration string
	from, to            civil.Date
}

// taxedNow is how projects are taxed, and items by hand as is given, with the
// client's note.
func taxedNow(projects []db.LineHeadingsRow, byHand, note string) taxing {
	words := map[uuid.UUID]string{}
	for _, p := range projects {
		words[p.ID] = p.TaxCategory
	}
	return taxing{
		category: func(l db.InvoiceLinesRow) einvoice.Category {
			if l.ProjectID == nil {
				return einvoice.CategoryOf(byHand, l.TaxPercent)
			}
			return einvoice.CategoryOf(words[*l.ProjectID], l.TaxPercent)
		},
		reason: func(c einvoice.Category) string { return c.Reason(note) },
	}
}

// taxedThen is how the lines of an invoice were taxed when it was completed: so
// is what is credited of it, whatever became of the client (N.04, N.11). One from
// before this was kept goes by how it is now.
func taxedThen(invoiced einvoice.Document, lines []db.InvoiceLinesRow, now taxing) taxing {
	if len(invoiced.Lines) != len(lines) {
		return now
	}
	category, reason := map[uuid.UUID]einvoice.Category{}, map[einvoice.Category]string{}
	for i, l := range lines {
		category[l.ID] = invoiced.Lines[i].Category
	}
	for _, t := range invoiced.Taxes {
		reason[t.Category] = t.Reason
	}
	return taxing{
		category: func(l db.InvoiceLinesRow) einvoice.Category { return category[l.ID] },
		reason:   func(c einvoice.Category) string { return reason[c] },
		vatID:    invoiced.Buyer.VATID, registration: invoiced.Buyer.Registration,
		from: invoiced.From, to: invoiced.To,
	}
}

// einvoiceLines are the lines in their order.
func einvoiceLines(lines []db.InvoiceLinesRow, projects []db.LineHeadingsRow, as taxing) []einvoice.Line {
	names := map[uuid.UUID]string{}
	for _, p := range projects {
		names[p.ID] = p.Name
	}
	out := make([]einvoice.Line, len(lines))
	for i, l := range lines {
		out[i] = einvoiceLine(l)
		out[i].Category = as.category(l)
		if l.ProjectID != nil {
			out[i].Project = names[*l.ProjectID]
		}
	}
	return out
}

func einvoiceLine(l db.InvoiceLinesRow) einvoice.Line {
	line := einvoice.Line{
		Description: l.Description, UnitPrice: l.UnitPrice, Amount: l.Amount, Percent: l.TaxPercent, From: l.FirstDate, To: l.LastDate, Person: l.Who,
	}
	switch {
	case l.Minutes != nil:
		line.Minutes = *l.Minutes
	case l.Kind == string(billing.Discount):
		line.Quantity = l.Quantity.Mul(decimal.NewFromInt(-1))
	default:
		line.Quantity = l.Quantity
	}
	if l.Late {
		line.Note = "Worked in a period that was billed before"
	}
	return line
}

// einvoiceType is what kind of file an e-invoice is.
const einvoiceType = "application/xml"

// storeEInvoice stores what goes with the PDF to a client that insisted on an
// e-invoice when the invoice was completed; false where none goes (N.17).
func (a *Activities) storeEInvoice(ctx context.Context, id uuid.UUID) (bool, error) {
	row, err := a.store.InvoiceSnapshot(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Number == nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return a.storeUBL(ctx, postgres.EInvoiceKey(id), *row.Number, row.Snapshot)
}

// storeUBL stores the e-invoice of what was frozen, false where none is wanted.
func (a *Activities) storeUBL(ctx context.Context, key, number string, snapshot json.RawMessage) (bool, error) {
	var kept struct {
		EInvoice einvoice.Document `json:"einvoice"`
	}
	if err := json.Unmarshal(snapshot, &kept); err != nil {
		return false, fmt.Errorf("read the snapshot of %s: %w", number, err)
	}
	if kept.EInvoice.Profile == "" {
		return false, nil
	}
	body, err := kept.EInvoice.UBL()
	if _, refused := fault.From(err); refused { // by a rule that was not there when it was completed
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, a.files.Put(ctx, key, einvoiceType, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
}
