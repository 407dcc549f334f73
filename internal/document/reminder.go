package document

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

// ReminderData is everything that a reminder prints, rounded and in order.
type ReminderData struct {
	Number   string // "2026-03"
	Level    int    // 1 is the friendliest
	Language string // ISO 639; "en" where empty or not known
	On       civil.Date
	Seller   Seller
	Buyer    Buyer
	Text     string // what is asked of the client
	Comment  string // a word of the account manager's; may be empty
	Accounts []ReminderAccount
}

// ReminderAccount is what is owed in one currency.
type ReminderAccount struct {
	Currency money.Currency
	Lines    []ReminderLine
	Aging    [5]decimal.Decimal // current, 1–30, 31–60, 61–90 and over 90 days
	PastDue  decimal.Decimal
	Credit   decimal.Decimal // left over of payments and credit notes
	DueNow   decimal.Decimal // past due less credit
	Owed     decimal.Decimal // with what is not listed, less credit
}

// ReminderLine is an invoice that is past due.
type ReminderLine struct {
	Number               string
	IssuedOn, DueOn      civil.Date
	Total, Paid, Balance decimal.Decimal
	DaysOverdue          int
}

// Reminder writes a reminder as an A4 PDF. It refuses what [Invoice] refuses.
func Reminder(w io.Writer, in ReminderData) error {
	if err := in.check(); err != nil {
		return err
	}
	s := newSheet()
	l := newLetter(in, s)
	s.describe(l.heading(), in.Seller.Name, in.On)
	for _, p := range l.compose() {
		s.drawPage(p)
	}
	return s.writeTo(w)
}

func (in ReminderData) check() error {
	for _, a := range in.Accounts {
		v := InvoiceData{Currency: a.Currency, Total: a.PastDue, Paid: a.Credit, Balance: a.DueNow, Subtotal: a.Owed}
		if err := v.check(); err != nil {
			return err
		}
		for _, l := range a.Lines {
			if err := v.checkAmounts(l.Total, l.Paid, l.Balance); err != nil {
				return err
			}
		}
		if err := v.checkAmounts(a.Aging[:]...); err != nil {
			return err
		}
	}
	if len(in.Accounts) == 0 {
		return fault.New(fault.Invalid, "there is nothing to remind of")
	}
	return nil
}

// A letter is a reminder on the paper of an invoice.
type letter struct {
	invoice
	data ReminderData
	says reminderWords
}

func newLetter(in ReminderData, s *sheet) *letter {
	l := &letter{data: in, says: reminderWordsFor(in.Language)}
	title := l.says.titles[min(max(in.Level, 1), len(l.says.titles))-1]
	l.invoice = invoice{words: labelsFor(in.Language), sheet: s, InvoiceData: InvoiceData{Title: title, Number: in.Number, IssuedOn: in.On, Seller: in.Seller, Buyer: in.Buyer}}
	l.words.number = l.says.number
	return l
}

// compose lays out every page, from its head to its foot.
func (l *letter) compose() []page { return l.pages(l.rows(), l.tableHead) }

func (l *letter) rows() []row {
	rows := l.prose(capital(l.data.Text), 0)
	rows = append(rows, l.prose(l.data.Comment, 3)...)
	for i, a := range l.data.Accounts {
		for n, line := range a.Lines {
			r := l.lineRow(a, line)
			r.section, r.opens, r.keep = i, n == 0, n == len(a.Lines)-1
			if n == 0 {
				r.gap = 7
				r.block = l.opened(i, r.block)
				r.section = outside
			}
			rows = append(rows, r)
		}
		rows = append(rows, l.sums(a)...)
	}
	bank := alongside(l.bank(), nil)
	return append(rows, bank...)
}

// bank is how to pay, and the invoices to name: by them a payment is known again
// (S1.71), where a payer's line has room for them.
func (l *letter) bank() []phrase {
	lines := present(l.Seller.Bank...)
	if len(lines) == 0 {
		return nil
	}
	var numbers []string
	for _, a := range l.data.Accounts {
		for _, line := range a.Lines {
			numbers = append(numbers, line.Number)
		}
	}
	if len(numbers) <= mostReferred {
		lines = append(lines, l.words.reference+": "+strings.Join(numbers, ", "))
	}
	phrases := []phrase{{l.words.payment, bodyStrong}}
	for _, line := range lines {
		phrases = append(phrases, l.phrases(line, bankWidth)...)
	}
	return phrases
}

// mostReferred is how many invoices a payer's line has room for.
const mostReferred = 6

// capital begins a text with a capital: in its mail it goes on after a greeting.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// opened puts the table's head above the first line.
func (l *letter) opened(account int, line block) block {
	var b block
	b.place(l.tableHead(row{section: account}), 0)
	b.place(line, b.height)
	return b
}

func (l *letter) prose(text string, gap float64) []row {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var rows []row
	for _, line := range l.sheet.wrap(text, letterStyle, textWidth) {
		var b block
		b.text(leftEdge, letterStyle, line)
		rows = append(rows, row{block: b, section: outside})
	}
	rows[0].gap = gap
	together(rows, wholeText)
	return rows
}

// Places of the columns; figures end at theirs.
const (
	issuedLeft   = 60.0
	dueLeft      = 84.0
	totalRight   = 130.0
	sumPaidRight = 152.0
	openRight    = 176.0
)

var letterStyle = style{10, regular, ink}

func (l *letter) tableHead(first row) block {
	var b block
	currency := " " + string(l.data.Accounts[first.section].Currency)
	b.text(leftEdge, headStyle, l.says.invoice)
	base := headStyle.base()
	b.marks = append(b.marks, mark{issuedLeft, base, l.words.issued, headStyle}, mark{dueLeft, base, l.words.due, headStyle},
		l.sheet.flushRight(totalRight, base, 22, l.words.total+currency, headStyle), l.sheet.flushRight(sumPaidRight, base, 20, l.words.paid, headStyle),
		l.sheet.flushRight(openRight, base, 22, l.says.open, headStyle), l.sheet.flushRight(rightEdge, base, 13, l.says.days, headStyle))
	b.space(1.2)
	b.rule(leftEdge, rightEdge, firmline, ink)
	return b
}

func (l *letter) lineRow(a ReminderAccount, line ReminderLine) row {
	var b block
	b.space(linePadding)
	base := b.height + bodyStyle.base()
	b.text(leftEdge, bodyStyle, l.sheet.oneLine(line.Number, bodyStyle, issuedLeft-leftEdge-3))
	b.marks = append(b.marks, l.sheet.flushLeft(issuedLeft, base, 23, l.words.day(line.IssuedOn), bodyStyle), l.sheet.flushLeft(dueLeft, base, 23, l.words.day(line.DueOn), bodyStyle))
	for _, f := range []figure{
		{column{totalRight, 22}, l.words.money(line.Total, a.Currency)}, {column{sumPaidRight, 20}, l.words.money(line.Paid, a.Currency)},
		{column{openRight, 22}, l.words.money(line.Balance, a.Currency)}, {column{rightEdge, 12}, strconv.Itoa(line.DaysOverdue)},
	} {
		b.marks = append(b.marks, l.sheet.flushRight(f.right, base, f.width, f.text, bodyStyle))
	}
	b.space(linePadding)
	b.rule(leftEdge, rightEdge, hairline, pale)
	return row{block: b}
}

// sums are what is to be paid, and what is owed by age.
func (l *letter) sums(a ReminderAccount) []row {
	m := func(d decimal.Decimal) string { return l.words.money(d, a.Currency) }
	rows := []row{l.sum(l.says.pastDue, m(a.PastDue), bodyStyle)}
	rows[0].gap = 3
	if !a.Credit.IsZero() {
		rows = append(rows, l.sum(l.says.credit, m(a.Credit.Neg()), bodyStyle))
	}
	now := l.sum(l.says.dueNow+" "+string(a.Currency), m(a.DueNow), totalStyle).ruled(firmline, accent)
	rows = append(rows, now, l.aging(a), l.owed(a))
	for i := range rows[:len(rows)-1] {
		rows[i].keep = true
	}
	return rows
}

// aging is a small table of what is owed by age.
func (l *letter) aging(a ReminderAccount) row {
	const wide = textWidth / 5
	var b block
	b.text(leftEdge, headStyle, "")
	b.space(0.8)
	b.rule(leftEdge, rightEdge, hairline, muted)
	heads, figures := headStyle.base(), b.height+bodyStyle.base()+0.6
	for i, name := range l.says.ages {
		right := leftEdge + wide*float64(i+1)
		b.marks = append(b.marks, l.sheet.flushRight(right, heads, wide-gutter, name, headStyle), l.sheet.flushRight(right, figures, wide-gutter, l.words.money(a.Aging[i], a.Currency), bodyStyle))
	}
	b.space(0.6 + bodyStyle.lead())
	return row{block: b, gap: 6, section: outside}
}

func (l *letter) owed(a ReminderAccount) row {
	var b block
	text := fmt.Sprintf(l.says.owed, Money(l.data.Language, a.Owed, a.Currency))
	b.space(0.8)
	b.text(leftEdge, bodyMuted, clip(l.sheet.wrap(text, bodyMuted, textWidth), 3)...)
	return row{block: b, section: outside}
}
