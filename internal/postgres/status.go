package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// StatusReport is a client's report of one week (S1.69).
type StatusReport struct {
	ID         uuid.UUID        `json:"id"`
	ClientID   uuid.UUID        `json:"client_id"`
	ClientName string           `json:"client_name"`
	Week       string           `json:"week" example:"2026-W12"`
	WeekEnding civil.Date       `json:"week_ending" format:"date"`
	State      string           `json:"state" enum:"review,held,superseded,sent" doc:"review: it goes by itself when the hold is over; held: until it is released; superseded: it was held until a later one told it all; sent: its mails were written"`
	Reason     string           `json:"reason,omitempty" enum:"no_email" doc:"Why steward itself held it"`
	HoldUntil  time.Time        `json:"hold_until"`
	Comment    string           `json:"comment,omitempty"`
	CommentBy  *uuid.UUID       `json:"comment_by,omitempty"`
	Commenter  *string          `json:"comment_by_name,omitempty"`
	DecidedBy  *uuid.UUID       `json:"decided_by,omitempty" doc:"Who held or released it"`
	Decider    *string          `json:"decided_by_name,omitempty"`
	SentAt     *time.Time       `json:"sent_at,omitempty"`
	Mails      []StatusMail     `json:"mails,omitempty" doc:"In the answer for one"`
	Report     *work.WeekReport `json:"report,omitempty" doc:"In the answer for one: what it says, as it was when it was made"`
	CreatedAt  time.Time        `json:"created_at"`
	Version    int32            `json:"version"`
}

// StatusMail is a mail that a report went with.
type StatusMail struct {
	ID    uuid.UUID `json:"id"`
	To    string    `json:"to"`
	State string    `json:"state" enum:"pending,sending,sent,failed,unknown"`
}

// ClientStatusReport is a report that was sent, as the client's manager reads
// it again.
type ClientStatusReport struct {
	ID         uuid.UUID        `json:"id"`
	ClientID   uuid.UUID        `json:"client_id"`
	Week       string           `json:"week"`
	WeekEnding civil.Date       `json:"week_ending"`
	State      string           `json:"state"`
	Comment    string           `json:"comment,omitempty"`
	SentAt     *time.Time       `json:"sent_at"`
	Report     *work.WeekReport `json:"report,omitempty"`
	CreatedAt  time.Time        `json:"created_at"`
	Version    int32            `json:"version"`
}

// OneStatusReport reads a report with what it says and how its mails are.
func OneStatusReport(ctx context.Context, q *db.Queries, id uuid.UUID) (StatusReport, error) {
	r, err := q.StatusReport(ctx, id)
	if err != nil {
		return StatusReport{}, Refusal(err)
	}
	v := StatusReportOf(db.StatusReportsRow{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, Reason: r.Reason, HoldUntil: r.HoldUntil,
		Comment: r.Comment, CommentBy: r.CommentBy, CommentByName: r.CommentByName, DecidedBy: r.DecidedBy, DecidedByName: r.DecidedByName, SentAt: r.SentAt, CreatedAt: r.CreatedAt, Version: r.Version,
	})
	if v.Report, err = Reported(r.Content); err != nil {
		return v, fmt.Errorf("read the status report %s: %w", id, err)
	}
	mails, err := q.MailStates(ctx, r.MailIds)
	for _, m := range mails {
		v.Mails = append(v.Mails, StatusMail{m.ID, m.ToAddress, m.State})
	}
	return v, err
}

// Reported is what a stored report says.
func Reported(content []byte) (*work.WeekReport, error) {
	var c struct {
		Report work.WeekReport `json:"report"`
	}
	err := json.Unmarshal(content, &c)
	return &c.Report, err
}

// StatusReportOf is a row of a list.
func StatusReportOf(r db.StatusReportsRow) StatusReport {
	return StatusReport{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, Reason: r.Reason, HoldUntil: r.HoldUntil,
		Comment: r.Comment, CommentBy: r.CommentBy, Commenter: r.CommentByName, DecidedBy: r.DecidedBy, Decider: r.DecidedByName, SentAt: r.SentAt, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// ClientStatusReportOf is a row of a list as contacts see it.
func ClientStatusReportOf(r db.PortalStatusReportsRow) ClientStatusReport {
	return ClientStatusReport{ID: r.ID, ClientID: r.ClientID, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, Comment: r.Comment, SentAt: r.SentAt, CreatedAt: r.CreatedAt, Version: r.Version}
}

// StatusKey is where the PDF of a report is in the file store. Each version has
// a place of its own: what was sent is never written over.
func StatusKey(report uuid.UUID, version int32) string {
	return fmt.Sprintf("status-reports/%s-%d.pdf", report, version)
}

// firstReport is how far back the first report of a client looks, in days.
const firstReport = 7

// MakeStatusReport gathers what a client is told of its active projects as they
// stand now, in the firm's zone; without any it is told nothing. It reads on
// the connection of q alone.
func (s *Store) MakeStatusReport(ctx context.Context, q *db.Queries, c db.Client, ending civil.Date, zone *time.Location) (work.WeekReport, error) {
	now := s.Now()
	r := work.WeekReport{Client: c.Name, Week: work.Week(ending), WeekEnding: ending, AsOf: civil.In(now, zone), Projects: []work.ProjectReport{}}
	before, since := work.WeekReport{}, now.AddDate(0, 0, -firstReport)
	if last, err := q.LastStatusReport(ctx, c.ID); err == nil {
		read, err := Reported(last.Content)
		if err != nil {
			return r, fmt.Errorf("read the last status report: %w", err)
		}
		before, since = *read, last.CreatedAt
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return r, err
	}
	r.Since = civil.In(since, zone)
	projects, err := q.ActiveProjects(ctx, c.ID)
	if err != nil {
		return r, err
	}
	for _, p := range projects {
		one, err := s.On(q).projectReport(ctx, p, since, now)
		if err == nil && !one.Follow(before) {
			var recent int64
			recent, err = q.MinutesSince(ctx, p.ID, r.Since)
			one.WorkedSinceMinutes = int(recent)
		}
		if err != nil {
			return r, fmt.Errorf("the status of project %s: %w", p.Code, err)
		}
		r.Projects = append(r.Projects, one)
	}
	return r, nil
}

func (s *Store) projectReport(ctx context.Context, p db.ActiveProjectsRow, since, now time.Time) (work.ProjectReport, error) {
	sum, err := s.ProjectSummary(ctx, SummaryOf{Project: p.ID}, now)
	if err != nil {
		return work.ProjectReport{}, err
	}
	invoiced, err := s.ProjectInvoiced(ctx, p.ID)
	if err != nil {
		return work.ProjectReport{}, err
	}
	one := work.ProjectReport{
		ID: p.ID, Code: p.Code, Name: p.Name,
		EstimatedMinutes: sum.EstimatedMinutes, WorkedMinutes: sum.WorkedMinutes, RemainingMinutes: sum.RemainingMinutes,
		Currency: sum.Currency, Billed: money.Currency(sum.Currency).Format(invoiced.Billed),
		StartsOn: sum.StartsOn, DaysSinceStart: sum.DaysSinceStart, EstimatedEndOn: sum.EstimatedEndOn, DaysToEnd: sum.DaysToEnd,
		Planned: sum.Tasks.Planned, Open: sum.Tasks.Open, Complete: sum.Tasks.Complete,
	}
	rows, err := s.StatusTasks(ctx, p.ID)
	tasks := make([]work.ReportedTask, len(rows))
	for i, t := range rows {
		tasks[i] = work.ReportedTask{
			Number: int(t.Number), Title: t.Title, Status: work.Status(t.Status), Priority: int(t.Priority), Visible: t.VisibleToClient,
			CreatedAt: t.CreatedAt, StatusAt: t.StatusAt, ClosedAt: t.ClosedAt,
		}
	}
	one.ReportTasks(tasks, since)
	return one, err
}
