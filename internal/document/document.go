// Package document renders what steward sends on paper: invoices, as PDF.
//
// It is a pure function from a snapshot to bytes. The same snapshot always gives
// the same bytes: nothing is read from the clock, the machine or the network,
// and the fonts are part of the program. It does not compute amounts, choose
// texts or know who may see the document; that is settled in the snapshot.
//
// A document is composed in three steps: rows of text are measured and wrapped,
// the rows are dealt onto pages, and only then is anything drawn, so that each
// page knows how many there are.
package document

import (
	"io"
	"strings"
)

// Invoice writes the invoice as an A4 PDF. It refuses a currency that is not
// known and amounts with more decimals than the currency has
// ([steward/internal/fault.Invalid]) or too large to be stored
// ([steward/internal/fault.Overflow]); otherwise only w can fail. Any text is
// taken: long words are broken, letters outside Latin, Greek and Cyrillic show
// as a box. Nothing is written of an invoice that is refused.
func Invoice(w io.Writer, in InvoiceData) error {
	if err := in.check(); err != nil {
		return err
	}
	s := newSheet()
	v := newInvoice(in, s)
	s.describe(v.heading(), in.Seller.Name, in.IssuedOn)
	for _, p := range v.compose() {
		s.addPage()
		if in.draft() {
			s.watermark(strings.ToUpper(v.words.draft))
		}
		s.drawAll(p)
	}
	return s.writeTo(w)
}
