package api_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/temporal"

	"steward/activities"
	"steward/api"
	"steward/internal/civil"
	"steward/internal/dispatch"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/secret"
)

// A side is where a thing stands as seen from the people of the first client
// and its project: theirs, another client's, theirs but not to be seen from
// outside, or nowhere.
type side int

const (
	own side = iota
	other
	hidden
	unknown
)

func (s side) String() string { return []string{"own", "other", "hidden", "unknown"}[s] }

// A kind is what a path names.
type kind string

const (
	aTask       kind = "task"      // own: seen by the client; hidden: not
	aWaiting    kind = "waiting"   // a task in a group's queue
	aProject    kind = "project"   // active
	aDraftJob   kind = "draft_job" // a project in draft
	anAsked     kind = "asked"     // a project that awaits clearance
	aClient     kind = "client"
	aPerson     kind = "person" // own: who the own task is assigned to
	aGroup      kind = "group"
	aNote       kind = "note" // own: for the client; hidden: internal
	aFile       kind = "file" // likewise
	anEntry     kind = "entry"
	anInvoice   kind = "invoice"     // own: complete; hidden: a draft
	aDraft      kind = "draft"       // of an invoice
	aBill       kind = "bill"        // a complete invoice
	aPayment    kind = "payment"     // with something left of it
	aCreditNote kind = "credit_note" // likewise
	aRefund     kind = "refund"
	aShortOne   kind = "short_one" // an invoice of which some was written off
	aRequest    kind = "request"   // own: of the contact; hidden: an ask about it
	aQueued     kind = "queued"    // a request in a group's queue
	aTemplate   kind = "template"
	aRun        kind = "run"
	aMail       kind = "mail"
	aWebhook    kind = "webhook"
	aTaxCode    kind = "tax_code"

	aMilestone     kind = "milestone"
	aReport        kind = "report"       // own: sent; hidden: not yet
	aReportToBe    kind = "report_to_be" // in review
	aStatusRun     kind = "status_run"
	anExpense      kind = "expense"      // own: by who the own task is assigned to
	aSessionOfWork kind = "work"         // time on no invoice
	aReminderRun   kind = "reminder_run" // one for both; {client} is the side
	aLetter        kind = "reminder_letter"

	// Things that everybody has their own of; other: somebody else's.
	aNotice    kind = "notice"
	aToken     kind = "token"
	aFeed      kind = "feed"
	aSession   kind = "session"
	anIdentity kind = "identity"
	anAction   kind = "action"
	nothing    kind = "" // the path names nothing
	otherTask  kind = "other_task"
)

// matrix is a firm in which every role stands in a known way to every kind of
// thing, on both sides of every border.
type matrix struct {
	*world
	second   *fixture.Firm // the other client, its project, account manager and group
	acts     *activities.Activities
	files    *files.Store
	log      *slog.Logger
	people   map[string]uuid.UUID // by role
	bearers  map[string]string
	things   map[kind]map[side]uuid.UUID
	mine     map[kind]map[string]uuid.UUID // by role
	inner    map[side]map[string]uuid.UUID // what a path names below its thing: {item}, {line}, {task_id}
	contract *contract
	bytes    []string // keys of files whose bytes are there
	statements
}

// statements counts what a server asks of Postgres.
type statements struct{ atomic.Int64 }

// TraceQueryStart implements [pgx.QueryTracer].
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.Add(1)
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements [pgx.BatchTracer].
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	s.Add(int64(d.Batch.Len()))
	return ctx
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (*statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements [pgx.BatchTracer].
func (*statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// counted is a store with connections that count.
func (s *statements) counted(t testing.TB, of *postgres.Store) *postgres.Store {
	cfg := of.Pool.Config()
	cfg.ConnConfig.Tracer = s
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	counted := postgres.New(pool)
	counted.Now, counted.NewID = of.Now, of.NewID
	return counted
}

// stranger has things of their own that no role may know of.
const stranger = "stranger"

// newMatrix makes one; log gets what the server logs.
func newMatrix(t testing.TB, log slog.Handler) *matrix {
	t.Helper()
	m := &matrix{
		world: newWorld(t), log: slog.New(log), people: map[string]uuid.UUID{}, bearers: map[string]string{},
		things: map[kind]map[side]uuid.UUID{}, mine: map[kind]map[string]uuid.UUID{}, inner: map[side]map[string]uuid.UUID{own: {}, other: {}, hidden: {}, unknown: {}},
	}
	var err error
	m.files, err = files.Open(t.Context(), "file://"+t.TempDir()+"?no_tmp_dir=true&metadata=skip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.files.Close() })
	m.second = fixture.NewFirm(t, m.store)
	m.acts = activities.New(m.store, m.files, "")
	key, err := secret.ParseKey(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	store := m.counted(t, m.store)
	m.server = api.New(api.Options{Key: key, Store: store, Later: store, Engine: m, Files: m.files, MaxFile: 1 << 20, Log: m.log, Version: "test"})
	m.engine.act = m.Act // of the server that things are made by
	m.cast(t)
	m.work(t)
	m.weeks(t)
	m.bills(t)
	m.account(t)
	m.recurring(t)
	m.reports(t)
	m.requests(t)
	m.belongings(t)
	m.watch(t)
	m.contract = newContract(t, m.world)
	return m
}

// Act carries a command out at once, as the process of its thing would.
func (m *matrix) Act(ctx context.Context, a dispatch.Action) error {
	commit := m.acts.CommitTask
	switch a.Kind {
	case flow.Project:
		commit = m.acts.CommitProject
	case flow.Invoice:
		commit = m.acts.CommitInvoice
	case flow.Request:
		commit = m.acts.CommitRequest
	case flow.Account:
		commit = m.acts.CommitAccount
	}
	_, err := commit(ctx, flow.Command{ID: a.Command})
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) && refused.NonRetryable() {
		return nil // the answer is in the log of commands
	}
	return err
}

// Run takes note of a billing run, and lets it be.
func (m *matrix) Run(context.Context, uuid.UUID, string) error { return nil }

// Bill takes note of the billing of a period, and lets it be.
func (m *matrix) Bill(context.Context, flow.Period) error { return nil }

// Check finds everything well.
func (m *matrix) Check(context.Context) error { return nil }

// cast gives every role a person and a token.
func (m *matrix) cast(t testing.TB) {
	m.Exec(t, `UPDATE client SET name = $2 WHERE id = $1`, m.Client, markFirst+" Ltd")
	m.Exec(t, `UPDATE client SET name = $2 WHERE id = $1`, m.second.Client, markSecond+" Holdings")
	m.Exec(t, `UPDATE project SET name = $2 WHERE id = $1`, m.Project, markFirst+" relaunch")
	m.Exec(t, `UPDATE project SET name = $2 WHERE id = $1`, m.second.Project, markSecond+" relaunch")
	m.Exec(t, `UPDATE rate SET hourly = $2::text::numeric WHERE person_id = $1`, m.Bob, markRate)
	m.people = map[string]uuid.UUID{
		"admin": m.admin, "read-only": m.admin, "am": m.AM, "am of another": m.second.AM, "gm": m.Manager, "gm of another": m.second.Manager,
		"assignee": m.Ann, "contributor of another": m.second.Ann, stranger: m.Bob,
	}
	for role, roles := range map[string][]string{
		"dismissed": {"admin"}, "pm": {"project_manager"}, "customer pm": {"customer_project_manager"},
		"pm and customer pm": {"project_manager", "customer_project_manager"}, "owner": {"contributor"},
	} {
		m.people[role] = m.Person(t, strings.ToUpper(role[:1])+role[1:], roles[0], "")
		m.Exec(t, `UPDATE person SET roles = $2 WHERE id = $1`, m.people[role], roles)
	}
	for role, at := range map[string]struct {
		client uuid.UUID
		role   string
	}{
		"cm": {m.Client, "client_manager"}, "contact": {m.Client, "client_contact"}, "contact elsewhere": {m.Client, "client_contact"}, "cm of another": {m.second.Client, "client_manager"},
	} {
		m.people[role] = m.store.NewID()
		m.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, $3, $4, $5)`,
			m.people[role], at.client, role, m.people[role].String()+"@client.example", []string{at.role})
	}
	m.join(t)
	for _, r := range roles {
		if m.people[r.name] == uuid.Nil {
			continue
		}
		var scopes []string
		if r.name == "read-only" {
			scopes = []string{"read"}
		}
		m.bearers[r.name] = m.as(m.people[r.name], scopes...).bearer
	}
	m.Exec(t, `UPDATE person SET active = false WHERE id = $1`, m.people["dismissed"])
}

// join adds "contact" to the first project's contacts (S2.07); "contact
// elsewhere" is never added.
func (m *matrix) join(t testing.TB) {
	m.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2), ($1, $3)`, m.Project, m.people["contact"], m.people["cm"])
}

// put names a thing.
func (m *matrix) put(k kind, s side, id uuid.UUID) uuid.UUID {
	if m.things[k] == nil {
		m.things[k] = map[side]uuid.UUID{unknown: uuid.Must(uuid.NewV7())}
	}
	m.things[k][s] = id
	return id
}

// work fills both projects.
func (m *matrix) work(t testing.TB) {
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		m.put(aClient, s, f.Client)
		m.put(aProject, s, f.Project)
		m.put(aGroup, s, f.Group)
		m.put(aPerson, s, f.Ann)
		m.put(aTask, s, f.Task)
		m.put(otherTask, s, f.NewTask(t, "open"))
		m.put(aWaiting, s, f.Waiting(t))
		m.put(aDraftJob, s, m.project(t, f, "draft"))
		m.put(anAsked, s, m.project(t, f, "awaiting_clearance"))
		m.put(anEntry, s, f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: civil.Of(2026, time.March, 19), Minutes: 30})[0])
		m.inner[s]["task_id"] = m.things[otherTask][s]
	}
	m.put(aTask, hidden, m.NewTask(t, "open"))
	m.Exec(t, `UPDATE task SET visible_to_client = true WHERE id IN ($1, $2)`, m.Task, m.second.Task)
	m.Exec(t, `UPDATE task SET owner_id = $2 WHERE project_id = $1 AND assignee_group_id IS NULL`, m.Project, m.people["owner"])
	m.Exec(t, `UPDATE task SET title = $2 WHERE id = $1`, m.things[aTask][hidden], markTask)
	m.Exec(t, `UPDATE task SET title = $2 WHERE id = $1`, m.things[aWaiting][other], markQueue)
	m.texts(t, own, m.Task, m.Ann, "client", "as agreed")
	m.texts(t, hidden, m.Task, m.Ann, "internal", markNote)
	m.texts(t, other, m.second.Task, m.second.Ann, "client", markSecond)
}

func (m *matrix) project(t testing.TB, f *fixture.Firm, status string) uuid.UUID {
	id := m.store.NewID()
	m.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) SELECT $1, client_id, $3, name, $4, account_manager_id, currency, starts_on FROM project WHERE id = $2`,
		id, f.Project, "X"+strings.ToUpper(id.String()[27:]), status)
	m.Exec(t, `INSERT INTO work_statement (project_id) VALUES ($1)`, id)
	return id
}

// texts writes a note and attaches a file.
func (m *matrix) texts(t testing.TB, s side, task, author uuid.UUID, visibility, text string) {
	note, file := m.put(aNote, s, m.store.NewID()), m.put(aFile, s, m.store.NewID())
	m.Exec(t, `INSERT INTO note (id, task_id, author_id, body, visibility) VALUES ($1, $2, $3, $4, $5)`, note, task, author, text, visibility)
	m.Exec(t, `INSERT INTO file (id, name, content_type, size, sha256) VALUES ($1, $2, 'text/plain; charset=utf-8', 5, sha256('bytes'))`, file, text+".txt")
	m.Exec(t, `INSERT INTO attachment (file_id, task_id, author_id, visibility) VALUES ($1, $2, $3, $4)`, file, task, author, visibility)
	m.bytes = append(m.bytes, postgres.AttachmentKey(file))
	m.refill(t)
}

// refill puts back the bytes of files: what is undone in the database was not
// undone there.
func (m *matrix) refill(t testing.TB) {
	for _, key := range m.bytes {
		err := m.files.Put(t.Context(), key, "text/plain", func(w io.Writer) error { _, err := io.WriteString(w, "bytes"); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// bills makes invoices, drafts and rates, by the routes themselves, so that
// their histories are there too.
func (m *matrix) bills(t testing.TB) {
	admin := m.client("admin")
	admin.must("PUT", "/projects/"+m.Project.String()+"/work-statement", object{"hourly_rate": markAgreed})
	admin.must("POST", "/projects/"+m.Project.String()+"/rates", object{"user_id": m.Ann, "rate": "100", "from": "2026-01-01"})
	for s, f := range map[side]*fixture.Firm{own: m.Firm, other: m.second} {
		body := object{"client_id": f.Client, "project_ids": []uuid.UUID{f.Project}, "through": "2026-03-20"}
		inv := admin.must("POST", "/invoices", body)
		id := m.put(anInvoice, s, uuid.MustParse(inv.str("id")))
		admin.must("POST", "/invoices/"+inv.str("id")+"/complete", object{})
		if _, err := m.acts.RenderInvoice(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		m.Exec(t, `UPDATE invoice SET visible_at = now() WHERE id = $1`, id)
		m.inner[s]["line"] = fixture.One[uuid.UUID](t, m.Pool, `SELECT id FROM invoice_line WHERE invoice_id = $1 LIMIT 1`, id)
		draft := admin.must("POST", "/invoices", body)
		m.put(aDraft, s, uuid.MustParse(draft.str("id")))
		admin.must("POST", "/invoices/"+draft.str("id")+"/items", object{"kind": "expense", "description": markDraft, "unit_price": "12.50"})
		m.inner[s]["item"] = fixture.One[uuid.UUID](t, m.Pool, `SELECT id FROM invoice_line WHERE invoice_id = $1`, m.things[aDraft][s])
		f.Record(t, fixture.Entry{Task: f.Task, Person: f.Ann, Date: civil.Of(2026, time.March, 18), Minutes: 60}) // to be billed yet
	}
	m.put(anInvoice, hidden, m.things[aDraft][own])
	m.inner[hidden]["line"] = m.inner[own]["item"]
	m.Exec(t, `INSERT INTO billing_run (id, through, state, created_by, finished_at) VALUES ($1, '2026-02-28', 'done', $2, now())`, m.put(aRun, own, m.store.NewID()), m.admin)
}

// belongings gives everybody a notification, a token, a feed and an action.
func (m *matrix) belongings(t testing.TB) {
	for role, person := range m.people {
		name := "yours"
		if role == stranger {
			name = markPrivate
		}
		m.Exec(t, `INSERT INTO notification (id, person_id, kind, subject) VALUES ($1, $2, 'task_assigned', $3)`, m.owned(aNotice, role), person, name)
		m.Exec(t, `INSERT INTO api_token (id, person_id, name, secret_hash) VALUES ($1, $2, $3, $4)`, m.owned(aToken, role), person, name, hash())
		m.Exec(t, `INSERT INTO session (id, secret_hash, person_id, expires_at, agent) VALUES ($1, $2, $3, now() + interval '100 years', $4)`, m.owned(aSession, role), hash(), person, name)
		m.Exec(t, `INSERT INTO identity (id, person_id, issuer, subject, email, created_at, used_at) VALUES ($1, $2, 'https://id.firm.example/' || $3, $3, $4, now(), now())`, m.owned(anIdentity, role), person, role, name)
		m.Exec(t, `INSERT INTO plan_feed (id, person_id, name, user_id, secret_hash) VALUES ($1, $2, $3, $2, $4)`, m.owned(aFeed, role), person, name, hash())
		id := m.owned(anAction, role)
		m.Exec(t, `INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, state, answer, done_at)
			VALUES ($1, $2, $3, 'task', $4, 'status', '{}', '', 'done', jsonb_build_object('title', $5::text), now())`, id, person, "belongs/"+id.String(), m.Task, name)
	}
	hook := m.client("admin").must("POST", "/webhooks", object{"url": "https://example.com/", "events": []string{"*"}, "description": markMail})
	id := m.put(aWebhook, own, uuid.MustParse(hook.str("id")))
	m.inner[own]["delivery"] = uuid.MustParse(m.client("admin").must("POST", "/webhooks/"+id.String()+"/test", nil).str("id"))
	m.put(aTaxCode, own, uuid.MustParse(m.client("admin").must("POST", "/tax-codes", object{"code": "UK", "rates": []object{{"from": "2011-01-04", "tax_percent": "20"}}}).str("id")))
	m.Exec(t, `INSERT INTO mail (id, key, message_id, to_address, subject, body, state) VALUES ($1, 'k', 'k', 'ann@firm.example', $2, 'b', 'failed')`, m.put(aMail, own, m.store.NewID()), markMail)
}

func hash() []byte { _, h := secret.NewToken(); return h }

// owned names a thing of a role's own.
func (m *matrix) owned(k kind, role string) uuid.UUID {
	id := m.store.NewID()
	if m.mine[k] == nil {
		m.mine[k] = map[string]uuid.UUID{}
		m.put(k, own, uuid.Nil)
	}
	m.mine[k][role] = id
	if role == stranger {
		m.put(k, other, id)
	}
	return id
}

// thing is the id of what a role finds on a side.
func (m *matrix) thing(k kind, s side, role string) (uuid.UUID, bool) {
	if s == own && m.mine[k] != nil {
		id, ok := m.mine[k][role]
		return id, ok
	}
	id, ok := m.things[k][s]
	return id, ok
}

// client calls as a role.
func (m *matrix) client(role string) caller { return caller{w: m.world, bearer: m.bearers[role]} }

// fill puts ids where a path has names; what a side has no inner thing for is
// that of the first project.
func (m *matrix) fill(path string, id uuid.UUID, s side) string {
	path = strings.Replace(path, "projects/{id}/items/{item}", "projects/{id}/items/{project_item}", 1)
	path = strings.NewReplacer("{id}", id.String(), "{end}", aPeriodsEnd, "{week}", aWeek).Replace(path)
	for _, inner := range []map[string]uuid.UUID{m.inner[s], m.inner[own]} {
		for name, id := range inner {
			path = strings.Replace(path, "{"+name+"}", id.String(), 1)
		}
	}
	if strings.Contains(path, "{") {
		panic(path + ": matrix.inner does not say what the name stands for; put an id there, for each side that has one")
	}
	return path
}
