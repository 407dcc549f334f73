package document

import (
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
)

// Places of a statement's figures: charges, payments and the balance end there.
const (
	chargeRight  = 138.0
	paidRight    = 164.0
	whatLeft     = 47.0
	figureWidth  = 24.0
	bucketsWidth = textWidth / 6
)

// Statement writes a statement of account as an A4 PDF on the firm's
// letterhead: for each currency what was owed at first, what happened, what is
// owed at the end, and how old that is (N.13). It is as pure as [Invoice].
func Statement(w io.Writer, in billing.Statement) error {
	s := newSheet()
	v := newStatement(in, s)
	s.describe(v.heading(), in.Firm.Name, in.On)
	for _, p := range v.pages(v.rows(), v.tableHead) {
		s.drawPage(p)
	}
	return s.writeTo(w)
}

// statement is drawn with an invoice's letterhead.
type statement struct {
	*invoice
	billing.Statement
	said statementWords
}

func newStatement(in billing.Statement, s *sheet) *statement {
	said := statementWordsFor(in.Language)
	data := InvoiceData{
		Title: said.title, Number: " ", IssuedOn: in.On, PeriodFrom: in.From, Through: in.To,
		Seller: SellerOf(in.Firm), Buyer: BuyerOf(in.Client, in.Firm.Country, in.Language),
	}
	return &statement{&invoice{InvoiceData: data, words: labelsFor(in.Language), sheet: s}, in, said}
}

func (v *statement) rows() []row {
	var rows []row
	for i, a := range v.Accounts {
		rows = append(rows, v.account(i, a)...)
	}
	if bank := v.bank(); len(bank) > 0 && v.owes() {
		rows = append(rows, alongside(bank, nil)...)
	}
	return rows
}

// bank is how to pay, without a reference: the invoices have theirs.
func (v *statement) bank() []phrase {
	lines := present(v.Seller.Bank...)
	if len(lines) == 0 {
		return nil
	}
	phrases := []phrase{{v.words.payment, bodyStrong}}
	for _, l := range lines {
		phrases = append(phrases, v.phrases(l, wideText)...)
	}
	return phrases
}

func (v *statement) owes() bool {
	for _, a := range v.Accounts {
		if a.Closing.IsPositive() {
			return true
		}
	}
	return false
}

// tableHead names the columns at the top of a page, or above an account.
func (v *statement) tableHead(row) block { return v.columnHead("") }

func (v *statement) columnHead(currency string) block {
	var b block
	base := headStyle.base()
	b.text(leftEdge, headStyle, v.said.date)
	b.marks = append(b.marks, mark{whatLeft, base, v.said.what, headStyle})
	for _, f := range []figure{{column{chargeRight, figureWidth}, v.said.charge}, {column{paidRight, figureWidth}, v.said.payment}, {column{rightEdge, figureWidth}, strings.TrimSpace(v.said.balance + " " + currency)}} {
		b.marks = append(b.marks, v.sheet.flushRight(f.right, base, f.width, f.text, headStyle))
	}
	b.space(1.2)
	b.rule(leftEdge, rightEdge, firmline, ink)
	return b
}

func (v *statement) account(i int, a billing.Account) []row {
	var rows []row
	if i > 0 || len(v.Accounts) > 1 {
		var b block
		b.text(leftEdge, sectionStyle, string(a.Currency))
		b.space(1)
		rows = append(rows, row{block: b, gap: 6, keep: true, section: outside})
	}
	rows = append(rows, row{block: v.columnHead(string(a.Currency)), keep: true, section: outside})
	rows = append(rows, v.movement(a, a.From, v.said.brought, "", decimal.Zero, a.Opening, bodyMuted))
	for _, m := range a.Movements {
		rows = append(rows, v.movement(a, m.On, v.movementText(m), v.movementNote(m), m.Amount, m.Balance, bodyStyle))
	}
	last := v.movement(a, a.To, v.closingText(a), "", decimal.Zero, a.Closing, bodyStrong)
	rows[len(rows)-1].keep = true
	rows = append(rows, last)
	return append(rows, v.aging(a))
}

func (v *statement) closingText(a billing.Account) string {
	if a.Closing.IsNegative() {
		return v.said.favour
	}
	return v.said.owed
}

func (v *statement) movementText(m billing.Movement) string {
	return strings.TrimSpace(v.said.kinds[m.Kind] + " " + m.Number)
}

func (v *statement) movementNote(m billing.Movement) string {
	switch m.Kind {
	case billing.InvoiceIssued:
		return fmt.Sprintf(v.said.due, v.words.day(m.DueOn))
	case billing.CreditIssued:
		return fmt.Sprintf(v.said.forInvoice, m.Text)
	}
	return inline(m.Text)
}

// movement is one line: what it adds stands under charges, what it takes under
// payments.
func (v *statement) movement(a billing.Account, on civil.Date, what, note string, amount, balance decimal.Decimal, st style) row {
	var b block
	b.space(linePadding)
	base := b.height + bodyStyle.base()
	b.marks = append(b.marks, mark{leftEdge, base, v.words.day(on), bodyMuted})
	room := chargeRight - figureWidth - whatLeft
	b.text(whatLeft, st, clip(v.sheet.wrap(what, st, room), 2)...)
	if note != "" {
		b.text(whatLeft, smallStyle, clip(v.sheet.wrap(note, smallStyle, room), 2)...)
	}
	right := chargeRight
	if amount.IsNegative() {
		right = paidRight
	}
	if !amount.IsZero() {
		b.marks = append(b.marks, v.sheet.flushRight(right, base, figureWidth, v.words.money(amount.Abs(), a.Currency), bodyStyle))
	}
	figure := bodyStyle
	if st == bodyStrong {
		figure = bodyStrong
	}
	b.marks = append(b.marks, v.sheet.flushRight(rightEdge, base, figureWidth, v.words.money(balance, a.Currency), figure))
	b.space(linePadding)
	b.rule(leftEdge, rightEdge, hairline, pale)
	return row{block: b}
}

// aging is how old what is owed is, in six columns.
func (v *statement) aging(a billing.Account) row {
	ages := reminderWordsFor(v.Language).ages
	heads := append(ages[:], v.said.credit)
	figures := append(a.Aging.Buckets[:len(a.Aging.Buckets):len(a.Aging.Buckets)], a.Aging.Credit.Neg())
	var b block
	b.text(leftEdge, bodyStrong, fmt.Sprintf(v.said.byAge, v.words.day(a.To)))
	b.space(1)
	top := b.height
	for i, h := range heads {
		right := leftEdge + float64(i+1)*bucketsWidth
		b.marks = append(b.marks, v.sheet.flushRight(right, top+headStyle.base(), bucketsWidth-2, h, headStyle))
		b.marks = append(b.marks, v.sheet.flushRight(right, top+headStyle.lead()+1.5+bodyStyle.base(), bucketsWidth-2, v.words.money(figures[i], a.Currency), bodyStyle))
	}
	b.rules = append(b.rules, rule{leftEdge, rightEdge, top + headStyle.lead() + 0.8, hairline, muted})
	b.height = top + headStyle.lead() + 2 + bodyStyle.lead()
	return row{block: b, gap: 7, section: outside}
}
