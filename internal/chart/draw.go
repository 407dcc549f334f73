package chart

import (
	"fmt"
	"time"

	"steward/internal/civil"
)

func (p *picture) open() {
	w, h := p.right()+margin, p.height()
	p.put(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title desc">`+"\n", w, h, w, h)
	p.put("<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", esc(p.Title), esc(p.summary()))
	p.put("<style>%s</style>\n<defs>%s</defs>\n", style, patterns())
	p.put(`<rect class="page" width="100%%" height="100%%"/>` + "\n")
}

// head is whose plan it is, when it was made, and what the bars mean.
func (p *picture) head() {
	width := p.right() - margin - asOfWidth
	p.put(`<svg x="%.1f" width="%.1f" height="50.0"><text class="h1" y="34">%s</text></svg>`+"\n", margin, width, esc(p.cut(p.Title, width)))
	p.put(`<text class="dim" x="%.1f" y="34" text-anchor="end">%s</text>`+"\n", p.right(), esc("as of "+p.AsOf.In(p.Zone).Format("Mon 2 Jan 2006 15:04 MST")))
	x := margin
	for n, words := range []string{"priority 1, first", "2", "3", "4", "5, last"} {
		p.put(`<rect class="b%d" x="%.1f" y="52" width="26" height="14" rx="3"/><rect class="e%d" x="%.1f" y="52" width="3" height="14" rx="1"/>`, n+1, x, n+1, x)
		p.put(`<text class="key" x="%.1f" y="63">%s</text>`+"\n", x+32, words)
		x += 32 + 5.6*float64(len(words)) + 16
	}
	p.put(`<rect class="b3 past" x="%.1f" y="52" width="26" height="14" rx="3"/><text class="key" x="%.1f" y="63">recorded</text>`+"\n", x, x+32)
	x += 100
	p.put(`<rect class="away" x="%.1f" y="52" width="26" height="14" rx="3"/><text class="key" x="%.1f" y="63">holiday or leave</text>`+"\n", x, x+32)
}

// grid is the days, named above the rows and again further down.
func (p *picture) grid() {
	top := titleRoom
	for i, c := range p.columns {
		class := p.dayClass(c.date)
		if class != "" {
			p.put(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, c.x, top, c.width, p.bottom()-top)
		}
		if i > 0 {
			p.put(`<path class="line" d="M%.1f %.1fV%.1f"/>`, c.x, top, p.bottom())
		}
	}
	p.put("\n")
	for row := 0; row == 0 || row < len(p.Rows); row += repeat {
		p.dayNames(p.y(row) - dayRoom)
	}
	p.put(`<path class="line" d="M%.1f %.1fH%.1f"/>`+"\n", margin, p.bottom(), p.right())
	if len(p.Rows) == 0 {
		p.put(`<text class="dim" x="%.1f" y="%.1f">There is nobody to plan for.</text>`+"\n", margin, p.y(0)+24)
	}
}

func (p *picture) dayClass(d civil.Date) string {
	today := civil.In(p.AsOf, p.Zone)
	switch {
	case d == today:
		return "today"
	case d.Before(today):
		return "gone"
	case weekend(d):
		return "rest"
	}
	return ""
}

func weekend(d civil.Date) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

func (p *picture) dayNames(y float64) {
	for _, c := range p.columns {
		day := time.Date(c.date.Year, c.date.Month, c.date.Day, 0, 0, 0, 0, time.UTC)
		class, name, number := "day", day.Format("Mon"), day.Format("2 Jan")
		if c.date == civil.In(p.AsOf, p.Zone) {
			class = "day on"
		}
		if c.width < dayWidth {
			name, number = name[:1], day.Format("2")
		}
		x := c.x + c.width/2
		p.put(`<text class="%s" x="%.1f" y="%.1f"><tspan class="wd">%s</tspan><tspan x="%.1f" dy="14">%s</tspan></text>`, class, x, y+14, name, x, number)
	}
	p.put("\n")
}

// row is a person with the days they are away and the work they have.
func (p *picture) row(i int) {
	r, y := p.Rows[i], p.y(i)
	p.put(`<path class="line" d="M%.1f %.1fH%.1f"/>`, margin, y, p.right())
	p.put(`<svg x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title>`, margin, y, nameWidth-10, p.rowRoom, esc(r.Name))
	base := p.rowRoom/2 + 4
	if p.rowRoom >= 36 {
		base -= 7
		p.put(`<text class="dim" y="%.1f">%s</text>`, base+15, esc(ahead(p.bars[i])))
	}
	p.put(`<text class="name" y="%.1f">%s</text></svg>`+"\n", base, esc(p.cut(r.Name, nameWidth)))
	p.away(r, y)
	for _, b := range p.bars[i] {
		p.bar(b, y)
	}
}

func ahead(bars []Bar) string {
	sum := 0
	for _, b := range bars {
		if !b.Past {
			sum += b.Minutes
		}
	}
	if sum == 0 {
		return "nothing planned"
	}
	return length(sum) + " planned"
}

var whyWords = map[civil.Why]string{civil.Absent: "on leave", civil.Holiday: "public holiday", civil.Off: "no working day"}

// away shades the days that a person is not at work, where the column does not
// say so already.
func (p *picture) away(r Row, y float64) {
	for _, c := range p.columns {
		why := r.Free[c.date]
		if why == civil.Working || why == civil.Off && weekend(c.date) {
			continue
		}
		class := "away"
		if why == civil.Off {
			class = "rest"
		}
		p.put(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`, class, c.x+0.5, y+0.5, c.width-1, p.rowRoom-1,
			esc(fmt.Sprintf("%s: %s, %s", r.Name, whyWords[why], c.date)))
	}
}

// bar is a picture within the picture, which cuts off what is too long for it.
func (p *picture) bar(b Bar, y float64) {
	x := p.x(b.Start)
	width := max(p.x(b.End)-x, 2)
	pad := p.rowRoom / 7
	height := p.rowRoom - 2*pad
	level := min(max(b.Priority, 1), 5)
	past := ""
	if b.Past {
		past = " past"
	}
	p.put(`<svg class="bar%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title>`, past, x, y+pad, width, height, esc(b.hover(p.Zone)))
	p.put(`<rect class="b%d" width="%.1f" height="%.1f" rx="3"/>`, level, max(width-1, 1), height)
	if width >= 8 {
		p.put(`<rect class="e%d" width="3" height="%.1f" rx="1"/>`, level, height)
	}
	if width >= 22 {
		p.put(`<text class="t%d" x="7" y="%.1f" font-size="%.0f">%s</text>`, level, height/2+p.fontSize*0.36, p.fontSize, esc(p.cut(b.Title, width-7)))
	}
	p.put("</svg>\n")
}

// now is the line between what was and what may be.
func (p *picture) now() {
	x := p.x(p.AsOf)
	p.put(`<path class="now" d="M%.1f %.1fV%.1f"/><circle class="dot" cx="%.1f" cy="%.1f" r="3.5"/>`+"\n", x, titleRoom+dayRoom, p.bottom(), x, titleRoom+dayRoom)
}

// foot is what has no place in the picture.
func (p *picture) foot() {
	if len(p.lines) == 0 {
		return
	}
	y := p.bottom() + 26
	p.put(`<text class="name" x="%.1f" y="%.1f">%s</text>`+"\n", margin, y, esc(fmt.Sprintf("%s not planned", count(len(p.Unplanned), "task is", "tasks are"))))
	for _, line := range p.lines {
		y += lineRoom
		p.put(`<text class="key" x="%.1f" y="%.1f">%s</text>`+"\n", margin, y, esc(line))
	}
}
