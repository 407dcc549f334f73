package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/fixture"
)

var (
	seed       = flag.Uint64("seed", 0, "of when who is killed; 0 draws one")
	endClients = flag.Int("clients", 12, "how many clients the month's end has that is killed")
	endKills   = flag.Int("kills", 1, "how often each of worker, API, Postgres and Temporal is killed at it")
)

// A month's end: every client's month is billed, completed and rendered, its
// invoice is mailed, and it is reminded of an old one. Worker, API, Postgres and
// Temporal are killed at random moments of it, one or two at a time. It comes to
// the same figures as one that nobody disturbed, with one mail for each letter.
func TestAMonthsEndSurvivesTheKillsOfEverything(t *testing.T) { // N.31, N.06, S1.71, S1.72, S1.78, lesson 1, lesson 4
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	now := time.Now().UTC() // of both firms
	calm := newMonthEnd(t, newSystem(t), *endClients, now)
	began := time.Now()
	calm.through(t, nil)
	t.Logf("undisturbed: %s for %d clients", time.Since(began).Round(time.Millisecond), *endClients)

	own := newOwnServers(t)
	rough := newMonthEnd(t, systemOn(t, own), *endClients, now)
	k := &killer{own: own, system: rough.system, random: rand.New(rand.NewPCG(s, 5))}
	k.draw(*endClients*stepsOfAClient, *endKills)
	began = time.Now()
	rough.through(t, k)
	t.Logf("with %d kills: %s; %s", 4**endKills, time.Since(began).Round(time.Millisecond), strings.Join(k.killed, ", "))
	if want, got := calm.figures(t), rough.figures(t); !slices.Equal(want, got) {
		for i := range want {
			if i >= len(got) || want[i] != got[i] {
				t.Errorf("undisturbed %s\nkilled      %s", want[i], got[min(i, len(got)-1)])
			}
		}
	}
	if len(k.plan) > 0 {
		t.Errorf("the month was over before all were killed: %v", k.plan)
	}
}

// stepsOfAClient are the steps that are counted: its period is billed, its
// invoice completed and rendered, its reminder written, and two mails arrive.
const stepsOfAClient = 6

// monthEnd is a firm at the end of a month.
type monthEnd struct {
	*system
	am      person
	office  *postOffice
	clients int
	last    string // of the month, as 2026-03-31

	mu    sync.Mutex
	asked map[uuid.UUID]bool // invoices that are to be sent
}

func newMonthEnd(t *testing.T, s *system, clients int, now time.Time) *monthEnd {
	t.Helper()
	m := &monthEnd{system: s, office: openPostOffice(t), clients: clients, asked: map[uuid.UUID]bool{}}
	s.env = append(s.env, "STEWARD_SMTP_URL="+m.office.address, "STEWARD_MAIL_FROM=steward@firm.example")
	m.exec(t, `UPDATE provider SET time_zone = 'UTC'`)
	m.exec(t, `UPDATE reminder_policy SET active = false, hold_days = 0`) // by hand alone, and without review
	s.begin()
	m.am = s.hire(t, "Olivia", "olivia@firm.example", "account_manager")
	m.sign(t, now)
	return m
}

func (m *monthEnd) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := m.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// sign adds the clients, always the same: each with a project, some odd time in
// the month before this one, and an old invoice that was posted and not paid.
func (m *monthEnd) sign(t *testing.T, now time.Time) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	m.last = first.AddDate(0, 1, -1).Format(time.DateOnly)
	old := now.AddDate(0, 0, -60)
	err := pgx.BeginFunc(t.Context(), m.pool, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for i := range m.clients {
			c, p, task, inv := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
			batch.Queue(`INSERT INTO client (id, name, currency, tax_percent, email) VALUES ($1, $2, 'GBP', $3::text::numeric, $4)`, c, fmt.Sprintf("Client %03d", i), []string{"20", "0", "7.5"}[i%3], fmt.Sprintf("c%d@client.example", i))
			batch.Queue(`INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES ($1, $2, $3, $3, 'active', $4, 'GBP', $5)`, p, c, fmt.Sprintf("C%03d", i), m.am.id, first)
			batch.Queue(`INSERT INTO work_statement (project_id, billing_from, anchor_day, auto_complete) VALUES ($1, $2, 31, true)`, p, first)
			batch.Queue(`INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id) VALUES ($1, $2, 1, 'Work', 'open', $3, $3)`, task, p, m.am.id)
			for range 5 + random.IntN(10) {
				batch.Queue(`INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES ($1, $2, $3, $4, $5, $6, 'work')`,
					uuid.Must(uuid.NewV7()), task, p, m.am.id, first.AddDate(0, 0, random.IntN(28)), 1+random.IntN(480))
			}
			batch.Queue(`INSERT INTO invoice (id, client_id, currency, through, subtotal, total) VALUES ($1, $2, 'GBP', $3, 100, 100)`, inv, c, old)
			batch.Queue(`INSERT INTO invoice_line (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_percent) VALUES ($1, $2, 1, 'charge', 'old', 1, 100, 100, 0)`, uuid.Must(uuid.NewV7()), inv)
			batch.Queue(`UPDATE invoice SET state = 'complete', series = 'INV', year = $2, sequence = $3, number = $4, issued_on = $5, due_on = $5::date + 14, snapshot = '{}', completed_at = $5, sent_at = $5, sent_by = 'paper' WHERE id = $1`,
				inv, old.Year(), i+1, fmt.Sprintf("INV-%d-%05d", old.Year(), i+1), old)
		}
		batch.Queue(`INSERT INTO invoice_counter (series, year, last) VALUES ('INV', $1, $2)`, old.Year(), m.clients)
		return tx.SendBatch(t.Context(), batch).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// through goes through the month's end, while the killer kills.
func (m *monthEnd) through(t *testing.T, k *killer) {
	t.Helper()
	if err := m.temporal().ScheduleClient().GetHandle(t.Context(), "billing").Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		t.Fatal(err)
	}
	m.am.must(t, "POST", "/reminders/runs", object{})
	ctx, stop := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	for range 4 {
		sending.Go(func() { m.send(ctx, t) })
	}
	defer sending.Wait()
	defer stop()
	deadline := time.Now().Add(2*time.Minute + time.Duration(m.clients)*2*time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for done := 0; done < m.clients*stepsOfAClient; <-tick.C {
		done = m.steps(ctx, t)
		k.reached(t, done)
		m.operate(ctx, t)
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d steps are done; %s", done, m.clients*stepsOfAClient, m.missing(t))
		}
	}
	stop()
	sending.Wait()
	m.inOrder(t)
}

// steps counts what is done; what cannot be read now is read at the next look.
func (m *monthEnd) steps(ctx context.Context, t *testing.T) int {
	t.Helper()
	var n int
	err := m.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM billing_period WHERE outcome = 'invoiced') + (SELECT count(*) + count(pdf_file_id) FROM invoice WHERE state = 'complete' AND through = $1)
		+ (SELECT count(*) FROM reminder_letter WHERE state = 'sent')`, m.last).Scan(&n)
	if err != nil {
		return 0
	}
	return n + m.arrived(ctx)
}

// arrived is how many letters to clients have arrived.
func (m *monthEnd) arrived(ctx context.Context) (n int) {
	rows, err := m.pool.Query(ctx, `SELECT message_id FROM mail WHERE key LIKE 'invoice/%' OR key LIKE 'reminder/%'`)
	if err != nil {
		return 0
	}
	ids, _ := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, id := range ids {
		n += min(m.office.times(id), 1)
	}
	return n
}

// missing is what has not been done.
func (m *monthEnd) missing(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, m.pool, `SELECT coalesce(string_agg(what, '; '), '') FROM (
		SELECT 'period of ' || p.code || ' is ' || b.outcome AS what FROM billing_period b JOIN project p ON p.id = b.project_id WHERE b.outcome <> 'invoiced'
		UNION ALL SELECT 'invoice ' || i.id || ' is ' || i.state || ', PDF ' || (i.pdf_file_id IS NOT NULL) || ', sending ' || coalesce(s.asked_at || ' by mail ' || coalesce(m.key || ' ' || m.state || ' ' || m.error || ' next ' || m.next_at, 'none'), 'none')
			FROM invoice i LEFT JOIN invoice_sending s ON s.invoice_id = i.id LEFT JOIN mail m ON m.id = s.mail_id WHERE i.through = $1 AND (m.state IS NULL OR m.state <> 'sent')
		UNION ALL SELECT 'letter ' || l.id || ' is ' || l.state || ' ' || coalesce(m.state, '') FROM reminder_letter l LEFT JOIN mail m ON m.id = l.mail_id WHERE coalesce(m.state, '') <> 'sent'
		UNION ALL SELECT c.verb || ' ' || c.entity_kind || ' ' || c.entity_id || ' is ' || c.state || ' ' || coalesce(c.done_at::text, '') FROM command_log c WHERE c.verb = 'send') x`, m.last)
}

// send is the account manager, who sends each invoice that has its PDF, and asks
// again with the same key where there was no answer.
func (m *monthEnd) send(ctx context.Context, t *testing.T) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		id, ok := m.next(ctx)
		if !ok {
			continue
		}
		r, err := m.am.attempt("POST", path("/invoices/%s/send", id), object{"by": "email"}, "Idempotency-Key", "send "+id.String())
		switch {
		case err == nil && r.Status == 200:
		case err == nil && r.Status < 500 && r.Status != 202 && r.Body["code"] != "command_lost":
			t.Errorf("sending an invoice was refused: %d %s", r.Status, r.Raw)
		default: // away, or not done yet
			m.mu.Lock()
			delete(m.asked, id)
			m.mu.Unlock()
		}
	}
}

// next is an invoice that nobody has asked to be sent.
func (m *monthEnd) next(ctx context.Context) (uuid.UUID, bool) {
	rows, err := m.pool.Query(ctx, `SELECT id FROM invoice WHERE state = 'complete' AND pdf_file_id IS NOT NULL AND through = $1 ORDER BY id`, m.last)
	if err != nil {
		return uuid.Nil, false
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return uuid.Nil, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if !m.asked[id] {
			m.asked[id] = true
			return id, true
		}
	}
	return uuid.Nil, false
}

// operate is the operator, who is told of mail that a dead worker was sending,
// looks whether it has arrived, and sends again what has not. Two minutes are
// made short, for mail that no living worker has in hand that long.
func (m *monthEnd) operate(ctx context.Context, t *testing.T) {
	t.Helper()
	_, err := m.pool.Exec(ctx, `UPDATE mail SET claimed_at = claimed_at - interval '2 minutes' WHERE state = 'sending' AND claimed_at < now() - interval '5 seconds' AND claimed_at > now() - interval '1 minute'`)
	if err != nil {
		return
	}
	rows, err := m.pool.Query(ctx, `SELECT id, message_id FROM mail WHERE state = 'unknown'`)
	if err != nil {
		return
	}
	unknown, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID        uuid.UUID
		MessageID string
	}])
	if err != nil {
		return
	}
	for _, u := range unknown {
		if m.office.times(u.MessageID) == 0 {
			_, _ = m.admin().attempt("POST", path("/mails/%s/resend", u.ID), object{}) // or at the next look
		}
	}
}

// figures are what the month's end came to for each client.
func (m *monthEnd) figures(t *testing.T) []string {
	t.Helper()
	rows, err := m.pool.Query(t.Context(), `SELECT c.name || ': ' || i.subtotal || ' + ' || i.tax || ' through ' || i.through || ', ' || i.state || ', due after ' || (i.due_on - i.issued_on)
		|| ', lines ' || (SELECT string_agg(l.minutes || ' × ' || l.unit_price || ' = ' || l.amount, ', ' ORDER BY l.position) FROM invoice_line l WHERE l.invoice_id = i.id)
		|| ', sent ' || (SELECT count(*) FROM invoice_sending s WHERE s.invoice_id = i.id) || '; reminded of ' || (SELECT string_agg(r.level || ' ' || (r.content #>> '{accounts,0,past_due}'), ', ') FROM reminder_letter r WHERE r.client_id = c.id)
		FROM client c JOIN invoice i ON i.client_id = c.id AND i.through = $1 ORDER BY c.name, i.id`, m.last)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(all) != m.clients {
		t.Fatalf("%d clients have figures, want %d; %v", len(all), m.clients, err)
	}
	return all
}

// inOrder looks for anything lost or doubled.
func (m *monthEnd) inOrder(t *testing.T) {
	t.Helper()
	fixture.Balance(t, m.pool)
	eventually(t, "every command is answered", func() error {
		if n := fixture.One[int](t, m.pool, `SELECT count(*) FROM command_log WHERE state = 'pending'`); n > 0 {
			return fmt.Errorf("%d are not", n)
		}
		return nil
	})
	rows, err := m.pool.Query(t.Context(), `SELECT key, message_id FROM mail`)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Key, MessageID string }])
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range mails {
		letter := strings.HasPrefix(x.Key, "invoice/") || strings.HasPrefix(x.Key, "reminder/")
		if n := m.office.times(x.MessageID); n > 1 || letter && n != 1 {
			t.Errorf("the mail %s arrived %d times", x.Key, n)
		}
	}
	failed, err := m.temporal().CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: m.namespace,
		Query: `ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")`})
	if err != nil || failed.Count != 0 {
		t.Errorf("%d processes failed, %v", failed.GetCount(), err)
	}
}

// killer kills at moments that are drawn: when so many steps are done.
type killer struct {
	own    *ownServers
	system *system
	random *rand.Rand
	plan   []death
	killed []string
}

type death struct {
	at   int
	whom []string
}

// draw draws when each is killed so often, at times two at the same moment.
func (k *killer) draw(steps, each int) {
	var all []string
	for range each {
		all = append(all, "worker", "api", "postgres", "temporal")
	}
	k.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for len(all) > 0 {
		n := 1
		if len(all) > 1 && all[0] != all[1] && k.random.IntN(4) == 0 {
			n = 2
		}
		k.plan = append(k.plan, death{k.random.IntN(steps * 9 / 10), all[:n]})
		all = all[n:]
	}
	slices.SortFunc(k.plan, func(a, b death) int { return a.at - b.at })
}

// reached kills those whose moment has come, and starts them again.
func (k *killer) reached(t *testing.T, steps int) {
	t.Helper()
	for k != nil && len(k.plan) > 0 && steps >= k.plan[0].at {
		d := k.plan[0]
		k.plan = k.plan[1:]
		k.strike(t, d, steps)
	}
}

// strike kills some at once, and starts them again.
func (k *killer) strike(t *testing.T, d death, steps int) {
	t.Helper()
	k.killed = append(k.killed, fmt.Sprintf("%s at step %d", strings.Join(d.whom, " and "), steps))
	for _, who := range d.whom {
		switch who {
		case "worker":
			k.system.worker.kill()
		case "api":
			k.system.api.kill()
		case "postgres":
			k.own.killPostgres()
		case "temporal":
			k.own.killTemporal()
		}
	}
	for _, who := range []string{"postgres", "temporal", "api", "worker"} { // servers first
		if !slices.Contains(d.whom, who) {
			continue
		}
		switch who {
		case "worker":
			k.system.startWorker()
		case "api":
			k.system.startAPI("STEWARD_HTTP=" + strings.TrimPrefix(k.system.url, "http://"))
		case "postgres":
			k.own.startPostgres()
		case "temporal":
			k.own.startTemporal()
		}
	}
}
