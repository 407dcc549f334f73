package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) taskRoutes() {
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks", "create-task", "Add a task to a project", http.StatusCreated)), s.createTask)
	read(s, op(http.MethodGet, "/tasks", "list-tasks", "List tasks by priority", http.StatusOK), listFor(s.listTasks, s.clientsTasks))
	read(s, op(http.MethodGet, "/tasks/{id}", "get-task", "One task", http.StatusOK), oneFor(s.getTask, s.oneClientTask))
	write[postgres.Task](s, acts(op(http.MethodPatch, "/tasks/{id}", "edit-task", "Change a task's words and figures", http.StatusOK)), s.editTask)
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/assign", "assign-task", "Hand a task on, accountability and all", http.StatusOK)), taskAction[flow.AssignTask](s, "assign"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/delegate", "delegate-task", "Hand the work on while its owner stays accountable", http.StatusOK)), taskAction[flow.DelegateTask](s, "delegate"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/start", "start-task", "Say that you have begun, where you do not record time", http.StatusOK)), s.plainAction("start"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/end", "end-task", "Say that you have stopped for now", http.StatusOK)), s.plainAction("end"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/move", "move-task", "Put a task under another that you own too", http.StatusOK)), taskAction[flow.MoveTask](s, "move"))
	write[postgres.Task](s, acts(op(http.MethodPut, "/tasks/{id}/dependencies/{task_id}", "add-dependency", "Make a task wait until another is complete", http.StatusOK)), s.dependency("depend"))
	write[postgres.Task](s, acts(op(http.MethodDelete, "/tasks/{id}/dependencies/{task_id}", "remove-dependency", "Make a task wait for another no more", http.StatusOK)), s.dependency("undepend"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/accept", "accept-task", "Take a task that waits in one of your groups", http.StatusOK)), s.acceptTask)
	write[postgres.Task](s, acts(op(http.MethodPost, "/tasks/{id}/status", "set-task-status", "Open, complete, cancel or plan a task", http.StatusOK)), taskAction[flow.SetStatus](s, "status"))
	read(s, op(http.MethodGet, "/tasks/{id}/history", "task-history", "What happened to a task, the newest first", http.StatusOK), s.taskHistory)
	read(s, op(http.MethodGet, "/actions/{id}", "get-action", "How an action came out", http.StatusOK), s.getAction)
}

func (s *Server) createTask(ctx context.Context, in *newInput[flow.CreateTask]) (*Done, error) {
	return s.addTask(ctx, in.WriteHeaders, in.Body)
}

func (s *Server) addTask(ctx context.Context, h WriteHeaders, body flow.CreateTask) (*Done, error) {
	body.Skills = distinct(body.Skills)
	r, err := s.newRequest(ctx, h, flow.Task, s.store.NewID(), "create", body)
	if err == nil {
		err = see(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	if to := body.AssignTo; to != nil && to.Assignee().IsZero() {
		return nil, s.refuse(fault.Wrong("assign_to", "name either a user_id or a group_id"))
	}
	if _, err := s.store.Project(ctx, body.ProjectID); err != nil {
		return nil, s.refuse(notThere(err, "project_id", "there is no such project"))
	}
	return s.do(ctx, r, http.StatusCreated)
}

// taskAction answers a verb of the task machine.
func taskAction[B any](s *Server, verb string) func(context.Context, *oneInput[B]) (*Done, error) {
	return func(ctx context.Context, in *oneInput[B]) (*Done, error) {
		return s.actOnTask(ctx, in.WriteHeaders, in.ID, verb, in.Body)
	}
}

func (s *Server) editTask(ctx context.Context, in *patchInput[work.Edit]) (*Done, error) {
	if in.Body.Skills != nil {
		in.Body.Skills = ptr(distinct(*in.Body.Skills))
	}
	return s.actOnTask(ctx, in.WriteHeaders, in.ID, "edit", in.Body)
}

// dependency adds or removes what a task waits for (S1.31).
func (s *Server) dependency(verb string) func(context.Context, *dependencyInput) (*Done, error) {
	return func(ctx context.Context, in *dependencyInput) (*Done, error) {
		return s.actOnTask(ctx, in.WriteHeaders, in.ID, verb, flow.Dependency{TaskID: in.TaskID})
	}
}

type dependencyInput struct {
	ByID
	TaskID uuid.UUID `path:"task_id" doc:"The task that must be complete first"`
	WriteHeaders
}

// plainAction is a verb that says no more than itself.
func (s *Server) plainAction(verb string) func(context.Context, *verbInput[Nothing]) (*Done, error) {
	return func(ctx context.Context, in *verbInput[Nothing]) (*Done, error) {
		return s.actOnTask(ctx, in.WriteHeaders, in.ID, verb, Nothing{})
	}
}

func (s *Server) acceptTask(ctx context.Context, in *verbInput[Nothing]) (*Done, error) {
	return s.actOnTask(ctx, in.WriteHeaders, in.ID, "accept", Nothing{})
}

func (s *Server) actOnTask(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Task, id, verb, body)
	if err == nil {
		err = s.seeTask(ctx, id)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusOK)
}

func (s *Server) getTask(ctx context.Context, in *ByID) (*One[postgres.Task], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	t, err := postgres.OneTask(ctx, s.store.Queries, in.ID)
	return one(t, t.Version), err
}

type listTasksInput struct {
	PageInput
	Assignee    string   `query:"assignee" doc:"me, or a person's id"`
	Owner       string   `query:"owner" doc:"me, or a person's id"`
	Group       string   `query:"group" doc:"The group it waits in"`
	Project     string   `query:"project"`
	Status      []string `query:"status,explode" enum:"planned,open,complete,cancelled," doc:"One or several"`
	Parent      string   `query:"parent" doc:"The task above it"`
	Ready       string   `query:"ready" enum:"true,false," doc:"Whether everything that it and the tasks above it depend on is done"`
	Subtasks    string   `query:"needs_subtasks" enum:"true,false," doc:"Whether it is open, at the top and not broken down yet"`
	Left        string   `query:"left" enum:"true,false," doc:"Whether who has it or who answers for it has left"`
	ExternalKey string   `query:"external_key"`
}

func (s *Server) listTasks(ctx context.Context, in *listTasksInput) (*PageOutput[postgres.Task], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	a := actorOf(ctx)
	q, err := in.params(a)
	if err == nil {
		err = s.seenBy(ctx, a, &q)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.TaskIDs(ctx, q)
	if err != nil {
		return nil, err
	}
	return taskPage(ctx, s.store.Queries, in.PageInput, rows,
		func(r db.TaskIDsRow) uuid.UUID { return r.ID }, func(r db.TaskIDsRow) cursor { return cursor{ID: r.ID, Order: int32(r.Priority)} })
}

// taskPage shows the tasks that a query found, in its order.
func taskPage[R any](ctx context.Context, q *db.Queries, p PageInput, rows []R, id func(R) uuid.UUID, at func(R) cursor) (*PageOutput[postgres.Task], error) {
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows[:min(len(rows), int(p.Limit))] {
		ids = append(ids, id(r))
	}
	tasks, err := postgres.Tasks(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	return page(p, rows, at, func(r R) postgres.Task {
		return tasks[slices.IndexFunc(tasks, func(t postgres.Task) bool { return t.ID == id(r) })]
	}), nil
}

func (in *listTasksInput) params(a access.Actor) (db.TaskIDsParams, error) {
	c, err := in.after()
	if err != nil {
		return db.TaskIDsParams{}, err
	}
	q := db.TaskIDsParams{AfterPriority: int16(c.Order), After: c.ID, Page: in.Limit + 1}
	q.Statuses, q.ExternalKey, q.Ready, q.NeedsSubtasks, q.HasLeft = chosen(in.Status), optionalText(in.ExternalKey), yesNo(in.Ready), yesNo(in.Subtasks), yesNo(in.Left)
	for _, f := range []struct {
		name, value string
		into        **uuid.UUID
	}{{"assignee", in.Assignee, &q.AssigneeID}, {"owner", in.Owner, &q.OwnerID}, {"group", in.Group, &q.GroupID}, {"project", in.Project, &q.ProjectID}, {"parent", in.Parent, &q.ParentID}} {
		if f.value == "me" && (f.name == "assignee" || f.name == "owner") {
			*f.into = &a.ID
			continue
		}
		if *f.into, err = optionalID(f.name, f.value); err != nil {
			return q, err
		}
	}
	return q, nil
}

// seenBy cuts a list to the tasks that it shows somebody: their own desk, what
// they answer for, what waits in their groups, and the desks of the groups they
// manage (S1.15, S1.36, S1.47).
func (s *Server) seenBy(ctx context.Context, a access.Actor, q *db.TaskIDsParams) error {
	if q.ViewerID = viewer(a); q.ViewerID == nil {
		q.ViewerPeople, q.ViewerGroups = []uuid.UUID{}, []uuid.UUID{}
		return nil
	}
	people, err := s.store.MembersAmong(ctx, orNone(a.Manages))
	q.ViewerPeople, q.ViewerGroups = append(people, a.ID), orNone(a.Groups)
	return err
}

// viewer is who a list is cut to; nil for those who see everybody's.
func viewer(a access.Actor) *uuid.UUID {
	if access.Can(a, access.SeeAllTasks, 0) == nil {
		return nil
	}
	return &a.ID
}

// yesNo is a filter that may be absent.
func yesNo(s string) *bool {
	if s == "" {
		return nil
	}
	return ptr(s == "true")
}

func (s *Server) taskHistory(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[AuditEvent], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.TaskForAction(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.auditPage(ctx, in.PageInput, db.AuditEventsParams{EntityKind: ptr("task"), EntityID: &in.ID})
}

func (s *Server) getAction(ctx context.Context, in *ByID) (*struct{ Body Pending }, error) {
	cmd, err := s.store.Command(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if cmd.ActorID != actorOf(ctx).ID {
		return nil, fault.New(fault.NotFound, "not found")
	}
	return &struct{ Body Pending }{Pending{ID: cmd.ID, State: cmd.State, Verb: cmd.Verb, Answer: cmd.Answer}}, nil
}
