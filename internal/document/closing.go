package document

import (
	"cmp"

	"steward/internal/bank"
)

const (
	closingGap  = 6.5   // above the texts after the totals
	wideText    = 130.0 // of a text by itself: wider is not pleasant to read
	bankWidth   = totalsLeft - leftEdge - 2*gutter
	wholeText   = 16 // lines of text that are kept on one page
	fewTerms    = 5  // lines with their heading
	termsGap    = 3.0
	besideLimit = 120.0 // height of totals that no page break can divide
)

// A phrase is a line of text in its style.
type phrase struct {
	text  string
	style style
}

// settlement is what is owed and how to pay it, and the terms that are left to be
// said. The bank's details, and the code below them, stand to the left of the
// totals, or below them where the details are longer. On an invoice with a payment
// part short terms stand there too, so that more have it on their first page.
func (v *invoice) settlement() (rows []row, terms string) {
	rows = v.totals()
	details, code := v.bank(), v.scan()
	var b block
	b.phrases(details)
	height := 0.0
	for _, r := range rows {
		height += r.block.height
	}
	if b.height > min(height, besideLimit) {
		rows = append(rows, alongside(details, nil)...)
		if code.height > 0 {
			rows[len(rows)-1].keep = true
			rows = append(rows, row{block: code, section: outside})
		}
		return rows, v.Terms
	}
	terms = v.Terms
	if said := v.paragraphs(v.words.terms, terms, bankWidth); v.paidBy(bank.Swiss) && len(said) > 0 && len(said) <= fewTerms {
		b.space(termsGap)
		b.phrases(said)
		terms = ""
	}
	if code.height > 0 {
		b.place(code, b.height)
	}
	if more := b.height - height; more > 0 {
		rows[len(rows)-1].keep = true
		rows = append(rows, row{block: block{height: more}, section: outside})
	}
	top := rows[0].block.height
	rows[0].place(b, sumPadding)
	rows[0].block.height = top
	return rows, terms
}

// phrases adds lines under each other at the left edge.
func (b *block) phrases(all []phrase) {
	for _, p := range all {
		b.text(leftEdge, p.style, p.text)
	}
}

func (v *invoice) bank() []phrase {
	lines := present(v.Seller.Bank...)
	if len(lines) == 0 || v.CreditOf != "" { // nothing is to be paid on a credit note
		return nil
	}
	if !v.draft() {
		reference := cmp.Or(v.Reference, v.Number)
		if v.PayBy != nil { // invoices from before keep their lines
			reference = unbroken(reference)
		}
		lines = append(lines, v.words.reference+": "+reference)
	}
	phrases := []phrase{{v.words.payment, bodyStrong}}
	for _, l := range lines {
		phrases = append(phrases, v.phrases(l, bankWidth)...)
	}
	return phrases
}

// closing is the terms and the notes: side by side where both are short.
func (v *invoice) closing(said string) []row {
	terms := v.paragraphs(v.words.terms, said, bankWidth)
	heading := v.words.notes
	if v.CreditOf != "" && !v.Unexplained {
		heading = v.words.creditReason
	}
	notes := v.paragraphs(heading, v.Notes, rightEdge-totalsLeft)
	if len(terms) > 0 && len(notes) > 0 && max(len(terms), len(notes)) <= wholeText {
		return alongside(terms, notes)
	}
	return append(alongside(v.paragraphs(v.words.terms, said, wideText), nil),
		alongside(v.paragraphs(heading, v.Notes, wideText), nil)...)
}

func (v *invoice) paragraphs(heading, text string, width float64) []phrase {
	if len(present(text)) == 0 {
		return nil
	}
	return append([]phrase{{heading, bodyStrong}}, v.phrases(text, width)...)
}

func (v *invoice) phrases(text string, width float64) []phrase {
	var phrases []phrase
	for _, l := range v.sheet.wrap(text, bodyStyle, width) {
		phrases = append(phrases, phrase{l, bodyStyle})
	}
	return phrases
}

// alongside makes rows of two columns of text, line by line, so that a long one
// can run over pages.
func alongside(left, right []phrase) []row {
	var rows []row
	for i := range max(len(left), len(right)) {
		var l, r block
		if i < len(left) {
			l.text(leftEdge, left[i].style, left[i].text)
		}
		if i < len(right) {
			r.text(totalsLeft, right[i].style, right[i].text)
		}
		rows = append(rows, row{block: l.beside(r), section: outside})
	}
	if len(rows) > 0 {
		rows[0].gap = closingGap
	}
	together(rows, wholeText)
	return rows
}
