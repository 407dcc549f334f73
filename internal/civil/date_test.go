package civil_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"steward/internal/civil"
	"steward/internal/fault"
)

func TestDatesThatAreNotAreRefused(t *testing.T) {
	for _, s := range []string{"", "2026-13-01", "2026-02-30", "2025-02-29", "0016-01-01", "20014-01-01", "2026-1-1", "01.02.2026", "2026-01-01T00:00:00Z"} {
		if d, err := civil.Parse(s); !fault.Is(err, civil.BadDate) {
			t.Errorf("%q is read as %v, %v; want bad_date", s, d, err)
		}
	}
}

func TestAnInstantBelongsToTheDayOfItsZone(t *testing.T) {
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Europe/Berlin": "2026-11-23", "America/Juneau": "2026-11-22", "Pacific/Apia": "2026-11-23", "UTC": "2026-11-22"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := civil.In(at, loc).String(); got != want {
			t.Errorf("in %s it is %s, want %s", zone, got, want)
		}
	}
}

func TestADayStartsAlsoWhereMidnightDoesNotExist(t *testing.T) {
	for zone, day := range map[string]civil.Date{
		"America/Havana":   civil.Of(2026, time.March, 8),     // clocks go from 00:00 to 01:00
		"America/Santiago": civil.Of(2026, time.September, 6), // the same
		"Europe/Berlin":    civil.Of(2026, time.March, 29),
		"Pacific/Apia":     civil.Of(2011, time.December, 31), // the day before did not exist
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		start := day.Start(loc)
		if civil.In(start, loc) != day || civil.In(start.Add(-time.Second), loc) == day {
			t.Errorf("%s in %s starts at %s", day, zone, start.In(loc))
		}
	}
}

func TestDaysAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := civil.Of(rapid.IntRange(1970, 2199).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		n := rapid.IntRange(-2000, 2000).Draw(t, "n")
		if got := d.AddDays(n).DaysSince(d); got != n {
			t.Fatalf("%s plus %d days is %d days later", d, n, got)
		}
	})
}

// Islands that moved to the other side of the date line have no such day.
func TestADayThatAZoneLeftOutStartsWithTheNext(t *testing.T) { // S1.21, S1.45
	for name, day := range map[string]civil.Date{
		"Pacific/Apia": civil.Of(2011, time.December, 30), "Pacific/Fakaofo": civil.Of(2011, time.December, 30),
		"Pacific/Kiritimati": civil.Of(1994, time.December, 31), "Pacific/Kwajalein": civil.Of(1993, time.August, 21),
	} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		got := day.Start(loc) // which comes back at all
		if next := day.AddDays(1); !got.Equal(next.Start(loc)) || civil.In(got, loc) != next || civil.In(got.Add(-time.Second), loc) != day.AddDays(-1) {
			t.Errorf("%s: %s starts at %s", name, day, got.In(loc))
		}
	}
}

func TestNoDateIsNull(t *testing.T) {
	b, err := json.Marshal(struct {
		A, B civil.Date
	}{B: civil.Of(2024, time.February, 29)})
	if err != nil || string(b) != `{"A":null,"B":"2024-02-29"}` {
		t.Errorf("got %s, %v", b, err)
	}
	var v struct{ A, B civil.Date }
	if err := json.Unmarshal(b, &v); err != nil || !v.A.IsZero() || v.B.String() != "2024-02-29" {
		t.Errorf("read back: %v, %v", v, err)
	}
	if err := json.Unmarshal([]byte(`{"A": 5}`), &v); err == nil {
		t.Error("a number is read as a date")
	}
}

func TestMonthsEnd(t *testing.T) {
	for in, want := range map[civil.Date]string{
		civil.Of(2024, time.February, 3): "2024-02-29", civil.Of(2026, time.February, 3): "2026-02-28",
		civil.Of(2026, time.December, 31): "2026-12-31", civil.Of(2026, time.April, 1): "2026-04-30",
	} {
		if got := in.MonthEnd().String(); got != want {
			t.Errorf("the month of %s ends %s, want %s", in, got, want)
		}
	}
}

func TestAZoneIsNamed(t *testing.T) { // N.21
	at := time.Date(2026, time.July, 1, 22, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"Europe/Berlin": "2 July at 00:30 CEST", "UTC": "1 July at 22:30 UTC",
		"America/Sao_Paulo": "1 July at 19:30 UTC-03:00", "Asia/Kathmandu": "2 July at 04:15 UTC+05:45",
	} {
		loc, _ := civil.ZoneNamed(zone)
		if got := civil.Format(at, loc, "2 January at 15:04 MST"); got != want {
			t.Errorf("in %s it is %s, want %s", zone, got, want)
		}
	}
}

func TestTheEarlierAndTheLaterDay(t *testing.T) {
	a, b := civil.Of(2026, time.March, 1), civil.Of(2026, time.March, 2)
	for _, of := range [][2]civil.Date{{a, b}, {b, a}} {
		if civil.Earlier(of[0], of[1]) != a || civil.Later(of[0], of[1]) != b {
			t.Errorf("of %v the earlier is %s and the later %s", of, civil.Earlier(of[0], of[1]), civil.Later(of[0], of[1]))
		}
	}
}

func TestDatesBeyondTheCalendarAreRefused(t *testing.T) {
	for day, ok := range map[civil.Date]bool{civil.First: true, civil.First.AddDays(-1): false, civil.Last: true, civil.Last.AddDays(1): false} {
		if got, err := civil.Parse(day.String()); (err == nil) != ok || ok && got != day {
			t.Errorf("%s is read as %s, %v", day, got, err)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus"} {
		if loc, ok := civil.ZoneNamed(name); ok {
			t.Errorf("%q is the zone %s", name, loc)
		}
	}
}

func TestADateIsThatOfPostgres(t *testing.T) {
	leap := civil.Of(2024, time.February, 29)
	for _, want := range []civil.Date{{}, leap} {
		kept, err := want.Value()
		got := civil.Of(2000, time.January, 1) // of the row before
		if err := errors.Join(err, got.Scan(kept)); err != nil || got != want || (kept == nil) != want.IsZero() {
			t.Errorf("%q is kept as %v and read as %q, %v", want, kept, got, err)
		}
	}
	var d civil.Date
	if err := d.Scan("2024-02-29"); err != nil || d != leap {
		t.Errorf("from text: %s, %v", d, err)
	}
	if err := d.Scan(5); err == nil {
		t.Error("a number is read as a date")
	}
	if err := errors.Join(d.UnmarshalText(nil), json.Unmarshal([]byte("null"), &d)); err != nil || !d.IsZero() {
		t.Errorf("no date is read as %s, %v", d, err)
	}
}
