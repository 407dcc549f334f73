package billing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"steward/internal/billing"
	"steward/internal/civil"
)

func date(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestPeriodsEndWhereTheAnchorSays(t *testing.T) { // S1.11, lesson 5
	for _, c := range []struct {
		cycle  billing.Cycle
		anchor int
		from   string
		want   string // the ends
	}{
		{billing.Monthly, 31, "2027-12-05", "2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30"},
		{billing.Monthly, 31, "2026-01-31", "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"},
		{billing.Monthly, 30, "2026-01-01", "2026-01-30 2026-02-28 2026-03-30 2026-04-30 2026-05-30"},
		{billing.Monthly, 1, "2026-01-15", "2026-02-01 2026-03-01 2026-04-01 2026-05-01 2026-06-01"},
		{billing.Monthly, 1, "2026-01-01", "2026-01-01 2026-02-01 2026-03-01 2026-04-01 2026-05-01"},
		{billing.Quarterly, 31, "2026-01-10", "2026-03-31 2026-06-30 2026-09-30 2026-12-31 2027-03-31"},
		{billing.Quarterly, 15, "2026-03-16", "2026-06-15 2026-09-15 2026-12-15 2027-03-15 2027-06-15"},
		{billing.Semimonthly, 31, "2026-01-10", "2026-01-15 2026-01-31 2026-02-15 2026-02-28 2026-03-15"},
		{billing.Semimonthly, 15, "2026-02-16", "2026-02-28 2026-03-15 2026-03-31 2026-04-15 2026-04-30"},
		{billing.Semimonthly, 30, "2026-01-16", "2026-01-30 2026-02-15 2026-02-28 2026-03-15 2026-03-30"},
		{billing.Semimonthly, 5, "2026-01-06", "2026-01-20 2026-02-05 2026-02-20 2026-03-05 2026-03-20"},
		{billing.Semimonthly, 29, "2026-02-01", "2026-02-14 2026-02-28 2026-03-14 2026-03-29 2026-04-14"},
		{billing.Weekly, 7, "2026-03-02", "2026-03-08 2026-03-15 2026-03-22 2026-03-29 2026-04-05"},
		{billing.Weekly, 5, "2026-03-06", "2026-03-06 2026-03-13 2026-03-20 2026-03-27 2026-04-03"},
		{billing.Weekly, 31, "2026-03-04", "2026-03-08 2026-03-15 2026-03-22 2026-03-29 2026-04-05"},
		{billing.Biweekly, 7, "2026-03-02", "2026-03-15 2026-03-29 2026-04-12 2026-04-26 2026-05-10"},
		{billing.Biweekly, 3, "2026-03-02", "2026-03-11 2026-03-25 2026-04-08 2026-04-22 2026-05-06"},
		{billing.Biweekly, 1, "2026-03-02", "2026-03-09 2026-03-23 2026-04-06 2026-04-20 2026-05-04"},
		{billing.Biweekly, 7, "2026-03-08", "2026-03-15 2026-03-29 2026-04-12 2026-04-26 2026-05-10"},
		{billing.OnCompletion, 31, "2026-03-02", ""},
		{billing.Never, 31, "2026-03-02", ""},
	} {
		r := billing.Rhythm{Cycle: c.cycle, Anchor: c.anchor, From: date(c.from)}
		var got []string
		for _, p := range r.Over(civil.Date{}, date("2030-01-01"), 5) {
			got = append(got, p.End.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s on %d from %s ends on\n     %s\nwant %s", c.cycle, c.anchor, c.from, strings.Join(got, " "), c.want)
		}
	}
}

func TestTwoYearsAtTheLastDayDoNotDrift(t *testing.T) { // S1.11, lesson 5
	r := billing.Rhythm{Cycle: billing.Monthly, Anchor: billing.LastDay, From: date("2027-01-31")}
	all := r.Over(civil.Date{}, date("2029-01-31"), 100)
	for i, p := range all {
		if want := civil.Of(2027, time.February+time.Month(i), 0); p.End != want {
			t.Errorf("month %d ends on %s, want %s", i+1, p.End, want)
		}
	}
	if len(all) != 24 {
		t.Errorf("there are %d months in two years", len(all))
	}
}

// Each day of two years is in one period, whose days all say the same: the
// periods follow each other without gap, overlap or drift.
func TestPeriodsNeitherOverlapNorDrift(t *testing.T) { // lesson 5
	rapid.Check(t, func(t *rapid.T) {
		r := billing.Rhythm{
			Cycle:  rapid.SampledFrom([]billing.Cycle{billing.Weekly, billing.Biweekly, billing.Semimonthly, billing.Monthly, billing.Quarterly}).Draw(t, "cycle"),
			Anchor: rapid.IntRange(1, 31).Draw(t, "anchor"),
			From:   civil.Of(2026, time.January, rapid.IntRange(1, 1500).Draw(t, "from")),
		}
		most := map[billing.Cycle]int{billing.Weekly: 7, billing.Biweekly: 14, billing.Semimonthly: 17, billing.Monthly: 31, billing.Quarterly: 92}[r.Cycle]
		end := r.From.AddDays(-1)
		all := r.Over(civil.Date{}, r.From.AddDays(731), 1000)
		for _, p := range all {
			if p.Start != end.AddDays(1) || p.End.Before(p.Start) || p.End.DaysSince(p.Start) >= most {
				t.Fatalf("after %s comes %s to %s", end, p.Start, p.End)
			}
			end = p.End
			for d := p.Start; !d.After(p.End); d = d.AddDays(1) {
				if at, ok := r.At(d); !ok || at != p {
					t.Fatalf("%s belongs to %v, not to %v", d, at, p)
				}
			}
		}
		if len(all) == 0 || r.From.AddDays(731).DaysSince(end) > most+1 {
			t.Fatalf("the last of %d periods ends on %s", len(all), end)
		}
		if i := rapid.IntRange(0, len(all)-1).Draw(t, "again"); i+1 < len(all) && r.Over(all[i].End, r.From.AddDays(731), 1)[0] != all[i+1] {
			t.Fatalf("after %v comes %v", all[i], r.Over(all[i].End, r.From.AddDays(731), 1))
		}
	})
}

func TestNothingIsDueBeforeBillingBeganOrBeforeAPeriodIsOver(t *testing.T) { // S1.73
	r := billing.Rhythm{Cycle: billing.Monthly, Anchor: 31, From: date("2026-03-10")}
	for today, want := range map[string]string{
		"2026-03-31": "[]", "2026-04-01": "[{2026-03-10 2026-03-31}]", "2026-04-30": "[{2026-03-10 2026-03-31}]",
	} {
		if got := fmt.Sprint(r.Over(civil.Date{}, date(today), 10)); got != want {
			t.Errorf("on %s due is %s, want %s", today, got, want)
		}
	}
	if _, ok := r.At(date("2026-03-09")); ok {
		t.Error("a day before billing began has a period")
	}
	if got := r.Over(date("2026-03-31"), date("2026-04-30"), 10); len(got) != 0 {
		t.Errorf("again: %v", got)
	}
}

// On every day of a year at six in the morning, by clocks that are moved and
// on both sides of the date line, one period a month comes due, once.
func TestAYearInZonesWhoseClocksChange(t *testing.T) { // lesson 5
	for _, zone := range []string{"America/Juneau", "Europe/Berlin", "Pacific/Apia", "Africa/Cairo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		r := billing.Rhythm{Cycle: billing.Monthly, Anchor: 31, From: date("2027-07-01")}
		var last civil.Date
		var ends []string
		for day := range 366 { // of a leap year
			now := time.Date(2027, time.July, 2+day, 6, 0, 0, 0, loc)
			for _, p := range r.Over(last, civil.In(now, loc), 10) {
				if p.End.AddDays(1) != civil.In(now, loc) {
					t.Errorf("%s: %s is billed on %s", zone, p.End, civil.In(now, loc))
				}
				last = p.End
				ends = append(ends, p.End.String()[5:])
			}
		}
		if got := strings.Join(ends, " "); got != "07-31 08-31 09-30 10-31 11-30 12-31 01-31 02-29 03-31 04-30 05-31 06-30" {
			t.Errorf("%s: %s", zone, got)
		}
	}
}

func ExampleRhythm_Over() {
	r := billing.Rhythm{Cycle: billing.Monthly, Anchor: 31, From: civil.Of(2028, time.January, 10)}
	for _, p := range r.Over(civil.Date{}, civil.Of(2028, time.April, 15), 10) {
		fmt.Println(p.Start, "to", p.End)
	}
	// Output:
	// 2028-01-10 to 2028-01-31
	// 2028-02-01 to 2028-02-29
	// 2028-03-01 to 2028-03-31
}
