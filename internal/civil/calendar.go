package civil

import (
	"fmt"
	"time"

	"steward/internal/fault"
)

// BadCalendar is the code for a calendar that nobody could work by; the field
// that is wrong comes with it.
const BadCalendar fault.Code = "bad_calendar"

// How long a calendar may be: enough for shifts with breaks, and for every
// leave of a working life.
const (
	mostSpans    = 10 // a day
	mostAbsences = 500
)

// Calendar is when somebody works, as it is written and kept:
//
//	{"weekly": {"mon": [["09:00", "17:30"]]}, "holidays": "GB", "absences": [{"from": "2026-12-24", "to": "2026-12-31"}]}
//
// Its times are those of a clock on the wall; [Calendar.Hours] says on which.
type Calendar struct {
	Weekly   Week      `json:"weekly" doc:"The working times of each day of the week, in order; a day without any is free"`
	Holidays string    `json:"holidays,omitempty" maxLength:"6" doc:"The country whose public holidays are free: GB, or DE-BY where they differ within it"`
	Absences []Absence `json:"absences,omitempty" maxItems:"500" doc:"Leave, from the first day to the last"`
}

// Week is the working times of a week.
type Week struct {
	Mon []Span `json:"mon,omitempty" maxItems:"10"`
	Tue []Span `json:"tue,omitempty" maxItems:"10"`
	Wed []Span `json:"wed,omitempty" maxItems:"10"`
	Thu []Span `json:"thu,omitempty" maxItems:"10"`
	Fri []Span `json:"fri,omitempty" maxItems:"10"`
	Sat []Span `json:"sat,omitempty" maxItems:"10"`
	Sun []Span `json:"sun,omitempty" maxItems:"10"`
}

// Span is from when to when, as "09:00" and "17:30". A day ends at "24:00"; a
// shift over midnight is one span at the end of a day and one at the beginning
// of the next.
type Span [2]string

// Absence is leave, both days included.
type Absence struct {
	From Date `json:"from" format:"date"`
	To   Date `json:"to" format:"date"`
}

// Usual is the calendar of whoever has no other: Monday to Friday, 09:00 to
// 12:30 and 13:30 to 17:30, seven and a half hours a day. It knows no holidays,
// because it belongs to no country.
func Usual() Calendar {
	day := []Span{{"09:00", "12:30"}, {"13:30", "17:30"}}
	return Calendar{Weekly: Week{Mon: day, Tue: day, Wed: day, Thu: day, Fri: day}}
}

// days are the week by [time.Weekday], each with its name in JSON.
func (w Week) days() [7]struct {
	name  string
	spans []Span
} {
	return [7]struct {
		name  string
		spans []Span
	}{{"sun", w.Sun}, {"mon", w.Mon}, {"tue", w.Tue}, {"wed", w.Wed}, {"thu", w.Thu}, {"fri", w.Fri}, {"sat", w.Sat}}
}

// Check refuses what is no calendar with [BadCalendar]: times that are none or
// not in order, spans that overlap, leave that ends before it begins. Whether
// its country is known is for whoever knows countries.
func (c Calendar) Check() error {
	_, err := c.Hours(time.UTC, nil)
	return err
}

// wrong refuses a field of a calendar.
func wrong(field, format string, args ...any) error {
	f := fault.Wrong(field, format, args...)
	f.Code = BadCalendar
	return f
}

// week reads the spans of each day as minutes after midnight.
func (c Calendar) week() (week [7][]minutes, err error) {
	for i, day := range c.Weekly.days() {
		if week[i], err = spansOf("weekly."+day.name, day.spans); err != nil {
			return week, err
		}
	}
	return week, nil
}

// minutes is a span of a day in minutes after midnight.
type minutes struct{ from, to int }

func spansOf(field string, spans []Span) ([]minutes, error) {
	if len(spans) > mostSpans {
		return nil, wrong(field, "has %d spans, more than %d", len(spans), mostSpans)
	}
	var all []minutes
	last := 0
	for i, s := range spans {
		at := fmt.Sprintf("%s[%d]", field, i)
		from, ok := clock(s[0])
		if !ok || from == dayEnd {
			return nil, wrong(at, "%q is not a time between 00:00 and 23:59", s[0])
		}
		to, ok := clock(s[1])
		if !ok {
			return nil, wrong(at, "%q is not a time between 00:01 and 24:00", s[1])
		}
		if to <= from {
			return nil, wrong(at, "ends at %s, not after it begins at %s; a shift over midnight is two spans", s[1], s[0])
		}
		if from < last {
			return nil, wrong(at, "begins at %s, before the one ahead of it ends", s[0])
		}
		all, last = append(all, minutes{from, to}), to
	}
	return all, nil
}

const dayEnd = 24 * 60

// Clock reads a time of the day, "09:30", as minutes after midnight.
func Clock(s string) (minutes int, ok bool) {
	minutes, ok = clock(s)
	return minutes, ok && minutes < dayEnd
}

// clock reads "09:30" as minutes after midnight; "24:00" is the day's end.
func clock(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	hour, minute := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	at := hour*60 + minute
	return at, minute < 60 && at <= dayEnd
}

func (c Calendar) checkAbsences() error {
	if len(c.Absences) > mostAbsences {
		return wrong("absences", "are %d, more than %d", len(c.Absences), mostAbsences)
	}
	for i, a := range c.Absences {
		at := fmt.Sprintf("absences[%d]", i)
		if a.From.IsZero() || a.To.IsZero() {
			return wrong(at, "needs a first day and a last day")
		}
		if a.To.Before(a.From) {
			return wrong(at, "ends on %s, before it begins on %s", a.To, a.From)
		}
	}
	return nil
}
