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

// StatusReport is a client's report of one week.
type StatusReport struct {
	ID         uuid.UUID        `json:"id"`
	ClientID   uuid.UUID        `json:"client_id"`
	ClientName string           `json:"client_name"`
	Week       string           `json:"week" example:"2026-W12"`
	WeekEnding civil.Date       `json:"week_ending" format:"date"`
	State      string           `json:"state" enum:"waiting,held,sent" doc:"waiting: it goes by itself at send_at; held: until it is released"`
	SendAt     time.Time        `json:"send_at"`
	SentAt     *time.Time       `json:"sent_at"`
	Comment    string           `json:"comment,omitempty" doc:"Of the account manager, above the figures"`
	CommentBy  *uuid.UUID       `json:"comment_by,omitempty"`
	Report     *work.WeekReport `json:"report,omitempty" doc:"In the answer for one; as it was when the report was made"`
	CreatedAt  time.Time        `json:"created_at"`
	Version    int32            `json:"version"`
}

// OneStatusReport reads a report with what it says.
func OneStatusReport(ctx context.Context, q *db.Queries, id uuid.UUID) (StatusReport, error) {
	r, err := q.StatusReport(ctx, id)
	if err != nil {
		return StatusReport{}, Refusal(err)
	}
	var content struct {
		Report work.WeekReport `json:"report"`
	}
	if err := json.Unmarshal(r.Content, &content); err != nil {
		return StatusReport{}, fmt.Errorf("read the status report %s: %w", id, err)
	}
	v := StatusReportOf(db.StatusReportsRow{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, SendAt: r.SendAt,
		Comment: r.Comment, CommentBy: r.CommentBy, SentAt: r.SentAt, CreatedAt: r.CreatedAt, Version: r.Version,
	})
	v.Report = &content.Report
	return v, nil
}

// StatusReportOf is a row of a list.
func StatusReportOf(r db.StatusReportsRow) StatusReport {
	return StatusReport{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, SendAt: r.SendAt,
		SentAt: r.SentAt, Comment: r.Comment, CommentBy: r.CommentBy, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// StatusKey is where the PDF of a sent report is kept. Each version has a place
// of its own, so that what was sent is never written over.
func StatusKey(id uuid.UUID, version int32) string {
	return fmt.Sprintf("status-reports/%s-%d.pdf", id, version)
}

// MakeStatusReport gathers what a client is told of its active projects in the
// week that ends on a day; without any it is told nothing.
func (s *Store) MakeStatusReport(ctx context.Context, c db.Client, ending civil.Date) (work.WeekReport, error) {
	now := s.Now()
	r := work.WeekReport{Client: c.Name, Week: work.Week(ending), WeekEnding: ending, From: ending.AddDays(-7), To: ending.AddDays(-1), Projects: []work.ProjectReport{}}
	since := now.AddDate(0, 0, -7)
	if last, err := s.EarlierStatusReport(ctx, c.ID, ending); err == nil {
		r.From, since = last.WeekEnding, last.CreatedAt
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return r, err
	}
	projects, err := s.ActiveProjects(ctx, c.ID)
	if err != nil {
		return r, err
	}
	for _, p := range projects {
		one, err := s.projectReport(ctx, p, r, since, now)
		if err != nil {
			return r, fmt.Errorf("the status of project %s: %w", p.Code, err)
		}
		r.Projects = append(r.Projects, one)
	}
	return r, nil
}

func (s *Store) projectReport(ctx context.Context, p db.ActiveProjectsRow, r work.WeekReport, since, now time.Time) (work.ProjectReport, error) {
	sum, err := s.ProjectSummary(ctx, SummaryOf{Project: p.ID}, now)
	if err != nil {
		return work.ProjectReport{}, err
	}
	invoiced, err := s.ProjectInvoiced(ctx, p.ID)
	if err != nil {
		return work.ProjectReport{}, err
	}
	week, err := s.MinutesBetween(ctx, db.MinutesBetweenParams{ProjectID: p.ID, FromOn: r.From, ToOn: r.WeekEnding})
	if err != nil {
		return work.ProjectReport{}, err
	}
	one := work.ProjectReport{
		Code: p.Code, Name: p.Name, Status: work.ProjectStatus(p.Status),
		EstimatedMinutes: sum.EstimatedMinutes, WorkedMinutes: sum.WorkedMinutes, RemainingMinutes: sum.RemainingMinutes, WeekMinutes: int(week),
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
	one.ReportTasks(p.Code, tasks, since)
	return one, err
}
