package work_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/work"
)

func workdays(t testing.TB, zone string) civil.Hours {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	h, err := civil.Usual().Hours(loc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestClearanceIsRemindedOfOnWorkingDays(t *testing.T) { // S1.06
	t.Parallel()
	h := workdays(t, "Europe/Berlin")
	c := work.Clearance{AskedAt: time.Date(2026, time.March, 20, 23, 30, 0, 0, time.UTC)} // a Saturday there
	for i, want := range []string{"2026-03-23T08:00:00Z", "2026-03-25T08:00:00Z", "2026-03-31T07:00:00Z", "2026-04-07T07:00:00Z", "2026-04-14T07:00:00Z"} {
		c.Reminders = i
		at, ok := c.Next(h)
		if got := at.UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("reminder %d comes at %s, want %s", i+1, got, want)
		}
	}
}

func TestMissedRemindersAreNotMadeUpFor(t *testing.T) { // S1.06
	t.Parallel()
	h := workdays(t, "UTC")
	asked := time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		now  time.Time
		due  bool
		over int
	}{
		{asked.Add(time.Hour), false, 0},
		{time.Date(2026, time.March, 23, 8, 59, 59, 0, time.UTC), false, 0},
		{time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC), true, 1},
		{time.Date(2026, time.April, 8, 9, 0, 0, 0, time.UTC), true, 4}, // the worker was away
	} {
		got, due := work.Clearance{AskedAt: asked}.Remind(c.now, h)
		if due != c.due || got.Reminders != c.over {
			t.Errorf("at %s: %v, %d over; want %v, %d", c.now, due, got.Reminders, c.due, c.over)
		}
		if _, again := got.Remind(c.now, h); again {
			t.Errorf("at %s it is reminded of twice", c.now)
		}
	}
	never, _ := civil.Calendar{}.Hours(time.UTC, nil)
	if _, due := (work.Clearance{AskedAt: asked}).Remind(asked.AddDate(1, 0, 0), never); due {
		t.Error("a reminder comes where nobody ever works")
	}
}

func TestWhoHearsOfAProject(t *testing.T) { // S1.06, S1.07, N.21
	t.Parallel()
	am, asker, admin, ann, by := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	names := map[uuid.UUID]string{am: "am", asker: "asker", admin: "admin", ann: "ann"}
	a := work.ProjectAudience{AM: am, AskedBy: asker, MayClear: []uuid.UUID{am, admin, asker}, Team: []uuid.UUID{ann, am}}
	heard := func(told []work.Notice) string {
		var all []string
		for _, n := range told {
			all = append(all, names[n.Person]+" "+string(n.Kind))
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	for _, c := range []struct {
		what string
		told []work.Notice
		want string
	}{
		{"asking", work.ProjectTold(work.RequestClearance, asker, a), "admin clearance_asked, am clearance_asked"},
		{"clearing", work.ProjectTold(work.Clear, admin, a), "am cleared, ann project_status, asker cleared"},
		{"refusing", work.ProjectTold(work.RefuseClearance, admin, a), "am clearance_refused, asker clearance_refused"},
		{"who asked withdraws", work.ProjectTold(work.WithdrawClearance, asker, a), "admin clearance_withdrawn, am clearance_withdrawn"},
		{"an admin withdraws", work.ProjectTold(work.WithdrawClearance, admin, a), "am clearance_withdrawn, asker clearance_withdrawn"},
		{"holding", work.ProjectTold(work.Hold, am, a), "ann project_status"},
		{"an admin cancels", work.ProjectTold(work.CancelProject, by, a), "am project_status, ann project_status"},
		{"reminding", work.ClearanceOverdue(a), "admin clearance_reminder, am clearance_reminder"},
		{"handing over", work.ProjectHandedOver(am, asker, am), "asker project_given"},
		{"an admin hands over", work.ProjectHandedOver(am, asker, admin), "am project_taken, asker project_given"},
	} {
		if got := heard(c.told); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
