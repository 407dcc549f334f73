package activities

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// EscalateTask tells the managers of a group, or where it has none its owner and
// account manager, once, that nobody accepts a task that waits in it (S1.14).
// What has changed meanwhile is seen under the lock.
func (a *Activities) EscalateTask(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.LockTask(ctx, id); err != nil {
			return err
		}
		t, err := postgres.OneTask(ctx, q, id)
		if fault.Is(err, fault.NotFound) {
			snap = flow.None()
			return nil
		}
		if err != nil {
			return err
		}
		before := postgres.Machine(t.Facts)
		after, now := before.Escalate(escalateAt(t), work.Facts{Now: a.store.Now(), WaitingOn: len(t.WaitsFor)})
		if !now {
			snap = a.snapshotOf(t)
			return nil
		}
		snap = a.snapshotOf(t.After(after, t.Facts.AssigneeName))
		return a.escalated(ctx, q, t, before, after)
	})
	return snap, refuse(err)
}

// tellWait tells people since when something has waited, each by their own clock.
func (a *Activities) tellWait(ctx context.Context, q *db.Queries, since time.Time, n postgres.News) error {
	news, err := postgres.ByTheirClocks(ctx, q, since, n, func(n *postgres.News, at string) { n.Note = "It has waited since " + at + "." })
	if err != nil {
		return err
	}
	return a.store.Tell(ctx, q, access.Actor{}, news...)
}

func (a *Activities) escalated(ctx context.Context, q *db.Queries, t postgres.Task, before, after work.Task) error {
	if err := q.MarkEscalated(ctx, after.EscalatedAt, t.ID); err != nil {
		return err
	}
	g, err := q.GroupForWork(ctx, after.Assignee.ID)
	if err != nil {
		return err
	}
	news := taskNews(t, g.Name, "", work.Unaccepted(postgres.Audience(g), t.OwnerID, t.Facts.AccountManagerID))
	if err := a.tellWait(ctx, q, t.WaitingSince, news); err != nil {
		return err
	}
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Task), ID: t.ID, Verb: "escalate", Version: t.Version + 1,
		Changes: postgres.Diff(auditTask(before), auditTask(after)), Source: "the group's time to accept it is over"})
}
