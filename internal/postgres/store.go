// Package postgres is where the facts are kept: the queries in queries/*.sql
// with their generated code in db, transactions, and the read models that the
// API shows.
//
// It decides nothing. Rules are functions of packages work, billing and access,
// called with what was read here under a lock.
package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"

	"steward/internal/billing"
	"steward/internal/fault"
	"steward/internal/postgres/db"
)

// Store is a pool of connections to one database.
type Store struct {
	*db.Queries
	Lists *db.Queries // for queries with optional filters: planned for the filters given
	Pool  *pgxpool.Pool
	Now   func() time.Time
	NewID func() uuid.UUID
	lists *pgxpool.Pool
	clock *clock
}

// How Postgres plans: a query by key has one plan, made once; a list with
// optional filters is planned for the filters it is given.
const (
	keyed    = "force_generic_plan"
	filtered = "force_custom_plan"
)

// Open connects to the database at url with at most conns connections, and a
// quarter as many for lists.
func Open(ctx context.Context, url string, conns int32) (*Store, error) {
	watch := &clock{}
	pool, err := connect(ctx, url, conns, watch, map[string]string{"plan_cache_mode": keyed})
	if err != nil {
		return nil, err
	}
	lists, err := connect(ctx, url, max(conns/4, 2), watch, map[string]string{"plan_cache_mode": filtered})
	if err != nil {
		pool.Close()
		return nil, err
	}
	s := timed(pool, watch)
	s.Lists, s.lists = db.New(lists), lists
	return s, nil
}

// OpenLater is [Open] for writes that need not be on the disk when they are
// answered. They are lost only if Postgres crashes within moments, and never
// when something written after them through another pool is kept.
func OpenLater(ctx context.Context, url string, conns int32) (*Store, error) {
	watch := &clock{}
	pool, err := connect(ctx, url, conns, watch, map[string]string{"plan_cache_mode": keyed, "synchronous_commit": "off"})
	if err != nil {
		return nil, err
	}
	return timed(pool, watch), nil
}

func connect(ctx context.Context, url string, conns int32, watch *clock, params map[string]string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	cfg.MaxConns, cfg.MinConns = conns, 1 // one looks at the clock before anybody asks
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		types(c.TypeMap())
		return watch.set(ctx, c)
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "steward"
	cfg.ConnConfig.RuntimeParams["jit"] = "off" // compiling a query, at each execution, takes longer than what it saves
	maps.Copy(cfg.ConnConfig.RuntimeParams, params)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return pool, nil
}

// types has ids travel as their bytes, and JSON that is kept as it is as it is:
// pgx by itself writes and reads the text of the one and parses the other.
// Instants are read in UTC, as the contract has them, and not in the zone that
// this machine is set to.
func types(m *pgtype.Map) {
	pgxuuid.Register(m)
	m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	m.RegisterType(&pgtype.Type{Name: "jsonb", OID: pgtype.JSONBOID, Codec: &pgtype.JSONBCodec{Marshal: json.Marshal, Unmarshal: func(text []byte, into any) error {
		if raw, ok := into.(*json.RawMessage); ok {
			*raw = bytes.Clone(text)
			return nil
		}
		return json.Unmarshal(text, into)
	}}})
}

// New makes a store on a pool, with the real clock and UUIDv7 ids.
func New(pool *pgxpool.Pool) *Store { return timed(pool, &clock{}) }

func timed(pool *pgxpool.Pool, watch *clock) *Store {
	return &Store{Queries: db.New(pool), Lists: db.New(pool), Pool: pool, Now: watch.now, NewID: watch.id, clock: watch}
}

// ClockOff is how far this machine's clock is from the database's, which is the
// one that all go by; 0 while it is not known, or less than can be told.
func (s *Store) ClockOff() time.Duration { return s.clock.behind() }

// ListPool has the connections of [Store.Lists].
func (s *Store) ListPool() *pgxpool.Pool { return cmp.Or(s.lists, s.Pool) }

// Close gives all connections back.
func (s *Store) Close() {
	if s.lists != nil {
		s.lists.Close()
	}
	s.Pool.Close()
}

// On is the store on the connection of a transaction: what reads lists by itself
// reads within it too.
func (s *Store) On(q *db.Queries) *Store {
	here := *s
	here.Queries, here.Lists = q, q
	return &here
}

// tries is how often a transaction is begun when Postgres asks for it.
const tries = 5

// ProcessName is what operators call the process of a thing; nothing for one
// that has no row yet.
func (s *Store) ProcessName(ctx context.Context, id uuid.UUID) (string, error) {
	names, err := s.ProcessNames(ctx, []uuid.UUID{id})
	if err != nil || len(names) == 0 {
		return "", err
	}
	return names[0].Name, nil
}

// Tx runs f in a transaction: all of it or nothing. When Postgres ends it for
// a deadlock or a conflict with another, it is run again. What the database
// refuses by a constraint comes back as a fault.
func (s *Store) Tx(ctx context.Context, f func(q *db.Queries, tx pgx.Tx) error) error {
	var err error
	for range tries {
		err = pgx.BeginFunc(ctx, transactions{s.Pool}, func(tx pgx.Tx) error { return f(s.WithTx(tx), tx) })
		if !again(err) {
			break
		}
	}
	return Refusal(err)
}

// errMoved begins a transaction again: what it locked is not what it had read.
var errMoved = fault.New(fault.Conflict, "somebody else changed the projects of the invoice; try again")

func again(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errMoved) || errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// wasInvoiced keeps time that was released: what it was is noted of it (N.04).
var wasInvoiced = fault.New(billing.TimeInvoiced, "the time was on an invoice that keeps what it was; make it internal, and it is never billed, instead of deleting it")

// refusals are the constraints that input can run into, as sentences.
var refusals = map[string]*fault.Fault{
	"person_by_email":                 fault.New("email_taken", "somebody has this e-mail address already"),
	"work_group_by_name":              fault.New("name_taken", "a group has this name already"),
	"template_by_name":                fault.New("name_taken", "a template has this name already"),
	"project_code_key":                fault.New("code_taken", "a project has this code already"),
	"tax_code_code_key":               fault.New("code_taken", "a tax code has this code already"),
	"invoice_completed":               fault.New(billing.AlreadyComplete, "the invoice is completed already"),
	"time_invoiced":                   fault.New(billing.TimeInvoiced, "the time is on a completed invoice; a correction is a new entry"),
	"entry_correction_entry_id_fkey":  wasInvoiced,
	"undone_correction_entry_id_fkey": wasInvoiced,
	"prepaid_use_milestone_id_fkey":   fault.New("item_invoiced", "hours that it includes are on an invoice"),
	"item_invoiced":                   fault.New("item_invoiced", "it is on a completed invoice"),
	"command_log_actor_id_key_key":    fault.New(fault.KeyReused, "this Idempotency-Key was used before"),
	"payment_reference":               fault.New(billing.ReferenceTaken, "the client has a payment with this reference"),
	"payment_import_key_key":          fault.New(billing.AlreadyImported, "this line of the bank's statement is recorded already"),
	"settled_within":                  fault.New(fault.Conflict, "the invoice is settled with more than is owed on it"),
	"payment_not_exceeded":            fault.New(billing.ExceedsPayment, "more would be applied than the payment has"),
	"credit_not_exceeded":             fault.New(billing.ExceedsCredit, "more would be applied than the credit note has"),
	"credit_within_invoice":           fault.New(billing.ExceedsInvoice, "more would be credited and written off than the invoice comes to"),
	"payment_recorded":                fault.New(fault.Conflict, "a recorded payment does not change; reverse it"),
	"write_off_recorded":              fault.New(fault.Conflict, "a recorded write-off does not change; reverse it"),
	"refund_recorded":                 fault.New(fault.Conflict, "a recorded refund does not change; reverse it"),
	"series_differ":                   fault.New(fault.Invalid, "invoices and credit notes have series of their own: the number series is that of credit notes"),
	"cost_once_a_day":                 fault.New("rate_overlaps", "there is another cost rate for these days"),
	"rate_once_a_day":                 fault.New("rate_overlaps", "there is another rate for these days"),
	"roles_fit_kind":                  fault.New(fault.Invalid, "these roles do not go with this kind of person"),
	"contact_has_client":              fault.New(fault.Invalid, "a client's contact names its client, staff does not"),
	"ends_after_start":                fault.New(fault.Invalid, "the project ends before it starts"),
}

// Refusal turns what the database refuses into a fault; other errors stay.
func Refusal(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "not found")
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if f, ok := refusals[pg.ConstraintName]; ok {
		return f
	}
	switch pg.Code {
	case "23503":
		return fault.New(fault.NotFound, "something that is referred to does not exist (%s)", pg.ConstraintName)
	case "22003", "22P05", "22021":
		return fault.New(fault.Invalid, "a value cannot be stored: %s", pg.Message)
	}
	return err
}

// Away tells whether err means that the database cannot do its work just now: it
// cannot be reached, was lost on the way, has no room or no connection left, or
// was given up waiting for. What was asked for may have been done all the same.
func Away(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &connect):
		return true
	case errors.As(err, &pg):
		return unable(pg.Code)
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return true
	}
	return pgconn.SafeToRetry(err)
}

// Passing tells whether err says nothing about what was asked for: the database
// is [Away], others were at the same time, or it lacks what this version of
// steward asks of it.
func Passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:min(2, len(pg.Code))] {
		case "40", "42", "28", "55": // rolled back; no such table or no right; no role; locked
			return true
		}
	}
	return Away(err)
}

// unable are the codes of a server that is shutting down, starting, full, read
// by others only, or whose disk fails: the same request may succeed later.
func unable(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", // admin shutdown, crash, starting up
		"57014",          // canceled, as by a statement timeout
		"25006",          // a replica, while another is made the primary
		"XX001", "XX002": // a page or an index that a disk has spoilt
		return true
	}
	class := code[:min(2, len(code))]
	return class == "08" || class == "53" || class == "58" // connection; no room or memory; the system below it
}

// Change is a field before and after.
type Change [2]any

// Event is an entry of the audit trail to be (N.14).
type Event struct {
	Actor   *uuid.UUID // nil: steward itself or an operator's command
	Kind    string
	ID      uuid.UUID
	Verb    string
	Version int32
	Changes map[string]Change
	Note    string
	Source  string
}

// Audit writes an event in the transaction of q.
func (s *Store) Audit(ctx context.Context, q *db.Queries, e Event) error {
	return q.InsertAudit(ctx, s.audit(e))
}

// Audits writes events at once, in the transaction of q.
func (s *Store) Audits(ctx context.Context, q *db.Queries, events []Event) error {
	rows := make([]db.InsertAuditsParams, len(events))
	for i, e := range events {
		rows[i] = db.InsertAuditsParams(s.audit(e))
	}
	_, err := q.InsertAudits(ctx, rows)
	return err
}

func (s *Store) audit(e Event) db.InsertAuditParams {
	return db.InsertAuditParams{
		ID: s.NewID(), ActorID: e.Actor, EntityKind: e.Kind, EntityID: e.ID, Verb: e.Verb,
		Version: e.Version, Changes: JSON(e.Changes), Note: e.Note, Source: e.Source,
	}
}

// JSON writes a value that always can be written.
func JSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a %T cannot be written as JSON: %v", v, err)) // a mistake in our types, not in data
	}
	return b
}

// Diff lists what differs between two values of one struct type, by their
// JSON names.
func Diff(before, after any) map[string]Change {
	var b, a map[string]json.RawMessage
	_ = json.Unmarshal(JSON(before), &b)
	_ = json.Unmarshal(JSON(after), &a)
	changes := map[string]Change{}
	for k, v := range a {
		if string(v) != string(b[k]) {
			changes[k] = Change{b[k], v}
		}
	}
	for k, v := range b {
		if _, ok := a[k]; !ok {
			changes[k] = Change{v, nil}
		}
	}
	return changes
}

// FirstID is the lowest UUIDv7 of an instant: its milliseconds come first.
func FirstID(at time.Time) uuid.UUID {
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(max(at.UnixMilli(), 0)))
	id := uuid.UUID{6: 0x70, 8: 0x80}
	copy(id[:6], millis[2:])
	return id
}
