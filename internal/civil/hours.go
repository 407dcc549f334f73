package civil

import "time"

// Hours is a calendar that hangs on a wall: it says which instants are working
// time. Make it with [Calendar.Hours].
type Hours struct {
	zone    *time.Location
	holiday func(Date) bool
	week    [7][]minutes
	absent  []Absence
	empty   bool // not a minute in the week
}

// Hours reads the calendar by the clocks of a zone. The function tells public
// holidays; nil knows none. It refuses what [Calendar.Check] refuses.
func (c Calendar) Hours(zone *time.Location, holiday func(Date) bool) (Hours, error) {
	week, err := c.week()
	if err == nil {
		err = c.checkAbsences()
	}
	h := Hours{zone: zone, holiday: holiday, week: week, absent: c.Absences, empty: true}
	for _, day := range week {
		h.empty = h.empty && len(day) == 0
	}
	return h, err
}

// Zone is the zone whose clocks the hours are of.
func (h Hours) Zone() *time.Location { return h.zone }

// Interval is from an instant to a later one, which does not belong to it.
type Interval struct{ Start, End time.Time }

// Minutes is how long it is.
func (i Interval) Minutes() int { return int(i.End.Sub(i.Start) / time.Minute) }

// Why a day is free.
type Why string

// The reasons, the most particular first.
const (
	Working Why = ""        // it is not free
	Absent  Why = "absence" // leave
	Holiday Why = "holiday" // of the public
	Off     Why = "off"     // no working time on this day of the week
)

// Free tells why nobody works on a day, or that somebody does.
func (h Hours) Free(d Date) Why {
	for _, a := range h.absent {
		if !d.Before(a.From) && !d.After(a.To) {
			return Absent
		}
	}
	if h.holiday != nil && h.holiday(d) {
		return Holiday
	}
	if len(h.week[d.Weekday()]) == 0 {
		return Off
	}
	return Working
}

// Day is the working time of a day, in order. Where clocks change, a span is as
// long as it really takes: a night from 00:00 to 06:00 has five hours in spring
// and seven in autumn. A time that does not exist that day is moved on to the
// first one that does; one that comes twice is the first.
func (h Hours) Day(d Date) []Interval {
	spans := h.week[d.Weekday()]
	if len(spans) == 0 || h.Free(d) != Working {
		return nil
	}
	all := make([]Interval, 0, len(spans))
	for _, s := range spans {
		i := Interval{on(d, s.from, h.zone), on(d, s.to, h.zone)}
		if i.Start.Before(i.End) { // a span that clocks skip is nothing
			all = append(all, i)
		}
	}
	return all
}

// At is the instant at which a clock in the zone first shows a time of the day, in
// minutes after midnight; of a time that clocks skip, when they go on.
func (d Date) At(minute int, zone *time.Location) time.Time { return on(d, minute, zone) }

// on is the instant at which a clock in the zone first shows a time of a day.
func on(d Date, minute int, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone)
	begun, ends := t.ZoneBounds()
	_, shown := t.Zone()
	_, was := t.Zone()
	if !begun.IsZero() {
		_, was = begun.Add(-1).Zone()
	}
	wall := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
	off := t.Add(time.Duration(shown) * time.Second).UTC().Sub(wall) // what the clock shows then, against what it should
	switch {
	case off > 0: // skipped, and t is behind the gap
		return begun
	case off < 0: // skipped, and t is before it
		return ends
	}
	if first := t.Add(time.Duration(shown-was) * time.Second); was > shown && first.Before(begun) {
		return first // the hour comes twice
	}
	return t
}

// Spans is the working time from one instant to another, in order.
func (h Hours) Spans(from, to time.Time) []Interval {
	if h.empty {
		return nil
	}
	var all []Interval
	for d, last := h.bounds(from, to); !d.After(last); d = d.AddDays(1) {
		for _, i := range h.Day(d) {
			if i = i.within(from, to); i.Start.Before(i.End) {
				all = append(all, i)
			}
		}
	}
	return all
}

// bounds are the days that two instants fall on, within those that steward knows.
func (h Hours) bounds(from, to time.Time) (first, last Date) {
	first, last = In(from, h.zone), In(to, h.zone)
	if first.Before(First) {
		first = First
	}
	if last.After(Last) {
		last = Last
	}
	return first, last
}

func (i Interval) within(from, to time.Time) Interval {
	if i.Start.Before(from) {
		i.Start = from
	}
	if i.End.After(to) {
		i.End = to
	}
	return i
}

// Between is how many minutes of working time lie from one instant to another;
// none if the second is not later.
func (h Hours) Between(from, to time.Time) int {
	var sum time.Duration
	for _, i := range h.Spans(from, to) {
		sum += i.End.Sub(i.Start)
	}
	return int(sum / time.Minute)
}

// Add is when so many minutes of working time will have passed: the end of the
// last of them. For no minutes it is the first working instant. It is false
// when that never comes: before the end of [Last].
func (h Hours) Add(from time.Time, minutes int) (time.Time, bool) {
	if h.empty {
		return time.Time{}, false
	}
	left := time.Duration(minutes) * time.Minute
	d, _ := h.bounds(from, from)
	for ; !d.After(Last); d = d.AddDays(1) {
		for _, i := range h.Day(d) {
			if !i.End.After(from) {
				continue
			}
			i = i.within(from, i.End)
			if i.Start.Add(left).Compare(i.End) <= 0 {
				return i.Start.Add(left), true
			}
			left -= i.End.Sub(i.Start)
		}
	}
	return time.Time{}, false
}
