package postgres

import (
	"encoding/json"
	"sync"
	"time"

	"steward/internal/civil"
	"steward/internal/holiday"
	"steward/internal/postgres/db"
)

// zones are those read so far: the standard library reads a file each time.
var zones sync.Map

// DayOf is the day that an instant is on for both the firm and a client, of
// two the earlier: a period is over when its last day is, for both.
func DayOf(t time.Time, firm, client *time.Location) civil.Date {
	return civil.Earlier(civil.In(t, firm), civil.In(t, client))
}

// Zone is the location of a stored zone name; UTC for one that this machine
// does not know.
func Zone(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loc)
	return loc
}

// Hours is when somebody works whose calendar is kept like this: the usual hours
// where none is kept, and for one that this release cannot read, such as one with
// the holidays of a country that its library has let go of. It was checked when
// it was kept; one such calendar is no reason that nobody is reminded.
func Hours(kept json.RawMessage, zone string) civil.Hours {
	return hoursBy(calendarOf(kept), zone)
}

func hoursBy(c civil.Calendar, zone string) civil.Hours {
	hours, err := holiday.Hours(c, Zone(zone))
	if err != nil {
		hours, _ = holiday.Hours(civil.Usual(), Zone(zone)) // names no country
	}
	return hours
}

func calendarOf(kept json.RawMessage) (c civil.Calendar) {
	if kept == nil || json.Unmarshal(kept, &c) != nil {
		return civil.Usual()
	}
	return c
}

// Where a person's calendar comes from.
const (
	OwnCalendar   = "own"
	GroupCalendar = "group" // of the first of their groups that has one
	UsualCalendar = "usual" // see [civil.Usual]
)

// CalendarOf is the calendar that holds for a person, whose it is, and the zone
// that it is read in: a group's calendar is read in the group's zone.
func CalendarOf(r db.PlanPeopleRow) (c civil.Calendar, source, zone string) {
	switch {
	case r.Calendar != nil:
		return calendarOf(r.Calendar), OwnCalendar, r.TimeZone
	case r.GroupCalendar != nil:
		return calendarOf(r.GroupCalendar), GroupCalendar, r.GroupZone
	}
	return civil.Usual(), UsualCalendar, r.TimeZone
}

// hoursOf is when a person works, by the calendar that holds for them.
func hoursOf(r db.PlanPeopleRow) civil.Hours {
	c, _, zone := CalendarOf(r)
	return hoursBy(c, zone)
}
