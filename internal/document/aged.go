package document

import (
	"io"
	"slices"
	"strings"

	"steward/internal/billing"
	"steward/internal/money"
)

// Places of the figures of receivables by age: five ages, credit, and what is owed.
const (
	agedColumns = 7
	agedWidth   = 18.0
	agedName    = textWidth - agedColumns*agedWidth
)

// Aged writes what all clients owe by age as an A4 PDF on the firm's letterhead,
// in English as all of it that is for staff: for each currency the clients, and
// what they come to (N.13). It is as pure as [Invoice].
func Aged(w io.Writer, in billing.AgedReceivables) error {
	s := newSheet()
	v := newAged(in, s)
	s.describe(v.heading(), in.Firm.Name, in.On)
	for _, p := range v.pages(v.rows(), v.tableHead) {
		s.drawPage(p)
	}
	return s.writeTo(w)
}

// aged is drawn with an invoice's letterhead, without an address.
type aged struct {
	*invoice
	billing.AgedReceivables
	currencies []money.Currency // one section each
}

func newAged(in billing.AgedReceivables, s *sheet) *aged {
	v := &aged{&invoice{words: labelsFor("en"), sheet: s, inward: true, InvoiceData: InvoiceData{
		Title: "Receivables by age", Number: " ", IssuedOn: in.On, Through: in.AsOf, Seller: SellerOf(in.Firm),
	}}, in, nil}
	v.words.through = "As of"
	for _, r := range in.Clients {
		if !slices.Contains(v.currencies, r.Currency) {
			v.currencies = append(v.currencies, r.Currency)
		}
	}
	slices.Sort(v.currencies)
	return v
}

func (v *aged) rows() []row {
	var rows []row
	for i, c := range v.currencies {
		first := len(rows)
		rows = append(rows, row{block: v.columnHead(c), gap: 8, keep: true, section: outside})
		var sum billing.Aging
		for _, r := range v.Clients {
			if r.Currency == c {
				rows = append(rows, row{block: v.client(r.ClientName, r.Aging, c, bodyStyle), section: i})
				sum.Merge(r.Aging)
			}
		}
		rows[first+1].keep, rows[len(rows)-1].keep = true, true
		rows = append(rows, row{block: v.client("Total", sum, c, bodyStrong), section: i})
	}
	if len(rows) == 0 {
		var b block
		b.text(leftEdge, bodyMuted, "Nothing is owed.")
		rows = append(rows, row{block: b, section: outside})
	}
	return rows
}

// tableHead names the columns again at the top of a page.
func (v *aged) tableHead(r row) block { return v.columnHead(v.currencies[r.section]) }

func (v *aged) columnHead(c money.Currency) block {
	var b block
	b.text(leftEdge, headStyle, "Client, "+string(c))
	ages := reminderWordsFor("en").ages
	v.figures(&b, headStyle.base(), append(ages[:len(ages):len(ages)], "Open credit", "Owed"), headStyle)
	b.space(1.2)
	b.rule(leftEdge, rightEdge, firmline, ink)
	return b
}

func (v *aged) client(name string, a billing.Aging, c money.Currency, st style) block {
	var b block
	b.space(linePadding)
	base := b.height + bodyStyle.base()
	b.text(leftEdge, st, clip(v.sheet.wrap(inline(name), st, agedName-2), 2)...)
	var figures []string
	for _, amount := range append(a.Buckets[:len(a.Buckets):len(a.Buckets)], a.Credit.Neg(), a.Owed()) {
		text := ""
		if !amount.IsZero() {
			text = v.words.money(amount, c)
		}
		figures = append(figures, text)
	}
	v.figures(&b, base, figures, st.scaled(0.9))
	b.space(linePadding)
	b.rule(leftEdge, rightEdge, hairline, pale)
	return b
}

func (v *aged) figures(b *block, base float64, texts []string, st style) {
	for i, text := range texts {
		if strings.TrimSpace(text) != "" {
			b.marks = append(b.marks, v.sheet.flushRight(leftEdge+agedName+float64(i+1)*agedWidth, base, agedWidth-1.5, text, st))
		}
	}
}
