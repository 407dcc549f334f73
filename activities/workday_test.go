package activities

import (
	"encoding/json"
	"testing"
	"time"

	"steward/internal/postgres"
)

func TestADayOfWorkEndsWithItsLastInterval(t *testing.T) { // S1.45, S1.82
	t.Parallel()
	for _, c := range []struct {
		name, calendar, now, day, ended string
	}{
		{"usual hours", ``, "2026-03-20T18:00:00Z", "2026-03-20", "2026-03-20T17:30:00Z"},
		{"before they end", ``, "2026-03-20T16:00:00Z", "2026-03-19", "2026-03-19T17:30:00Z"},
		{"over the weekend", ``, "2026-03-23T08:00:00Z", "2026-03-20", "2026-03-20T17:30:00Z"},
		{"in summer time", ``, "2026-03-30T18:00:00Z", "2026-03-30", "2026-03-30T16:30:00Z"},
		{"in two parts", `{"weekly": {"fri": [["08:00", "12:00"], ["13:00", "18:30"]]}}`, "2026-03-20T20:00:00Z", "2026-03-20", "2026-03-20T18:30:00Z"},
		{"until midnight", `{"weekly": {"thu": [["20:00", "24:00"]]}}`, "2026-03-20T01:00:00Z", "2026-03-19", "2026-03-20T00:00:00Z"},
		{"a public holiday", `{"weekly": {"thu": [["09:00", "17:30"]], "fri": [["09:00", "17:30"]]}, "holidays": "GB"}`, "2026-04-03T20:00:00Z", "2026-04-02", "2026-04-02T16:30:00Z"}, // Good Friday
		{"absent", `{"weekly": {"tue": [["09:00", "17:30"]], "fri": [["09:00", "17:30"]]}, "absences": [{"from": "2026-03-18", "to": "2026-03-20"}]}`, "2026-03-20T20:00:00Z", "2026-03-17", "2026-03-17T17:30:00Z"},
		{"no day of work", `{"weekly": {}}`, "2026-03-20T20:00:00Z", "", ""},
		{"away for long", `{"weekly": {"tue": [["09:00", "17:30"]]}, "absences": [{"from": "2026-01-01", "to": "2026-12-31"}]}`, "2026-03-20T20:00:00Z", "", ""},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		var kept json.RawMessage
		if c.calendar != "" {
			kept = json.RawMessage(c.calendar)
		}
		day, ended, ok := lastWorkday(postgres.Hours(kept, "Europe/London"), now)
		if ok != (c.day != "") || day.String() != c.day || ok && ended.UTC().Format(time.RFC3339) != c.ended {
			t.Errorf("%s: got %s, %s, %v", c.name, day, ended, ok)
		}
	}
}
