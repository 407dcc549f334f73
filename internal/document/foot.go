package document

import (
	"fmt"
	"strings"
)

const (
	footMargin    = 10.0 // below the foot
	footGap       = 5.0  // above it
	footWidth     = 138.0
	runningTop    = 13.0
	runningHeight = 27.0 // where a later page begins
)

// foot is who the seller is by law, at the foot of each page.
func (v *invoice) foot() block {
	var b block
	b.rule(leftEdge, rightEdge, hairline, pale)
	b.space(1.8)
	lines := v.sheet.wrap(strings.Join(present(v.legal(), v.Seller.FooterNote), "\n"), footStyle, footWidth)
	b.text(leftEdge, footStyle, clip(lines, 5)...)
	return b
}

// legal is the seller's name, registration, VAT identifier and tax number.
func (v *invoice) legal() string {
	s := v.Seller
	name := s.Name
	if strings.Contains(s.Registration, name) {
		name = ""
	}
	taxID := v.words.taxID
	if s.VATID != "" {
		taxID = v.words.taxNumber
	}
	return strings.Join(present(name, s.Registration, unbroken(labelled(v.words.vatID, s.VATID)), unbroken(labelled(taxID, s.TaxID))), " · ")
}

// numbered adds "Page 2 of 7" to the foot.
func (v *invoice) numbered(foot block, page, pages int) block {
	text := fmt.Sprintf(v.words.page, page, pages)
	var b block
	b.space(1.8)
	b.marks = []mark{v.sheet.flushRight(rightEdge, b.height+footStyle.base(), textWidth-footWidth, text, footStyle)}
	return foot.beside(b)
}

// runningHead tells on later pages whose invoice it is and which.
func (v *invoice) runningHead() block {
	var name, number block
	half := textWidth/2 - gutter
	name.text(leftEdge, smallStyle.bold(), v.sheet.oneLine(v.Seller.Name, smallStyle.bold(), half))
	name.space(1.4)
	name.rule(leftEdge, rightEdge, hairline, pale)
	heading := v.heading()
	if v.draft() {
		heading = v.words.notInvoice
	}
	text := v.sheet.oneLine(heading, smallStyle, half)
	number.marks = []mark{v.sheet.flushRight(rightEdge, smallStyle.base(), half, text, smallStyle)}
	var b block
	b.place(name.beside(number), runningTop)
	return b
}
