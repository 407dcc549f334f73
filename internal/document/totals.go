package document

import "fmt"

// totalsLeft is where the totals begin; they end with the amounts of the table.
const totalsLeft = 110.0

// sumPadding is the white above and below each sum.
const sumPadding = 0.5

// totals are the sums, down to the amount due, all on one page.
func (v *invoice) totals() []row {
	rows := []row{v.sum(v.words.subtotal, v.money(v.Subtotal), bodyStyle)}
	rows[0].gap = 4
	for _, t := range v.Taxes {
		label := fmt.Sprintf(v.words.taxOn, t.Label, v.words.percent(t.Percent), v.money(t.Base))
		rows = append(rows, v.sum(label, v.money(t.Amount), bodyStyle))
	}
	if v.severalTaxes() {
		rows = append(rows, v.sum(v.words.taxTotal, v.money(v.Tax), bodyStyle))
	}
	total := v.sum(v.words.total+" "+string(v.Currency), v.money(v.Total), totalStyle)
	rows = append(rows, total.ruled(hairline, muted))
	if !v.Paid.IsZero() {
		rows = append(rows, v.sum(v.words.paid, v.money(v.Paid.Neg()), bodyStyle))
	}
	rows = append(rows, v.amountDue())
	for i := range rows[:len(rows)-1] {
		rows[i].keep = true
	}
	return rows
}

// severalTaxes tells whether there is tax to be summed up.
func (v *invoice) severalTaxes() bool {
	n := 0
	for _, t := range v.Taxes {
		if !t.Amount.IsZero() {
			n++
		}
	}
	return n > 1
}

// sum is a label and its figure; the label wraps, the figure is whole.
func (v *invoice) sum(label, text string, st style) row {
	const room = 38.0
	var b block
	b.space(sumPadding)
	base := b.height + st.base()
	b.text(totalsLeft, st, clip(v.sheet.wrap(label, st, rightEdge-totalsLeft-room), 3)...)
	b.marks = append(b.marks, v.sheet.flushRight(rightEdge, base, room, text, st))
	b.space(sumPadding)
	return row{block: b, section: outside}
}

// amountDue is the figure that the invoice is about, and the day.
func (v *invoice) amountDue() row {
	var b block
	b.space(1)
	b.rule(totalsLeft, rightEdge, firmline, accent)
	b.space(1.6)
	base := b.height + dueStyle.base()
	text := v.words.in(v.Currency, v.money(v.Balance))
	label := v.words.amountDue
	if v.CreditOf != "" {
		label = v.words.credited
	}
	b.text(totalsLeft, totalStyle, label)
	b.marks[0].y = base
	b.marks = append(b.marks, v.sheet.flushRight(rightEdge, base, rightEdge-totalsLeft-26, text, dueStyle))
	b.height = base + 2
	if due := v.words.day(v.DueOn); due != "" && v.Balance.IsPositive() {
		b.marks = append(b.marks, v.sheet.flushRight(rightEdge, b.height+bodyStyle.base(), textWidth, fmt.Sprintf(v.words.dueBy, due), bodyMuted))
		b.space(bodyStyle.lead())
	}
	return row{block: b, section: outside}
}
