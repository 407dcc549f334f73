package document

import "slices"

// An invoice is the snapshot with what its composition needs.
type invoice struct {
	InvoiceData
	words   labels
	sheet   *sheet
	columns columns
	inward  bool // it goes to nobody: there is no address
}

func newInvoice(in InvoiceData, s *sheet) *invoice {
	v := &invoice{InvoiceData: in, words: labelsFor(in.Language), sheet: s}
	v.columns = v.measure()
	return v
}

// compose lays out every page, from its head to its foot.
func (v *invoice) compose() []page { return v.pages(v.rows(), v.tableHead) }

// pages deals rows onto the firm's paper. A page that begins within a table has
// its head first; the last has the payment part of a QR-bill at its foot, and is
// one more where there is no room for it.
func (v *invoice) pages(rows []row, tableHead func(first row) block) []page {
	head, foot := v.head(), v.foot()
	footTop := pageHeight - footMargin - foot.height
	pages := paginate(rows, frame{head.height, runningHeight, footTop - footGap}, tableHead)
	slip := v.slip()
	slipFoot := slipTop - slipAbove - foot.height
	if slip.height > 0 && pages[len(pages)-1].end() > slipFoot-slipFootGap {
		pages = append(pages, nil)
	}
	for i := range pages {
		if i > 0 {
			head = v.runningHead()
		}
		if i == len(pages)-1 && slip.height > 0 {
			pages[i] = append(pages[i], placed{slip, slipTop})
			footTop = slipFoot
		}
		pages[i] = slices.Insert(pages[i], 0, placed{head, 0})
		pages[i] = append(pages[i], placed{v.numbered(foot, i+1, len(pages)), footTop})
	}
	return pages
}

// heading names the document: "Invoice 2026-0042", "Invoice (draft)".
func (v *invoice) heading() string {
	title := v.words.invoice
	if v.Title != "" {
		title = v.Title
	}
	if v.draft() {
		return title + " (" + v.words.draft + ")"
	}
	return title + " " + v.Number
}

// rows are all that flows over the pages. The totals hold on to the last line:
// they never stand on a page alone.
func (v *invoice) rows() []row {
	var rows []row
	for i, s := range v.Sections {
		rows = append(rows, v.sectionRows(i, s)...)
	}
	if len(rows) > 0 {
		rows[len(rows)-1].keep = true
	}
	settled, terms := v.settlement()
	rows = append(rows, settled...)
	return append(rows, v.closing(terms)...)
}
