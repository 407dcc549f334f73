package document

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/work"
)

// StatusData is everything that a status report prints. It is frozen when the
// report is made; only the account manager's word comes later, before it is
// sent.
type StatusData struct {
	Language  string          `json:"language,omitempty"` // ISO 639; "en" where empty or not known
	Seller    Seller          `json:"seller"`
	Buyer     Buyer           `json:"buyer"`
	Report    work.WeekReport `json:"report"`
	Comment   string          `json:"comment,omitempty"`
	CommentBy string          `json:"comment_by,omitempty"`
}

// Status writes a client's status report as an A4 PDF. It is as pure as
// [Invoice]; only w can fail.
func Status(w io.Writer, in StatusData) error {
	s := newSheet()
	v := newStatus(in, s)
	s.describe(v.heading(), in.Seller.Name, in.Report.AsOf)
	for _, p := range v.compose() {
		s.drawPage(p)
	}
	return s.writeTo(w)
}

// A status report is on the paper of an invoice.
type status struct {
	invoice
	data StatusData
	says statusWords
}

func newStatus(in StatusData, s *sheet) *status {
	v := &status{data: in, says: statusWordsFor(in.Language)}
	v.invoice = invoice{words: labelsFor(in.Language), sheet: s, InvoiceData: InvoiceData{
		Title: v.says.title, Number: in.Report.Week, IssuedOn: in.Report.AsOf, Through: in.Report.Since, Seller: in.Seller, Buyer: in.Buyer,
	}}
	v.words.number, v.words.issued, v.words.through = v.says.week, v.says.asOf, v.says.since
	return v
}

func (v *status) compose() []page {
	return v.pages(v.rows(), func(row) block { return block{} }) // no table runs over a page
}

// rows are all that flows over the pages.
func (v *status) rows() []row {
	var rows []row
	if strings.TrimSpace(v.data.Comment) != "" {
		rows = append(rows, v.headingRows(fmt.Sprintf(v.says.comment, v.data.CommentBy))...)
		for _, line := range v.sheet.wrap(v.data.Comment, bodyStyle, textWidth) {
			var b block
			b.text(leftEdge, bodyStyle, line)
			rows = append(rows, row{block: b})
		}
	}
	for _, p := range v.data.Report.Projects {
		rows = append(rows, v.project(p)...)
	}
	for i := range rows {
		rows[i].section = outside
	}
	return rows
}

// project is one project: its figures, what changed and what comes next. Its
// name and figures stay together.
func (v *status) project(p work.ProjectReport) []row {
	rows := v.headingRows(p.Code + " " + p.Name)
	rows[0].gap = 7
	rows[0].rule(leftEdge, rightEdge, firmline, pale)
	for _, f := range v.figures(p) {
		rows = append(rows, row{block: v.fact(f[0], f[1]).beside(v.figure(f[2], f[3])), gap: 0.4, keep: true})
	}
	rows[1].gap, rows[len(rows)-1].keep = 1.6, false
	rows = append(rows, v.news(v.says.completed, p.Completed)...)
	rows = append(rows, v.news(v.says.opened, p.Opened)...)
	rows = append(rows, v.news(v.says.added, p.Added)...)
	rows = append(rows, v.news(v.says.dropped, p.Dropped)...)
	return append(rows, v.list(v.says.next, p.Next)...)
}

// Places of a project's facts on the left and of its hours on the right.
const (
	factLeft   = leftEdge + 30
	factWidth  = 62.0
	hoursLeft  = leftEdge + 97
	hoursWidth = 16.0
)

func (v *status) fact(label, value string) block {
	var l, r block
	l.text(leftEdge, bodyMuted, label)
	r.marks = []mark{v.sheet.flushLeft(factLeft, bodyStyle.base(), factWidth, inline(value), bodyStyle)}
	return l.beside(r)
}

func (v *status) figure(label, value string) block {
	b := block{height: bodyStyle.lead()}
	b.marks = []mark{
		v.sheet.flushLeft(hoursLeft, bodyMuted.base(), rightEdge-hoursWidth-hoursLeft, label, bodyMuted),
		v.sheet.flushRight(rightEdge, bodyStyle.base(), hoursWidth, value, bodyStyle),
	}
	return b
}

func (v *status) figures(p work.ProjectReport) [][4]string {
	return [][4]string{
		{v.says.started, v.when(p.StartsOn, p.DaysSinceStart, v.says.ago), v.says.estimated, Clock(p.EstimatedMinutes)},
		{v.says.ends, v.when(p.EstimatedEndOn, p.DaysToEnd, v.says.ahead), v.says.worked, Clock(p.WorkedMinutes)},
		{v.says.billed, v.amount(p.Billed, p.Currency), fmt.Sprintf(v.says.workedSince, v.words.day(v.data.Report.Since)), Clock(p.WorkedSinceMinutes)},
		{v.says.tasks, fmt.Sprintf(v.says.counts, p.Planned, p.Open, p.Complete), v.says.remaining, Clock(p.RemainingMinutes)},
	}
}

// amount is money that was rounded before.
func (v *status) amount(plain, currency string) string {
	return v.words.in(money.Currency(currency), v.words.group(plain))
}

// when is a day with how far it is; days that are over or to come the other way
// are left out.
func (v *status) when(day civil.Date, days *int, far [2]string) string {
	switch {
	case day.IsZero():
		return v.says.unknown
	case days == nil || *days < 1:
		return v.words.day(day)
	}
	return v.words.day(day) + ", " + counted(far, *days)
}

// counted is a text for one or for several.
func counted(texts [2]string, n int) string {
	if n == 1 {
		return texts[0]
	}
	return fmt.Sprintf(texts[1], n)
}

func (v *status) news(heading string, n work.TaskNews) []row {
	lines := slices.Clone(n.Titles)
	if n.Others > 0 && len(lines) > 0 {
		lines = append(lines, counted(v.says.others, n.Others))
	} else if n.Others > 0 {
		lines = append(lines, counted(v.says.some, n.Others))
	}
	return v.list(heading, lines)
}

func (v *status) list(heading string, items []string) []row {
	if len(items) == 0 {
		return nil
	}
	var b block
	b.text(leftEdge, bodyStrong, heading)
	rows := []row{{block: b, gap: 2.4, keep: true}}
	const indent = 4.0
	for _, item := range items {
		var dot, b block
		dot.text(leftEdge, bodyMuted, "•")
		b.text(leftEdge+indent, bodyStyle, clip(v.sheet.wrap(item, bodyStyle, textWidth-indent), 3)...)
		rows = append(rows, row{block: dot.beside(b), gap: 0.3})
	}
	return rows
}

// Clock writes minutes as clients read them: "7:05".
func Clock(minutes int) string {
	if minutes < 0 {
		return "-" + Clock(-minutes)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
