package holiday_test

import (
	"strings"
	"testing"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/holiday"
)

func TestPublicHolidays(t *testing.T) { // S1.45
	for _, c := range []struct {
		code, day string
		want      bool
	}{
		{"GB", "2026-12-25", true}, {"GB", "2026-12-28", true}, // Boxing Day is a Saturday: made up for on Monday
		{"GB", "2026-04-06", true}, {"GB", "2026-04-07", false},
		{"GB", "2027-12-27", true}, {"GB", "2027-12-28", true}, // Christmas on Saturday and Sunday
		{"US", "2026-07-03", true}, // the 4th is a Saturday
		{"US", "2027-12-31", true}, // New Year's Day of 2028 is a Saturday
		{"US", "2026-11-26", true}, {"DE", "2026-10-03", true}, {"DE", "2026-01-06", false}, {"DE-BY", "2026-01-06", true},
		{"CH", "2026-08-01", true}, {"CH", "2026-01-06", false}, {"AU", "2026-01-26", true}, {"JP", "2026-05-04", true}, {"FR", "2026-07-14", true},
		{"ZA", "2026-12-16", true}, {"NZ", "2026-02-06", true}, {"IE", "2026-03-17", true},
	} {
		free, err := holiday.Of(c.code)
		if err != nil {
			t.Fatal(err)
		}
		d, err := civil.Parse(c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := free(d); got != c.want {
			t.Errorf("%s in %s is a holiday: %v, want %v", c.day, c.code, got, c.want)
		}
	}
}

func TestEveryCountryHasHolidaysEveryYear(t *testing.T) { // S1.45
	for _, code := range holiday.Codes() {
		free, err := holiday.Of(code)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2020; year <= 2060; year++ {
			n := 0
			for d := civil.Of(year, 1, 1); d.Year == year; d = d.AddDays(1) {
				if free(d) {
					n++
				}
			}
			if n < 4 || n > 25 {
				t.Errorf("%s has %d public holidays in %d", code, n, year)
			}
		}
	}
}

func TestAnUnknownCountryIsRefusedWithTheKnownOnes(t *testing.T) { // S1.45
	for _, code := range []string{"XX", "gb", "UK", "DE-XX", " "} {
		_, err := holiday.Of(code)
		if f, _ := fault.From(err); f == nil || f.Code != civil.BadCalendar || f.Fields[0].Location != "body.holidays" || !strings.Contains(f.Message, "GB, GR") {
			t.Errorf("%q: %v", code, err)
		}
	}
	if free, err := holiday.Of(""); free != nil || err != nil {
		t.Error("no country has no holidays")
	}
}
