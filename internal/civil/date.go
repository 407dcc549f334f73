// Package civil holds dates as people write them: a day of a calendar, without
// a time or a zone; and working time: the [Calendar] of somebody, and the
// [Hours] that it makes by the clocks of a zone.
//
// A work date, a due date or the end of a period is such a day. Which day an
// instant belongs to depends on a zone, so that [In] asks for it.
package civil

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"

	"steward/internal/fault"
)

// BadDate is the code for text that is not a date.
const BadDate fault.Code = "bad_date"

// Date is a day of the Gregorian calendar. The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// First and Last bound the dates that steward takes: a work date in the year
// 16 or 20,014 is a slip of the keyboard.
var (
	First = Date{1970, time.January, 1}
	Last  = Date{2199, time.December, 31}
)

// Of makes a date; days beyond the month run on, as in [time.Date].
func Of(year int, month time.Month, day int) Date {
	return In(time.Date(year, month, day, 12, 0, 0, 0, time.UTC), time.UTC)
}

// In is the day that the instant t belongs to in the zone loc.
func In(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// Format is an instant in the zone loc as a layout of package time has it. Where a
// zone has figures for a name, -03 say, these are told as what they are: UTC-03:00.
func Format(t time.Time, loc *time.Location, layout string) string {
	t = t.In(loc)
	if name, _ := t.Zone(); strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		layout = strings.Replace(layout, "MST", "UTC-07:00", 1)
	}
	return t.Format(layout)
}

// ZoneNamed is the zone of that name in the IANA database, "Europe/London"; false
// if there is none. "Local" is one for Go only: it is wherever the server stands.
func ZoneNamed(name string) (*time.Location, bool) {
	loc, err := time.LoadLocation(name)
	return loc, err == nil && name != "" && name != "Local"
}

// Parse reads "2026-11-22". It refuses other forms, days that do not exist and
// years outside [First] to [Last] with [BadDate].
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fault.New(BadDate, "%q is not a date like 2026-11-22", s)
	}
	d := In(t, time.UTC)
	if d.Before(First) || d.After(Last) {
		return Date{}, fault.New(BadDate, "%q is outside %s to %s", s, First, Last)
	}
	return d, nil
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is "2026-11-22", or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Start is the first instant of the day in the zone. Where midnight does not
// exist that day, it is the first instant that does; where all of the day does
// not, as in Samoa in 2011, it is that of the next.
func (d Date) Start(loc *time.Location) time.Time { return on(d, 0, loc) }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays is the date n days later, or earlier for negative n.
func (d Date) AddDays(n int) Date { return In(d.utc().AddDate(0, 0, n), time.UTC) }

// DaysSince is the number of days from s to d; negative if d is earlier.
func (d Date) DaysSince(s Date) int { return int(d.utc().Sub(s.utc()).Hours() / 24) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare is -1, 0 or +1 as d is before, at or after o.
func (d Date) Compare(o Date) int { return d.utc().Compare(o.utc()) }

// Before tells whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After tells whether d is later than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Earlier is the earlier of two days.
func Earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}

// Later is the later of two days.
func Later(a, b Date) Date {
	if b.After(a) {
		return b
	}
	return a
}

// MonthEnd is the last day of d's month.
func (d Date) MonthEnd() Date { return Of(d.Year, d.Month+1, 0) }

// MarshalText writes the date as in [Date.String].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [Date.MarshalText] writes.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := Parse(string(b))
	*d = v
	return err
}

// MarshalJSON writes the date as text, and no date as null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads what [Date.MarshalJSON] writes.
func (d *Date) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = Date{}
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return fault.New(BadDate, "%s is not a date like \"2026-11-22\"", b)
	}
	return d.UnmarshalText([]byte(s))
}

// Scan reads a Postgres date; NULL becomes no date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = In(v, time.UTC)
	case string:
		return d.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("a date cannot be read from %T", src)
	}
	return nil
}

// Value writes a Postgres date; no date becomes NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.utc(), nil
}
