package holiday

import (
	"time"

	"steward/internal/civil"
)

// Hours is when somebody works who keeps this calendar in this zone, with the
// public holidays of its country. It refuses what is no calendar with
// [civil.BadCalendar].
func Hours(c civil.Calendar, zone *time.Location) (civil.Hours, error) {
	free, err := Of(c.Holidays)
	if err != nil {
		return civil.Hours{}, err
	}
	return c.Hours(zone, free)
}
