package activities

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/holiday"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// RemindOfClearance reminds those who may give clearance to a project that it
// still waits for it (S1.06). What has changed meanwhile is seen under the lock.
func (a *Activities) RemindOfClearance(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		p, err := q.LockProject(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			snap = flow.None()
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.remindOfClearance(ctx, q, p); err != nil {
			return err
		}
		snap, err = a.projectSnapshot(ctx, q, id)
		return err
	})
	return snap, refuse(err)
}

func (a *Activities) remindOfClearance(ctx context.Context, q *db.Queries, p db.LockProjectRow) error {
	c, hours, err := clearance(ctx, q, p.ID)
	if err != nil {
		return err
	}
	after, due := c.Remind(a.store.Now(), hours)
	if !due || work.ProjectStatus(p.Status) != work.AwaitingClearance {
		return nil
	}
	told, err := projectAudience(ctx, q, p.ID, p.AccountManagerID, orNobody(p.ClearanceAskedBy))
	if err != nil {
		return err
	}
	if err := q.ClearanceReminded(ctx, int32(after.Reminders), p.ID); err != nil {
		return err
	}
	news := postgres.News{About: string(flow.Project), ID: p.ID, Name: p.Code + " " + p.Name, Told: work.ClearanceOverdue(told)}
	if err := a.tellWait(ctx, q, c.AskedAt, news); err != nil {
		return err
	}
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Project), ID: p.ID, Verb: "remind", Version: p.Version + 1,
		Source: "it waits for clearance since " + when(c.AskedAt)})
}

// clearance is how long a project has waited for clearance, and the hours by
// which that is counted: Monday to Friday where the firm is.
func clearance(ctx context.Context, q *db.Queries, id uuid.UUID) (work.Clearance, civil.Hours, error) {
	r, err := q.Clearance(ctx, id)
	if err != nil {
		return work.Clearance{}, civil.Hours{}, err
	}
	hours, err := holiday.Hours(civil.Usual(), postgres.Zone(r.TimeZone))
	return work.Clearance{AskedAt: r.AskedAt, Reminders: int(r.ClearanceReminders)}, hours, err
}

// waitForClearance adds to a snapshot when its process is to remind of it next.
func (a *Activities) waitForClearance(ctx context.Context, q *db.Queries, id uuid.UUID, snap *flow.Snapshot) (since time.Time, err error) {
	c, hours, err := clearance(ctx, q, id)
	if err != nil {
		return since, err
	}
	if at, ok := c.Next(hours); ok {
		snap.Deadline, snap.DueAt = &at, &at
		if !a.store.Now().Before(at) {
			snap.Next = flow.Remind
		}
	}
	return c.AskedAt, nil
}
