package document

import (
	"strings"

	"github.com/shopspring/decimal"
)

// gutter is the least white between two columns.
const gutter = 5.0

// unitLimit is the most room for a unit.
const unitLimit = 16.0

// A column of figures ends at right. What is wider than width is set smaller.
type column struct{ right, width float64 }

// left is where the column begins.
func (c column) left() float64 { return c.right - c.width }

// columns are the places of the table. The figures take what they need, up to a
// limit; the description has the rest.
type columns struct {
	description                       float64 // its width
	quantity, unit, rate, tax, amount column
}

// measure finds the columns that fit every line of the invoice.
func (v *invoice) measure() columns {
	q, u, r, t, a := v.heads()
	for _, s := range v.Sections {
		for _, l := range s.Lines {
			q.see(v.sheet, v.quantity(l))
			u.see(v.sheet, inline(l.Unit))
			r.see(v.sheet, v.rate(l))
			t.see(v.sheet, v.taxRate(l))
			a.see(v.sheet, v.money(l.Amount))
		}
		a.see(v.sheet, v.money(s.total()))
	}
	var c columns
	c.amount = column{rightEdge, a.wide}
	c.tax = t.leftOf(c.amount, gutter)
	c.rate = r.leftOf(c.tax, gutter)
	c.unit = u.leftOf(c.rate, gutter)
	c.quantity = q.leftOf(c.unit, 1.2)
	c.description = c.quantity.left() - leftEdge - gutter
	return c
}

// widest is the width of the widest text seen, but at most limit.
type widest struct {
	wide, limit float64
	style       style
}

func (w *widest) see(s *sheet, text string) {
	if text != "" {
		w.wide = min(w.limit, max(w.wide, s.width(text, w.style)))
	}
}

// leftOf puts the column to the left of another; an empty one takes no room.
func (w widest) leftOf(c column, gap float64) column {
	if w.wide == 0 {
		gap = 0
	}
	return column{c.left() - gap, w.wide}
}

// heads begins each column with the width of its head.
func (v *invoice) heads() (quantity, unit, rate, tax, amount widest) {
	wide := func(head string) float64 { return v.sheet.width(head, headStyle) }
	quantity = widest{wide(v.words.quantity), 20, bodyStyle}
	unit = widest{0, unitLimit, bodyMuted}
	rate = widest{wide(v.words.rate), 24, bodyStyle}
	if v.taxed() {
		tax = widest{wide(v.words.tax), 14, bodyStyle}
	}
	amount = widest{wide(v.amountHead()), 34, bodyStrong}
	return quantity, unit, rate, tax, amount
}

func (v *invoice) amountHead() string { return v.words.amount + " " + string(v.Currency) }

func (v *invoice) money(d decimal.Decimal) string { return v.words.money(d, v.Currency) }

// quantity is how many units there are.
func (v *invoice) quantity(l Line) string { return v.words.count(inline(l.Quantity)) }

// rate is the price of one unit, where units are given.
func (v *invoice) rate(l Line) string {
	if strings.TrimSpace(l.Quantity) == "" {
		return ""
	}
	return v.words.price(l.UnitPrice, v.Currency)
}

func (v *invoice) taxRate(l Line) string {
	if !v.taxed() {
		return ""
	}
	return v.words.percent(l.TaxPercent) + "%"
}

// total is the sum of the section's lines.
func (s Section) total() decimal.Decimal {
	sum := decimal.Zero
	for _, l := range s.Lines {
		sum = sum.Add(l.Amount)
	}
	return sum
}
