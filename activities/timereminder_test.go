package activities_test

import (
	"testing"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// reminded runs the reminder at a time and checks for how many it had one.
func (b *told) reminded(t *testing.T, now string, want int) {
	t.Helper()
	b.at(t, now)
	if got, err := b.acts.RemindOfTime(t.Context(), flow.After{}); err != nil || got.Told != want || got.More {
		t.Errorf("at %s: %+v, %v; want %d reminders", now, got, err, want)
	}
}

// working is a bench where Ann has had an open task since February. It is
// Friday 20 March 2026, in London and in UTC.
func working(t *testing.T) *told {
	t.Helper()
	b := setAt(t, "2026-03-20T12:00:00Z")
	b.Exec(t, `UPDATE task SET assigned_at = '2026-02-01T00:00:00Z', status_at = '2026-02-01T00:00:00Z'`)
	b.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES (gen_random_uuid(), $1, $2, $3, '2026-03-19', 60, 'work')`, b.Task, b.Project, b.Ann)
	return b
}

func TestWhoRecordedNothingIsRemindedWhenTheDayOfWorkHasEnded(t *testing.T) { // S1.82
	t.Parallel()
	b := working(t)
	b.Exec(t, `UPDATE task SET title = E'Analysis of\n*everything*' WHERE id = $1`, b.Task)
	b.reminded(t, "2026-03-20T17:29:59Z", 0)
	b.reminded(t, "2026-03-20T17:30:00Z", 1)
	b.reminded(t, "2026-03-20T17:45:00Z", 0)
	b.reminded(t, "2026-03-22T12:00:00Z", 0) // nobody works on a weekend
	b.reminded(t, "2026-03-23T08:00:00Z", 0)
	row := fixture.One[string](t, b.Firm.Pool, `SELECT kind || '|' || about_on || '|' || subject || '|' || (person_id = $1) FROM notification`, b.Ann)
	if row != "record_time|2026-03-20|You recorded no time on Friday 20 March|true" {
		t.Errorf("got %s", row)
	}
	b.at(t, "2026-03-23T09:00:00Z")
	b.Exec(t, `UPDATE notification SET body = replace(body, (SELECT code FROM project), 'ACME')`)
	b.Exec(t, `UPDATE notification SET created_at = $1`, b.now)
	b.atOnce(t, 1)
	b.golden(t, "record-time")
	b.reminded(t, "2026-03-23T17:30:00Z", 1) // Monday is another day
}

func TestWhoRecordedTimeOrHasNothingToDoIsNotReminded(t *testing.T) { // S1.82
	t.Parallel()
	for name, change := range map[string]string{
		"recorded":        `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) SELECT gen_random_uuid(), id, project_id, assignee_person_id, '2026-03-20', 1, 'work' FROM task`,
		"planned":         `UPDATE task SET status = 'planned'`,
		"nobody's":        `UPDATE task SET assignee_person_id = NULL`,
		"on hold":         `UPDATE project SET status = 'on_hold'`,
		"has left":        `UPDATE person SET active = false`,
		"opened tonight":  `UPDATE task SET status_at = '2026-03-20T17:30:00Z'`,
		"cleared tonight": `UPDATE project SET active_since = '2026-03-20T17:30:00Z'`,
		"waits for another": `WITH first AS (INSERT INTO task (id, project_id, number, title, owner_id) SELECT gen_random_uuid(), project_id, 99, 'first', owner_id FROM task RETURNING id)
			INSERT INTO task_dependency (task_id, depends_on_id) SELECT t.id, f.id FROM task t, first f`,
		"below what waits": `WITH above AS (INSERT INTO task (id, project_id, number, title, owner_id) SELECT gen_random_uuid(), project_id, 98, 'above', owner_id FROM task RETURNING id, project_id, owner_id),
			first AS (INSERT INTO task (id, project_id, number, title, owner_id) SELECT gen_random_uuid(), project_id, 99, 'first', owner_id FROM above RETURNING id),
			waits AS (INSERT INTO task_dependency (task_id, depends_on_id) SELECT above.id, first.id FROM above, first)
			UPDATE task SET parent_id = above.id FROM above`,
		"could start tonight": `WITH first AS (INSERT INTO task (id, project_id, number, title, owner_id, status, closed_at) SELECT gen_random_uuid(), project_id, 99, 'first', owner_id, 'complete', '2026-03-20T17:30:00Z' FROM task RETURNING id)
			INSERT INTO task_dependency (task_id, depends_on_id) SELECT t.id, f.id FROM task t, first f`,
		"freed tonight":    `UPDATE task SET freed_at = '2026-03-20T17:30:00Z'`,
		"assigned tonight": `UPDATE task SET assigned_at = '2026-03-20T17:30:00Z'`,
		"absent":           `UPDATE person SET calendar = '{"absences": [{"from": "2026-03-20", "to": "2026-03-20"}]}'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := working(t)
			b.Exec(t, change)
			b.reminded(t, "2026-03-20T18:00:00Z", 0)
		})
	}
}

// A release may let go of a country. Whoever has its holidays is reminded by the
// usual hours, and everybody else as ever.
func TestACalendarThatCannotBeReadHoldsNoReminderUp(t *testing.T) { // S1.82, N.33
	t.Parallel()
	for name, kept := range map[string]string{"unknown country": `{"holidays": "ATLANTIS"}`, "unknown shape": `{"weekly": 7}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := working(t)
			b.Exec(t, `UPDATE person SET calendar = $1 WHERE id = $2`, kept, b.Ann)
			b.reminded(t, "2026-03-20T17:29:59Z", 0)
			b.reminded(t, "2026-03-20T17:30:00Z", 1)
		})
	}
}

func TestARestOfSeveralDaysIsRemindedOfOnce(t *testing.T) { // S1.82, N.33
	t.Parallel()
	b := working(t)
	b.reminded(t, "2026-04-30T09:00:00Z", 1) // nobody ran for six weeks
	if day := fixture.One[civil.Date](t, b.Firm.Pool, `SELECT about_on FROM notification`); day.String() != "2026-04-29" {
		t.Errorf("it is about %s", day)
	}
}

func TestAReminderFollowsThePersonsOwnHoursAndZone(t *testing.T) { // S1.82
	t.Parallel()
	b := working(t)
	for _, day := range []string{"2026-03-13", "2026-03-15", "2026-03-17"} {
		b.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES (gen_random_uuid(), $1, $2, $3, $4, 60, 'work')`, b.Task, b.Project, b.Ann, day)
	}
	b.Exec(t, `UPDATE person SET time_zone = 'America/New_York', calendar = '{"weekly": {"fri": [["08:00", "12:00"], ["13:00", "20:30"]], "sun": [["10:00", "11:00"]]}}' WHERE id = $1`, b.Ann)
	b.reminded(t, "2026-03-21T00:29:00Z", 0)
	b.reminded(t, "2026-03-21T00:30:00Z", 1) // half past eight in New York, summer time
	b.reminded(t, "2026-03-22T14:59:00Z", 0)
	b.reminded(t, "2026-03-22T15:00:00Z", 1)
	b.Exec(t, `UPDATE work_group SET time_zone = 'America/New_York', calendar = '{"weekly": {"tue": [["10:00", "12:00"]]}}'`)
	b.Exec(t, `UPDATE person SET calendar = NULL`)
	b.reminded(t, "2026-03-24T15:59:00Z", 0) // as her group has it
	b.reminded(t, "2026-03-24T16:00:00Z", 1)
}
