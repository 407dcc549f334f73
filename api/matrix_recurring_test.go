package api_test

import (
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// Days that paths name: the end of a period, and a week.
const (
	aPeriodsEnd = "2026-02-28"
	aWeek       = "2026-03-09"
)

// weeks gives both Anns a week that is submitted, with time on their
// projects.
func (m *matrix) weeks(t testing.TB) {
	for _, f := range []*fixture.Firm{m.Firm, m.second} {
		f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: civil.Of(2026, 3, 10), Minutes: 20})
		m.Exec(t, `INSERT INTO timesheet (person_id, week, state, submitted_at) VALUES ($1, $2::text::date, 'submitted', now())`, f.Ann, aWeek)
	}
}

// recurring makes time on no invoice, what is billed beside time, a period, and
// a month's letters.
func (m *matrix) recurring(t testing.TB) {
	admin := m.client("admin")
	admin.must("PUT", "/projects/"+m.Project.String()+"/work-statement", object{"hourly_rate": markAgreed, "budget_amount": markBudget,
		"billing_period": "monthly", "billing_from": "2026-03-01", "retainer_amount": markFee, "retainer_minutes": 60,
		"retainer_changes": []object{{"from": "2027-01-01", "retainer_amount": markFee, "retainer_minutes": 60}}})
	admin.must("POST", "/users/"+m.Bob.String()+"/cost-rates", object{"rate": markCost, "currency": "GBP", "from": "2020-01-01"})
	run := m.store.NewID()
	m.Exec(t, `INSERT INTO reminder_run (id, month, as_of, state, hold_until, created_at) VALUES ($1, '2026-03-01', '2026-03-01', 'planned', '2026-03-25', now())`, run)
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		milestone := m.client(map[side]string{own: "am", other: "am of another"}[s]).must("POST", "/projects/"+f.Project.String()+"/milestones", object{"name": markPrice, "amount": "5", "due_on": "2027-01-01"})
		m.put(aMilestone, s, uuid.MustParse(milestone.str("id")))
		spend := func(by uuid.UUID, what string) uuid.UUID {
			id := m.store.NewID()
			m.Exec(t, `INSERT INTO expense (id, project_id, person_id, spent_on, description, amount) VALUES ($1, $2, $3, '2027-01-01', $4, 5)`, id, f.Project, by, what)
			return id
		}
		m.put(aSessionOfWork, s, f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: civil.Of(2026, 3, 17), Minutes: 45})[0])
		m.Exec(t, `UPDATE time_entry SET rate_override = $2::text::numeric WHERE id = $1`, m.things[aSessionOfWork][s], markSpecial)
		m.put(anExpense, s, spend(f.Ann, "a train"))
		spend(f.Bob, markSpent)
		m.Exec(t, `INSERT INTO billing_period (project_id, period_start, period_end, outcome, code, reason, run_at) VALUES ($1, '2026-02-01', $2::text::date, 'parked', 'missing_rate', $3, now())`, f.Project, aPeriodsEnd, markPrice)
		m.Exec(t, `INSERT INTO reminder_letter (id, run_id, client_id, state, level, hold_until, content, comment) VALUES ($1, $2, $3, 'review', 1, '2026-03-25', '{"as_of": "2026-03-01", "accounts": []}', $4)`,
			m.put(aLetter, s, m.store.NewID()), run, f.Client, markPrice)
		m.put(aReminderRun, s, run)
		m.inner[s]["client"] = f.Client
	}
}

// reports makes one for each client that was sent, and one that waits for its
// account manager.
func (m *matrix) reports(t testing.TB) {
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		sent, waits := m.put(aReport, s, m.store.NewID()), m.put(aReportToBe, s, m.store.NewID())
		key := "reports/" + sent.String()
		m.bytes = append(m.bytes, key)
		m.Exec(t, `INSERT INTO status_report (id, client_id, week, week_ending, state, hold_until, content, comment, comment_by, mail_ids, file_key, sent_at, created_at) VALUES
			($1, $2, '2026-W11', '2026-03-13', 'sent', now(), '{"report": {"week_ending": "2026-03-13", "as_of": "2026-03-13", "since": "2026-03-06", "projects": []}}', $3, $4, ARRAY[$1::uuid], $5, now(), now()),
			($6, $2, '2026-W12', '2026-03-20', 'review', '2026-03-21', '{"report": {"week_ending": "2026-03-13", "as_of": "2026-03-13", "since": "2026-03-06", "projects": []}}', $7, $4, '{}', '', NULL, now())`, sent, f.Client, m.mark(s), f.AM, key, waits, markPrice)
	}
	m.put(aReport, hidden, m.things[aReportToBe][own])
	m.refill(t)
	run := m.put(aStatusRun, own, m.store.NewID())
	m.Exec(t, `INSERT INTO status_run (id, week, week_ending, state, created_at, finished_at) VALUES ($1, '2026-W11', '2026-03-13', 'done', now(), now())`, run)
}
