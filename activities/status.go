package activities

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// clientsPage is how many clients a run of reports takes in hand at a time.
const clientsPage = 100

// lateStatus is how long after its time a report is taken for forgotten.
const lateStatus = 10 * time.Minute

// DueStatus finds what the clock has to see to: the run of the last week that
// ended, unless it was done, and reports that should have gone. Of weeks that
// were missed only the last is made, and tells of all since the report before
// (N.33).
func (a *Activities) DueStatus(ctx context.Context) (flow.StatusDue, error) {
	now := a.store.Now()
	late, err := a.store.OverdueStatusReports(ctx, now.Add(-lateStatus), clientsPage)
	if err != nil {
		return flow.StatusDue{}, err
	}
	var due flow.StatusDue
	for _, r := range late {
		due.Late = append(due.Late, flow.StatusProcess{ID: r.ID, Workflow: flow.StatusID(r.ClientID, r.Week)})
	}
	s, err := a.store.StatusSettings(ctx)
	if err != nil {
		return due, err
	}
	day, at := work.LastReportDay(now, postgres.Zone(s.TimeZone), int(s.StatusWeekday), int(s.StatusHour))
	if at.Before(s.StatusFrom) {
		return due, nil
	}
	err = a.store.InsertStatusRun(ctx, db.InsertStatusRunParams{ID: a.store.NewID(), Week: work.Week(day), WeekEnding: day, Now: now})
	if err != nil {
		return due, err
	}
	run, err := a.store.StatusRunByClock(ctx, work.Week(day))
	if err == nil && run.State == "running" {
		due.RunID = run.ID
	}
	return due, err
}

// PlanStatus reads the next clients of a run.
func (a *Activities) PlanStatus(ctx context.Context, in flow.StatusPage) (flow.StatusClients, error) {
	run, err := a.store.StatusRun(ctx, in.RunID)
	if err != nil {
		return flow.StatusClients{}, err
	}
	ids, err := a.store.ClientsToReport(ctx, in.After, clientsPage)
	return flow.StatusClients{Week: run.Week, Clients: ids}, err
}

// FinishStatus marks a run as done.
func (a *Activities) FinishStatus(ctx context.Context, run uuid.UUID) error {
	return a.store.FinishStatusRun(ctx, a.store.Now(), run)
}

// MakeStatus makes the report of one client for the week of a run, once, and
// tells its account managers. It returns the zero id for a client without an
// active project and for one whose report went out.
func (a *Activities) MakeStatus(ctx context.Context, in flow.StatusOne) (flow.StatusProcess, error) {
	run, err := a.store.StatusRun(ctx, in.RunID)
	if err != nil {
		return flow.StatusProcess{}, err
	}
	if made, err := a.madeStatus(ctx, in.ClientID, run.Week); made || err != nil {
		return a.statusProcess(ctx, in.ClientID, run.Week, err)
	}
	content, err := a.statusContent(ctx, in.ClientID, run.WeekEnding)
	if err != nil || len(content.Report.Projects) == 0 {
		return flow.StatusProcess{}, err
	}
	s, err := a.store.StatusSettings(ctx)
	if err != nil {
		return flow.StatusProcess{}, err
	}
	sendAt := a.store.Now().Add(time.Duration(s.StatusHoldHours) * time.Hour)
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		return a.writeStatus(ctx, q, in.ClientID, content, sendAt, postgres.Zone(s.TimeZone))
	})
	return a.statusProcess(ctx, in.ClientID, run.Week, err)
}

func (a *Activities) madeStatus(ctx context.Context, client uuid.UUID, week string) (bool, error) {
	_, err := a.store.StatusReportOf(ctx, client, week)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (a *Activities) statusProcess(ctx context.Context, client uuid.UUID, week string, err error) (flow.StatusProcess, error) {
	if err != nil {
		return flow.StatusProcess{}, err
	}
	r, err := a.store.StatusReportOf(ctx, client, week)
	if err != nil || r.State == "sent" {
		return flow.StatusProcess{}, err
	}
	return flow.StatusProcess{ID: r.ID, Workflow: flow.StatusID(client, week)}, nil
}

// statusContent is all that the report prints, as it is now.
func (a *Activities) statusContent(ctx context.Context, client uuid.UUID, ending civil.Date) (document.StatusData, error) {
	c, err := a.store.Client(ctx, client)
	if err != nil {
		return document.StatusData{}, err
	}
	seller, err := a.store.Provider(ctx)
	if err != nil {
		return document.StatusData{}, err
	}
	report, err := a.store.MakeStatusReport(ctx, c, ending)
	return document.StatusData{
		Seller: document.Seller{Name: seller.Name, Address: textLines(seller.Address), TaxID: seller.TaxID, Email: seller.Email, Phone: seller.Phone, Web: seller.Website, FooterNote: seller.Footer},
		Buyer:  document.Buyer{Name: c.Name, Address: textLines(c.BillingAddress)},
		Report: report,
	}, err
}

func (a *Activities) writeStatus(ctx context.Context, q *db.Queries, client uuid.UUID, d document.StatusData, sendAt time.Time, zone *time.Location) error {
	id, now := a.store.NewID(), a.store.Now()
	n, err := q.InsertStatusReport(ctx, db.InsertStatusReportParams{
		ID: id, ClientID: client, Week: d.Report.Week, WeekEnding: d.Report.WeekEnding, SendAt: sendAt, Content: postgres.JSON(d), Now: now,
	})
	if err != nil || n == 0 { // another run was first
		return err
	}
	if err := a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Status), ID: id, Verb: "create", Version: 1, Source: "status reports of " + d.Report.Week}); err != nil {
		return err
	}
	goes := sendAt.In(zone)
	return a.tellOfStatus(ctx, q, id, client,
		fmt.Sprintf("The status report for %s goes out on %s at %s", line(d.Report.Client), longDay(civil.In(goes, zone)), goes.Format("15:04")),
		"Comment on it, hold it back or let it go before; else it goes by itself.")
}

// tellOfStatus tells the account managers of a client's active projects.
func (a *Activities) tellOfStatus(ctx context.Context, q *db.Queries, report, client uuid.UUID, subject, body string) error {
	people, err := q.StatusManagers(ctx, client)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(people))
	for i := range ids {
		ids[i] = a.store.NewID()
	}
	return q.InsertStatusNotices(ctx, db.InsertStatusNoticesParams{Ids: ids, People: people, ReportID: &report, Subject: subject, Body: body, Now: a.store.Now()})
}

// CommitStatus carries out a command on a status report in one transaction.
func (a *Activities) CommitStatus(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, a.status, a.statusSnapshot)
}

// LoadStatus reads what a status report's process needs to know.
func (a *Activities) LoadStatus(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.statusSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) status(ctx context.Context, s *step) (outcome, error) {
	r, err := s.LockStatusReport(ctx, s.cmd.EntityID)
	if err != nil {
		return outcome{}, err
	}
	if err := s.fresh(r.Version); err != nil {
		return outcome{}, err
	}
	if err := a.maySteer(ctx, s, r.ClientID); err != nil {
		return outcome{}, err
	}
	changes, note, err := s.steer(ctx, r)
	if err != nil {
		return outcome{}, err
	}
	if err := s.audit(ctx, r.Version+1, changes, note); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneStatusReport(ctx, s.Queries, r.ID)
	if err != nil {
		return outcome{}, err
	}
	snap, err := a.statusSnapshot(ctx, s.Queries, r.ID)
	view.Report = nil // an answer is kept for ever; what it says is read from the report
	return outcome{answer: view, snap: snap}, err
}

func (a *Activities) maySteer(ctx context.Context, s *step, client uuid.UUID) error {
	var rel access.Relation
	if ok, err := s.ManagesClient(ctx, client, s.actor.ID); err != nil {
		return err
	} else if ok {
		rel = access.ProjectAM
	}
	return access.Can(s.actor, access.SteerReport, rel)
}

// steer changes a report before it goes.
func (s *step) steer(ctx context.Context, r db.LockStatusReportRow) (changes map[string]postgres.Change, note string, err error) {
	if r.State == "sent" {
		return nil, "", fault.New(fault.Conflict, "the report was sent")
	}
	var in struct {
		flow.CommentReport
		flow.Noted
	}
	if err := s.body(&in); err != nil {
		return nil, "", err
	}
	to := db.SetStatusReportParams{ID: r.ID, State: r.State, SendAt: r.SendAt, Comment: r.Comment, CommentBy: r.CommentBy}
	switch s.cmd.Verb {
	case "comment":
		if to.Comment, to.CommentBy = in.Comment, nil; in.Comment != "" {
			to.CommentBy = &s.actor.ID
		}
		changes = map[string]postgres.Change{"comment": {r.Comment, to.Comment}}
	case "hold":
		if r.State == "held" {
			return nil, "", fault.New(fault.Conflict, "the report is held back already")
		}
		to.State = "held"
	case "release":
		to.State, to.SendAt = "waiting", s.store.Now()
	}
	if to.State != r.State {
		changes = map[string]postgres.Change{"state": {r.State, to.State}}
	}
	return changes, in.Note, s.SetStatusReport(ctx, to)
}

// statusSnapshot is a report as its process and an operator see it.
func (a *Activities) statusSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	r, err := q.StatusReport(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.Snapshot{Closed: true, State: "absent"}, nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(r.Version), Closed: r.State == "sent", State: r.State, Client: r.ClientID.String(), WaitingFor: "account_manager"}
	waits, until, next := "an account manager, to comment on it or hold it back", when(r.SendAt), "it goes by itself"
	switch r.State {
	case "waiting":
		snap.Deadline, snap.DueAt = &r.SendAt, &r.SendAt
		if !a.store.Now().Before(r.SendAt) {
			snap.Next, snap.WaitingFor = flow.SendReport, "sending"
			waits, until = "its PDF to be rendered and its mail to be written", "now"
		}
	case "held":
		snap.WaitingFor = "release"
		waits, until, next = "an account manager to release it", "no limit", "nothing, until it is released"
	case "sent":
		snap.WaitingFor = "nobody"
		waits, until, next = "nobody: it was sent", when(*r.SentAt), "the next week's report"
	}
	snap.Details = fmt.Sprintf("### Status report %s\n\n- **Client:** %s\n- **State:** %s\n- **Waits for:** %s\n- **Until:** %s\n- **What comes next:** %s\n- **To be found at:** %s/api/v1/status-reports/%s\n\n&nbsp;\n",
		r.Week, escape(r.ClientName), r.State, waits, until, next, a.link, r.ID)
	return snap, nil
}

// SendStatus renders a report whose time has come, keeps it and writes its
// mail. Run again, it changes nothing; what was changed meanwhile is rendered
// afresh.
func (a *Activities) SendStatus(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	r, err := a.store.StatusReport(ctx, id)
	if err != nil {
		return flow.Snapshot{}, err
	}
	if r.State == "waiting" && !a.store.Now().Before(r.SendAt) {
		if err := a.sendStatus(ctx, r); err != nil {
			return flow.Snapshot{}, err
		}
	}
	return a.statusSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) sendStatus(ctx context.Context, r db.StatusReportRow) error {
	var data document.StatusData
	if err := json.Unmarshal(r.Content, &data); err != nil {
		return fmt.Errorf("read the status report %s: %w", r.ID, err)
	}
	data.Comment, data.CommentBy = r.Comment, r.CommentByName
	sum, count := sha256.New(), &counter{}
	err := a.files.Put(ctx, postgres.StatusKey(r.ID, r.Version), "application/pdf", func(w io.Writer) error {
		return document.Status(io.MultiWriter(w, sum, count), data)
	})
	if err != nil {
		return err
	}
	return a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		now, err := q.LockStatusReport(ctx, r.ID)
		if err != nil || now.State != "waiting" || now.Version != r.Version {
			return err
		}
		readers, err := a.statusReaders(ctx, q, r.ClientID)
		if err != nil {
			return err
		}
		if len(readers) == 0 {
			return a.holdUnaddressed(ctx, q, r)
		}
		file := db.InsertFileParams{ID: a.store.NewID(), Name: statusFile(r.Week), ContentType: "application/pdf", Size: count.n, SHA256: sum.Sum(nil)}
		if err := q.InsertFile(ctx, file); err != nil {
			return err
		}
		if err := q.SendStatusReport(ctx, db.SendStatusReportParams{ID: r.ID, Now: a.store.Now(), FileID: file.ID}); err != nil {
			return err
		}
		if err := a.mailStatus(ctx, q, r, data, readers); err != nil {
			return err
		}
		return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Status), ID: r.ID, Verb: "send", Version: r.Version + 1, Changes: map[string]postgres.Change{"state": {"waiting", "sent"}}})
	})
}

// holdUnaddressed holds back a report that nobody could be sent.
func (a *Activities) holdUnaddressed(ctx context.Context, q *db.Queries, r db.StatusReportRow) error {
	err := q.SetStatusReport(ctx, db.SetStatusReportParams{ID: r.ID, State: "held", SendAt: r.SendAt, Comment: r.Comment, CommentBy: r.CommentBy})
	if err != nil {
		return err
	}
	err = a.tellOfStatus(ctx, q, r.ID, r.ClientID, fmt.Sprintf("The status report for %s could not go out", line(r.ClientName)),
		"Neither the client nor a manager of it has an e-mail address. The report is held back; release it when there is one.")
	if err != nil {
		return err
	}
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Status), ID: r.ID, Verb: "hold", Version: r.Version + 1, Note: "there is nobody to send it to",
		Changes: map[string]postgres.Change{"state": {"waiting", "held"}}})
}
