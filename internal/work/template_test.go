package work_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/work"
)

func TestATemplateKeepsTheShapeOfAProject(t *testing.T) { // S2.03, S2.06, S2.15
	t.Parallel()
	top, dropped, below, beside := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	estimate := 90
	start := civil.Of(2026, time.March, 6) // a Friday
	tasks := []work.Original{
		{ID: top, Title: "Design", Description: "all of it", Status: work.Complete, Priority: 2, Skills: []string{"css"}, VisibleToClient: true, DueOn: civil.Of(2026, time.March, 9)},
		{ID: dropped, ParentID: &top, Title: "Dropped", Status: work.Cancelled, Priority: 3},
		{ID: below, ParentID: &dropped, Title: "Colours", Status: work.Open, Priority: 1, EstimateMinutes: &estimate, DueOn: start},
		{ID: beside, Title: "Text", Status: work.Planned, Priority: 3, DependsOn: []uuid.UUID{below, dropped, top}, DueOn: civil.Of(2026, time.March, 20)},
	}
	h := workdays(t, "UTC")
	got := work.Patterns(tasks, start, h)
	text, _ := json.Marshal(got)
	const want = `[{"number":1,"title":"Design","description":"all of it","priority":2,"estimate_minutes":null,"skills":["css"],"visible_to_client":true,"due_after_days":1,"depends_on":[]},` +
		`{"number":2,"parent":1,"title":"Colours","priority":1,"estimate_minutes":90,"skills":null,"visible_to_client":false,"due_after_days":0,"depends_on":[]},` +
		`{"number":3,"title":"Text","priority":3,"estimate_minutes":null,"skills":null,"visible_to_client":false,"due_after_days":10,"depends_on":[1,2]}]`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	for i, due := range []string{"2026-05-04", "2026-05-04", "2026-05-15"} { // from a Saturday on
		if d := got[i].Due(civil.Of(2026, time.May, 2), h); d.String() != due {
			t.Errorf("%s is due on %s, want %s", got[i].Title, d, due)
		}
	}
	for _, p := range work.Patterns(tasks, civil.Date{}, h) {
		if p.DueAfterDays != nil {
			t.Errorf("%s is due so many days after no day", p.Title)
		}
	}
}

func TestADueDateIsSetClearedOrLeft(t *testing.T) {
	t.Parallel()
	on := civil.Of(2026, time.March, 9)
	for body, want := range map[string]string{`{}`: "2026-03-09", `{"due_on": null}`: "", `{"due_on": "2026-04-01"}`: "2026-04-01"} {
		var e work.Edit
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(e)
		var e2 work.Edit
		if err := json.Unmarshal(again, &e2); err != nil {
			t.Fatal(err)
		}
		if got := (work.Task{DueOn: on}).Edit(e2).DueOn.String(); got != want {
			t.Errorf("%s, kept as %s: %q, want %q", body, again, got, want)
		}
	}
}
