package civil_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"steward/internal/civil"
	"steward/internal/fault"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func calendar(t testing.TB, text string) civil.Calendar {
	t.Helper()
	var c civil.Calendar
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func hours(t testing.TB, zoneName, text string) civil.Hours {
	t.Helper()
	h, err := calendar(t, text).Hours(zone(t, zoneName), nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestACalendarIsKeptAsItIsWritten(t *testing.T) { // S1.45
	text := `{"weekly":{"mon":[["09:00","12:30"],["13:30","17:30"]],"sat":[["22:00","24:00"]]},"holidays":"GB","absences":[{"from":"2026-12-24","to":"2026-12-31"}]}`
	got, err := json.Marshal(calendar(t, text))
	if err != nil || string(got) != text {
		t.Errorf("got %s, %v", got, err)
	}
	for _, c := range []civil.Calendar{civil.Usual(), calendar(t, text), {}} {
		if err := c.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestACalendarThatNobodyCouldWorkByIsRefused(t *testing.T) { // S1.45
	many := strings.TrimSuffix(strings.Repeat(`["00:00","00:01"],`, 11), ",")
	for _, c := range []struct{ text, field string }{
		{`{"weekly":{"mon":[["9:00","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["09:60","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["09.00","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["0a:00","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["09:0 ","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["09:00","1/:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["-1:00","17:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["09:00","24:01"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"mon":[["24:00","24:00"]]}}`, "weekly.mon[0]"},
		{`{"weekly":{"tue":[["17:00","09:00"]]}}`, "weekly.tue[0]"},
		{`{"weekly":{"tue":[["09:00","09:00"]]}}`, "weekly.tue[0]"},
		{`{"weekly":{"tue":[["",""]]}}`, "weekly.tue[0]"},
		{`{"weekly":{"wed":[["09:00","13:00"],["12:59","17:00"]]}}`, "weekly.wed[1]"},
		{`{"weekly":{"wed":[["13:00","17:00"],["09:00","12:00"]]}}`, "weekly.wed[1]"},
		{`{"weekly":{"sun":[` + many + `]}}`, "weekly.sun"},
		{`{"absences":[{"from":"2026-12-31","to":"2026-12-24"}]}`, "absences[0]"},
		{`{"absences":[{"from":"2026-12-31"}]}`, "absences[0]"},
		{`{"absences":[{"to":"2026-12-31"}]}`, "absences[0]"},
	} {
		err := calendar(t, c.text).Check()
		f, ok := fault.From(err)
		if !ok || f.Code != civil.BadCalendar || f.Fields[0].Location != "body."+c.field {
			t.Errorf("%s: got %v, want bad_calendar at %s", c.text, err, c.field)
		}
	}
}

func TestANightIsAsLongAsClocksMakeIt(t *testing.T) { // S1.45
	night := `{"weekly":{"sun":[["00:00","06:00"]],"sat":[["22:00","24:00"]]}}`
	for _, c := range []struct {
		zone, day string
		want      int
	}{
		{"Europe/London", "2026-03-22", 360}, {"Europe/London", "2026-03-29", 300}, {"Europe/London", "2026-10-25", 420},
		{"America/New_York", "2026-03-08", 300}, {"America/New_York", "2026-11-01", 420},
		{"America/Havana", "2026-03-08", 300}, {"America/Havana", "2026-11-01", 420}, // at midnight
		{"Australia/Lord_Howe", "2026-04-05", 390}, // by half an hour
		{"America/Santiago", "2026-09-06", 300}, {"America/Santiago", "2026-04-05", 360},
		{"America/Santiago", "2026-04-04", 180}, // 23:00 comes twice that Saturday
	} {
		d, _ := civil.Parse(c.day)
		got := 0
		for _, i := range hours(t, c.zone, night).Day(d) {
			got += i.Minutes()
		}
		if got != c.want {
			t.Errorf("the night of %s in %s has %d minutes, want %d", c.day, c.zone, got, c.want)
		}
	}
}

func TestTimesThatClocksSkipAreMovedOn(t *testing.T) { // S1.45
	h := hours(t, "Europe/Berlin", `{"weekly":{"sun":[["01:30","02:15"],["02:20","02:40"],["02:45","04:00"]]}}`)
	var got []string
	for _, i := range h.Day(civil.Of(2026, time.March, 29)) {
		got = append(got, i.Start.Format(time.RFC3339)+" "+i.End.Format(time.RFC3339))
	}
	want := "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00, 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	// In autumn the first of the two 02:30 counts, for an end as for a beginning.
	h = hours(t, "Europe/Berlin", `{"weekly":{"sun":[["01:00","02:30"],["02:30","04:00"]]}}`)
	days := h.Day(civil.Of(2026, time.October, 25))
	if days[0].Minutes() != 90 || days[1].Minutes() != 150 || !days[0].End.Equal(days[1].Start) {
		t.Errorf("got %v", days)
	}
}

func TestLeaveAndHolidaysAreFree(t *testing.T) { // S1.45
	c := calendar(t, `{"weekly":{"thu":[["09:00","17:00"]],"fri":[["09:00","17:00"]]},"absences":[{"from":"2026-12-24","to":"2026-12-24"}]}`)
	h, err := c.Hours(time.UTC, func(d civil.Date) bool { return d == civil.Of(2026, 12, 25) })
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]civil.Why{"2026-12-23": civil.Off, "2026-12-24": civil.Absent, "2026-12-25": civil.Holiday, "2026-12-31": civil.Working} {
		d, _ := civil.Parse(day)
		if got := h.Free(d); got != want || (len(h.Day(d)) > 0) != (want == civil.Working) {
			t.Errorf("%s: got %q, want %q", day, got, want)
		}
	}
	if got, ok := h.Add(at(t, "2026-12-18T16:00:00Z"), 61); !ok || !got.Equal(at(t, "2026-12-31T09:01:00Z")) {
		t.Errorf("over Christmas: got %v, %v", got, ok)
	}
}

func TestWorkingTimeIsAddedAndMeasured(t *testing.T) { // S1.45, N.20
	h := hours(t, "Europe/London", `{"weekly":{"mon":[["09:00","12:00"],["13:00","17:00"]],"tue":[["09:00","12:00"]]}}`)
	for _, c := range []struct {
		from    string
		minutes int
		want    string
	}{
		{"2026-11-23T10:00:00Z", 60, "2026-11-23T11:00:00Z"},
		{"2026-11-23T10:00:00Z", 120, "2026-11-23T12:00:00Z"}, // the end of the morning, not the beginning of the afternoon
		{"2026-11-23T10:00:00Z", 121, "2026-11-23T13:01:00Z"},
		{"2026-11-23T12:30:00Z", 0, "2026-11-23T13:00:00Z"},
		{"2026-11-23T11:00:00Z", 0, "2026-11-23T11:00:00Z"},
		{"2026-11-24T11:30:00Z", 31, "2026-11-30T09:01:00Z"}, // over the week's end
	} {
		got, ok := h.Add(at(t, c.from), c.minutes)
		if !ok || !got.Equal(at(t, c.want)) {
			t.Errorf("%s + %d: got %v, %v, want %s", c.from, c.minutes, got, ok, c.want)
		}
		if c.minutes > 0 && h.Between(at(t, c.from), got) != c.minutes {
			t.Errorf("%s + %d is %d minutes", c.from, c.minutes, h.Between(at(t, c.from), got))
		}
	}
	if got := h.Between(at(t, "2026-11-24T00:00:00Z"), at(t, "2026-11-23T00:00:00Z")); got != 0 {
		t.Errorf("backwards: got %d", got)
	}
}

func TestWhoNeverWorksIsNeverDone(t *testing.T) { // S1.45
	for name, text := range map[string]string{
		"no hours":      `{"weekly":{}}`,
		"always absent": `{"weekly":{"mon":[["00:00","24:00"]]},"absences":[{"from":"1970-01-01","to":"2199-12-31"}]}`,
		"too much":      `{"weekly":{"mon":[["00:00","00:01"]]}}`,
	} {
		if got, ok := hours(t, "Europe/London", text).Add(at(t, "2026-11-22T00:00:00Z"), 10_000_000); ok {
			t.Errorf("%s: got %v", name, got)
		}
	}
	always, err := civil.Usual().Hours(time.UTC, func(civil.Date) bool { return true })
	if _, ok := always.Add(at(t, "2026-11-22T00:00:00Z"), 1); ok || err != nil {
		t.Error("every day is a holiday, and yet there is work")
	}
}

func TestWorkingTimeHolds(t *testing.T) { // S1.45
	zones := []string{"UTC", "Europe/London", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Havana", "Africa/Casablanca"}
	rapid.Check(t, func(r *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		var c civil.Calendar
		for _, day := range []*[]civil.Span{&c.Weekly.Mon, &c.Weekly.Wed, &c.Weekly.Sat, &c.Weekly.Sun} {
			last := 0
			for range rapid.IntRange(0, 3).Draw(r, "spans") {
				from := last + rapid.IntRange(0, 200).Draw(r, "gap")
				to := from + rapid.IntRange(1, 300).Draw(r, "length")
				if to > 24*60 {
					break
				}
				*day = append(*day, civil.Span{fmt.Sprintf("%02d:%02d", from/60, from%60), fmt.Sprintf("%02d:%02d", to/60, to%60)})
				last = to
			}
		}
		h, err := c.Hours(loc, nil)
		if err != nil {
			r.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(r, "from"), 0)
		to := from.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(r, "for")) * time.Minute)
		last := from
		for _, i := range h.Spans(from, to) {
			if i.Start.Before(last) || !i.End.After(i.Start) || i.End.After(to) {
				r.Fatalf("%v is not in order after %v", i, last)
			}
			last = i.End
		}
		n := rapid.IntRange(1, 5000).Draw(r, "minutes")
		if end, ok := h.Add(from, n); ok {
			if got := h.Between(from, end); got != n {
				r.Fatalf("%d minutes from %v end at %v, which is %d minutes", n, from, end, got)
			}
		}
	})
}
