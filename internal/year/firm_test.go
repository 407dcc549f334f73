package year

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/activities"
	"steward/api"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/embedded/servers"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/worker"
)

func TestMain(m *testing.M) { servers.Main(m) }

// firm is an installation with a clock of its own.
type firm struct {
	*postgres.Store
	t       testing.TB
	random  *rand.Rand
	clock   atomic.Pointer[time.Time]
	zone    *time.Location
	first   civil.Date // of the year
	engine  *engine
	api     http.Handler
	server  *mailServer
	postman *worker.Postman

	am, admin caller
	workers   []person
	clients   []client
	projects  []project
	outcomes  map[string]int // of what people tried, by what and the code of the refusal
}

type person struct {
	caller
	id   uuid.UUID
	zone *time.Location
}

type client struct {
	id       uuid.UUID
	currency string
}

type project struct {
	id       uuid.UUID
	client   client
	currency string
	zone     *time.Location
	rhythm   billing.Rhythm
	tasks    []uuid.UUID
}

var (
	zones      = []string{"Pacific/Apia", "America/Juneau", "Europe/Berlin", "Asia/Kolkata", "America/New_York"}
	currencies = []string{"EUR", "JPY", "KWD", "GBP", "USD"} // two decimals, none, three
	rhythms    = []billing.Rhythm{
		{Cycle: billing.Monthly, Anchor: 1}, {Cycle: billing.Monthly, Anchor: 15}, {Cycle: billing.Monthly, Anchor: 30}, {Cycle: billing.Monthly, Anchor: 31},
		{Cycle: billing.Monthly, Anchor: billing.LastDay}, {Cycle: billing.Semimonthly, Anchor: 15}, {Cycle: billing.Quarterly, Anchor: 30},
		{Cycle: billing.Weekly, Anchor: 5}, {Cycle: billing.Biweekly, Anchor: 7}, {Cycle: billing.Monthly, Anchor: 31},
	}
	groupings  = []string{"task_person", "entry", "task", "person"}
	increments = []int{0, 6, 0, 15}
	taxes      = []string{"20", "0", "7.5", "19", "5.125"}
)

// found makes the firm: its people and clients, on the eve of the year, which
// always holds a 29 February and a New Year.
func found(t testing.TB, seed uint64) *firm {
	t.Helper()
	f := &firm{Store: fixture.Store(t), t: t, random: rand.New(rand.NewPCG(seed, 3)), outcomes: map[string]int{}}
	f.first = civil.Of(2027, time.March, 1).AddDays(f.random.IntN(300))
	f.zone = postgres.Zone([]string{"Europe/London", "America/Juneau", "Pacific/Apia"}[f.random.IntN(3)])
	f.Store.Now = func() time.Time { return *f.clock.Load() }
	f.at(f.first, 0)
	blobs, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	f.engine = &engine{t: t, acts: activities.New(f.Store, blobs, "http://steward.example"), now: f.Store.Now}
	f.server = &mailServer{t: t, random: rand.New(rand.NewPCG(seed, 4)), taken: map[string]int{}}
	f.postman = &worker.Postman{Store: f.Store, Files: blobs, Mailer: f.server, Log: slog.New(slog.DiscardHandler)}
	f.api = api.New(api.Options{Store: f.Store, Later: f.Store, Engine: f.engine, Files: blobs, Log: slog.New(slog.DiscardHandler), Version: "test"})
	f.exec(`UPDATE provider SET time_zone = $1`, f.zone.String())
	f.exec(`UPDATE reminder_policy SET day_of_month = $1, currency = 'EUR',
		levels = '[{"days_overdue": 3, "days_since_last": 0}, {"days_overdue": 20, "days_since_last": 14, "fee": "10", "interest_percent": "8"}, {"days_overdue": 50, "days_since_last": 21}]'`, 1+f.random.IntN(28))
	f.hire()
	for i := range *clients {
		f.sign(i)
	}
	return f
}

func (f *firm) hire() {
	f.am, f.admin = f.person("Olivia", "account_manager", f.zone).caller, f.person("Ada", "admin", f.zone).caller
	for i, zone := range zones {
		p := f.person(fmt.Sprint("Worker ", i), "contributor", postgres.Zone(zone))
		f.workers = append(f.workers, p)
		for _, c := range currencies {
			f.exec(`INSERT INTO rate (id, person_id, hourly, currency, valid) VALUES ($1, $2, $3::text::numeric, $4, '[2020-01-01,)')`, f.NewID(), p.id, f.hourly(), c)
		}
	}
	// The last of them has no rate in one currency, until somebody agrees on one.
	f.exec(`DELETE FROM rate WHERE person_id = $1 AND currency = $2`, f.workers[len(f.workers)-1].id, currencies[f.random.IntN(len(currencies))])
}

func (f *firm) hourly() string {
	return fmt.Sprintf("%d.%02d", 30+f.random.IntN(150), f.random.IntN(100))
}

func (f *firm) person(name, role string, zone *time.Location) person {
	id := f.NewID()
	f.exec(`INSERT INTO person (id, kind, name, email, roles, time_zone) VALUES ($1, 'staff', $2, $3, $4, $5)`, id, name, id.String()+"@firm.example", []string{role}, zone.String())
	token, hash := secret.NewToken()
	if err := f.InsertToken(f.t.Context(), db.InsertTokenParams{ID: f.NewID(), PersonID: id, Name: "year", SecretHash: hash, Scopes: []string{}}); err != nil {
		f.t.Fatal(err)
	}
	return person{caller{f, token}, id, zone}
}

// sign adds the i-th client with its projects.
func (f *firm) sign(i int) {
	c := client{f.NewID(), currencies[(i+i/len(zones))%len(currencies)]}
	gather := i%3 == 2
	zone := zones[i%len(zones)]
	f.exec(`INSERT INTO client (id, name, currency, tax_percent, email, time_zone, payment_terms_days, gather_invoices, language) VALUES ($1, $2, $3, $4::text::numeric, $5, $6, $7, $8, $9)`,
		c.id, fmt.Sprint("Client ", i), c.currency, taxes[i%len(taxes)], fmt.Sprintf("billing@client%d.example", i), zone, []int{30, 14, 0, 10}[i%4], gather, []string{"en", "de", "fr", "es"}[i%4])
	f.clients = append(f.clients, c)
	if i%3 == 1 { // taxed by date
		code := f.NewID()
		f.exec(`INSERT INTO tax_code (id, code) VALUES ($1, $2)`, code, fmt.Sprint("TAX-", i))
		for _, after := range []int{30, 100, 101, 250} {
			f.exec(`INSERT INTO tax_rate (tax_code_id, from_on, percent) VALUES ($1, $2, $3::text::numeric) ON CONFLICT DO NOTHING`, code, f.first.AddDays(after+f.random.IntN(60)*after/100), taxes[f.random.IntN(len(taxes))])
		}
		f.exec(`UPDATE client SET tax_code_id = $2 WHERE id = $1`, c.id, code)
	}
	for n := range 1 + i%3 {
		p := project{id: f.NewID(), client: c, currency: c.currency, zone: postgres.Zone(zone), rhythm: rhythms[i%len(rhythms)]}
		if n == 1 && i%2 == 0 { // in another currency
			p.currency = currencies[(i+2)%len(currencies)]
		}
		p.rhythm.From = f.first
		f.exec(`INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES ($1, $2, $3, $3, 'active', (SELECT id FROM person WHERE name = 'Olivia'), $4, $5)`,
			p.id, c.id, fmt.Sprintf("C%dP%d", i, n), p.currency, f.first)
		f.exec(`INSERT INTO work_statement (project_id, billing_period, anchor_day, billing_from, auto_complete, line_grouping, increment_minutes, terms_from_month_end) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			p.id, string(p.rhythm.Cycle), p.rhythm.Anchor, f.first, i%2 == 0, groupings[i%4], increments[i%4], i%5 == 3)
		if i%4 == 1 && n == 0 { // with a fee, whose hours go over to the next period for half of them
			f.exec(`UPDATE work_statement SET retainer_amount = $2::text::numeric, retainer_minutes = $3, retainer_rollover = $4,
				retainer_changes = jsonb_build_array(jsonb_build_object('from', $5::date, 'retainer_amount', $6::text, 'retainer_minutes', $7::integer)) WHERE project_id = $1`,
				p.id, f.amount(p.currency), 60+f.random.IntN(900), i%8 == 1, f.first.AddDays(f.random.IntN(400)), f.amount(p.currency), 60+f.random.IntN(900))
		}
		for k := range 2 {
			task := f.NewID()
			f.exec(`INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id) VALUES ($1, $2, $3, $4, 'open', $5, $5)`, task, p.id, k+1, fmt.Sprint("Task ", k), f.workers[k].id)
			p.tasks = append(p.tasks, task)
		}
		f.projects = append(f.projects, p)
	}
}

func (f *firm) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.Pool.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// ids reads the first column of a query that has no arguments.
func (f *firm) ids(sql string) []uuid.UUID {
	f.t.Helper()
	rows, err := f.Pool.Query(f.t.Context(), sql)
	if err != nil {
		f.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		f.t.Fatal(err)
	}
	return ids
}

// at sets the clock to so many minutes of a day by the firm's clocks.
func (f *firm) at(day civil.Date, minutes int) {
	now := time.Date(day.Year, day.Month, day.Day, 0, minutes, 0, 0, f.zone)
	f.clock.Store(&now)
}

func (f *firm) today() civil.Date { return civil.In(f.Now(), f.zone) }

// settle does what Temporal and the workers do when something happened: starts
// the processes that were asked for, tells those whose rows changed, until
// nothing is left; then the mail goes out.
func (f *firm) settle() {
	for {
		rows, err := f.TakeOutbox(f.t.Context(), 500)
		if err != nil {
			f.t.Fatal(err)
		}
		todo, order := map[uuid.UUID]flow.Kind{}, []uuid.UUID{}
		add := func(id uuid.UUID, kind flow.Kind) {
			if todo[id] == "" {
				order = append(order, id)
			}
			todo[id] = kind
		}
		for _, r := range rows {
			add(r.EntityID, flow.Kind(r.EntityKind))
		}
		for _, id := range f.engine.takeStarted() {
			add(id, flow.Invoice)
		}
		if len(todo) == 0 {
			break
		}
		for _, id := range order {
			f.engine.process(f.engine.environment(), todo[id], flow.Input{ID: id})
		}
	}
	if err := f.postman.Once(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// letters lets those go whose review is over, as their timers do.
func (f *firm) letters() {
	for _, id := range f.ids(`SELECT id FROM reminder_letter WHERE state = 'review' AND hold_until <= ` + f.literal()) {
		f.engine.process(f.engine.environment(), flow.Reminder, flow.Input{ID: id})
	}
	fixture.Hold(f.t, f.Pool, f.asked(justReminded))
}

// literal is the clock in SQL.
func (f *firm) literal() string {
	return "'" + f.Now().UTC().Format(time.RFC3339) + "'::timestamptz"
}

// caller sends requests as a person.
type caller struct {
	f     *firm
	token string
}

type object = map[string]any

// send sends a request; what is refused gives the code of the refusal, and what
// fails fails the test.
func (c caller) send(method, path string, body any) (object, string) {
	c.f.t.Helper()
	req := httptest.NewRequestWithContext(c.f.t.Context(), method, "/api/v1"+path, bytes.NewReader(postgres.JSON(body)))
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.f.api.ServeHTTP(w, req)
	answer := object{}
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	code, _ := answer["code"].(string)
	if w.Code >= 500 || w.Code == 202 && answer["state"] == "pending" || w.Code >= 400 && code == "" {
		c.f.t.Errorf("%s %s %s: %d %s", method, path, postgres.JSON(body), w.Code, w.Body)
	}
	if w.Code < 400 {
		code = ""
	}
	return answer, code
}

// mailServer counts what it takes. It is at times busy, and at times goes away
// before it has answered.
type mailServer struct {
	t      testing.TB
	mu     sync.Mutex
	random *rand.Rand
	taken  map[string]int // by Message-ID
}

func (s *mailServer) Send(_ context.Context, m mail.Message) (mail.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(m.Attachments) == 0 && m.Subject == "" {
		s.t.Errorf("an empty mail went to %s", m.To)
	}
	switch n := s.random.IntN(100); {
	case n < 8:
		return mail.Temporary, errors.New("busy")
	case n < 10:
		s.take(m)
		return mail.Unknown, errors.New("gone")
	}
	s.take(m)
	return mail.Sent, nil
}

// take is a mail that arrives.
func (s *mailServer) take(m mail.Message) {
	if s.taken[m.ID]++; s.taken[m.ID] > 1 {
		s.t.Errorf("the mail %q to %s arrived again", m.Subject, m.To)
	}
}
