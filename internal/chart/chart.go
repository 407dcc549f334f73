// Package chart draws the plan: people as rows, days as columns, work as bars,
// as an SVG that stands for itself. It uses no script, fetches nothing, follows
// the reader's light or dark setting, and can be read without telling colours
// apart and in part without seeing it at all.
//
// It decides nothing: who works on what when comes from package work. The same
// input makes the same picture.
package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/internal/civil"
	"steward/internal/work"
)

// Chart is what is drawn.
type Chart struct {
	Title     string // whose plan it is
	AsOf      time.Time
	Until     time.Time
	Zone      *time.Location // whose clocks the columns follow
	Rows      []Row
	Unplanned []Left
}

// Row is a person.
type Row struct {
	Name string
	Free map[civil.Date]civil.Why // the days without working time
	Bars []Bar                    // in order
}

// Bar is work on a task without a break.
type Bar struct {
	Key      string // "ACME-12"
	Title    string
	Priority int // 1 to 5
	Start    time.Time
	End      time.Time
	Minutes  int
	Past     bool // it was recorded
}

// Left is a task without a place in the plan.
type Left struct {
	Key    string
	Reason work.Reason
}

// SVG draws the chart.
func (c Chart) SVG() []byte {
	p := newPicture(c)
	p.open()
	p.head()
	p.grid()
	for i := range c.Rows {
		p.row(i)
	}
	p.now()
	p.foot()
	p.put("</svg>\n")
	return []byte(p.String())
}

// merge joins what is worked on a task on one day with no more than a break in
// between: a bar is wide enough to be read then. The minutes stay what they are.
func merge(bars []Bar, zone *time.Location) []Bar {
	var all []Bar
	for _, b := range bars {
		if last := len(all) - 1; last >= 0 && all[last].joins(b, zone) {
			all[last].End, all[last].Minutes = b.End, all[last].Minutes+b.Minutes
			continue
		}
		all = append(all, b)
	}
	return all
}

const longestBreak = 2 * time.Hour

func (b Bar) joins(next Bar, zone *time.Location) bool {
	return b.Key == next.Key && b.Title == next.Title && b.Past == next.Past &&
		civil.In(b.Start, zone) == civil.In(next.Start, zone) && next.Start.Sub(b.End) <= longestBreak && !next.Start.Before(b.End)
}

// summary says in words what the picture shows.
func (c Chart) summary() string {
	tasks := map[string]bool{}
	minutes := 0
	for _, r := range c.Rows {
		for _, b := range r.Bars {
			if !b.Past {
				tasks[b.Key], minutes = true, minutes+b.Minutes
			}
		}
	}
	return fmt.Sprintf("As of %s: %s, %s and %s of work up to %s; %s without a place in the plan.",
		c.AsOf.In(c.Zone).Format("Monday 2 January 2006 15:04 MST"), count(len(c.Rows), "person", "people"), count(len(tasks), "task", "tasks"),
		length(minutes), c.Until.In(c.Zone).Format("Monday 2 January"), count(len(c.Unplanned), "task", "tasks"))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// length is minutes as people say them.
func length(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d", h, m)
}

// hover is what a bar says when it is pointed at.
func (b Bar) hover(zone *time.Location) string {
	from, to := b.Start.In(zone), b.End.In(zone)
	end := to.Format("15:04")
	if civil.In(from, zone) != civil.In(to, zone) {
		end = to.Format("Mon 2 Jan 15:04")
	}
	what := fmt.Sprintf("priority %d", b.Priority)
	if b.Past {
		what = "recorded"
	}
	return fmt.Sprintf("%s %s\n%s to %s\n%s, %s", b.Key, b.Title, from.Format("Mon 2 Jan 15:04"), end, length(b.Minutes), what)
}

// reasons say why a task has no place, in the order that they are listed in.
var reasons = []struct {
	code  work.Reason
	words string
}{
	{work.NoEstimate, "without an estimate"},
	{work.NobodyAssigned, "assigned to nobody"},
	{work.WaitsForUnplanned, "waiting for work that is not planned"},
	{work.DependencyCycle, "waiting for themselves"},
	{work.NoWorkingTime, "with nobody at work"},
	{work.ProjectStopped, "of a project on hold"},
	{work.AfterHorizon, "after these two weeks"},
}

// mostKeys is how many tasks without a place are named for each reason.
const mostKeys = 8

// unplanned are lines that name what has no place.
func (c Chart) unplanned() []string {
	var lines []string
	for _, r := range reasons {
		var keys []string
		for _, l := range c.Unplanned {
			if l.Reason == r.code {
				keys = append(keys, l.Key)
			}
		}
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
		if len(keys) == 0 {
			continue
		}
		more := ""
		if n := len(keys) - mostKeys; n > 0 {
			keys, more = keys[:mostKeys], fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, fmt.Sprintf("%s: %s%s", r.words, strings.Join(keys, ", "), more))
	}
	return lines
}
