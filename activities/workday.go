package activities

import (
	"time"

	"steward/internal/civil"
)

// farBack is how many days a day of work is looked for; who has been away for
// longer is not reminded of anything.
const farBack = 14

// lastWorkday is the latest day of work that has ended, and when it did.
func lastWorkday(h civil.Hours, now time.Time) (day civil.Date, ended time.Time, ok bool) {
	day = civil.In(now, h.Zone())
	for range farBack {
		spans := h.Day(day)
		if n := len(spans); n > 0 && !spans[n-1].End.After(now) {
			return day, spans[n-1].End, true
		}
		day = day.AddDays(-1)
	}
	return civil.Date{}, time.Time{}, false
}
