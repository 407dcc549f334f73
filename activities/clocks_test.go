package activities_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
	"steward/internal/flow"
)

// clocks has the firm in Berlin, and the account manager Olivia in São Paulo.
func (b *bench) clocks(t *testing.T) {
	t.Helper()
	b.Exec(t, `UPDATE provider SET time_zone = 'Europe/Berlin'`)
	b.Exec(t, `UPDATE person SET time_zone = 'America/Sao_Paulo' WHERE id = $1`, b.AM)
}

// reads holds what a person was told of a thing last against what they should be.
func (b *bench) reads(t *testing.T, person, about uuid.UUID, want string) {
	t.Helper()
	if got := fixture.One[string](t, b.Store.Pool, `SELECT subject || ': ' || body FROM notification WHERE person_id = $1 AND entity_id = $2 ORDER BY id DESC LIMIT 1`, person, about); got != want {
		t.Errorf("they read %q, want %q", got, want)
	}
}

func TestNewsTellTimesByTheReadersClock(t *testing.T) { // N.21, S1.06, S1.14
	t.Parallel()
	b := set(t)
	b.clocks(t)
	admin := b.Person(t, "Ada", "admin", "")
	b.Exec(t, `UPDATE person SET time_zone = 'UTC' WHERE id = $1`, admin) // chose none: that of the firm
	task := b.Waiting(t)
	name := fixture.One[string](t, b.Store.Pool, `SELECT j.code || '-' || x.number || ' ' || x.title FROM task x JOIN project j ON j.id = x.project_id WHERE x.id = $1`, task)
	group := fixture.One[string](t, b.Store.Pool, `SELECT name FROM work_group WHERE id = $1`, b.Group)
	b.Exec(t, `UPDATE work_group SET escalate_minutes = 60 WHERE id = $1`, b.Group)
	b.Exec(t, `DELETE FROM work_group_member WHERE is_manager`)
	b.Exec(t, `UPDATE task SET owner_id = $2, assigned_at = '2026-03-27 23:30Z', status_at = '2026-03-27 23:30Z', created_at = '2026-03-27 23:30Z' WHERE id = $1`, task, admin)
	b.at(time.Date(2026, time.April, 7, 15, 0, 0, 0, time.UTC))
	if _, err := b.acts.EscalateTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	b.reads(t, admin, task, "Nobody of "+group+" has accepted "+name+": It has waited since Saturday 28 March 2026 at 00:30 CET.")
	b.reads(t, b.AM, task, "Nobody of "+group+" has accepted "+name+": It has waited since Friday 27 March 2026 at 20:30 UTC-03:00.")

	b.Exec(t, `UPDATE project SET status = 'draft', code = 'SHOP', name = 'Web shop' WHERE id = $1`, b.Project)
	b.Exec(t, `UPDATE task SET status = 'planned'`)
	b.at(time.Date(2026, time.June, 5, 15, 0, 0, 0, time.UTC))
	b.onProject(t, b.AM, "request-clearance")
	b.at(time.Date(2026, time.June, 8, 9, 0, 0, 0, time.UTC))
	if _, err := b.acts.RemindOfClearance(t.Context(), b.Project); err != nil {
		t.Fatal(err)
	}
	b.reads(t, admin, b.Project, "SHOP Web shop still waits for clearance: It has waited since Friday 5 June 2026 at 17:00 CEST.")
}

func TestARequestsWaitIsToldByTheReadersClock(t *testing.T) { // N.21, S1.14
	t.Parallel()
	b := set(t)
	b.clocks(t)
	b.at(time.Date(2026, time.May, 22, 15, 0, 0, 0, time.UTC))
	b.Exec(t, `UPDATE work_group SET escalate_minutes = 60 WHERE id = $1`, b.Group)
	b.Exec(t, `UPDATE person SET time_zone = 'Asia/Tokyo' WHERE id = $1`, b.Manager)
	id, _ := b.asked(t)
	b.must(t, b.AM, id, "assign", flow.AssignTask{To: toGroup(b.Group)})
	b.at(time.Date(2026, time.May, 27, 15, 0, 0, 0, time.UTC))
	if _, err := b.acts.WarnOfRequest(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT body FROM notification WHERE person_id = $1 AND entity_id = $2 AND kind = 'escalated'`, b.Manager, id); got != "It has waited since Saturday 23 May 2026 at 00:00 JST." {
		t.Errorf("its manager reads %q", got)
	}
}

func TestADigestComesAtEightByTheFirmsClockForWhoChoseNone(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-06-03T10:00:00Z")
	b.clocks(t)
	b.prefers(t, b.Ann, "daily", "UTC")
	b.news(t, b.Ann, "News", "")
	b.digests(t, "2026-06-04T05:45:00Z", 0)
	b.digests(t, "2026-06-04T06:00:00Z", 1) // eight in Berlin
}
