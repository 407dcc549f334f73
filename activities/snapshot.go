package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// taskSnapshot is a task as its process and an operator see it.
func (a *Activities) taskSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	t, err := postgres.OneTask(ctx, q, id)
	if fault.Is(err, fault.NotFound) {
		return flow.Snapshot{Closed: true, State: "absent"}, nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	return a.snapshotOf(t), nil
}

func (a *Activities) snapshotOf(t postgres.Task) flow.Snapshot {
	snap := flow.Snapshot{
		Version: int(t.Version), Closed: t.Status.Closed(), State: string(t.Status), WaitingFor: taskWaitsFor(t),
		Client: t.Facts.ClientID.String(), Project: t.Facts.Code,
	}
	if t.Assignee != nil {
		snap.Assignee = t.Assignee.ID.String()
	}
	snap.Details = a.taskDetails(t, t.Facts.ClientName, snap.WaitingFor)
	return snap
}

// taskWaitsFor says who moves next.
func taskWaitsFor(t postgres.Task) string {
	switch {
	case t.Status.Closed():
		return "nobody"
	case t.Status == work.Planned || t.Assignee == nil:
		return "owner"
	case !t.Ready:
		return "dependencies"
	case t.Assignee.Kind == work.Group:
		return "group"
	}
	return "assignee"
}

func (a *Activities) taskDetails(t postgres.Task, client, waits string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s\n\n", t.Key, escape(t.Title))
	fmt.Fprintf(&b, "- **State:** %s\n", t.Status)
	if t.Assignee != nil {
		fmt.Fprintf(&b, "- **Assigned to:** %s (%s) since %s\n", escape(t.Assignee.Name), t.Assignee.Kind, when(t.AssignedAt))
	}
	fmt.Fprintf(&b, "- **Waits for:** %s\n", waitWords[waits])
	fmt.Fprintf(&b, "- **Client:** %s\n", escape(client))
	fmt.Fprintf(&b, "- **Next deadline:** none\n")
	fmt.Fprintf(&b, "- **To be found at:** %s/api/v1/tasks/%s\n", a.link, t.ID)
	return b.String()
}

// waitWords are what an operator reads.
var waitWords = map[string]string{
	"nobody":       "nobody: it is closed",
	"owner":        "its owner, to open it for work",
	"dependencies": "other tasks to be complete",
	"group":        "a member of the group to accept it",
	"assignee":     "the assignee to work on it",
	"clearance":    "clearance by another account manager or an admin",
	"work":         "the work on its tasks",
	"resume":       "the account manager to resume it",
	"plan":         "the account manager to plan it and ask for clearance",
	"render":       "its PDF to be rendered",
	"payment":      "the client's payment",
	"completion":   "the account manager to complete it",
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// escape keeps Markdown in titles from being read as such.
func escape(s string) string {
	return strings.NewReplacer("\n", " ", "*", `\*`, "_", `\_`, "`", "'", "[", `\[`, "<", "&lt;").Replace(s)
}

// projectSnapshot is a project as its process and an operator see it.
func (a *Activities) projectSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	p, err := q.Project(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.Snapshot{Closed: true, State: "absent"}, nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	status := work.ProjectStatus(p.Status)
	waits := map[work.ProjectStatus]string{work.Draft: "plan", work.AwaitingClearance: "clearance", work.Active: "work", work.OnHold: "resume"}[status]
	if status.Ended() {
		waits = "nobody"
	}
	return flow.Snapshot{
		Version: int(p.Version), Closed: status.Ended(), State: p.Status, WaitingFor: waits,
		Client: p.ClientID.String(), Project: p.Code, Assignee: p.AccountManagerID.String(),
		Details: fmt.Sprintf("### %s %s\n\n- **State:** %s\n- **Waits for:** %s\n- **Client:** %s\n- **To be found at:** %s/api/v1/projects/%s\n",
			p.Code, escape(p.Name), p.Status, waitWords[waits], escape(p.ClientName), a.link, p.ID),
	}, nil
}

// invoiceSnapshot is an invoice as its process and an operator see it.
func (a *Activities) invoiceSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	i, err := q.Invoice(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.Snapshot{Closed: true, State: "absent"}, nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(i.Version), State: i.State, Client: i.ClientID.String(), WaitingFor: "completion"}
	name := "Draft invoice"
	if i.Number != nil {
		name, snap.WaitingFor = "Invoice "+*i.Number, "payment"
		due := i.DueOn.Start(time.UTC)
		snap.DueAt = &due
	}
	switch {
	case i.State == "complete" && i.PDFFileID == nil:
		snap.Next, snap.WaitingFor = flow.Render, "render"
	case i.State == "void" || i.State == "complete" && i.Paid.GreaterThanOrEqual(i.Total):
		snap.Closed, snap.WaitingFor = true, "nobody"
	}
	snap.Details = fmt.Sprintf("### %s\n\n- **State:** %s\n- **Waits for:** %s\n- **Client:** %s\n- **Total:** %s %s, paid %s\n- **Due:** %s\n- **To be found at:** %s/api/v1/invoices/%s\n",
		name, i.State, waitWords[snap.WaitingFor], escape(i.ClientName), i.Total, i.Currency, i.Paid, i.DueOn, a.link, i.ID)
	return snap, nil
}
