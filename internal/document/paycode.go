package document

import (
	"cmp"
	"image/color"

	"github.com/boombuler/barcode/qr"

	"steward/internal/bank"
)

const (
	codeSize = 27.0 // of the code of the EPC; around it is white
	codeGap  = 3.5  // that white, at least four modules
)

// paidBy tells whether the invoice has a code of a standard: none has one as a
// draft or a credit note, or where nothing is to be paid (N.17, S1.77).
func (v *invoice) paidBy(standard bank.Standard) bool {
	return !v.draft() && v.CreditOf == "" && v.Balance.IsPositive() && v.PayBy != nil && v.PayBy.Standard == standard
}

// scan is the code of the EPC with its caption beside it, or nothing.
func (v *invoice) scan() block {
	var b block
	if !v.paidBy(bank.EPC) {
		return b
	}
	const textLeft = leftEdge + codeSize + codeGap + 1
	var caption block
	caption.text(textLeft, bodyStrong, v.words.scan)
	caption.space(0.6)
	for _, said := range []string{v.words.scanWith, v.words.in(v.Currency, v.money(v.Balance)), cmp.Or(v.Reference, v.Number)} {
		caption.text(textLeft, contactStyle, v.sheet.wrap(said, contactStyle, leftEdge+bankWidth-textLeft)...)
	}
	b.shapes = []shape{v.sheet.qrCode(v.PayBy.Payload(v.Balance, v.Currency), leftEdge, codeGap, codeSize)}
	b.height = codeGap + codeSize
	b.place(caption, codeGap+(codeSize-caption.height)/2)
	return b
}

// qrCode is a text as a QR code of level M, size wide and high: a rectangle for
// each run of dark modules. Of a text that is too long the document fails.
func (s *sheet) qrCode(text string, left, top, size float64) shape {
	f := shape{colour: black}
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		s.pdf.SetError(err)
		return f
	}
	modules := code.Bounds().Dx()
	one := size / float64(modules)
	for y := range modules {
		for x := 0; x < modules; x++ {
			from := x
			for x < modules && code.At(x, y) == color.Black {
				x++
			}
			if x > from {
				f.rects = append(f.rects, rect{left + float64(from)*one, top + float64(y)*one, float64(x-from) * one, one})
			}
		}
	}
	return f
}
