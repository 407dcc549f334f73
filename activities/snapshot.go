package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// taskSnapshot is a task as its process and an operator see it.
func (a *Activities) taskSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	t, err := postgres.OneTask(ctx, q, id)
	if fault.Is(err, fault.NotFound) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	return a.snapshotOf(t), nil
}

func (a *Activities) snapshotOf(t postgres.Task) flow.Snapshot {
	snap := flow.Snapshot{
		Version: int(t.Version), Closed: t.Status.Closed(), State: string(t.Status), WaitingFor: taskWaitsFor(t),
		Client: t.Facts.ClientID.String(), Project: t.Facts.Code, Deadline: escalateAt(t),
	}
	if t.Assignee != nil {
		snap.Assignee = t.Assignee.ID.String()
	}
	if snap.DueAt = snap.Deadline; snap.DueAt == nil && !t.DueOn.IsZero() && !t.Status.Closed() {
		due := t.DueOn.Start(time.UTC)
		snap.DueAt = &due
	}
	if snap.Deadline != nil && !a.store.Now().Before(*snap.Deadline) {
		snap.Next = flow.Escalate
	}
	snap.Details = a.taskDetails(t, t.Facts.ClientName, snap)
	return snap
}

// escalateAt is when the managers of the group that a task waits in are to hear
// that nobody accepts it: after so much of the group's working time (S1.14).
// It is nil where that is never, or has been.
func escalateAt(t postgres.Task) *time.Time {
	f := t.Facts
	if f.EscalateMinutes == nil || t.EscalatedAt != nil || taskWaitsFor(t) != "group" {
		return nil
	}
	at, ok := postgres.Hours(f.GroupCalendar, f.GroupZone).Add(t.WaitingSince, int(*f.EscalateMinutes))
	if !ok {
		return nil
	}
	return &at
}

// taskWaitsFor says who moves next.
func taskWaitsFor(t postgres.Task) string {
	switch {
	case t.Status.Closed():
		return "nobody"
	case t.Status == work.Planned || t.Assignee == nil:
		return "owner"
	case t.Facts.ProjectStatus == string(work.OnHold):
		return "resume"
	case !t.Ready:
		return "dependencies"
	case t.Assignee.Kind == work.Group:
		return "group"
	}
	return "assignee"
}

func (a *Activities) taskDetails(t postgres.Task, client string, snap flow.Snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s\n\n", t.Key, escape(t.Title))
	fmt.Fprintf(&b, "- **State:** %s\n", t.Status)
	if t.Assignee != nil {
		fmt.Fprintf(&b, "- **Assigned to:** %s (%s) since %s\n", escape(t.Assignee.Name), t.Assignee.Kind, when(t.AssignedAt))
	}
	if t.HandOver != nil && t.Delegated {
		fmt.Fprintf(&b, "- **Delegated:** %s; the owner stays accountable\n", reasonWords[t.HandOver.Reason])
	}
	waits := waitWords[snap.WaitingFor]
	if snap.WaitingFor == "dependencies" {
		waits = strings.Join(t.WaitsFor, ", ") + " to be complete"
	}
	fmt.Fprintf(&b, "- **Waits for:** %s, since %s\n", waits, when(t.WaitingSince))
	fmt.Fprintf(&b, "- **What comes next:** %s\n", nextWords[snap.WaitingFor])
	switch {
	case snap.Deadline != nil:
		fmt.Fprintf(&b, "- **Until:** %s; then the group's managers are told\n", when(*snap.Deadline))
	case t.EscalatedAt != nil:
		fmt.Fprintf(&b, "- **Until:** no limit; the group's managers were told %s that nobody accepts it\n", when(*t.EscalatedAt))
	default:
		b.WriteString("- **Until:** no limit is set\n")
	}
	if !t.DueOn.IsZero() {
		fmt.Fprintf(&b, "- **Due on:** %s\n", t.DueOn)
	}
	fmt.Fprintf(&b, "- **Client:** %s\n", escape(client))
	b.WriteString(a.foundAt("tasks", t.ID))
	return b.String()
}

// stateFor is a state with what it came from, if that is known.
func stateFor(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + ": " + strings.ReplaceAll(reason, "_", " ")
}

// foundAt ends what an operator reads of a thing: where it is. The UI cuts the
// last line off, which is therefore one more.
func (a *Activities) foundAt(pages string, of any) string {
	return fmt.Sprintf("- **To be found at:** %s/api/v1/%s/%s\n\n&nbsp;\n", a.link, pages, of)
}

// reasonWords, nextWords and waitWords are what an operator reads.
var reasonWords = map[work.HandOverReason]string{
	work.MyPartFinished: "one part is finished, another goes on",
	work.NeedSupport:    "help is needed",
}

var nextWords = map[string]string{
	"nobody":       "nothing, unless its owner reopens it",
	"owner":        "open it for work, assign it, or drop it",
	"resume":       "it goes on when its project does",
	"dependencies": "it is told by itself when the last of them is complete",
	"group":        "accept it, or a manager assigns it",
	"assignee":     "record time, hand it on, or the owner completes it",
}

// stepWords are what an operator reads of what comes next with whatever is no
// task and no request.
var stepWords = map[string]string{
	"nobody":     "nothing",
	"plan":       "its tasks are planned, then clearance is asked for",
	"clearance":  "it is given or refused; who asked may withdraw",
	"work":       "its tasks are completed, then the account manager completes it",
	"resume":     "the account manager resumes it, and work goes on",
	"completion": "the account manager looks at it and completes it, or throws it away",
	"render":     "a worker makes the PDF; then the client sees it",
	"send":       "a worker writes its mail",
	"payment":    "a payment is recorded; what is past due is reminded of once a month",
	"credit":     "it is applied to an invoice, or given back",
	"review":     "it may be held back, be given a word or let go before; else it goes by itself",
	"release":    "it is released, or the next takes its place",
}

// next is the line of an operator's page that says what comes next.
func next(waits string) string { return "- **What comes next:** " + stepWords[waits] + "\n" }

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
	"send":         "its mail to be written",
	"review":       "the account manager's review; then it goes by itself",
	"release":      "the account manager to release it",
	"payment":      "the client's payment",
	"credit":       "what is left over to be applied or given back",
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
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	status := work.ProjectStatus(p.Status)
	waits := map[work.ProjectStatus]string{work.Draft: "plan", work.AwaitingClearance: "clearance", work.Active: "work", work.OnHold: "resume"}[status]
	if status.Ended() {
		waits = "nobody"
	}
	snap := flow.Snapshot{
		Version: int(p.Version), Closed: status.Ended(), State: p.Status, WaitingFor: waits,
		Client: p.ClientID.String(), Project: p.Code, Assignee: p.AccountManagerID.String(),
	}
	waiting := ""
	if status == work.AwaitingClearance {
		since, err := a.waitForClearance(ctx, q, id, &snap)
		if err != nil {
			return snap, err
		}
		waiting = ", since " + when(since)
		if snap.Deadline != nil {
			waiting += "; they are reminded " + when(*snap.Deadline)
		}
	}
	snap.Details = fmt.Sprintf("### %s %s\n\n- **State:** %s\n- **Waits for:** %s%s\n%s- **Client:** %s\n",
		p.Code, escape(p.Name), p.Status, waitWords[waits], waiting, next(waits), escape(p.ClientName)) + a.foundAt("projects", p.ID)
	return snap, nil
}

// invoiceSnapshot is an invoice as its process and an operator see it.
func (a *Activities) invoiceSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	i, err := q.Invoice(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(i.Version), State: i.State, Client: i.ClientID.String(), WaitingFor: "completion"}
	if len(i.ProjectCodes) == 1 { // a search attribute holds one
		snap.Project = i.ProjectCodes[0]
	}
	name := "Draft invoice"
	if i.Number != nil {
		name, snap.WaitingFor = "Invoice "+*i.Number, "payment"
		due := i.DueOn.Start(time.UTC)
		snap.DueAt = &due
	}
	if snap.Numbers, err = numbersOf(ctx, q, id); err != nil {
		return flow.Snapshot{}, err
	}
	sending, err := q.ToBeMailed(ctx, id)
	if err != nil {
		return flow.Snapshot{}, err
	}
	switch {
	case i.State == "complete" && (i.PDFFileID == nil || i.CreditUnrendered):
		snap.Next, snap.WaitingFor = flow.Render, "render"
	case i.State == "complete" && sending:
		snap.Next, snap.WaitingFor = flow.Send, "send"
	case i.State == "void" || i.State == "complete" && i.Paid.Add(i.Credited).GreaterThanOrEqual(i.Total):
		snap.Closed, snap.WaitingFor = true, "nobody"
	}
	snap.Details = a.invoiceDetails(name, i, snap)
	return snap, nil
}

func (a *Activities) invoiceDetails(name string, i db.InvoiceRow, snap flow.Snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n- **State:** %s\n- **Waits for:** %s", name, i.State, waitWords[snap.WaitingFor])
	if i.CompletedAt != nil && !snap.Closed {
		fmt.Fprintf(&b, ", since it was completed %s", when(*i.CompletedAt))
	}
	fmt.Fprintf(&b, "\n%s- **Client:** %s\n", next(snap.WaitingFor), escape(i.ClientName))
	in := func(d decimal.Decimal) string { return document.Money("en", d, money.Currency(i.Currency)) }
	fmt.Fprintf(&b, "- **Total:** %s, paid %s, credited %s", in(i.Total), in(i.Paid), in(i.Credited.Sub(i.WrittenOff)))
	if i.WrittenOff.Sign() > 0 {
		fmt.Fprintf(&b, ", written off %s", in(i.WrittenOff))
	}
	b.WriteByte('\n')
	if i.Number != nil {
		fmt.Fprintf(&b, "- **Due:** %s\n", i.DueOn)
	}
	if len(i.ProjectCodes) > 0 {
		fmt.Fprintf(&b, "- **Projects:** %s\n", strings.Join(i.ProjectCodes, ", "))
	}
	b.WriteString(a.foundAt("invoices", i.ID))
	return b.String()
}

// numbersOf are those of an invoice and of its credit notes: what Temporal can
// tell of, should Postgres be restored to a moment before them.
func numbersOf(ctx context.Context, q *db.Queries, id uuid.UUID) ([]flow.Number, error) {
	rows, err := q.NumbersOf(ctx, id)
	var all []flow.Number
	for _, r := range rows {
		all = append(all, flow.Number{Series: r.Series, Year: int(r.Year), Sequence: int(r.Sequence), Text: r.Number})
	}
	return all, err
}
