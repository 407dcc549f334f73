// Package holiday knows the public holidays of countries, and of their parts
// where these differ. It owns the list of codes and nothing else: whether a
// holiday is free for somebody is a matter of their calendar.
package holiday

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"steward/internal/civil"
	"steward/internal/fault"
)

// Codes are the countries and parts of countries that are known, in order:
// "GB", "DE", "DE-BY".
func Codes() []string { return slices.Sorted(maps.Keys(countries)) }

// Of tells the public holidays of a country; "" has none. Both the day itself
// and the day it is made up for are free. It refuses an unknown country with
// [civil.BadCalendar]. Years are worked out once.
func Of(code string) (func(civil.Date) bool, error) {
	if code == "" {
		return nil, nil
	}
	list, ok := countries[code]
	if !ok {
		f := fault.Wrong("holidays", "%q is not a country whose public holidays are known; these are: %s", code, strings.Join(Codes(), ", "))
		f.Code = civil.BadCalendar
		return nil, f
	}
	return func(d civil.Date) bool { return yearOf(code, list, d.Year)[d] }, nil
}

// years holds what was worked out: a map that never changes for each country
// and year that somebody asked for.
var years sync.Map

type yearIn struct {
	code string
	year int
}

func yearOf(code string, list []*cal.Holiday, year int) map[civil.Date]bool {
	if known, ok := years.Load(yearIn{code, year}); ok {
		return known.(map[civil.Date]bool)
	}
	free, _ := years.LoadOrStore(yearIn{code, year}, during(list, year))
	return free.(map[civil.Date]bool)
}

// during is the holidays that fall into a year, also those of its neighbours:
// a New Year's Day on a Saturday may be made up for on the Friday before.
func during(list []*cal.Holiday, year int) map[civil.Date]bool {
	free := map[civil.Date]bool{}
	for _, h := range list {
		for y := year - 1; y <= year+1; y++ {
			actual, observed := h.Calc(y)
			for _, t := range []time.Time{actual, observed} {
				if d := dateOf(t); !t.IsZero() && d.Year == year {
					free[d] = true
				}
			}
		}
	}
	return free
}

// dateOf is the date of what should be a midnight, and is an hour earlier where
// clocks skip it.
func dateOf(t time.Time) civil.Date { return civil.In(t.Add(12*time.Hour), t.Location()) }
