package document

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"steward/internal/work"
)

// StatusData is everything that a status report prints. It is frozen when the
// report is made; only the comment comes later, before it is sent.
type StatusData struct {
	Seller    Seller          `json:"seller"`
	Buyer     Buyer           `json:"buyer"`
	Report    work.WeekReport `json:"report"`
	Comment   string          `json:"comment,omitempty"`
	CommentBy string          `json:"comment_by,omitempty"`
}

// Status writes a client's status report as an A4 PDF. The same data always
// gives the same bytes; only w can fail.
func Status(w io.Writer, in StatusData) error {
	s := newSheet()
	v := status{newInvoice(InvoiceData{Title: "Status report", Number: in.Report.Week, Seller: in.Seller, Buyer: in.Buyer}, s), in}
	s.describe(v.heading(), in.Seller.Name, in.Report.WeekEnding)
	for _, p := range v.compose() {
		s.addPage()
		for _, b := range p {
			s.draw(b.block, b.y)
		}
	}
	return s.writeTo(w)
}

// A status report has the letterhead, the running head and the foot of an
// invoice.
type status struct {
	*invoice
	data StatusData
}

func (v status) compose() []page {
	head, foot := v.head(), v.foot()
	footTop := pageHeight - footMargin - foot.height
	none := func(row) block { return block{} }
	pages := paginate(v.rows(), frame{head.height, runningHeight, footTop - footGap}, none)
	for i := range pages {
		if i > 0 {
			head = v.runningHead()
		}
		pages[i] = slices.Insert(pages[i], 0, placed{head, 0})
		pages[i] = append(pages[i], placed{v.numbered(foot, i+1, len(pages)), footTop})
	}
	return pages
}

func (v status) head() block {
	var b, meta block
	contact, r := v.contact(), v.data.Report
	b.rules = []rule{{leftEdge, rightEdge, barTop, bar, accent}}
	b.place(v.sellerName(), letterTop)
	b.place(contact, letterTop+0.8)
	b.place(v.address(), windowTop)
	meta.place(v.metaItem("Week", r.Week, bodyStyle), 0)
	meta.place(v.metaItem("As of", v.words.day(r.WeekEnding), bodyStyle), meta.height)
	meta.place(v.metaItem("Week's hours of", v.words.days(r.From, r.To), bodyStyle), meta.height)
	meta.place(v.metaItem("Projects", strconv.Itoa(len(r.Projects)), bodyStyle), meta.height)
	b.place(meta, max(metaTop, letterTop+contact.height+headDistance))
	b.place(v.title(), max(titleTop, b.height+headDistance))
	return b
}

// rows are all that flows over the pages.
func (v status) rows() []row {
	var rows []row
	if strings.TrimSpace(v.data.Comment) != "" {
		rows = append(rows, v.paragraph("A word from "+v.data.CommentBy, v.data.Comment)...)
	}
	for _, p := range v.data.Report.Projects {
		rows = append(rows, v.project(p)...)
	}
	return rows
}

func (v status) paragraph(heading, text string) []row {
	rows := v.headingRows(heading)
	for _, line := range v.sheet.wrap(text, bodyStyle, textWidth) {
		rows = append(rows, textRow(line, bodyStyle))
	}
	return outsideTable(rows)
}

func outsideTable(rows []row) []row {
	for i := range rows {
		rows[i].section = outside
	}
	return rows
}

// project is one project: its figures, what changed and what comes next. Its
// name and figures stay together.
func (v status) project(p work.ProjectReport) []row {
	rows := v.headingRows(p.Code + " " + p.Name)
	rows[0].gap = 7
	rows[0].rule(leftEdge, rightEdge, firmline, pale)
	for _, pair := range v.figures(p) {
		r := row{block: v.pair(leftEdge, pair[0], pair[1]).beside(v.pair(leftEdge+textWidth/2, pair[2], pair[3])), gap: 0.4, keep: true}
		rows = append(rows, r)
	}
	rows[1].gap, rows[len(rows)-1].keep = 1.6, false
	rows = append(rows, v.news("Completed since the last report", p.Completed)...)
	rows = append(rows, v.news("Begun since the last report", p.Opened)...)
	rows = append(rows, v.news("Added since the last report", p.Added)...)
	rows = append(rows, v.list("What comes next", p.Next)...)
	return outsideTable(rows)
}

// pair is a figure behind its label; one on the left that has nothing beside it
// may be as long as the line.
func (v status) pair(x float64, label, value string) block {
	var l, r block
	const room = 36.0
	l.text(x, bodyMuted, label)
	r.text(x+room, bodyStyle, v.sheet.oneLine(value, bodyStyle, rightEdge-x-room))
	return l.beside(r)
}

func (v status) figures(p work.ProjectReport) [][4]string {
	return [][4]string{
		{"Status", strings.ReplaceAll(string(p.Status), "_", " "), "Hours estimated", Hours(p.EstimatedMinutes)},
		{"Started", v.when(p.StartsOn.IsZero(), v.words.day(p.StartsOn), p.DaysSinceStart, "%d days ago"), "Hours worked", Hours(p.WorkedMinutes)},
		{"Estimated end", v.when(p.EstimatedEndOn.IsZero(), v.words.day(p.EstimatedEndOn), p.DaysToEnd, "in %d days"), "Hours remaining", Hours(p.RemainingMinutes)},
		{"Billed so far", p.Currency + " " + p.Billed, "Worked in the week", Hours(p.WeekMinutes)},
		{"Tasks", fmt.Sprintf("%d planned, %d open, %d complete", p.Planned, p.Open, p.Complete), "", ""},
	}
}

// when is a day with how far it is; days that are over or to come the other way
// are left out.
func (v status) when(unknown bool, day string, days *int, format string) string {
	if unknown {
		return "not known yet"
	}
	if days == nil || *days < 1 {
		return day
	}
	far := fmt.Sprintf(format, *days)
	if *days == 1 {
		far = strings.Replace(far, "days", "day", 1)
	}
	return day + ", " + far
}

func (v status) news(heading string, n work.TaskNews) []row {
	lines := slices.Clone(n.Titles)
	switch {
	case n.Others == 1:
		lines = append(lines, "1 other task")
	case n.Others > 1:
		lines = append(lines, fmt.Sprintf("%d other tasks", n.Others))
	}
	return v.list(heading, lines)
}

func (v status) list(heading string, items []string) []row {
	if len(items) == 0 {
		return nil
	}
	r := textRow(heading, bodyStrong)
	r.gap, r.keep = 2.4, true
	rows := []row{r}
	const indent = 4.0
	for _, item := range items {
		var dot, b block
		dot.text(leftEdge, bodyMuted, "•")
		b.text(leftEdge+indent, bodyStyle, clip(v.sheet.wrap(item, bodyStyle, textWidth-indent), 3)...)
		rows = append(rows, row{block: dot.beside(b), gap: 0.3})
	}
	return rows
}

// Hours writes minutes as clients read them: "7:05".
func Hours(minutes int) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }
