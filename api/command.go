package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/dispatch"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/planted"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// patience is how long an answer is waited for before it is 202 Accepted.
const patience = 8 * time.Second

// WriteHeaders come with every write.
type WriteHeaders struct {
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again gives the same answer and one effect"`
	IfMatch string `header:"If-Match" doc:"The ETag that was read; refused with 412 if it has changed since"`
}

// Pending is the answer to an action that takes longer.
type Pending struct {
	ID     uuid.UUID       `json:"id"`
	State  string          `json:"state" enum:"pending,done,refused"`
	Verb   string          `json:"verb"`
	Answer json.RawMessage `json:"answer,omitempty" doc:"The thing as it was after, or the refusal"`
}

// request is a write on its way to its process or its transaction.
type request struct {
	actor  access.Actor
	source string
	key    string
	kind   flow.Kind // of the thing; for content any name
	id     uuid.UUID
	verb   string
	name   string // of the thing, for operators
	body   any
	match  int32 // the version asked for by If-Match; 0: any
}

// newRequest reads what all writes have in common.
func (s *Server) newRequest(ctx context.Context, h WriteHeaders, kind flow.Kind, id uuid.UUID, verb string, body any) (request, error) {
	r := request{actor: actorOf(ctx), source: sourceOf(ctx), key: h.Key, kind: kind, id: id, verb: verb, body: body}
	var err error
	if planted.Doubled() {
		r.key = ""
	}
	r.match, err = matchVersion(h.IfMatch)
	return r, err
}

// fingerprint tells whether two requests are the same but for their key. The
// id of a thing to be made is not part of it.
func (r request) fingerprint() []byte {
	id := r.id.String()
	if r.verb == "create" {
		id = ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d %s", r.kind, id, r.verb, r.match, postgres.JSON(r.body)))
	return sum[:]
}

// envelope is the body with what goes along.
func (r request) envelope() (json.RawMessage, error) {
	if r.match == 0 {
		return postgres.JSON(r.body), nil
	}
	fields := map[string]any{}
	if err := json.Unmarshal(postgres.JSON(r.body), &fields); err != nil {
		return nil, err
	}
	fields["if_version"] = r.match
	return postgres.JSON(fields), nil
}

// act sends a command through the process of its thing and gives back what was
// answered: the thing as it was after. It returns nil and a [Pending] for an
// action that goes on. Where too many wait already it is turned away before
// anything of it is written; what is written is carried out, and so never
// refused as if it could be asked for once more.
func (s *Server) act(ctx context.Context, r request) (json.RawMessage, *Pending, error) {
	if wait, ok := planted.Disordered(r.verb); ok {
		time.AfterFunc(wait, func() { _, _, _ = s.act(context.WithoutCancel(ctx), r) })
		return postgres.JSON(Pending{Verb: r.verb}), nil, nil
	}
	cmd, err := s.known(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	if cmd == nil || cmd.State == "pending" {
		if !s.acting.enter() {
			if cmd != nil {
				return s.answer(ctx, cmd.ID)
			}
			return nil, nil, fault.New(fault.Unavailable, "too many actions are waiting just now; send it again")
		}
		began := time.Now()
		defer func() { now := time.Now(); s.acting.leave(now, now.Sub(began)) }()
	}
	if cmd == nil {
		if cmd, err = s.logCommand(ctx, &r); err != nil {
			return nil, nil, err
		}
	}
	kept := false
	if cmd.State == "pending" {
		kept = s.bring(ctx, r, cmd)
	}
	answer, pending, err := s.answer(ctx, cmd.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // Postgres lost its last moments in a crash
		err = fault.New("command_lost", "the command was lost before it was carried out; send it again")
	case kept && ctx.Err() == nil && postgres.Away(err):
		return nil, &Pending{ID: cmd.ID, State: "pending", Verb: r.verb}, nil
	}
	return answer, pending, err
}

// bring brings a command to its process and waits for it. Where Temporal has not
// said that it was carried out, it tells whether the command is known to be on
// disk: a worker brings it again.
func (s *Server) bring(ctx context.Context, r request, cmd *db.CommandByKeyRow) (kept bool) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.engine.Act(waiting, dispatch.Action{Kind: r.kind, ID: cmd.EntityID, Verb: r.verb, Command: cmd.ID, Name: s.named(r, cmd.EntityID)})
	if err != nil {
		s.log.WarnContext(ctx, "a command is brought to its process later", "kind", r.kind, "id", cmd.EntityID, "verb", r.verb, "command", cmd.ID, "error", err)
	}
	return (err != nil || waiting.Err() != nil) && s.unheard(ctx, r.kind, cmd.EntityID)
}

// named tells what operators are to call a thing, where its process is not
// there: what the request has read of it, or its row.
func (s *Server) named(r request, id uuid.UUID) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if r.name != "" {
			return r.name, nil
		}
		return s.store.ProcessName(ctx, id)
	}
}

// unheard has a process look at its row: Temporal has not said that it carried a
// command out, and when it was killed it may have forgotten one that it did. What
// was written before, such as the command, is on disk when this is.
func (s *Server) unheard(ctx context.Context, kind flow.Kind, id uuid.UUID) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := s.store.InsertOutbox(ctx, string(kind), id)
	if err != nil {
		s.log.WarnContext(ctx, "a process is not told to look at its row", "kind", kind, "id", id, "error", err)
	}
	return err == nil
}

// logCommand writes the command before it is sent. The write is not waited for
// to reach the disk: whatever the command leads to reaches it later in the same
// log, and a command lost with its database has led to nothing.
func (s *Server) logCommand(ctx context.Context, r *request) (*db.CommandByKeyRow, error) {
	id := s.store.NewID()
	if r.key == "" {
		r.key = "none/" + id.String()
	}
	body, err := r.envelope()
	if err != nil {
		return nil, err
	}
	switch {
	case r.kind == flow.Task && r.verb == "create":
		return s.logNewTask(ctx, id, r, body)
	case r.kind == flow.Task:
		return s.logTaskCommand(ctx, id, r, body)
	}
	_, err = s.later.InsertCommand(ctx, db.InsertCommandParams{
		ID: id, ActorID: r.actor.ID, Key: r.key, EntityKind: string(r.kind), EntityID: r.id, Verb: r.verb, Body: body, Fingerprint: r.fingerprint(), Source: r.source,
	})
	if errors.Is(err, pgx.ErrNoRows) { // the same request at the same time
		return s.known(ctx, *r)
	}
	return &db.CommandByKeyRow{ID: id, EntityID: r.id, State: "pending"}, err
}

// logTaskCommand is logCommand for a task, found on the way.
func (s *Server) logTaskCommand(ctx context.Context, id uuid.UUID, r *request, body json.RawMessage) (*db.CommandByKeyRow, error) {
	n, err := s.later.InsertTaskCommand(ctx, db.InsertTaskCommandParams{
		ID: id, ActorID: r.actor.ID, Key: r.key, EntityID: r.id, Verb: r.verb, Body: body, Fingerprint: r.fingerprint(), Source: r.source,
	})
	if err == nil && n == 0 { // the same request at the same time, or no such task
		cmd, err := s.known(ctx, *r)
		if cmd == nil && err == nil {
			err = pgx.ErrNoRows
		}
		return cmd, err
	}
	return &db.CommandByKeyRow{ID: id, EntityID: r.id, State: "pending"}, err
}

// logNewTask is logCommand for a task to be, with its number, so that its process
// is called "ACME-12 Analysis" from its first moment.
func (s *Server) logNewTask(ctx context.Context, id uuid.UUID, r *request, body json.RawMessage) (*db.CommandByKeyRow, error) {
	task := r.body.(flow.CreateTask)
	drawn, err := s.later.InsertCreateTaskCommand(ctx, db.InsertCreateTaskCommandParams{
		ProjectID: task.ProjectID, ID: id, ActorID: r.actor.ID, Key: r.key, EntityID: r.id, Body: body, Fingerprint: r.fingerprint(), Source: r.source,
	})
	if errors.Is(err, pgx.ErrNoRows) { // the same request at the same time drew it
		return s.known(ctx, *r)
	}
	r.name = postgres.TaskKey(drawn.Code, drawn.Number) + " " + task.Title
	return &db.CommandByKeyRow{ID: id, EntityID: r.id, State: "pending"}, err
}

// known finds the command that came with the same key before. Another request
// under the same key is refused.
func (s *Server) known(ctx context.Context, r request) (*db.CommandByKeyRow, error) {
	if r.key == "" {
		return nil, nil
	}
	cmd, err := s.store.CommandByKey(ctx, r.actor.ID, r.key)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if string(cmd.Fingerprint) != string(r.fingerprint()) {
		return nil, fault.New(fault.KeyReused, "this Idempotency-Key was used for another request")
	}
	return &cmd, nil
}

// answer reads how a command came out.
func (s *Server) answer(ctx context.Context, id uuid.UUID) (json.RawMessage, *Pending, error) {
	cmd, err := s.store.Command(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	switch cmd.State {
	case "done":
		return cmd.Answer, nil, nil
	case "refused":
		var f fault.Fault
		if err := json.Unmarshal(cmd.Answer, &f); err != nil {
			return nil, nil, err
		}
		return nil, nil, &f
	}
	return nil, &Pending{ID: id, State: cmd.State, Verb: cmd.Verb}, nil
}

// Done is the answer to a write: the thing as it is now, or where its outcome
// can be read.
type Done struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     json.RawMessage
}

// do carries out a staff action and makes the answer.
func (s *Server) do(ctx context.Context, r request, status int) (*Done, error) {
	answer, pending, err := s.act(ctx, r)
	if err != nil {
		return nil, s.refuse(err)
	}
	if pending != nil {
		return &Done{Status: http.StatusAccepted, Location: base + "/actions/" + pending.ID.String(), Body: postgres.JSON(pending)}, nil
	}
	return done(status, answer), nil
}

func done(status int, answer json.RawMessage) *Done {
	var v struct {
		Version int32 `json:"version"`
	}
	_ = json.Unmarshal(answer, &v) // a thing without a version has no ETag
	return &Done{Status: status, ETag: etag(v.Version), Body: answer}
}

// at says of an answer that comes before its work is done where that can be
// followed: path with the thing's id.
func (d *Done) at(path string) *Done {
	var thing struct {
		ID uuid.UUID `json:"id"`
	}
	if d != nil && json.Unmarshal(d.Body, &thing) == nil {
		d.Location = base + path + thing.ID.String()
	}
	return d
}

// once carries out a write of content: one transaction, once for a key. f does
// it and gives back the thing as it is now.
func (s *Server) once(ctx context.Context, r request, status int, f func(q *db.Queries, tx pgx.Tx) (any, error)) (*Done, error) {
	if d, err := s.again(ctx, r, status); d != nil || err != nil {
		return d, s.refuse(err)
	}
	var answer json.RawMessage
	err := s.store.Tx(ctx, func(q *db.Queries, tx pgx.Tx) error {
		thing, err := f(q, tx)
		if err != nil {
			return err
		}
		answer = postgres.JSON(thing)
		if r.key == "" {
			return nil
		}
		return s.store.Last(tx).InsertAnswered(ctx, s.answered(r, answer))
	})
	if err == nil {
		s.forget(r.kind)
		return done(status, answer), nil
	}
	// The same request at the same time may have been first, and its effect in the way of this one.
	if d, againErr := s.again(ctx, r, status); d != nil || againErr != nil {
		return d, s.refuse(againErr)
	}
	return nil, s.refuse(err)
}

// forget forgets whose tokens are whose when that may have changed.
func (s *Server) forget(kind flow.Kind) {
	switch kind {
	case userKind, tokenKind, groupKind:
		s.actors.forget()
	}
}

func (s *Server) answered(r request, answer json.RawMessage) db.InsertAnsweredParams {
	now := s.store.Now()
	return db.InsertAnsweredParams{
		ID: s.store.NewID(), ActorID: r.actor.ID, Key: r.key, EntityKind: string(r.kind), EntityID: r.id, Verb: r.verb,
		Body: postgres.JSON(r.body), Fingerprint: r.fingerprint(), Source: r.source, Answer: answer, DoneAt: &now,
	}
}

// again gives the answer that the key got before.
func (s *Server) again(ctx context.Context, r request, status int) (*Done, error) {
	cmd, err := s.known(ctx, r)
	if cmd == nil || err != nil {
		return nil, err
	}
	answer, pending, err := s.answer(ctx, cmd.ID)
	if err != nil || pending != nil {
		return nil, err
	}
	return done(status, answer), nil
}

// audited writes the audit of a content write in its transaction.
func (r request) audited(ctx context.Context, s *Server, q *db.Queries, version int32, changes map[string]postgres.Change, note string) error {
	return s.store.Audit(ctx, q, postgres.Event{
		Actor: &r.actor.ID, Kind: string(r.kind), ID: r.id, Verb: r.verb, Version: version, Changes: changes, Note: note, Source: r.source,
	})
}

// fresh refuses a write meant for an older version.
func (r request) fresh(version int32) error {
	if r.match != 0 && r.match != version {
		return fault.New(fault.Stale, "it was changed since version %d; it is at version %d now", r.match, version)
	}
	return nil
}

// answers documents the body of a [Done] as T: the answers are kept as JSON.
func answers[T any](api huma.API, op *huma.Operation, statuses ...int) {
	schemas := api.OpenAPI().Components.Schemas
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, status := range statuses {
		schema := schemas.Schema(typeOf[T](), true, "")
		if status == http.StatusAccepted && len(statuses) > 1 {
			schema = schemas.Schema(typeOf[Pending](), true, "")
		}
		op.Responses[fmt.Sprint(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
		}
	}
}
