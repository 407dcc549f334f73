package document

import (
	"slices"
	"strings"

	"steward/internal/bank"
)

// The slip is the foot of an A4 page, 210 × 105 mm: the receipt, and the payment
// part beside it. Places are in millimetres from its top left, sizes in points,
// as the Swiss Implementation Guidelines QR-bill 2.3 and their style guide have
// them.
const (
	slipHeight    = 105.0
	slipTop       = pageHeight - slipHeight
	slipMargin    = 5.0
	slipAbove     = 6.0 // what the page has above the slip ends so far from it
	slipFootGap   = 3.5 // above the page's own foot
	receiptWidth  = 62.0
	receiptText   = receiptWidth - 2*slipMargin
	partLeft      = receiptWidth + slipMargin
	partTextLeft  = 118.0
	partText      = pageWidth - slipMargin - partTextLeft
	belowTitle    = 12.0
	receiptRoom   = 56.0 // high
	partRoom      = 85.0
	swissCodeTop  = 17.0
	swissCodeSize = 46.0
	amountTop     = 68.0
	acceptTop     = 82.0
	cutWidth      = 0.2
)

var (
	slipTitle  = style{11, slipStrong, black}
	receiptFor = fields{style{6, slipStrong, black}, style{8, slipRegular, black}, 9 * point}
	partFor    = fields{style{8, slipStrong, black}, style{10, slipRegular, black}, 11 * point}
)

// slip is the payment part of a Swiss QR-bill with its receipt, or nothing.
func (v *invoice) slip() block {
	var b block
	if !v.paidBy(bank.Swiss) {
		return b
	}
	c := v.PayBy
	addSlipFonts(v.sheet.pdf)
	w := inLanguage(slipWordings, v.Language)
	b.fill(black, rect{0, -cutWidth / 2, pageWidth, cutWidth}, rect{receiptWidth - cutWidth/2, 0, cutWidth, slipHeight})
	b.centre(v.sheet, -1.6, w.separate, receiptFor.value)
	b.place(v.receipt(w, *c), 0)
	b.place(v.paymentPart(w, *c), 0)
	b.shapes = append(b.shapes, v.sheet.qrCode(c.Payload(v.Balance, v.Currency), partLeft, swissCodeTop, swissCodeSize))
	b.swissCross(partLeft+swissCodeSize/2, swissCodeTop+swissCodeSize/2)
	b.height = slipHeight
	return b
}

// receipt is the left of the slip. Where there is no room for all of it, it goes
// without streets, as the guidelines allow.
func (v *invoice) receipt(w slipWording, c bank.Code) block {
	var b block
	b.writes(slipMargin, slipMargin, slipTitle, w.receipt)
	f := receiptFor
	items := func(streets bool) []item {
		return []item{
			{w.account, v.lines(append([]string{inFours(c.IBAN)}, slipAddress(&c.Creditor, streets)...), f, receiptText), nil},
			{w.reference, present(bank.Spaced(c.Reference)), nil},
			payer(w, v.lines(slipAddress(c.Debtor, streets), f, receiptText), size{52, 20}),
		}
	}
	all := items(true)
	if f.height(all) > receiptRoom {
		all = items(false)
	}
	b.place(f.column(all, slipMargin, receiptRoom), belowTitle)
	b.place(f.column([]item{{w.currency, []string{string(v.Currency)}, nil}}, slipMargin, receiptRoom), amountTop)
	b.place(f.column([]item{{w.amount, []string{v.slipAmount()}, nil}}, slipMargin+12, receiptRoom), amountTop)
	b.marks = append(b.marks, v.sheet.flushRight(receiptWidth-slipMargin, acceptTop+f.heading.ascent(), receiptText, w.acceptance, f.heading))
	return b
}

// paymentPart is the right of the slip, but the code.
func (v *invoice) paymentPart(w slipWording, c bank.Code) block {
	var b block
	b.writes(partLeft, slipMargin, slipTitle, w.part)
	f := partFor
	b.place(f.column([]item{
		{w.account, v.lines(append([]string{inFours(c.IBAN)}, slipAddress(&c.Creditor, true)...), f, partText), nil},
		{w.reference, present(bank.Spaced(c.Reference)), nil},
		{w.information, v.lines(present(c.Message), f, partText), nil},
		payer(w, v.lines(slipAddress(c.Debtor, true), f, partText), size{65, 25}),
	}, partTextLeft, partRoom), slipMargin)
	b.place(f.column([]item{{w.currency, []string{string(v.Currency)}, nil}}, partLeft, partRoom), amountTop)
	b.place(f.column([]item{{w.amount, []string{v.slipAmount()}, nil}}, partLeft+15, partRoom), amountTop)
	return b
}

// slipAmount is what is to be paid, as the slip has it in every language.
func (v *invoice) slipAmount() string {
	whole, cents, _ := strings.Cut(v.Balance.StringFixed(2), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u00A0" + whole[i:]
	}
	return whole + "." + cents
}

// slipAddress is a party as it is written on the slip.
func slipAddress(p *bank.Party, street bool) []string {
	if p == nil {
		return nil
	}
	lines := []string{p.Name}
	if street {
		lines = append(lines, present(strings.Join(present(p.Street, p.Building), " "))...)
	}
	town := p.PostalCode + " " + p.Town
	if p.Country != "CH" && p.Country != "LI" {
		town = p.Country + "-" + town
	}
	return append(lines, town)
}

func (v *invoice) lines(texts []string, f fields, width float64) []string {
	var all []string
	for _, t := range texts {
		all = append(all, v.sheet.wrap(t, f.value, width)...)
	}
	return all
}

// An item is a heading with what stands below it: text, or a blank with corners
// to be written into.
type item struct {
	heading string
	lines   []string
	blank   *size
}

type size struct{ width, height float64 }

// payer is the item of who pays; unknown, it is left blank.
func payer(w slipWording, lines []string, blank size) item {
	if len(lines) == 0 {
		return item{w.payerBlank, nil, &blank}
	}
	return item{w.payer, lines, nil}
}

// fields are how items are written in a column.
type fields struct {
	heading, value style
	lead           float64
}

// height is what items need, with a blank line between them.
func (f fields) height(items []item) float64 {
	return f.bare(items) + float64(len(items)-1)*f.lead
}

func (f fields) bare(items []item) (h float64) {
	for _, i := range items {
		h += f.lead * float64(1+len(i.lines))
		if i.blank != nil {
			h += i.blank.height
		}
	}
	return h
}

// column writes items below each other, those that there are; closer together
// where there is less room.
func (f fields) column(items []item, left, room float64) block {
	items = slices.DeleteFunc(items, func(i item) bool { return len(i.lines) == 0 && i.blank == nil })
	gap := f.lead
	if len(items) > 1 {
		gap = min(gap, (room-f.bare(items))/float64(len(items)-1))
	}
	var b block
	for n, i := range items {
		if n > 0 {
			b.space(gap)
		}
		b.writes(left, b.height, f.heading, i.heading)
		b.space(f.lead)
		for _, l := range i.lines {
			b.writes(left, b.height, f.value, l)
			b.space(f.lead)
		}
		if i.blank != nil {
			b.corners(left, b.height, *i.blank)
			b.space(i.blank.height)
		}
	}
	return b
}

// ascent is how far below the top of a line of the slip its letters stand.
func (s style) ascent() float64 { return s.size * point * 0.905 }

// writes puts text at a place of its own, without making the block higher.
func (b *block) writes(left, top float64, st style, text string) {
	b.marks = append(b.marks, mark{left, top + st.ascent(), text, st})
}

// centre puts text in the middle of the page, its base line at y.
func (b *block) centre(s *sheet, y float64, text string, st style) {
	b.marks = append(b.marks, mark{(pageWidth - s.width(text, st)) / 2, y, text, st})
}

// corners are the marks of a blank.
func (b *block) corners(left, top float64, of size) {
	const long, wide = 3.0, 0.75 * point
	right, bottom := left+of.width, top+of.height
	b.fill(black,
		rect{left, top, long, wide}, rect{left, top, wide, long},
		rect{right - long, top, long, wide}, rect{right - wide, top, wide, long},
		rect{left, bottom - wide, long, wide}, rect{left, bottom - long, wide, long},
		rect{right - long, bottom - wide, long, wide}, rect{right - wide, bottom - long, wide, long})
}

// swissCross is the mark in the middle of the code, 7 mm with its white rim: the
// code is read around it.
func (b *block) swissCross(x, y float64) {
	middle := func(width, height float64) rect { return rect{x - width/2, y - height/2, width, height} }
	b.fill(white, middle(7, 7))
	b.fill(black, middle(6, 6))
	b.fill(white, middle(1.17, 3.89), middle(3.89, 1.17))
}
