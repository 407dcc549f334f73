package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) timeRoutes() {
	write[TimeEntry](s, op(http.MethodPost, "/tasks/{id}/time", "record-time", "Record time worked on a task", http.StatusCreated), s.recordTime)
	read(s, op(http.MethodGet, "/time-entries", "list-time", "List recorded time, the oldest first", http.StatusOK), s.listTime)
	read(s, answersAs(op(http.MethodGet, "/time-entries/csv", "list-time-csv", "All that list-time would show, as CSV; /time-entries.csv is the same", http.StatusOK), "text/csv", "The time entries"), s.timeCSV)
	read(s, op(http.MethodGet, "/time-entries/{id}", "get-time", "One time entry", http.StatusOK), s.getTime)
	write[TimeEntry](s, op(http.MethodPatch, "/time-entries/{id}", "edit-time", "Change recorded time that is not on a completed invoice", http.StatusOK), s.editTime)
	write[TimeEntry](s, op(http.MethodDelete, "/time-entries/{id}", "delete-time", "Delete recorded time that is not on a completed invoice", http.StatusOK), s.deleteTime)
}

// TimeEntry is a session of work (S1.21–S1.23).
type TimeEntry struct {
	ID               uuid.UUID  `json:"id"`
	ExternalKey      *string    `json:"external_key,omitempty" doc:"The importer's own key"`
	TaskID           uuid.UUID  `json:"task_id"`
	TaskKey          string     `json:"task_key" example:"ACME-12"`
	TaskTitle        string     `json:"task_title"`
	ProjectID        uuid.UUID  `json:"project_id"`
	ProjectCode      string     `json:"project_code"`
	UserID           uuid.UUID  `json:"user_id"`
	UserName         string     `json:"user_name"`
	WorkDate         civil.Date `json:"work_date" format:"date" doc:"In the zone of who worked"`
	Start            *time.Time `json:"start"`
	Minutes          int32      `json:"minutes"`
	Description      string     `json:"description"`
	Billing          string     `json:"billing" enum:"billable,no_charge,internal"`
	RemainingMinutes *int32     `json:"remaining_minutes" doc:"What was said to be left then; null when nobody said, which is not 0"`
	InvoiceID        *uuid.UUID `json:"invoice_id" doc:"The draft or invoice it is on"`
	CreatedAt        time.Time  `json:"created_at"`
	Version          int32      `json:"version"`
}

func timeOf(e db.TimeEntriesRow) TimeEntry {
	return TimeEntry{
		ID: e.ID, ExternalKey: e.ExternalKey, TaskID: e.TaskID, TaskKey: postgres.TaskKey(e.Code, e.Number), TaskTitle: e.Title,
		ProjectID: e.ProjectID, ProjectCode: e.Code, UserID: e.PersonID, UserName: e.PersonName, WorkDate: e.WorkDate,
		Start: e.StartedAt, Minutes: e.Minutes, Description: e.Description, Billing: e.Billing, RemainingMinutes: e.RemainingMinutes,
		InvoiceID: e.InvoiceID, CreatedAt: e.CreatedAt, Version: e.Version,
	}
}

// unnamed is the entry without what is called by its ids, as its history has it.
func (e TimeEntry) unnamed() any {
	return struct {
		TimeEntry
		TaskKey     string `json:"task_key,omitempty"`
		TaskTitle   string `json:"task_title,omitempty"`
		ProjectCode string `json:"project_code,omitempty"`
		UserName    string `json:"user_name,omitempty"`
	}{TimeEntry: e}
}

func oneTime(ctx context.Context, q *db.Queries, id uuid.UUID) (TimeEntry, error) {
	e, err := q.TimeEntry(ctx, id)
	return timeOf(db.TimeEntriesRow(e)), err
}

func (s *Server) getTime(ctx context.Context, in *ByID) (*One[TimeEntry], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	e, err := oneTime(ctx, s.store.Queries, in.ID)
	return one(e, e.Version), err
}

type listTimeInput struct {
	PageInput
	TimeFilter
}

// TimeFilter chooses time entries.
type TimeFilter struct {
	User        string `query:"user" doc:"me, or a person's id"`
	Project     string `query:"project"`
	Task        string `query:"task"`
	Invoice     string `query:"invoice"`
	From        string `query:"from" doc:"The first work date"`
	To          string `query:"to" doc:"The last work date"`
	ExternalKey string `query:"external_key"`
}

func (s *Server) listTime(ctx context.Context, in *listTimeInput) (*PageOutput[TimeEntry], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	q, err := in.params(ctx)
	if err != nil {
		return nil, err
	}
	q.Narrowed = narrowed(q, s.store.Now())
	rows, err := s.store.Lists.TimeEntries(ctx, q)
	return page(in.PageInput, rows, func(e db.TimeEntriesRow) cursor { return cursor{ID: e.ID} }, timeOf), err
}

func (in *listTimeInput) params(ctx context.Context) (db.TimeEntriesParams, error) {
	c, err := in.after()
	a := actorOf(ctx)
	q := db.TimeEntriesParams{After: c.ID, Page: in.Limit + 1, ExternalKey: optionalText(in.ExternalKey), ViewerID: viewer(a), ViewerManages: orNone(a.Manages)}
	if err != nil {
		return q, err
	}
	if q.PersonID, err = optionalPerson(ctx, "user", in.User); err != nil {
		return q, err
	}
	for _, f := range []struct {
		name, value string
		into        **uuid.UUID
	}{{"project", in.Project, &q.ProjectID}, {"task", in.Task, &q.TaskID}, {"invoice", in.Invoice, &q.InvoiceID}} {
		if *f.into, err = optionalID(f.name, f.value); err != nil {
			return q, err
		}
	}
	if q.FromOn, err = optionalDate("from", in.From); err != nil {
		return q, err
	}
	q.ToOn, err = optionalDate("to", in.To)
	return q, err
}

// narrowed tells whether entries are few enough to be read whole before they are
// put in order: somebody's, or of one thing, or of the last year.
func narrowed(q db.TimeEntriesParams, now time.Time) bool {
	recent := !q.FromOn.IsZero() && civil.In(now, time.UTC).DaysSince(q.FromOn) <= 366
	return recent || q.PersonID != nil || q.ProjectID != nil || q.TaskID != nil || q.InvoiceID != nil || q.ExternalKey != nil
}
