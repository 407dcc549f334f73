package document

import "strings"

// linePadding is the white above and below the text of a line.
const linePadding = 1.25

// wholeLine is how many lines of text a charge may have to be kept on one page.
const wholeLine = 12

// tableHead names the columns at the top of a page and, where the page does not
// begin with a section, says of which one it continues.
func (v *invoice) tableHead(first row) block {
	var b block
	heading := inline(v.Sections[first.section].Heading)
	text := v.words.description
	if !first.opens && heading == "" {
		text += " (" + v.words.continued + ")"
	}
	b.text(leftEdge, headStyle, text)
	for _, h := range v.columnHeads() {
		b.marks = append(b.marks, v.sheet.flushRight(h.right, headStyle.base(), textWidth, h.text, headStyle))
	}
	b.space(1.2)
	b.rule(leftEdge, rightEdge, firmline, ink)
	if first.opens && heading != "" {
		b.space(2)
	}
	if !first.opens && heading != "" {
		b.place(v.sectionContinued(heading), b.height+2)
	}
	return b
}

// figure is text of a column.
type figure struct {
	column
	text string
}

func (v *invoice) columnHeads() []figure {
	heads := []figure{
		{v.columns.quantity, v.words.quantity},
		{v.columns.rate, v.words.rate},
		{v.columns.amount, v.amountHead()},
	}
	if v.taxed() {
		heads = append(heads, figure{v.columns.tax, v.words.tax})
	}
	return heads
}

func (v *invoice) sectionContinued(heading string) block {
	var b block
	suffix := " (" + v.words.continued + ")"
	room := textWidth - v.sheet.width(suffix, bodyMuted)
	heading = v.sheet.oneLine(heading, sectionStyle, room)
	wide := v.sheet.width(heading, sectionStyle)
	b.text(leftEdge, sectionStyle, heading)
	b.marks = append(b.marks, mark{leftEdge + wide, sectionStyle.base(), suffix, bodyMuted})
	b.space(0.6)
	return b
}

// sectionRows are the heading, the lines and, where there are several sections,
// the total of one of them.
func (v *invoice) sectionRows(i int, s Section) []row {
	rows := v.headingRows(s.Heading)
	for _, l := range s.Lines {
		rows = append(rows, v.lineRows(l)...)
	}
	if len(v.Sections) > 1 && len(s.Lines) > 1 {
		rows[len(rows)-1].keep = true
		rows = append(rows, v.sectionTotal(s))
	}
	for n := range rows {
		rows[n].section, rows[n].opens = i, n == 0
	}
	return rows
}

func (v *invoice) headingRows(heading string) []row {
	if inline(heading) == "" {
		return nil
	}
	var b block
	b.text(leftEdge, sectionStyle, clip(v.sheet.wrap(heading, sectionStyle, textWidth), 3)...)
	b.space(0.6)
	return []row{{block: b, gap: 3.5, keep: true}}
}

func (v *invoice) sectionTotal(s Section) row {
	var b block
	b.space(linePadding)
	base := b.height + bodyStyle.base()
	label := v.sheet.oneLine(v.words.sectionTotal+" "+s.Heading, bodyMuted, v.columns.rate.left()-leftEdge-gutter)
	b.text(leftEdge, bodyMuted, label)
	b.marks = append(b.marks, v.sheet.flushRight(rightEdge, base, v.columns.amount.width, v.money(s.total()), bodyStrong))
	b.space(linePadding)
	return row{block: b}
}

// lineRows are the lines of text of one charge; the first has its figures. A
// charge stays on one page unless it is very long.
func (v *invoice) lineRows(l Line) []row {
	var rows []row
	for _, text := range v.sheet.wrap(l.Description, bodyStyle, v.columns.description) {
		rows = append(rows, textRow(text, bodyStyle))
	}
	if detail := v.detail(l); detail != "" {
		for _, text := range v.sheet.wrap(detail, smallStyle, v.columns.description) {
			rows = append(rows, textRow(text, smallStyle))
		}
	}
	v.addFigures(&rows[0].block, l)
	rows[0].lower(linePadding)
	last := &rows[len(rows)-1].block
	last.space(linePadding)
	last.rule(leftEdge, rightEdge, hairline, pale)
	together(rows, wholeLine)
	return rows
}

func textRow(text string, st style) row {
	var b block
	b.text(leftEdge, st, text)
	return row{block: b}
}

func (v *invoice) addFigures(b *block, l Line) {
	base := bodyStyle.base()
	for _, f := range []figure{
		{v.columns.quantity, v.quantity(l)},
		{v.columns.rate, v.rate(l)},
		{v.columns.tax, v.taxRate(l)},
		{v.columns.amount, v.money(l.Amount)},
	} {
		if f.text != "" {
			b.marks = append(b.marks, v.sheet.flushRight(f.right, base, f.width, f.text, bodyStyle))
		}
	}
	if unit := v.sheet.oneLine(l.Unit, bodyMuted, 2*unitLimit); unit != "" {
		b.marks = append(b.marks, v.sheet.flushLeft(v.columns.unit.left(), base, v.columns.unit.width, unit, bodyMuted))
	}
}

// detail is the small print of a line: who, when, and whether it came late.
func (v *invoice) detail(l Line) string {
	late := ""
	if l.Late {
		late = v.words.late
	}
	return strings.Join(present(inline(l.Who), v.words.days(l.WorkedFrom, l.WorkedTo), late), " · ")
}
