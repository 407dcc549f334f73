package year

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/postgres"
)

// What must hold. fixture.Books is asked after every day; justBilled after each
// round of the clock in which nobody did anything else; justReminded after each
// letter. The clock stands in the queries as NOW.
var (
	justBilled = map[string]string{
		"S1.72, N.33: a period that is over was not billed": `SELECT project_id, period_end FROM billing_period WHERE outcome = 'due'`,
		"S1.74, lesson 3: billable time up to the end of a period that was billed is on no invoice": `SELECT e.id FROM time_entry e JOIN billing_period b ON b.project_id = e.project_id
			WHERE b.run_at = NOW AND b.outcome IN ('invoiced', 'nothing_to_bill') AND e.work_date <= b.period_end AND e.billing = 'billable' AND e.invoice_line_id IS NULL`,
		"N.10: a billable expense up to the end of a period that was billed is on no invoice": `SELECT x.id FROM expense x JOIN billing_period b ON b.project_id = x.project_id
			WHERE b.run_at = NOW AND b.outcome IN ('invoiced', 'nothing_to_bill') AND x.spent_on <= b.period_end AND x.billable AND x.invoice_line_id IS NULL`,
		"N.33: time of a later period is on the invoice of an earlier one, or time of an earlier on that of a later": `SELECT e.id FROM time_entry e JOIN invoice_line l ON l.id = e.invoice_line_id
			JOIN billing_period b ON b.invoice_id = l.invoice_id AND b.project_id = e.project_id AND b.run_at = NOW
			WHERE e.work_date > b.period_end OR EXISTS (SELECT FROM billing_period a WHERE a.project_id = b.project_id AND a.run_at = NOW AND a.outcome <> 'parked' AND a.period_end < b.period_end AND e.work_date <= a.period_end)`,
		"N.33: a later period was billed before an earlier one": `SELECT a.project_id FROM billing_period a JOIN billing_period b ON b.project_id = a.project_id AND b.period_end > a.period_end
			JOIN invoice i ON i.id = a.invoice_id JOIN invoice j ON j.id = b.invoice_id WHERE a.run_at = NOW AND b.run_at = NOW AND i.id > j.id`,
		"N.08: a fee is not that of its period": `SELECT u.project_id FROM retainer_use u JOIN invoice_line l ON l.id = u.invoice_line_id JOIN work_statement w ON w.project_id = u.project_id
			LEFT JOIN LATERAL (SELECT (c ->> 'retainer_amount')::numeric AS amount, (c ->> 'retainer_minutes')::integer AS minutes FROM jsonb_array_elements(w.retainer_changes) c
				WHERE (c ->> 'from')::date <= l.first_date ORDER BY (c ->> 'from')::date DESC LIMIT 1) later ON true
			WHERE (l.amount, u.included) <> (coalesce(later.amount, w.retainer_amount), coalesce(later.minutes, w.retainer_minutes))`,
		"N.08: a period was billed without its fee": `SELECT b.project_id FROM billing_period b JOIN work_statement w ON w.project_id = b.project_id
			WHERE b.run_at = NOW AND b.outcome <> 'parked' AND w.retainer_amount IS NOT NULL AND NOT EXISTS (SELECT FROM retainer_use u WHERE (u.project_id, u.period_end) = (b.project_id, b.period_end))`,
		"S1.11: what the clock completes is a draft, or the other way about": `SELECT i.id FROM invoice i JOIN billing_period b ON b.invoice_id = i.id AND b.run_at = NOW
			WHERE i.total > 0 AND (i.state = 'complete') <> (SELECT bool_and(w.auto_complete) FROM invoice_project ip JOIN work_statement w ON w.project_id = ip.project_id WHERE ip.invoice_id = i.id)`,
		"S1.12, S1.13, lesson 11: an entry was not billed at the most particular rate of its day": `SELECT e.id FROM time_entry e JOIN invoice_line l ON l.id = e.invoice_line_id
			JOIN invoice i ON i.id = l.invoice_id JOIN billing_period b ON b.invoice_id = i.id AND b.project_id = e.project_id AND b.run_at = NOW
			WHERE l.unit_price <> CASE e.billing WHEN 'no_charge' THEN 0 ELSE coalesce(e.rate_override, (SELECT r.hourly FROM rate r
				WHERE r.currency = i.currency AND r.valid @> e.work_date AND (r.project_id = e.project_id AND (r.person_id = e.person_id OR r.person_id IS NULL) OR r.project_id IS NULL AND r.person_id = e.person_id)
				ORDER BY r.project_id IS NULL, r.person_id IS NULL LIMIT 1)) END`,
		"N.11: time was not taxed as of its day": `SELECT e.id FROM time_entry e JOIN invoice_line l ON l.id = e.invoice_line_id JOIN invoice i ON i.id = l.invoice_id JOIN client c ON c.id = i.client_id
			JOIN billing_period b ON b.invoice_id = i.id AND b.project_id = e.project_id AND b.run_at = NOW
			WHERE l.tax_percent <> coalesce((SELECT r.percent FROM tax_rate r WHERE r.tax_code_id = c.tax_code_id ORDER BY r.from_on > e.work_date, abs(r.from_on - e.work_date) LIMIT 1), c.tax_percent)`,
		"S1.13: a project was parked though all its time has a rate": `SELECT b.project_id FROM billing_period b JOIN project p ON p.id = b.project_id WHERE b.run_at = NOW AND b.outcome = 'parked'
			AND NOT EXISTS (SELECT FROM time_entry e WHERE e.project_id = p.id AND e.billing = 'billable' AND e.invoice_line_id IS NULL AND e.work_date <= b.period_end AND e.rate_override IS NULL
				AND NOT EXISTS (SELECT FROM rate r WHERE r.currency = p.currency AND r.valid @> e.work_date
					AND (r.project_id = p.id AND coalesce(r.person_id, e.person_id) = e.person_id OR r.project_id IS NULL AND r.person_id = e.person_id)))`,
	}
	justReminded = map[string]string{
		"S1.71, lesson 10: a letter names an invoice that is not past due, or another balance": `SELECT l.id, v FROM reminder_letter l JOIN mail m ON m.id = l.mail_id AND m.next_at = NOW,
			jsonb_array_elements(l.content -> 'accounts') a, jsonb_array_elements(a -> 'invoices') v LEFT JOIN receivable r ON r.id = (v ->> 'id')::uuid
			WHERE r.id IS NULL OR r.balance <> (v ->> 'balance')::numeric OR r.due_on >= l.sent_on`,
		"billing, Reminders: a letter names an invoice that is disputed or promised": `SELECT l.id FROM reminder_letter l JOIN mail m ON m.id = l.mail_id AND m.next_at = NOW,
			jsonb_array_elements(l.content -> 'accounts') a, jsonb_array_elements(a -> 'invoices') v JOIN invoice_hold h ON h.invoice_id = (v ->> 'id')::uuid
			WHERE h.disputed OR h.promised_until >= l.sent_on`,
		"billing, Reminders: a letter went without anything to pay": `SELECT l.id FROM reminder_letter l JOIN mail m ON m.id = l.mail_id AND m.next_at = NOW
			WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(l.content -> 'accounts') a WHERE (a ->> 'due_now')::numeric > 0)`,
	}
)

// asked are the queries of a table with the clock in them.
func (f *firm) asked(table map[string]string) map[string]string {
	now := map[string]string{}
	for name, sql := range table {
		now[name] = strings.ReplaceAll(sql, "NOW", f.literal())
	}
	return now
}

// periodsAre compares what the clock has billed with what the anchors say: each
// period once, none missing, none too early.
func (f *firm) periodsAre(t testing.TB) { // lesson 5, N.33
	t.Helper()
	rows, err := f.Pool.Query(t.Context(), `SELECT project_id, period_start, period_end FROM billing_period ORDER BY project_id, period_end`)
	if err != nil {
		t.Fatal(err)
	}
	type period struct {
		Project    uuid.UUID
		Start, End civil.Date
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[period])
	if err != nil {
		t.Fatal(err)
	}
	have := map[period]bool{}
	for _, p := range all {
		have[p] = true
	}
	want := 0
	for _, p := range f.projects {
		today := civil.In(f.Now(), p.zone)
		if firm := f.today(); firm.Before(today) {
			today = firm
		}
		for _, over := range p.rhythm.Over(civil.Date{}, today, 1000) {
			want++
			if !have[period{p.id, over.Start, over.End}] {
				t.Errorf("on %s the period from %s to %s of a project (%s, %d) is not known", today, over.Start, over.End, p.rhythm.Cycle, p.rhythm.Anchor)
			}
		}
	}
	if len(all) != want {
		t.Errorf("%d periods are known, want %d", len(all), want)
	}
}

// statementsAre compares, on a day, what each client's ledger says with what
// the aging does.
func (f *firm) statementsAre(t testing.TB, on civil.Date) { // N.13
	t.Helper()
	for _, c := range f.clients {
		st, err := postgres.StatementOf(t.Context(), f.Queries, c.id, civil.First, on, f.today())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range st.Accounts {
			if !a.Closing.Equal(a.Aging.Owed()) {
				t.Errorf("on %s the ledger of a client says %s %s, the aging %s", on, a.Closing, a.Currency, a.Aging.Owed())
			}
		}
	}
}

// holds asks what must hold after every day.
func (f *firm) holds(t testing.TB) {
	t.Helper()
	fixture.Balance(t, f.Pool)
}
