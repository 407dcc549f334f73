package activities

import (
	"encoding/json"
	"strings"
	"time"

	"steward/internal/civil"
)

// workTime is what reminders ask of a person's calendar: when the work of a day
// ends, if it is a day of work.
type workTime interface {
	workEnds(day civil.Date) (time.Time, bool)
}

// usualEnd is when work ends where no calendar says otherwise.
const usualEnd = "17:00"

// hours is a person's calendar as it is stored: hours of each weekday, and
// absences, in a zone.
type hours struct {
	Weekly   map[string][][2]string `json:"weekly"`
	Absences []struct {
		From civil.Date `json:"from"`
		To   civil.Date `json:"to"`
	} `json:"absences"`
	zone *time.Location
}

// hoursOf reads a stored calendar. Without one, or with one that cannot be
// read, a week has five days that end at five o'clock.
func hoursOf(calendar json.RawMessage, zone *time.Location) workTime {
	h := hours{zone: zone}
	if len(calendar) == 0 || json.Unmarshal(calendar, &h) != nil {
		h = hours{zone: zone}
	}
	if h.Weekly == nil {
		h.Weekly = map[string][][2]string{}
		for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
			h.Weekly[day] = [][2]string{{"09:00", usualEnd}}
		}
	}
	return h
}

func (h hours) workEnds(day civil.Date) (time.Time, bool) {
	for _, a := range h.Absences {
		if !day.Before(a.From) && !day.After(a.To) {
			return time.Time{}, false
		}
	}
	last := ""
	for _, interval := range h.Weekly[strings.ToLower(day.Weekday().String()[:3])] {
		last = max(last, interval[1])
	}
	if last == "24:00" {
		return day.AddDays(1).Start(h.zone), true
	}
	at, err := time.Parse("15:04", last)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(day.Year, day.Month, day.Day, at.Hour(), at.Minute(), 0, 0, h.zone), true
}

// farBack is how many days a day of work is looked for; who has been away for
// longer is not reminded of anything.
const farBack = 14

// lastWorkday is the latest day of work that has ended, and when it did.
func lastWorkday(w workTime, now time.Time, zone *time.Location) (civil.Date, time.Time, bool) {
	day := civil.In(now, zone)
	for range farBack {
		if ends, ok := w.workEnds(day); ok && !ends.After(now) {
			return day, ends, true
		}
		day = day.AddDays(-1)
	}
	return civil.Date{}, time.Time{}, false
}
