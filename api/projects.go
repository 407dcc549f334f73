package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) projectRoutes() {
	write[postgres.Project](s, op(http.MethodPost, "/projects", "create-project", "Set up a project; whoever does is its account manager", http.StatusCreated), s.createProject)
	// It is JSON alone: that the body is read as it came, too, is no second kind.
	delete(s.api.OpenAPI().Paths[base+"/projects"].Post.RequestBody.Content, "application/octet-stream")
	read(s, op(http.MethodGet, "/projects", "list-projects", "List projects, the oldest first", http.StatusOK), listFor(s.listProjects, s.clientProjects))
	read(s, op(http.MethodGet, "/projects/{id}", "get-project", "One project with its work statement", http.StatusOK), oneFor(s.getProject, s.clientProject))
	write[postgres.Project](s, op(http.MethodPatch, "/projects/{id}", "edit-project", "Change a project, or hand it over", http.StatusOK), s.editProject)
	write[postgres.Project](s, op(http.MethodPut, "/projects/{id}/work-statement", "set-work-statement", "Say what was agreed with the client", http.StatusOK), s.setWorkStatement)
	read(s, op(http.MethodGet, "/projects/{id}/work-statements", "work-statements", "What was agreed with the client, and what before, the newest first", http.StatusOK), s.workStatements)
	for _, v := range projectVerbs {
		o := acts(op(http.MethodPost, "/projects/{id}/"+string(v.verb), string(v.verb)+"-project", v.summary, http.StatusOK))
		write[postgres.Project](s, o, projectAction(s, v.verb))
	}
	write[postgres.Project](s, acts(op(http.MethodPost, "/projects/{id}/refuse-clearance", "refuse-clearance-project", "Refuse clearance: the project is a draft again", http.StatusOK)), s.refuseClearance)
	read(s, op(http.MethodGet, "/projects/{id}/tasks", "project-tasks", "All tasks of a project, in the order they were added", http.StatusOK), listFor(s.projectTasks, s.clientProjectTasks))
	read(s, op(http.MethodGet, "/projects/{id}/history", "project-history", "What happened to a project, the newest first", http.StatusOK), s.projectHistory)
	read(s, op(http.MethodGet, "/projects/{id}/summary", "project-summary", "Hours, money and days of a project", http.StatusOK), s.summaryFor)
}

// projectVerbs are the actions on a project's life that take a note or none
// (S1.06).
var projectVerbs = []struct {
	verb    work.ProjectVerb
	summary string
}{
	{work.RequestClearance, "Ask for clearance of a draft project"},
	{work.Clear, "Give clearance: work begins"},
	{work.WithdrawClearance, "Ask for clearance no longer: the project is a draft again"},
	{work.Hold, "Put an active project on hold"},
	{work.Resume, "Resume a project that is on hold"},
	{work.CompleteProject, "Complete a project whose tasks are all closed"},
	{work.CancelProject, "Cancel a project"},
}

// projectAction answers a verb of the project machine.
func projectAction(s *Server, verb work.ProjectVerb) func(context.Context, *verbInput[flow.Noted]) (*Done, error) {
	return func(ctx context.Context, in *verbInput[flow.Noted]) (*Done, error) {
		return s.actOnProject(ctx, in.WriteHeaders, in.ID, verb, in.said())
	}
}

func (s *Server) refuseClearance(ctx context.Context, in *oneInput[flow.RefuseClearance]) (*Done, error) {
	return s.actOnProject(ctx, in.WriteHeaders, in.ID, work.RefuseClearance, in.Body)
}

func (s *Server) actOnProject(ctx context.Context, h WriteHeaders, id uuid.UUID, verb work.ProjectVerb, body any) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Project, id, string(verb), body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	p, err := s.store.Project(ctx, id)
	if err != nil {
		return nil, s.refuse(err)
	}
	r.name = p.Code + " " + p.Name
	return s.do(ctx, r, http.StatusOK)
}

func (s *Server) getProject(ctx context.Context, in *ByID) (*One[postgres.Project], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	p, err := postgres.OneProject(ctx, s.store.Queries, in.ID)
	if err == nil {
		hidePrices(ctx, p.WorkStatement)
	}
	return one(p, p.Version), err
}

type listProjectsInput struct {
	PageInput
	Client         string   `query:"client"`
	Status         []string `query:"status,explode" enum:"draft,awaiting_clearance,active,on_hold,complete,cancelled," doc:"One or several"`
	AccountManager string   `query:"account_manager" doc:"me, or a person's id"`
	Search         string   `query:"q" maxLength:"200" doc:"Part of its name or the client's, or how the code begins"`
	StartsFrom     string   `query:"starts_from" doc:"It starts on this day or later"`
	StartsTo       string   `query:"starts_to" doc:"It starts on this day or earlier"`
	EndsFrom       string   `query:"ends_from" doc:"Its planned end is on this day or later"`
	EndsTo         string   `query:"ends_to" doc:"Its planned end is on this day or earlier"`
	ExternalKey    string   `query:"external_key"`
	Progress       bool     `query:"progress" doc:"Show how far each is: progress_percent"`
}

func (s *Server) listProjects(ctx context.Context, in *listProjectsInput) (*PageOutput[postgres.Project], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	q, err := in.params(ctx, c)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Projects(ctx, q)
	if err != nil {
		return nil, err
	}
	out := page(in.PageInput, rows, func(r db.ProjectsRow) cursor { return cursor{ID: r.ID} }, postgres.ProjectOf)
	if in.Progress {
		err = s.addProgress(ctx, out.Body.Items)
	}
	return out, err
}

func (in *listProjectsInput) params(ctx context.Context, c cursor) (db.ProjectsParams, error) {
	q := db.ProjectsParams{After: c.ID, Page: in.Limit + 1, Statuses: chosen(in.Status), Search: searchText(in.Search), ExternalKey: optionalText(in.ExternalKey)}
	var err error
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return q, err
	}
	for _, d := range []struct {
		name, value string
		into        *civil.Date
	}{{"starts_from", in.StartsFrom, &q.StartsFrom}, {"starts_to", in.StartsTo, &q.StartsTo}, {"ends_from", in.EndsFrom, &q.EndsFrom}, {"ends_to", in.EndsTo, &q.EndsTo}} {
		if *d.into, err = optionalDate(d.name, d.value); err != nil {
			return q, err
		}
	}
	q.AccountManagerID, err = optionalPerson(ctx, "account_manager", in.AccountManager)
	return q, err
}

// addProgress shows how far projects are (S2.17).
func (s *Server) addProgress(ctx context.Context, projects []postgres.Project) error {
	ids := make([]uuid.UUID, len(projects))
	for i, p := range projects {
		ids[i] = p.ID
	}
	percent, err := s.store.ProjectsProgress(ctx, ids)
	for i, p := range projects {
		projects[i].ProgressPercent = ptr(percent[p.ID])
	}
	return err
}

// projectPage names a project and a part of a list of its things.
type projectPage struct {
	ByID
	PageInput
}

func (s *Server) projectTasks(ctx context.Context, in *projectPage) (*PageOutput[postgres.Task], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Project(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.TaskTreeIDs(ctx, db.TaskTreeIDsParams{ProjectID: in.ID, AfterNumber: c.Order, Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return taskPage(ctx, s.store.Queries, in.PageInput, rows,
		func(r db.TaskTreeIDsRow) uuid.UUID { return r.ID }, func(r db.TaskTreeIDsRow) cursor { return cursor{ID: r.ID, Order: r.Number} })
}

func (s *Server) projectHistory(ctx context.Context, in *projectPage) (*PageOutput[AuditEvent], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Project(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.auditPage(ctx, in.PageInput, db.AuditEventsParams{EntityKind: ptr(string(flow.Project)), EntityID: &in.ID})
}

type projectSummaryInput struct {
	ByID
	Tasks    []string `query:"task,explode" maxItems:"100" doc:"Tasks of the project whose status and figures are shown too"`
	Requests []string `query:"request,explode" maxItems:"100" doc:"Requests on the project whose status is shown too"`
}

func (s *Server) projectSummary(ctx context.Context, in *projectSummaryInput) (struct{ Body postgres.ProjectSummary }, error) {
	var none struct{ Body postgres.ProjectSummary }
	if err := see(ctx); err != nil {
		return none, err
	}
	tasks, err := idsOf("task", in.Tasks)
	if err != nil {
		return none, err
	}
	of := postgres.SummaryOf{Project: in.ID, Tasks: tasks, Money: seeMoney(ctx) == nil}
	sum, err := s.store.ProjectSummary(ctx, of, s.store.Now())
	if err == nil {
		sum.ChosenRequests, err = s.chosenRequests(ctx, in)
	}
	return struct{ Body postgres.ProjectSummary }{sum}, err
}

// chosenRequests are those of a project that were asked for and that the caller
// may see, in the order in which they were asked for.
func (s *Server) chosenRequests(ctx context.Context, in *projectSummaryInput) ([]postgres.RequestNow, error) {
	asked, err := idsOf("request", in.Requests)
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	seen := asked
	if outside(ctx) {
		err = s.asContact(ctx, func(q *db.Queries) (err error) {
			seen, err = q.PortalRequestsAmong(ctx, asked)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	rows, err := postgres.Requests(ctx, s.store.Queries, seen)
	slices.SortFunc(rows, func(a, b postgres.Request) int { return slices.Index(asked, a.ID) - slices.Index(asked, b.ID) })
	var all []postgres.RequestNow
	for _, v := range rows {
		if v.ProjectID == nil || *v.ProjectID != in.ID || access.Can(actorOf(ctx), access.ReadRequest, v.Relation(actorOf(ctx))) != nil {
			continue
		}
		all = append(all, postgres.RequestNow{RequestID: v.ID, Key: v.Key, Title: v.Title, Kind: v.Kind, Priority: v.Priority, Status: v.Status, WaitingForClient: v.WaitingForClient})
	}
	return all, err
}

// idsOf reads the ids of a filter that may be given several times.
func idsOf(name string, texts []string) (ids []uuid.UUID, err error) {
	for _, t := range texts {
		id, err := optionalID(name, t)
		if err != nil {
			return nil, err
		}
		if id != nil {
			ids = append(ids, *id)
		}
	}
	return ids, nil
}
