package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// ProjectBody describes a new project (S2.02).
type ProjectBody struct {
	ClientID         uuid.UUID              `json:"client_id"`
	Name             string                 `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Code             string                 `json:"code,omitempty" pattern:"^[A-Z][A-Z0-9]{0,9}$" doc:"What its tasks' keys begin with; made from the name if left out" example:"ACME"`
	Currency         string                 `json:"currency,omitempty" maxLength:"10" doc:"The client's, if left out" example:"GBP"`
	StartsOn         civil.Date             `json:"starts_on" format:"date"`
	EndsOn           civil.Date             `json:"ends_on" format:"date" doc:"The planned end"`
	AccountManagerID *uuid.UUID             `json:"account_manager_id,omitempty" doc:"You, if left out"`
	TemplateID       *uuid.UUID             `json:"template_id,omitempty" doc:"Makes its tasks, as the template has them"`
	WorkStatement    postgres.WorkStatement `json:"work_statement,omitzero" doc:"Of a project from a template, what differs from the template's"`
}

// newProjectInput keeps the body as it came too: what it says of the work
// statement goes over what a template proposes.
type newProjectInput struct {
	WriteHeaders
	Body    ProjectBody
	RawBody []byte
}

// ProjectPatch changes the given fields of a project.
type ProjectPatch struct {
	Name             *string     `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	AccountManagerID *uuid.UUID  `json:"account_manager_id,omitempty" doc:"Hands the project over"`
	StartsOn         *civil.Date `json:"starts_on,omitempty" format:"date"`
	EndsOn           *civil.Date `json:"ends_on,omitempty" format:"date"`
}

func (s *Server) createProject(ctx context.Context, in *newProjectInput) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, flow.Project, s.store.NewID(), "create", in.Body, access.CreateProject)
	if err == nil {
		err = mayPrice(ctx, in.Body.WorkStatement)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		template, statement, err := proposal(ctx, q, in)
		if err != nil {
			return nil, err
		}
		body := in.Body
		body.WorkStatement = statement
		p, err := s.setUp(ctx, q, r, body)
		if err != nil || template == nil {
			return p, err
		}
		return p, s.store.MakeTasks(ctx, q, postgres.FromTemplate{Project: p.ID, AccountManager: p.AccountManagerID, StartsOn: p.StartsOn,
			Actor: r.actor.ID, Source: r.source, Template: *template})
	})
}

// setUp stores a new project with its work statement. A draft has its process
// too: what is open and has none is looked for (N.30).
func (s *Server) setUp(ctx context.Context, q *db.Queries, r request, b ProjectBody) (postgres.Project, error) {
	p, err := newProject(ctx, q, r, b)
	if err != nil {
		return postgres.Project{}, err
	}
	if err := insertProject(ctx, q, p); err != nil {
		return postgres.Project{}, err
	}
	w, err := s.statementRow(ctx, q, p.ID, b.WorkStatement, "work_statement.")
	if err != nil {
		return postgres.Project{}, err
	}
	if err := q.InsertWorkStatement(ctx, w); err != nil {
		return postgres.Project{}, err
	}
	if err := s.setHourly(ctx, q, r, p.Currency, p.StartsOn, b.WorkStatement); err != nil {
		return postgres.Project{}, err
	}
	if err := q.InsertOutbox(ctx, string(flow.Project), p.ID); err != nil { // starts its process
		return postgres.Project{}, err
	}
	told := b
	told.WorkStatement = unpriced(told.WorkStatement)
	changes := postgres.Diff(struct{}{}, told)
	notePrice(changes, b.WorkStatement)
	if err := r.audited(ctx, s, q, 1, changes, ""); err != nil {
		return postgres.Project{}, err
	}
	return postgres.OneProject(ctx, q, r.id)
}

// newProject is the project as it will be stored, but for its code.
func newProject(ctx context.Context, q *db.Queries, r request, b ProjectBody) (db.InsertProjectParams, error) {
	p := db.InsertProjectParams{
		ID: r.id, ClientID: b.ClientID, Code: b.Code, Name: b.Name, AccountManagerID: r.actor.ID, Currency: b.Currency, StartsOn: b.StartsOn, EndsOn: b.EndsOn,
	}
	client, err := q.Client(ctx, b.ClientID)
	if err != nil {
		return p, notThere(err, "client_id", "there is no such client")
	}
	if p.Currency == "" {
		p.Currency = client.Currency
	}
	if p.Currency, err = currencyOf(p.Currency); err != nil {
		return p, err
	}
	if p.EndsOn.Before(p.StartsOn) {
		return p, fault.Wrong("ends_on", "is before the start")
	}
	if b.AccountManagerID != nil {
		p.AccountManagerID = *b.AccountManagerID
	}
	if err := mayManage(ctx, q, p.AccountManagerID); err != nil {
		return p, err
	}
	return p, checkStatement(b.WorkStatement, "work_statement.", money.Currency(p.Currency))
}

// mayManage refuses an account manager who is not one.
func mayManage(ctx context.Context, q *db.Queries, person uuid.UUID) error {
	p, err := q.Person(ctx, person)
	fit := slices.Contains(p.Roles, string(access.AccountManager)) || slices.Contains(p.Roles, string(access.Admin))
	if err == nil && (!p.Active || !fit) {
		err = fault.Wrong("account_manager_id", "%s is not an account manager of the firm now", p.Name)
	}
	return notThere(err, "account_manager_id", "there is no such person")
}

// codeTaken is the code for a code that another project has.
const codeTaken fault.Code = "code_taken"

// codeTries is how often a code is made from a name while others make projects
// of that name at the same moment.
const codeTries = 100

// insertProject stores a project under the code that was asked for, or under
// one made from its name.
func insertProject(ctx context.Context, q *db.Queries, p db.InsertProjectParams) error {
	if p.Code != "" {
		n, err := q.InsertProject(ctx, p)
		if err == nil && n == 0 {
			err = fault.New(codeTaken, "another project has the code %s", p.Code)
		}
		return err
	}
	var err error
	lost := map[string]bool{} // to others, at the same moment
	taken := func(code string) bool {
		var t bool
		if err == nil && !lost[code] {
			t, err = q.CodeTaken(ctx, code)
		}
		return t || lost[code]
	}
	for range codeTries {
		if p.Code = work.ProjectCode("", p.Name, taken); err != nil {
			return err
		}
		n, err := q.InsertProject(ctx, p)
		if err != nil || n == 1 {
			return err
		}
		lost[p.Code] = true
	}
	return fault.New(codeTaken, "no code could be made from the name; name one")
}

func (s *Server) editProject(ctx context.Context, in *patchInput[ProjectPatch]) (*Done, error) {
	return s.changeProject(ctx, in.WriteHeaders, in.ID, "edit", in.Body, func(q *db.Queries, r request, p *postgres.Project) (map[string]postgres.Change, error) {
		before := *p
		set(&p.Name, in.Body.Name)
		set(&p.AccountManagerID, in.Body.AccountManagerID)
		set(&p.StartsOn, in.Body.StartsOn)
		set(&p.EndsOn, in.Body.EndsOn)
		if !p.EndsOn.IsZero() && p.EndsOn.Before(p.StartsOn) {
			return nil, fault.Wrong("ends_on", "is before the start")
		}
		if p.AccountManagerID != before.AccountManagerID {
			if err := mayManage(ctx, q, p.AccountManagerID); err != nil {
				return nil, err
			}
			told := work.ProjectHandedOver(before.AccountManagerID, p.AccountManagerID, r.actor.ID)
			if err := s.store.Tell(ctx, q, r.actor, postgres.News{About: string(flow.Project), ID: p.ID, Name: p.Code + " " + p.Name, Told: told}); err != nil {
				return nil, err
			}
			err := s.handOverRequests(ctx, q, r, db.RequestsToHandOverParams{ClientID: p.ClientID, ProjectID: &p.ID, FromID: &before.AccountManagerID, ToID: p.AccountManagerID})
			if err != nil {
				return nil, err
			}
		}
		return postgres.Diff(before, *p), nil
	})
}

// changeProject changes a project's data in one transaction and tells its
// process. f changes the project it is given, and says what changed.
func (s *Server) changeProject(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, f func(*db.Queries, request, *postgres.Project) (map[string]postgres.Change, error)) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Project, id, verb, body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.LockProject(ctx, r.id)
		if err == nil {
			err = r.fresh(row.Version)
		}
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(row.AccountManagerID, r.actor))
		}
		if err != nil {
			return nil, err
		}
		p, err := postgres.OneProject(ctx, q, r.id)
		if err != nil {
			return nil, err
		}
		changes, err := f(q, r, &p)
		if err != nil || len(changes) == 0 {
			hidePrices(ctx, p.WorkStatement)
			return p, err
		}
		_, err = q.UpdateProject(ctx, db.UpdateProjectParams{
			ID: p.ID, Version: p.Version, Name: p.Name, AccountManagerID: p.AccountManagerID, StartsOn: p.StartsOn, EndsOn: p.EndsOn,
		})
		if err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.Project), p.ID); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, p.Version+1, changes, ""); err != nil {
			return nil, err
		}
		p, err = postgres.OneProject(ctx, q, r.id)
		hidePrices(ctx, p.WorkStatement)
		return p, err
	})
}
