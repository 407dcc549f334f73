package chart

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"

	"steward/internal/civil"
)

// Measures, in pixels.
const (
	margin    = 20.0
	nameWidth = 176.0
	asOfWidth = 210.0 // for when the plan was made, beside its title
	dayWidth  = 92.0
	restWidth = 34.0 // of a day on which nobody does anything
	titleRoom = 84.0 // above the days
	dayRoom   = 36.0 // for the days' names
	lineRoom  = 18.0 // for a line below
)

// repeat is after how many rows the days are named again.
const repeat = 25

// column is a day.
type column struct {
	date  civil.Date
	x     float64
	width float64
}

// picture is a chart on its way to being drawn.
type picture struct {
	strings.Builder
	Chart
	columns  []column
	from, to int // the minutes of a day that are shown
	rowRoom  float64
	fontSize float64
	bars     [][]Bar
	lines    []string
}

func newPicture(c Chart) *picture {
	p := &picture{Chart: c, rowRoom: 40, fontSize: 11, lines: c.unplanned()}
	if len(c.Rows) > 40 {
		p.rowRoom, p.fontSize = 24, 10
	}
	for _, r := range c.Rows {
		p.bars = append(p.bars, merge(r.Bars, c.Zone))
	}
	p.window()
	p.days()
	return p
}

// window finds the hours of a day that something is done in, a quiet hour
// around them, and at least eight.
func (p *picture) window() {
	p.from, p.to = 24*60, 0
	for _, bars := range p.bars {
		for _, b := range bars {
			from := minuteOf(b.Start.In(p.Zone))
			to := minuteOf(b.End.In(p.Zone))
			if civil.In(b.Start, p.Zone) != civil.In(b.End, p.Zone) {
				from, to = 0, 24*60
			}
			p.from, p.to = min(p.from, from), max(p.to, to)
		}
	}
	if p.from >= p.to {
		p.from, p.to = 9*60, 17*60
	}
	p.from, p.to = max(p.from-15, 0), min(p.to+15, 24*60)
	for p.to-p.from < 8*60 {
		p.from, p.to = max(p.from-30, 0), min(p.to+30, 24*60)
	}
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// days lays the columns out, from yesterday to the horizon.
func (p *picture) days() {
	busy := map[civil.Date]bool{civil.In(p.AsOf, p.Zone): true}
	for _, bars := range p.bars {
		for _, b := range bars {
			busy[civil.In(b.Start, p.Zone)], busy[civil.In(b.End.Add(-time.Second), p.Zone)] = true, true
		}
	}
	x := margin + nameWidth
	last := civil.In(p.Until, p.Zone)
	for d := civil.In(p.AsOf, p.Zone).AddDays(-1); !d.After(last); d = d.AddDays(1) {
		width := dayWidth
		if !busy[d] && p.freeForAll(d) {
			width = restWidth
		}
		p.columns = append(p.columns, column{d, x, width})
		x += width
	}
}

func (p *picture) freeForAll(d civil.Date) bool {
	for _, r := range p.Rows {
		if r.Free[d] == civil.Working {
			return false
		}
	}
	return true
}

// x is where an instant is, within the days that are shown.
func (p *picture) x(t time.Time) float64 {
	d := civil.In(t, p.Zone)
	first := p.columns[0]
	if d.Before(first.date) {
		return first.x
	}
	i := d.DaysSince(first.date)
	if i >= len(p.columns) {
		return p.right()
	}
	share := float64(minuteOf(t.In(p.Zone))-p.from) / float64(p.to-p.from)
	return p.columns[i].x + p.columns[i].width*math.Min(math.Max(share, 0), 1)
}

func (p *picture) right() float64 {
	last := p.columns[len(p.columns)-1]
	return last.x + last.width
}

// y is where a row begins; the days are named again ahead of every so many.
func (p *picture) y(row int) float64 {
	return titleRoom + dayRoom + float64(row)*p.rowRoom + float64(row/repeat)*dayRoom
}

func (p *picture) bottom() float64 {
	if len(p.Rows) == 0 {
		return p.y(0) + 40
	}
	return p.y(len(p.Rows)-1) + p.rowRoom
}

func (p *picture) height() float64 {
	room := 0.0
	if len(p.lines) > 0 {
		room = float64(len(p.lines)+1)*lineRoom + 12
	}
	return p.bottom() + room + margin
}

// put writes SVG. Numbers are given as %.1f, texts only through esc.
func (p *picture) put(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// esc is text as it stands in XML; what XML cannot hold becomes U+FFFD.
func esc(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// cut is as much of a text as can be seen in a width; the rest is not sent.
func (p *picture) cut(s string, width float64) string {
	s = strings.Join(strings.Fields(s), " ")
	most := int(width/(p.fontSize*0.4)) + 1
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}
