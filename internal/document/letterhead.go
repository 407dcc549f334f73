package document

import "strings"

// Places of the first page, in millimetres from its top left. The window of an
// envelope shows what is between 45 and 90 (DIN 5008, form B).
const (
	barTop       = 12.0
	letterTop    = 17.0
	windowTop    = 46.0
	windowWidth  = 85.0
	sideLeft     = 125.0
	sideWidth    = rightEdge - sideLeft
	metaLabel    = 28.0
	metaTop      = 51.0
	titleTop     = 91.0
	headDistance = 8.0
)

// head is the top of the first page: letterhead, address, what the invoice is
// about, and its title. What follows begins at its height.
func (v *invoice) head() block {
	var b block
	contact := v.contact()
	b.rules = []rule{{leftEdge, rightEdge, barTop, bar, accent}}
	b.place(v.sellerName(), letterTop)
	b.place(contact, letterTop+0.8)
	top := titleTop
	if v.inward {
		top = 0
	} else {
		b.place(v.address(), windowTop)
	}
	b.place(v.meta(), max(metaTop, letterTop+contact.height+headDistance))
	b.place(v.title(), max(top, b.height+headDistance))
	return b
}

func (v *invoice) sellerName() block {
	var b block
	name := v.sheet.wrap(v.Seller.Name, sellerStyle, sideLeft-leftEdge-6)
	b.text(leftEdge, sellerStyle, clip(name, 3)...)
	return b
}

func (v *invoice) contact() block {
	var b block
	s := v.Seller
	lines := append(present(s.Address...), present(labelled(v.words.phone, s.Phone), s.Email, s.Web)...)
	lines = v.sheet.wrap(strings.Join(lines, "\n"), contactStyle, sideWidth)
	b.text(sideLeft, contactStyle, clip(lines, 12)...)
	return b
}

// address is the buyer's, under the seller's in small, as the window shows it.
func (v *invoice) address() block {
	var b block
	from := strings.Join(present(append([]string{v.Seller.Name}, v.Seller.Address...)...), " · ")
	b.text(leftEdge, returnStyle, v.sheet.oneLine(from, returnStyle, windowWidth))
	b.space(0.6)
	b.rule(leftEdge, leftEdge+windowWidth, hairline, pale)
	b.space(3.2)
	b.text(leftEdge, addressStyle.bold(), clip(v.sheet.wrap(v.Buyer.Name, addressStyle.bold(), windowWidth), 4)...)
	lines := v.sheet.wrap(strings.Join(present(v.Buyer.Address...), "\n"), addressStyle, windowWidth)
	b.text(leftEdge, addressStyle, clip(lines, 10)...)
	return b
}

// meta is what one looks for first: numbers and dates, those that are there. A
// draft says in place of its number that it is none.
func (v *invoice) meta() block {
	var b block
	if v.draft() {
		b.text(sideLeft, bodyStrong, v.words.notInvoice)
	}
	taxID := v.words.buyerTaxID
	if v.Buyer.VATID != "" {
		taxID = v.words.buyerTaxNumber
	}
	for _, item := range [][2]string{
		{v.numberLabel(), v.Number},
		{v.words.creditOf, v.CreditOf},
		{v.words.issued, v.words.day(v.IssuedOn)},
		{v.words.due, v.words.day(v.DueOn)},
		v.period(),
		{v.words.order, v.PurchaseOrder},
		{v.words.client, v.Buyer.ClientNumber},
		{v.words.buyerVATID, v.Buyer.VATID},
		{taxID, v.Buyer.TaxID},
	} {
		if strings.TrimSpace(item[1]) == "" {
			continue
		}
		st := bodyStyle
		if item[0] == v.words.due {
			st = bodyStrong
		}
		b.place(v.metaItem(item[0], item[1], st), b.height)
	}
	return b
}

func (v *invoice) metaItem(label, value string, st style) block {
	var l, r block
	l.text(sideLeft, bodyMuted, label)
	r.text(sideLeft+metaLabel, st, clip(v.sheet.wrap(value, st, sideWidth-metaLabel), 3)...)
	return l.beside(r)
}

// numberLabel is what the document's number is called.
func (v *invoice) numberLabel() string {
	if v.CreditOf != "" {
		return v.words.creditNumber
	}
	return v.words.number
}

// period is the span that the invoice is for, or the day up to which work is on it.
func (v *invoice) period() [2]string {
	if v.PeriodFrom.IsZero() {
		return [2]string{v.words.through, v.words.day(v.Through)}
	}
	return [2]string{v.words.period, v.words.days(v.PeriodFrom, v.Through)}
}

func (v *invoice) title() block {
	var b block
	b.text(leftEdge, titleStyle, clip(v.sheet.wrap(v.heading(), titleStyle, textWidth), 3)...)
	b.space(3)
	return b
}

// labelled is a value behind its label, or nothing where there is no value.
func labelled(label, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return label + " " + value
}
