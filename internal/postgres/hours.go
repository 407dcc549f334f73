package postgres

import (
	"encoding/json"
	"sync"
	"time"

	"steward/internal/civil"
	"steward/internal/holiday"
)

// zones are those read so far: the standard library reads a file each time.
var zones sync.Map

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
	hours, err := holiday.Stored(kept, Zone(zone))
	if err != nil {
		hours, _ = holiday.Stored(nil, Zone(zone)) // reads nothing and names no country
	}
	return hours
}
