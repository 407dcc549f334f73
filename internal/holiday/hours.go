package holiday

import (
	"encoding/json"
	"fmt"
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

// Stored is [Hours] of a calendar as it is kept; nothing kept is the usual one.
func Stored(kept json.RawMessage, zone *time.Location) (civil.Hours, error) {
	c := civil.Usual()
	if kept != nil {
		c = civil.Calendar{}
		if err := json.Unmarshal(kept, &c); err != nil {
			return civil.Hours{}, fmt.Errorf("read a calendar: %w", err)
		}
	}
	return Hours(c, zone)
}
