package work_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/civil"
	"steward/internal/work"
)

var updateStatus = flag.Bool("update-status", false, "write testdata/status.json afresh")

func TestAStatusReportNamesWhatTheClientSeesAndCountsTheRest(t *testing.T) { // S1.69
	t.Parallel()
	since := time.Date(2026, time.March, 13, 14, 0, 0, 0, time.UTC)
	old, young := since.Add(-time.Hour), since.Add(time.Hour)
	closed := func(at time.Time) *time.Time { return &at }
	tasks := []work.ReportedTask{
		{Number: 1, Title: "Analysis", Status: work.Complete, Visible: true, CreatedAt: old, StatusAt: young, ClosedAt: closed(young)},
		{Number: 2, Title: "HIDDEN one", Status: work.Complete, CreatedAt: old, StatusAt: young, ClosedAt: closed(young)},
		{Number: 3, Title: "Long done", Status: work.Complete, Visible: true, CreatedAt: old, StatusAt: old, ClosedAt: closed(old)},
		{Number: 4, Title: "Design", Status: work.Open, Priority: 3, Visible: true, CreatedAt: old, StatusAt: young},
		{Number: 5, Title: "HIDDEN two", Status: work.Open, Priority: 1, CreatedAt: old, StatusAt: young},
		{Number: 6, Title: "Payment page", Status: work.Planned, Priority: 1, Visible: true, CreatedAt: young, StatusAt: young},
		{Number: 7, Title: "HIDDEN three", Status: work.Open, Priority: 1, CreatedAt: young, StatusAt: young},
		{Number: 8, Title: "Basket", Status: work.Open, Priority: 2, Visible: true, CreatedAt: old, StatusAt: old},
		{Number: 9, Title: "Came and went", Status: work.Cancelled, Visible: true, CreatedAt: young, StatusAt: young, ClosedAt: closed(young)},
		{Number: 10, Title: "Newsletter", Status: work.Cancelled, Visible: true, CreatedAt: old, StatusAt: young, ClosedAt: closed(young)},
		{Number: 11, Title: "HIDDEN four", Status: work.Cancelled, CreatedAt: old, StatusAt: young, ClosedAt: closed(young)},
		{Number: 12, Title: "Long gone", Status: work.Cancelled, Visible: true, CreatedAt: old, StatusAt: old, ClosedAt: closed(old)},
	}
	p := work.ProjectReport{Code: "SHOP"}
	p.ReportTasks(tasks, since)
	got, err := json.MarshalIndent(map[string]any{"completed": p.Completed, "opened": p.Opened, "added": p.Added, "dropped": p.Dropped, "next": p.Next}, "", "  ")
	if err != nil || strings.Contains(string(got), "HIDDEN") {
		t.Errorf("a hidden task is named: %s, %v", got, err)
	}
	if *updateStatus {
		if err := os.WriteFile("testdata/status.json", append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/status.json")
	if err != nil || string(want) != string(got)+"\n" {
		t.Errorf("got %s, want %s, %v", got, want, err)
	}
}

// The figures of several reports add up to the total, whenever time is recorded.
func TestWhatWasWorkedSinceAddsUp(t *testing.T) { // S1.69
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id, total, told := uuid.UUID{1}, 0, 0
		before := work.WeekReport{Projects: []work.ProjectReport{{ID: uuid.UUID{2}, WorkedMinutes: 7}, {ID: id}}}
		for range rapid.IntRange(1, 20).Draw(t, "weeks") {
			total = max(0, total+rapid.IntRange(-100, 1000).Draw(t, "recorded"))
			p := work.ProjectReport{ID: id, WorkedMinutes: total}
			if !p.Follow(before) {
				t.Fatal("the project is in the report before")
			}
			told += p.WorkedSinceMinutes
			before = work.WeekReport{Projects: []work.ProjectReport{p}}
		}
		if told != total {
			t.Errorf("the client was told of %d minutes, want %d", told, total)
		}
	})
	p := work.ProjectReport{ID: uuid.UUID{1}, WorkedMinutes: 600}
	if p.Follow(work.WeekReport{Projects: []work.ProjectReport{{ID: uuid.UUID{2}, WorkedMinutes: 500}}}) || p.WorkedSinceMinutes != 0 {
		t.Errorf("a project that is new to the report follows another: %d minutes", p.WorkedSinceMinutes)
	}
}

func TestTheLastReportDayIsOfTheFirmsClock(t *testing.T) { // S1.69, N.33
	t.Parallel()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2026-03-20T13:59:59Z": "2026-03-13", "2026-03-20T14:00:00Z": "2026-03-20", "2026-03-23T09:00:00Z": "2026-03-20",
		"2026-04-03T12:59:59Z": "2026-03-27", "2026-04-03T13:00:00Z": "2026-04-03", // summer time
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if day, _ := work.LastReportDay(at, zone, 5, 14); day.String() != want {
			t.Errorf("at %s it is %s, want %s", now, day, want)
		}
	}
	if w := work.Week(civil.Of(2027, time.January, 1)); w != "2026-W53" {
		t.Errorf("the week is %s", w)
	}
}
