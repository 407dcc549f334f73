package activities

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// CommandLost is the code for a command that Postgres does not know, because
// it lost its last moments in a crash. Nothing has happened; it can be sent again.
const CommandLost fault.Code = "command_lost"

// step is one command within its transaction.
type step struct {
	*db.Queries
	tx       pgx.Tx
	store    *postgres.Store
	cmd      db.LockCommandRow
	actor    access.Actor
	envelope flow.Envelope
}

// outcome is what a step left behind: the thing as people see it, and as its
// process does.
type outcome struct {
	answer   any
	snap     flow.Snapshot
	answered bool // the answer is written already
}

// commit carries out a command once: known answers are given again, a refusal
// leaves nothing behind but itself. Foresee asks what apply asks first, so that
// it comes with the command; it may be nil.
func (a *Activities) commit(ctx context.Context, c flow.Command, foresee func(context.Context, *db.Queries, uuid.UUID), apply func(context.Context, *step) (outcome, error), load func(context.Context, *db.Queries, uuid.UUID) (flow.Snapshot, error)) (flow.Snapshot, error) {
	var snap flow.Snapshot
	answered := false
	err := a.store.Tx(ctx, func(q *db.Queries, tx pgx.Tx) error {
		if c.Thing == uuid.Nil { // a release before this one sent it
			cmd, err := q.Command(ctx, c.ID)
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			c.Thing = cmd.EntityID
		}
		if foresee != nil {
			foresee(ctx, a.store.Next(tx), c.Thing)
		}
		cmd, err := q.LockCommand(ctx, c.ID, c.Thing)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(CommandLost, "the command is not known any more; send it again")
		}
		if err != nil {
			return err
		}
		if cmd.State != "pending" {
			answered = true
			snap, err = a.answered(ctx, q, cmd, load)
			return err
		}
		s := &step{Queries: q, tx: tx, store: a.store, cmd: cmd}
		if err := s.prepare(); err != nil {
			return err
		}
		out, err := apply(ctx, s)
		if err != nil {
			return err
		}
		snap = out.snap
		if snap.Next != "" { // also where Temporal forgets that it asked: it loses what it has not written when it is killed
			if err := q.InsertOutbox(ctx, cmd.EntityKind, cmd.EntityID); err != nil {
				return err
			}
		}
		if out.answered {
			return nil
		}
		_, err = a.store.Last(tx).AnswerCommand(ctx, db.AnswerCommandParams{ID: cmd.ID, State: "done", Answer: postgres.JSON(out.answer), DoneAt: ptr(a.store.Now())})
		return err
	})
	if f, ok := fault.From(err); ok && !answered {
		snap, err = a.turnDown(ctx, c, f, load)
	}
	return snap, refuse(err)
}

// turnDown keeps a refusal, unless another attempt has answered the command since
// this one was rolled back: then its answer is given.
func (a *Activities) turnDown(ctx context.Context, c flow.Command, f *fault.Fault, load func(context.Context, *db.Queries, uuid.UUID) (flow.Snapshot, error)) (flow.Snapshot, error) {
	n, err := a.store.AnswerCommand(ctx, db.AnswerCommandParams{ID: c.ID, State: "refused", Answer: postgres.JSON(f), DoneAt: ptr(a.store.Now())})
	if err != nil {
		return flow.Snapshot{}, err
	}
	if n > 0 || f.Code == CommandLost {
		return flow.Snapshot{}, f
	}
	var snap flow.Snapshot
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		cmd, err := q.LockCommand(ctx, c.ID, c.Thing)
		if err != nil {
			return err
		}
		snap, err = a.answered(ctx, q, cmd, load)
		return err
	})
	return snap, err
}

func (a *Activities) answered(ctx context.Context, q *db.Queries, cmd db.LockCommandRow, load func(context.Context, *db.Queries, uuid.UUID) (flow.Snapshot, error)) (flow.Snapshot, error) {
	if cmd.State == "done" {
		return load(ctx, q, cmd.EntityID)
	}
	var f fault.Fault
	if err := json.Unmarshal(cmd.Answer, &f); err != nil {
		return flow.Snapshot{}, err
	}
	return flow.Snapshot{}, &f
}

// prepare takes who asks, as they stand now, and what the envelope says.
func (s *step) prepare() error {
	c := s.cmd
	if !c.Active {
		return fault.New(fault.Forbidden, "the person who asked is not active any more")
	}
	s.actor = postgres.Actor(db.ActorByTokenRow{
		ID: c.ActorID, Kind: c.Kind, ClientID: c.ClientID, Name: c.Name, Roles: c.Roles, TimeZone: c.TimeZone, Groups: c.Groups, Manages: c.Manages,
	})
	return json.Unmarshal(c.Body, &s.envelope)
}

// ahead are queries that need no answer, and go along with the next that does.
func (s *step) ahead() *db.Queries { return s.store.Ahead(s.tx) }

// body reads the verb's own fields.
func (s *step) body(into any) error { return json.Unmarshal(s.cmd.Body, into) }

// fresh refuses a command meant for an older version of the row.
func (s *step) fresh(version int32) error {
	if want := s.envelope.IfVersion; want != 0 && want != version {
		return fault.New(fault.Stale, "it was changed since version %d; it is at version %d now", want, version)
	}
	return nil
}

// audit writes who did what, in the same transaction.
func (s *step) audit(ctx context.Context, version int32, changes map[string]postgres.Change, note string) error {
	return s.store.Audit(ctx, s.store.Last(s.tx), postgres.Event{
		Actor: &s.cmd.ActorID, Kind: s.cmd.EntityKind, ID: s.cmd.EntityID, Verb: s.cmd.Verb,
		Version: version, Changes: changes, Note: note, Source: s.cmd.Source,
	})
}

func ptr[T any](v T) *T { return &v }
