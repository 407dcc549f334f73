package document

// outside is the section of a row that is not part of the table.
const outside = -1

// A row is what a page break never cuts.
type row struct {
	block
	gap     float64 // white above, unless the row is the first of its page
	keep    bool    // on the same page as the next row
	section int     // of the table, or outside
	opens   bool    // the first row of its section
}

// lower moves the row's text down.
func (r *row) lower(by float64) {
	var b block
	b.place(r.block, by)
	r.block = b
}

// ruled draws a line above the row, as wide as the totals.
func (r row) ruled(weight float64, c colour) row {
	r.lower(1.6)
	r.rules = append(r.rules, rule{totalsLeft, rightEdge, 0.8, weight, c})
	return r
}

// together keeps rows on one page if they are few. Of many, the first two and
// the last two stay together, so that no line is left behind.
func together(rows []row, few int) {
	for i := range len(rows) - 1 {
		rows[i].keep = len(rows) <= few || i == 0 || i == len(rows)-2
	}
}

// frame is where rows may stand: from the top of the first or of a later page
// to the bottom.
type frame struct{ first, next, bottom float64 }

// A placed block has its top at y of a page.
type placed struct {
	block
	y float64
}

type page []placed

// end is how far down the page is full.
func (p page) end() (y float64) {
	for _, b := range p {
		y = max(y, b.y+b.height)
	}
	return y
}

// paginate deals the rows onto pages. A page that begins within the table first
// gets head, which is told that row.
func paginate(rows []row, f frame, head func(first row) block) []page {
	p := pager{frame: f, head: head, pages: []page{nil}, y: f.first}
	for len(rows) > 0 {
		n := kept(rows)
		p.addTogether(rows[:n])
		rows = rows[n:]
	}
	return p.pages
}

// kept counts the rows at the front that want to be on one page.
func kept(rows []row) int {
	for i, r := range rows {
		if !r.keep {
			return i + 1
		}
	}
	return len(rows)
}

type pager struct {
	frame
	head  func(row) block
	pages []page
	y     float64
}

// addTogether turns the page before rows that fit on the next one only. Rows
// that fit on no page begin where they are.
func (p *pager) addTogether(rows []row) {
	if p.y+p.height(rows, p.empty()) > p.bottom && p.next+p.height(rows, true) <= p.bottom {
		p.turn()
	}
	for _, r := range rows {
		p.add(r)
	}
}

// add puts a row below the others, or on a new page where there is no room. A
// later page takes at least one row, however high.
func (p *pager) add(r row) {
	atTop := p.empty() && len(p.pages) > 1
	if !atTop && p.y+p.height([]row{r}, p.empty()) > p.bottom {
		p.turn()
	}
	if p.empty() && r.section != outside {
		p.put(p.head(r))
	} else if !p.empty() {
		p.y += r.gap
	}
	p.put(r.block)
}

// height is what rows need, with the table's head where they begin a page.
func (p *pager) height(rows []row, top bool) float64 {
	h := 0.0
	for i, r := range rows {
		h += r.block.height
		if i > 0 || !top {
			h += r.gap
		}
	}
	if top && rows[0].section != outside {
		h += p.head(rows[0]).height
	}
	return h
}

func (p *pager) put(b block) {
	last := &p.pages[len(p.pages)-1]
	*last = append(*last, placed{b, p.y})
	p.y += b.height
}

func (p *pager) empty() bool { return len(p.pages[len(p.pages)-1]) == 0 }

func (p *pager) turn() {
	p.pages = append(p.pages, nil)
	p.y = p.next
}
