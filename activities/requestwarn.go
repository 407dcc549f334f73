package activities

import (
	"context"
	"fmt"
	"strings"
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

// WarnOfRequest tells people, once, what has passed of the time that a request
// was promised (N.20), and the managers of its group that nobody accepts it
// (S1.14). What has changed meanwhile is seen under the lock.
func (a *Activities) WarnOfRequest(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.LockRequest(ctx, id); err != nil {
			return err
		}
		r, err := postgres.OneRequest(ctx, q, id)
		if err == nil {
			err = a.warnOfOne(ctx, q, r)
		}
		if err == nil || fault.Is(err, fault.NotFound) {
			snap, err = a.requestSnapshot(ctx, q, id)
		}
		return err
	})
	return snap, refuse(err)
}

// warnOfOne writes what is due, if anything is.
func (a *Activities) warnOfOne(ctx context.Context, q *db.Queries, v postgres.Request) error {
	if v.Status.Closed() { // meanwhile
		return nil
	}
	before, now := postgres.RequestMachine(v.Facts), a.store.Now()
	after, unaccepted := before.Escalate(requestEscalateAt(v), work.Facts{Now: now})
	promise, warnings := after.Warn(postgres.RequestHours(v.Facts), now)
	if after.Promise = promise; !unaccepted && len(warnings) == 0 {
		return nil
	}
	audience, err := groupOf(ctx, q, after)
	if err != nil {
		return err
	}
	if unaccepted {
		if err := a.tellWait(ctx, q, v.Handling.AssignedAt, requestNews(v, v.Facts.AssigneeName, "", work.Unaccepted(audience, after.AccountManagerID))); err != nil {
			return err
		}
	}
	var news []postgres.News
	for _, w := range warnings {
		news = append(news, requestNews(v, fmt.Sprintf("%d %%", w.Percent), "", work.RequestWarned(after, w, audience)))
	}
	if err := a.store.Tell(ctx, q, access.Actor{}, news...); err != nil {
		return err
	}
	if err := q.WriteRequest(ctx, postgres.RequestColumns(after)); err != nil {
		return err
	}
	place := requestPlace(v)
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Request), ID: v.ID, Verb: "warn", Version: v.Version + 1,
		Changes: postgres.Diff(auditRequest(before, place), auditRequest(after, place)), Source: "the time that was promised"})
}

func requestNews(v postgres.Request, where, note string, told []work.Notice) postgres.News {
	return postgres.News{About: string(flow.Request), ID: v.ID, Name: v.Key + " " + v.Title, Where: where, Note: note, Told: told}
}

// groupOf is the group that a request waits in, or was accepted from.
func groupOf(ctx context.Context, q *db.Queries, r work.Request) (work.Audience, error) {
	group := r.AcceptedFrom
	if r.Assignee.Kind == work.Group {
		group = &r.Assignee.ID
	}
	if group == nil {
		return work.Audience{}, nil
	}
	g, err := q.GroupForWork(ctx, *group)
	return postgres.Audience(g), err
}

// requestSnapshot is a request as its process and an operator see it.
func (a *Activities) requestSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	v, err := postgres.OneRequest(ctx, q, id)
	if fault.Is(err, fault.NotFound) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	return a.requestSnapshotOf(v), nil
}

func (a *Activities) requestSnapshotOf(v postgres.Request) flow.Snapshot {
	snap := flow.Snapshot{
		Version: int(v.Version), Closed: v.Status.Closed(), State: string(v.Status), WaitingFor: requestWaitsFor(v),
		Client: v.ClientID.String(), Project: v.Facts.Code, Deadline: requestEscalateAt(v),
	}
	if v.Assignee != nil {
		snap.Assignee = v.Assignee.ID.String()
	}
	if h := v.Handling; h != nil {
		snap.DueAt = sooner(h.ResponseDueAt, h.ResolutionDueAt)
	}
	if next, ok := postgres.RequestMachine(v.Facts).Next(postgres.RequestHours(v.Facts)); ok {
		snap.Deadline = sooner(snap.Deadline, &next.At)
	}
	if snap.Deadline != nil && !snap.Closed && !a.store.Now().Before(*snap.Deadline) {
		snap.Next = flow.Warn
	}
	snap.Details = a.requestDetails(v, snap)
	return snap
}

func sooner(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// requestEscalateAt is when the managers of the group that a request waits in
// are to hear that nobody accepts it (S1.14); nil where that is never, or has
// been.
func requestEscalateAt(v postgres.Request) *time.Time {
	f := v.Facts
	if f.EscalateMinutes == nil || f.EscalatedAt != nil || f.AssigneeGroupID == nil || v.Status.Closed() {
		return nil
	}
	at, ok := postgres.Hours(f.GroupCalendar, f.GroupZone).Add(f.AssignedAt, int(*f.EscalateMinutes))
	if !ok {
		return nil
	}
	return &at
}

// requestWaitsFor says who moves next.
func requestWaitsFor(v postgres.Request) string {
	switch f := v.Facts; {
	case v.Status.Closed():
		return "nobody"
	case v.WaitingForClient:
		return "client"
	case f.AssigneeGroupID != nil:
		return "group"
	case f.AssigneePersonID != nil && *f.AssigneePersonID == f.AccountManagerID:
		return "account_manager"
	}
	return "assignee"
}

func (a *Activities) requestDetails(v postgres.Request, snap flow.Snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s\n\n", v.Key, escape(v.Title))
	fmt.Fprintf(&b, "- **State:** %s\n", v.Status)
	fmt.Fprintf(&b, "- **Account manager:** %s\n", escape(v.AccountManagerName))
	if v.Assignee != nil {
		fmt.Fprintf(&b, "- **With:** %s (%s) since %s\n", escape(v.Assignee.Name), v.Assignee.Kind, when(v.Facts.AssignedAt))
	}
	fmt.Fprintf(&b, "- **Waits for:** %s\n", requestWaits[snap.WaitingFor])
	fmt.Fprintf(&b, "- **What comes next:** %s\n", requestNext[snap.WaitingFor])
	for _, due := range []struct {
		what string
		at   *time.Time
	}{{"First word to the client", v.Handling.ResponseDueAt}, {"Settled", v.Handling.ResolutionDueAt}} {
		if due.at != nil && !snap.Closed {
			fmt.Fprintf(&b, "- **%s by:** %s\n", due.what, when(*due.at))
		}
	}
	fmt.Fprintf(&b, "- **Client:** %s\n", escape(v.Facts.ClientName))
	b.WriteString(a.foundAt("requests", v.ID))
	return b.String()
}

// requestWaits and requestNext are what an operator reads.
var requestWaits = map[string]string{
	"nobody":          "nobody: it is closed",
	"client":          "the client to say something",
	"group":           "a member of the group to accept it",
	"account_manager": "its account manager to review it",
	"assignee":        "the assignee to work on it",
}

var requestNext = map[string]string{
	"nobody":          "nothing, unless its account manager reopens it",
	"client":          "the client writes a note, or the staff resumes it; until then its targets do not run",
	"group":           "accept it, or a manager assigns it",
	"account_manager": "answer it, assign it, or set its status",
	"assignee":        "return it to the account manager, or delegate it",
}
