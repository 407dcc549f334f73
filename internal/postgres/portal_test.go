package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// walled is two clients with everything of each kind, and the contacts of the first.
type walled struct {
	*postgres.Store
	one, two                         *side
	manager, contact, idle, partners uuid.UUID // of the first client; the last of a partner of it
}

// side is a client's things, by what they are called.
type side struct {
	*fixture.Firm
	draft                                    uuid.UUID // a project
	hidden, shown, given                     uuid.UUID // tasks
	internal, forClient, onHidden            uuid.UUID // notes
	file, hiddenFile                         uuid.UUID
	draftInvoice, invoice, line, hiddenEntry uuid.UUID
	request, others                          uuid.UUID
	report, unsent                           uuid.UUID
	credit, uncredited, payment, refund      uuid.UUID // credit notes, the second without its PDF
}

func newWalled(t *testing.T) *walled {
	t.Helper()
	s := fixture.Store(t)
	w := &walled{Store: s, one: newSide(t, s), two: newSide(t, s)}
	person := func(client uuid.UUID, role string) uuid.UUID {
		id := s.NewID()
		w.one.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, $3, $4, ARRAY[$5])`, id, client, role, id.String()+"@client.example", role)
		return id
	}
	w.manager, w.contact, w.idle = person(w.one.Client, "client_manager"), person(w.one.Client, "client_contact"), person(w.one.Client, "client_contact")
	partner := s.NewID()
	w.one.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Partner', 'GBP')`, partner)
	w.one.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, w.one.Client, partner)
	w.partners = person(partner, "client_manager")
	for _, p := range []uuid.UUID{w.contact, w.partners} {
		w.one.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, w.one.Project, p)
	}
	w.one.Exec(t, `UPDATE task SET assignee_person_id = $2 WHERE id = $1`, w.one.given, w.idle)
	for _, f := range []*side{w.one, w.two} {
		author := w.contact
		if f == w.two {
			author = f.AM
		}
		f.Exec(t, `INSERT INTO request (id, number, client_id, kind, title, created_by, account_manager_id, assignee_person_id) VALUES
			($1, nextval('request_number'), $2, 'issue', 'It is broken', $3, $4, $4), ($5, nextval('request_number'), $2, 'issue', 'Somebody asks', $4, $4, $4)`,
			f.request, f.Client, author, f.AM, f.others)
	}
	return w
}

func newSide(t *testing.T, s *postgres.Store) *side {
	t.Helper()
	f := &side{Firm: fixture.NewFirm(t, s)}
	for _, id := range []*uuid.UUID{&f.draft, &f.internal, &f.forClient, &f.onHidden, &f.file, &f.hiddenFile, &f.draftInvoice, &f.invoice, &f.line, &f.request, &f.others, &f.report, &f.unsent, &f.credit, &f.uncredited, &f.payment, &f.refund} {
		*id = s.NewID()
	}
	f.hidden, f.shown, f.given = f.Task, f.NewTask(t, "open"), f.NewTask(t, "open")
	f.Exec(t, `UPDATE task SET visible_to_client = true WHERE id = ANY ($1)`, []uuid.UUID{f.shown})
	f.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, upper('D' || substr($3, 28, 8)), 'Draft', 'draft', $4, 'GBP')`, f.draft, f.Client, f.draft.String(), f.AM)
	f.Exec(t, `INSERT INTO note (id, task_id, author_id, body, visibility) VALUES ($1, $4, $6, 'ours', 'internal'), ($2, $4, $6, 'yours', 'client'), ($3, $5, $6, 'hidden', 'client')`,
		f.internal, f.forClient, f.onHidden, f.shown, f.hidden, f.Ann)
	for id, visibility := range map[uuid.UUID]string{f.file: "client", f.hiddenFile: "internal"} {
		f.Exec(t, `INSERT INTO file (id, name, content_type, size, sha256) VALUES ($1, 'a.txt', 'text/plain', 1, sha256('a'))`, id)
		f.Exec(t, `INSERT INTO attachment (file_id, task_id, author_id, visibility) VALUES ($1, $2, $3, $4)`, id, f.shown, f.Ann, visibility)
	}
	f.Exec(t, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $3, 'GBP', '2026-01-31'), ($2, $3, 'GBP', '2026-01-31')`, f.draftInvoice, f.invoice, f.Client)
	f.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, description, quantity, unit_price, amount, tax_percent) VALUES ($1, $2, 1, 'fixed', $3, 'Work', 1, 5, 5, 0), (gen_random_uuid(), $4, 1, 'fixed', $3, 'Secret', 1, 5, 5, 0)`,
		f.line, f.invoice, f.Project, f.draftInvoice)
	f.Exec(t, `UPDATE invoice SET state = 'complete', series = 'X', year = 2026, sequence = 1 + (SELECT count(*) FROM invoice WHERE state = 'complete'), number = $2, issued_on = '2026-02-01', due_on = '2026-03-01',
		subtotal = 5, total = 5, snapshot = '{}', completed_at = now(), visible_at = now() WHERE id = $1`, f.invoice, f.invoice.String())
	f.Exec(t, `INSERT INTO status_report (id, client_id, week, week_ending, state, hold_until, content, created_at, mail_ids, file_key, sent_at) VALUES
		($1, $3, '2026-W01', '2026-01-01', 'sent', now(), '{}', now(), ARRAY[$3::uuid], 'a.pdf', now()), ($2, $3, '2026-W02', '2026-01-08', 'review', now(), '{}', now(), '{}', '', NULL)`, f.report, f.unsent, f.Client)
	f.Exec(t, `INSERT INTO credit_note (id, invoice_id, client_id, currency, series, year, sequence, number, issued_on, reason, subtotal, tax, total, snapshot, visible_at)
		SELECT x.id, $3, $4, 'GBP', 'C', 2026, 1 + x.n + (SELECT count(*) FROM credit_note), x.id::text, '2026-02-03', 'x', 1, 0, 1, '{}', x.at FROM (VALUES ($1::uuid, 0, now()), ($2::uuid, 1, NULL)) x(id, n, at)`,
		f.credit, f.uncredited, f.invoice, f.Client)
	f.Exec(t, `INSERT INTO payment (id, client_id, currency, amount, received_on, note) VALUES ($1, $2, 'GBP', 9, '2026-02-04', 'SECRET')`, f.payment, f.Client)
	f.Exec(t, `INSERT INTO refund (id, client_id, currency, amount, refunded_on) VALUES ($1, $2, 'GBP', 9, '2026-02-05')`, f.refund, f.Client)
	f.Exec(t, `INSERT INTO payment_application (id, client_id, currency, payment_id, refund_id, amount, applied_on) VALUES ($1, $2, 'GBP', $3, $1, 9, '2026-02-05')`, f.refund, f.Client, f.payment)
	f.hiddenEntry = f.Record(t, fixture.Entry{Task: f.hidden, Person: f.Ann, Minutes: 60, Date: civil.Of(2026, time.January, 5)})[0]
	return f
}

// The database alone keeps a contact from what is not theirs: these queries
// name no client and no person.
func TestTheWallShowsAContactOnlyWhatIsTheirs(t *testing.T) { // S1.05, S2.07, S2.16
	t.Parallel()
	w := newWalled(t)
	a := w.one
	none := []uuid.UUID{}
	for _, c := range []struct {
		table, id                        string
		manager, contact, idle, partners []uuid.UUID
	}{
		{"client", "id", []uuid.UUID{a.Client}, []uuid.UUID{a.Client}, []uuid.UUID{a.Client}, nil}, // a partner: itself, checked below
		{"project", "id", []uuid.UUID{a.Project}, []uuid.UUID{a.Project}, none, []uuid.UUID{a.Project}},
		{"task", "id", []uuid.UUID{a.shown}, []uuid.UUID{a.shown}, []uuid.UUID{a.given}, []uuid.UUID{a.shown}},
		{"note", "id", []uuid.UUID{a.forClient}, []uuid.UUID{a.forClient}, none, []uuid.UUID{a.forClient}},
		{"attachment", "file_id", []uuid.UUID{a.file}, []uuid.UUID{a.file}, none, []uuid.UUID{a.file}},
		{"file", "id", []uuid.UUID{a.file}, []uuid.UUID{a.file}, none, []uuid.UUID{a.file}},
		{"invoice", "id", []uuid.UUID{a.invoice}, none, none, none},
		{"invoice_line", "id", []uuid.UUID{a.line}, none, none, none},
		{"time_entry", "id", []uuid.UUID{a.hiddenEntry}, none, none, none},
		{"status_report", "id", []uuid.UUID{a.report}, none, none, none},
		{"credit_note", "id", []uuid.UUID{a.credit}, none, none, none},
		{"payment", "id", []uuid.UUID{a.payment}, none, none, none},
		{"refund", "id", []uuid.UUID{a.refund}, none, none, none},
		{"payment_application", "id", []uuid.UUID{a.refund}, none, none, none},
		{"request", "id", []uuid.UUID{a.request, a.others}, []uuid.UUID{a.request}, none, none},
	} {
		for who, want := range map[uuid.UUID][]uuid.UUID{w.manager: c.manager, w.contact: c.contact, w.idle: c.idle, w.partners: c.partners} {
			if want == nil {
				continue
			}
			got := w.visible(t, who, c.table, c.id)
			slices.SortFunc(want, func(x, y uuid.UUID) int { return strings.Compare(x.String(), y.String()) })
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s of %s: %v are seen, want %v", c.table, map[uuid.UUID]string{w.manager: "the manager", w.contact: "a contact", w.idle: "one who was not added", w.partners: "a partner's"}[who], got, want)
			}
		}
	}
}

func (w *walled) visible(t *testing.T, who uuid.UUID, table, id string) []uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	w.asRole(t, who, func(tx pgx.Tx) {
		rows, err := tx.Query(t.Context(), fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", id, table))
		if err == nil {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		}
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	})
	return ids
}

func (w *walled) asRole(t *testing.T, who uuid.UUID, f func(tx pgx.Tx)) {
	t.Helper()
	tx, err := w.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if err := db.New(tx).BecomeContact(t.Context(), who.String()); err != nil {
		t.Fatal(err)
	}
	f(tx)
}

// Every table of the schema is either walled or closed: one that is added later
// and forgotten is closed.
func TestWhatIsNotWalledIsClosed(t *testing.T) { // S2.16
	t.Parallel()
	w := newWalled(t)
	open := map[string]bool{}
	for _, table := range w.relations(t, "rpvmfS") {
		w.asRole(t, w.manager, func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), "SELECT count(*) FROM "+table); err == nil {
				open[table] = true
			}
		})
		w.asRole(t, w.manager, func(tx pgx.Tx) {
			if _, err := tx.Exec(t.Context(), "DELETE FROM "+table); err == nil {
				t.Errorf("a contact may delete from %s", table)
			}
		})
	}
	for table := range open {
		if walled := fixture.One[bool](t, w.Pool, `SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass($1)`, table); !walled {
			t.Errorf("%s can be read and has no wall", table)
		}
	}
	for table, columns := range map[string][]string{
		"person": {"email", "password_hash", "roles"}, "time_entry": {"person_id", "description"}, "invoice_line": {"person_id", "rate_source"},
		"task": {"estimate_minutes", "owner_id", "hand_over"}, "rate": {"hourly"}, "invoice": {"snapshot"}, "credit_note": {"snapshot", "created_by"}, "payment": {"note", "created_by"}, "provider": {"locked_through"}, "request": {"hand_over"}, "status_report": {"comment_by", "decided_by", "mail_ids", "file_key"},
	} {
		for _, column := range columns {
			w.asRole(t, w.manager, func(tx pgx.Tx) {
				if _, err := tx.Exec(t.Context(), fmt.Sprintf("SELECT %s FROM %s", column, table)); err == nil {
					t.Errorf("a client's manager may read %s of %s", column, table)
				}
			})
		}
	}
}

// relations are the tables of the schema, and with other kinds its views and
// sequences.
func (w *walled) relations(t *testing.T, kinds string) []string {
	t.Helper()
	return strings.Fields(fixture.One[string](t, w.Pool, `SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND strpos($1, relkind::text) > 0`, kinds))
}

// Whatever is asked of whichever table, all that can be read of it, and nothing
// of another client is there: no query, filter or right of ours is asked.
func TestNothingOfAnotherClientIsBehindTheWall(t *testing.T) { // S2.07, S2.16
	t.Parallel()
	w := newWalled(t)
	theirs, f := w.NewID(), w.two
	f.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Zoe', 'zoe@client.example', '{client_manager}')`, theirs, f.Client)
	f.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, f.Project, theirs)
	f.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, f.shown, f.given)
	f.Exec(t, `UPDATE task SET visible_to_client = true WHERE project_id = $1`, f.Project)
	f.Exec(t, `INSERT INTO invoice_project (invoice_id, project_id) VALUES ($1, $2)`, f.draftInvoice, f.Project)
	f.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, w.one.Client, f.Client) // without having been added to anything
	secret := map[string]uuid.UUID{
		"client": f.Client, "project": f.Project, "draft project": f.draft, "hidden task": f.hidden, "task": f.shown, "given task": f.given, "internal note": f.internal, "note": f.forClient,
		"file": f.file, "hidden file": f.hiddenFile, "invoice": f.invoice, "draft": f.draftInvoice, "line": f.line, "time": f.hiddenEntry, "request": f.request, "credit note": f.credit, "payment": f.payment, "refund": f.refund, "ask": f.others, "contact": theirs,
	}
	read := 0
	for who, person := range map[string]uuid.UUID{"the manager": w.manager, "a contact": w.contact, "one who was not added": w.idle, "a partner's": w.partners} {
		for _, table := range w.relations(t, "rpvmf") {
			columns := fixture.One[*string](t, w.Pool, `SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
				WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND has_column_privilege('steward_portal', attrelid, attnum, 'SELECT')`, table)
			if columns == nil {
				continue
			}
			w.asRole(t, person, func(tx pgx.Tx) {
				var text string
				if err := tx.QueryRow(t.Context(), fmt.Sprintf("SELECT coalesce(json_agg(x)::text, '') FROM (SELECT %s FROM %s) x", *columns, table)).Scan(&text); err != nil {
					t.Fatalf("%s: %v", table, err)
				}
				read += len(text)
				for what, id := range secret {
					if strings.Contains(text, id.String()) {
						t.Errorf("%s reads of the other client's %s in %s", who, what, table)
					}
				}
			})
		}
	}
	if read < 1000 {
		t.Errorf("only %d bytes were read at all", read)
	}
}

// What the wall is made of goes around it; whoever stands behind it can ask it
// nothing about anybody else.
func TestNoFunctionGoesAroundTheWall(t *testing.T) { // S2.16
	t.Parallel()
	w := newWalled(t)
	around := fixture.One[*string](t, w.Pool, `SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc
		WHERE pronamespace = current_schema()::regnamespace AND prosecdef AND pronargs > 0 AND has_function_privilege('steward_portal', oid, 'EXECUTE')`)
	if around != nil {
		t.Errorf("a contact may call %s, which reads as the owner what its arguments name", *around)
	}
	w.asRole(t, w.manager, func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT portal_projects_of($1)`, w.two.AM); err == nil {
			t.Error("a contact asks which projects somebody else sees")
		}
	})
}

// Nobody who is not an active contact sees anything through the wall.
func TestTheWallIsOpenForNobodyElse(t *testing.T) { // S2.16
	t.Parallel()
	w := newWalled(t)
	w.one.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.manager)
	for name, who := range map[string]uuid.UUID{"one who has left": w.manager, "one of the staff": w.one.AM, "nobody": uuid.Nil} {
		for _, table := range []string{"client", "person", "work_group", "project", "task", "note", "file", "invoice", "invoice_line", "time_entry", "request", "status_report"} {
			if got := w.visible(t, who, table, "id"); len(got) > 0 {
				t.Errorf("%s sees %d rows of %s", name, len(got), table)
			}
		}
	}
}
