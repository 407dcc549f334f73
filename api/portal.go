package api

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// The portal is the part of the contract that a client's contacts use. They
// call the same addresses as the staff and are answered with what is theirs,
// in fewer fields: what they read is read as a role for which the database
// itself shows nothing else (S2.07, S2.16).

// Seen is a thing as its reader may know it: whole, or the part of it that a
// client's contact sees.
type Seen[T any] struct {
	whole T
	part  any
}

func whole[T any](v T) Seen[T] { return Seen[T]{whole: v} }

func part[T any](v any) Seen[T] { return Seen[T]{part: v} }

// MarshalJSON implements [json.Marshaler].
func (s Seen[T]) MarshalJSON() ([]byte, error) {
	if s.part != nil {
		return json.Marshal(s.part)
	}
	return json.Marshal(s.whole)
}

// Schema implements [huma.SchemaProvider]: it is documented whole.
func (Seen[T]) Schema(r huma.Registry) *huma.Schema { return r.Schema(typeOf[T](), true, "") }

// outside tells whether the caller is a client's contact.
func outside(ctx context.Context) bool {
	a := actorOf(ctx)
	return a.ID != uuid.Nil && !a.Staff
}

// asContact reads with the eyes of the caller.
func (s *Server) asContact(ctx context.Context, f func(q *db.Queries) error) error {
	return s.store.AsContact(ctx, actorOf(ctx).ID, f)
}

// reading reads with the eyes of the caller, whoever it is: for what the client's
// manager sees as the staff does (S1.05).
func (s *Server) reading(ctx context.Context, f func(q *db.Queries) error) error {
	if outside(ctx) {
		return s.asContact(ctx, f)
	}
	return f(s.store.Lists)
}

// oneFor answers staff with a thing whole and contacts with their part of it.
func oneFor[In, T any](staff func(context.Context, *In) (*One[T], error), contact func(context.Context, *In) (*One[Seen[T]], error)) func(context.Context, *In) (*One[Seen[T]], error) {
	return func(ctx context.Context, in *In) (*One[Seen[T]], error) {
		if outside(ctx) {
			return contact(ctx, in)
		}
		out, err := staff(ctx, in)
		if err != nil {
			return nil, err
		}
		return &One[Seen[T]]{out.ETag, whole(out.Body)}, nil
	}
}

// listFor is [oneFor] for lists.
func listFor[In, T any](staff func(context.Context, *In) (*PageOutput[T], error), contact func(context.Context, *In) (*PageOutput[Seen[T]], error)) func(context.Context, *In) (*PageOutput[Seen[T]], error) {
	return func(ctx context.Context, in *In) (*PageOutput[Seen[T]], error) {
		if outside(ctx) {
			return contact(ctx, in)
		}
		out, err := staff(ctx, in)
		if err != nil {
			return nil, err
		}
		seen := &PageOutput[Seen[T]]{Body: Page[Seen[T]]{Items: make([]Seen[T], len(out.Body.Items)), NextCursor: out.Body.NextCursor}}
		for i, v := range out.Body.Items {
			seen.Body.Items[i] = whole(v)
		}
		return seen, nil
	}
}

// only is the one row of a list that was asked for by id.
func only[R any](rows []R, err error) (R, error) {
	if err == nil && len(rows) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return *new(R), err
	}
	return rows[0], nil
}

func (s *Server) clientProjects(ctx context.Context, in *listProjectsInput) (*PageOutput[Seen[postgres.Project]], error) {
	c, err := in.after()
	if err == nil {
		err = forStaff("external_key", in.ExternalKey)
	}
	if err == nil && in.Progress {
		err = wrongFilter("progress", "is for the staff")
	}
	if err != nil {
		return nil, err
	}
	f, err := in.params(ctx, c)
	if err != nil {
		return nil, err
	}
	var rows []db.PortalProjectsRow
	err = s.asContact(ctx, func(q *db.Queries) (err error) {
		rows, err = q.PortalProjects(ctx, db.PortalProjectsParams{After: f.After, Page: f.Page, Statuses: f.Statuses, Search: f.Search, ClientID: f.ClientID,
			AccountManagerID: f.AccountManagerID, StartsFrom: f.StartsFrom, StartsTo: f.StartsTo, EndsFrom: f.EndsFrom, EndsTo: f.EndsTo})
		return err
	})
	return page(in.PageInput, rows, func(r db.PortalProjectsRow) cursor { return cursor{ID: r.ID} },
		func(r db.PortalProjectsRow) Seen[postgres.Project] {
			return part[postgres.Project](postgres.ClientProjectOf(r))
		}), err
}

func (s *Server) clientProject(ctx context.Context, in *ByID) (*One[Seen[postgres.Project]], error) {
	var p postgres.ClientProject
	err := s.asContact(ctx, func(q *db.Queries) error {
		r, err := only(q.PortalProjects(ctx, db.PortalProjectsParams{ID: &in.ID, Page: 1, Statuses: []string{}}))
		p = postgres.ClientProjectOf(r)
		return err
	})
	return one(part[postgres.Project](p), p.Version), err
}

// ClientSummary is where a project stands, as its client sees it (S1.05,
// S1.64–S1.66). Hours, money and the estimated end are for the client's manager,
// as the status report has them.
type ClientSummary struct {
	ProjectID        uuid.UUID        `json:"project_id"`
	Status           string           `json:"status"`
	StartsOn         string           `json:"starts_on,omitempty"`
	EndsOn           string           `json:"ends_on,omitempty"`
	Tasks            map[string]int64 `json:"tasks"`
	EstimatedMinutes *int             `json:"estimated_minutes,omitempty"`
	WorkedMinutes    *int64           `json:"worked_minutes,omitempty"`
	RemainingMinutes *int             `json:"remaining_minutes,omitempty"`
	DaysSinceStart   *int             `json:"days_since_start,omitempty"`
	EstimatedEndOn   string           `json:"estimated_end_on,omitempty"`
	DaysToEnd        *int             `json:"days_to_end,omitempty"`
	Billed           string           `json:"billed,omitempty"`
	PrepaidMinutes   *int             `json:"prepaid_minutes,omitempty"`
	Currency         string           `json:"currency"`

	ChosenRequests []postgres.RequestNow `json:"chosen_requests,omitempty"`
}

func (s *Server) summaryFor(ctx context.Context, in *projectSummaryInput) (*struct{ Body Seen[postgres.ProjectSummary] }, error) {
	if outside(ctx) {
		return s.clientSummary(ctx, in)
	}
	out, err := s.projectSummary(ctx, in)
	return &struct{ Body Seen[postgres.ProjectSummary] }{whole(out.Body)}, err
}

func (s *Server) clientSummary(ctx context.Context, in *projectSummaryInput) (*struct{ Body Seen[postgres.ProjectSummary] }, error) {
	var sum ClientSummary
	err := s.asContact(ctx, func(q *db.Queries) error {
		p, err := only(q.PortalProjects(ctx, db.PortalProjectsParams{ID: &in.ID, Page: 1, Statuses: []string{}}))
		if err != nil {
			return err
		}
		sum = ClientSummary{ProjectID: in.ID, Status: p.Status, StartsOn: p.StartsOn.String(), EndsOn: p.EndsOn.String(), Currency: p.Currency, Tasks: map[string]int64{}}
		counts, err := q.PortalTaskCounts(ctx, in.ID)
		for _, c := range counts {
			sum.Tasks[c.Status] = c.Count
		}
		if a := actorOf(ctx); err != nil || !a.Is(access.ClientManager) || p.ClientID != a.ClientID { // a partner's manager is a contact here
			return err
		}
		return sum.figures(ctx, q)
	})
	if err == nil && sum.WorkedMinutes != nil {
		err = s.estimates(ctx, &sum)
	}
	if err == nil {
		sum.ChosenRequests, err = s.chosenRequests(ctx, in)
	}
	return &struct{ Body Seen[postgres.ProjectSummary] }{part[postgres.ProjectSummary](sum)}, err
}

// estimates are those of all tasks, as the status report has them: what is hidden
// from the client is counted and not named, and what is left of hours that the
// client has paid for (N.08). The wall has let the project be seen.
func (s *Server) estimates(ctx context.Context, sum *ClientSummary) error {
	all, err := s.store.ProjectSummary(ctx, postgres.SummaryOf{Project: sum.ProjectID, Money: true}, s.store.Now())
	if err != nil {
		return err
	}
	sum.PrepaidMinutes = all.PrepaidMinutes
	sum.EstimatedMinutes, sum.RemainingMinutes = &all.EstimatedMinutes, &all.RemainingMinutes
	sum.DaysSinceStart, sum.DaysToEnd, sum.EstimatedEndOn = all.DaysSinceStart, all.DaysToEnd, all.EstimatedEndOn.String()
	return nil
}

func (sum *ClientSummary) figures(ctx context.Context, q *db.Queries) error {
	worked, err := q.PortalHours(ctx, sum.ProjectID)
	if err != nil {
		return err
	}
	billed, err := q.PortalBilled(ctx, sum.ProjectID)
	sum.WorkedMinutes, sum.Billed = &worked, money.Currency(sum.Currency).Format(billed)
	return err
}

// clientTasks lists the tasks that a contact sees: those marked for the client
// on their projects, and those given to them.
func (s *Server) clientTasks(ctx context.Context, p PageInput, f db.PortalTasksParams) (*PageOutput[Seen[postgres.Task]], error) {
	c, err := p.after()
	if err != nil {
		return nil, err
	}
	f.AfterPriority, f.After, f.Page = int16(c.Order), c.ID, p.Limit+1
	var rows []db.PortalTasksRow
	err = s.asContact(ctx, func(q *db.Queries) (err error) {
		if f.ProjectID != nil {
			if err := clientSees(ctx, q, *f.ProjectID); err != nil {
				return err
			}
		}
		rows, err = q.PortalTasks(ctx, f)
		return err
	})
	return page(p, rows, func(r db.PortalTasksRow) cursor { return cursor{ID: r.ID, Order: int32(r.Priority)} },
		func(r db.PortalTasksRow) Seen[postgres.Task] { return part[postgres.Task](postgres.ClientTaskOf(r)) }), err
}

// clientSees finds a project that a contact sees.
func clientSees(ctx context.Context, behind *db.Queries, project uuid.UUID) error {
	_, err := only(behind.PortalProjects(ctx, db.PortalProjectsParams{ID: &project, Page: 1, Statuses: []string{}}))
	return err
}

func (s *Server) clientsTasks(ctx context.Context, in *listTasksInput) (*PageOutput[Seen[postgres.Task]], error) {
	f, err := in.clientFilters(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return s.clientTasks(ctx, in.PageInput, f)
}

func (s *Server) clientProjectTasks(ctx context.Context, in *projectPage) (*PageOutput[Seen[postgres.Task]], error) {
	return s.clientTasks(ctx, in.PageInput, db.PortalTasksParams{ProjectID: &in.ID})
}

func (in *listTasksInput) clientFilters(a access.Actor) (db.PortalTasksParams, error) {
	f := db.PortalTasksParams{Statuses: chosen(in.Status)}
	err := forStaff("owner", in.Owner, "parent", in.Parent, "ready", in.Ready, "needs_subtasks", in.Subtasks, "left", in.Left, "external_key", in.ExternalKey)
	if err != nil {
		return f, err
	}
	if f.GroupID, err = optionalID("group", in.Group); err != nil {
		return f, err
	}
	if f.ProjectID, err = optionalID("project", in.Project); err != nil {
		return f, err
	}
	if in.Assignee == "me" {
		f.AssigneeID = &a.ID
		return f, nil
	}
	f.AssigneeID, err = optionalID("assignee", in.Assignee)
	return f, err
}

func clientTask(ctx context.Context, q *db.Queries, id uuid.UUID) (postgres.ClientTask, error) {
	r, err := only(q.PortalTasks(ctx, db.PortalTasksParams{ID: &id, Page: 1}))
	return postgres.ClientTaskOf(r), err
}

func (s *Server) oneClientTask(ctx context.Context, in *ByID) (*One[Seen[postgres.Task]], error) {
	var t postgres.ClientTask
	err := s.asContact(ctx, func(q *db.Queries) (err error) {
		t, err = clientTask(ctx, q, in.ID)
		return err
	})
	return one(part[postgres.Task](t), t.Version), err
}

// hangsOn is [fault.NotFound] unless the contact sees the task or the request
// that notes or files hang on.
func hangsOn(ctx context.Context, q *db.Queries, task, request *uuid.UUID) error {
	if request != nil {
		return behindWall(ctx, q, *request)
	}
	_, err := clientTask(ctx, q, *task)
	return err
}

// clientNotes are the notes on a task or a request, as a contact sees them.
func (s *Server) clientNotes(ctx context.Context, on db.PortalNotesParams, p PageInput) (*PageOutput[Note], error) {
	c, err := p.after()
	if err != nil {
		return nil, err
	}
	on.After, on.Page = c.ID, p.Limit+1
	var rows []db.PortalNotesRow
	err = s.asContact(ctx, func(q *db.Queries) error {
		if err := hangsOn(ctx, q, on.TaskID, on.RequestID); err != nil {
			return err
		}
		rows, err = q.PortalNotes(ctx, on)
		return err
	})
	return page(p, rows, func(r db.PortalNotesRow) cursor { return cursor{ID: r.ID} }, func(r db.PortalNotesRow) Note {
		return Note{r.ID, r.TaskID, r.RequestID, r.AuthorID, r.AuthorName, r.Body, visibleOutside, r.CreatedAt, r.EditedAt, r.Version}
	}), err
}

// clientFiles are the files on a task or a request, as a contact sees them.
func (s *Server) clientFiles(ctx context.Context, on db.PortalFilesParams, p PageInput) (*PageOutput[File], error) {
	c, err := p.after()
	if err != nil {
		return nil, err
	}
	on.After, on.Page = c.ID, p.Limit+1
	var rows []db.PortalFilesRow
	err = s.asContact(ctx, func(q *db.Queries) error {
		if err := hangsOn(ctx, q, on.TaskID, on.RequestID); err != nil {
			return err
		}
		rows, err = q.PortalFiles(ctx, on)
		return err
	})
	return page(p, rows, func(r db.PortalFilesRow) cursor { return cursor{ID: r.ID} }, clientFileOf), err
}

func clientFileOf(r db.PortalFilesRow) File {
	return File{ID: r.ID, TaskID: r.TaskID, RequestID: r.RequestID, AuthorID: r.AuthorID, AuthorName: r.AuthorName, Name: r.Name, ContentType: r.ContentType, Size: r.Size,
		SHA256: hex.EncodeToString(r.SHA256), Visibility: "client", CreatedAt: r.CreatedAt}
}

// clientInvoices lists the completed invoices of the client, for its manager.
func (s *Server) clientInvoices(ctx context.Context, in *listInvoicesInput) (*PageOutput[postgres.Invoice], error) {
	f, err := in.params()
	if err == nil {
		err = forStaff("billing_run", in.Run)
	}
	if err != nil {
		return nil, err
	}
	var rows []db.PortalInvoicesRow
	now := s.store.Now()
	err = s.asContact(ctx, func(q *db.Queries) (err error) {
		if f.PastDue != nil {
			if f.Zones, f.Todays, err = postgres.Todays(ctx, q, now); err != nil {
				return err
			}
		}
		rows, err = q.PortalInvoices(ctx, db.PortalInvoicesParams{After: f.After, Page: f.Page, ClientID: f.ClientID, ProjectID: f.ProjectID, States: f.States, PastDue: f.PastDue, Zones: f.Zones, Todays: f.Todays, Number: f.Number})
		return err
	})
	return page(in.PageInput, rows, func(r db.PortalInvoicesRow) cursor { return cursor{ID: r.ID} },
		func(r db.PortalInvoicesRow) postgres.Invoice { return postgres.ClientInvoice(r, nil, now) }), err
}

func (s *Server) clientInvoice(ctx context.Context, id uuid.UUID) (postgres.Invoice, error) {
	var inv postgres.Invoice
	err := s.asContact(ctx, func(q *db.Queries) error {
		r, err := only(q.PortalInvoices(ctx, db.PortalInvoicesParams{ID: &id, Page: 1}))
		if err != nil {
			return err
		}
		lines, err := q.PortalLines(ctx, id)
		inv = postgres.ClientInvoice(r, lines, s.store.Now())
		return err
	})
	return inv, err
}

// helps refuses a contact what they may not do on a task: what they do not see
// is not there, and they write only on what was given to them (S2.08).
func (s *Server) helps(ctx context.Context, task uuid.UUID) error {
	a := actorOf(ctx)
	var rel access.Relation
	err := s.asContact(ctx, func(q *db.Queries) error {
		t, err := clientTask(ctx, q, task)
		if err == nil && t.Assignee != nil && t.Assignee.ID != nil && *t.Assignee.ID == a.ID {
			rel = access.Assignee
		}
		return err
	})
	if err != nil {
		return err
	}
	return access.Can(a, access.HelpTask, rel)
}

// seeTask hides what the caller may not know of, for a write on a task.
func (s *Server) seeTask(ctx context.Context, task uuid.UUID) error {
	if outside(ctx) {
		return s.helps(ctx, task)
	}
	return see(ctx)
}
