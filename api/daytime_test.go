package api_test

import (
	"testing"

	"steward/internal/fixture"
)

func TestADayHas24Hours(t *testing.T) { // S1.21, N.01
	t.Parallel()
	w := newWorld(t)
	ann, other := w.as(w.Ann), w.NewTask(t, "open")
	first := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"minutes": 1000})).str("id")
	ann.refused(409, "over_24_hours", "POST", timeOn(other), session(object{"minutes": 441}))
	w.as(w.AM).refused(409, "over_24_hours", "POST", timeOn(other), session(object{"minutes": 441, "user_id": w.Ann}))
	ann.must("POST", timeOn(other), session(object{"minutes": 440}))
	ann.refused(409, "over_24_hours", "POST", timeOn(w.Task), session(object{"minutes": 1}))
	w.as(w.Bob).must("POST", timeOn(w.Task), session(nil)) // has a day of his own
	later := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"work_date": "2026-03-18"})).str("id")

	ann.refused(409, "over_24_hours", "PATCH", first, object{"minutes": 1001})
	ann.refused(409, "over_24_hours", "PATCH", later, object{"work_date": "2026-03-19"})
	ann.must("PATCH", first, object{"minutes": 910})
	ann.must("PATCH", later, object{"work_date": "2026-03-19"})
	ann.refused(409, "task_not_open", "POST", timeOn(w.NewTask(t, "planned")), session(nil)) // what is told first

	// A day that was imported with more is put right bit by bit.
	w.Exec(t, `UPDATE time_entry SET minutes = 1300 WHERE id = $1::text::uuid`, later[len("/time-entries/"):])
	ann.must("PATCH", later, object{"description": "What it was"})
	ann.must("PATCH", later, object{"minutes": 1200})
	ann.must("DELETE", later, nil)
}

func TestADayHas24HoursForTwoAtOnce(t *testing.T) { // S1.21, N.01
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	entry := "/time-entries/" + ann.must("POST", timeOn(w.Task), session(object{"minutes": 30})).str("id")
	for _, c := range []struct {
		second func() answer
		want   int // minutes of the day
	}{
		{func() answer { return ann.send("POST", timeOn(w.Task), session(object{"minutes": 800})) }, 830},
		{func() answer { return ann.send("PATCH", entry, object{"minutes": 300}) }, 1230},
	} {
		m := fixture.NewMeeting(t, w.Pool, `SELECT FROM task WHERE id = $1 FOR UPDATE`, w.Task)
		one := fixture.Do(t, m, func() answer {
			return ann.send("POST", timeOn(w.Task), session(object{"minutes": c.want - w.count(t, `SELECT sum(minutes)::int FROM time_entry`)}))
		})
		other := fixture.Do(t, m, c.second)
		m.Release(t)
		if a, b := <-one, <-other; a.status != 201 || b.str("code") != "over_24_hours" {
			t.Errorf("the one has %d %s, the other %d %s", a.status, a.text, b.status, b.text)
		}
		if n := w.count(t, `SELECT sum(minutes)::int FROM time_entry`); n != c.want {
			t.Errorf("the day has %d minutes, want %d", n, c.want)
		}
	}
}
