package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) requestRoutes() {
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests", "create-request", "Ask the firm for something", http.StatusCreated)), s.createRequest)
	read(s, op(http.MethodGet, "/requests", "list-requests", "List requests by priority", http.StatusOK), s.listRequests)
	read(s, op(http.MethodGet, "/requests/{id}", "get-request", "One request", http.StatusOK), s.getRequest)
	write[postgres.Request](s, acts(op(http.MethodPatch, "/requests/{id}", "edit-request", "Change a request's words and priority, or hand it to another account manager", http.StatusOK)), s.editRequest)
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/assign", "assign-request", "Give a request to a person or a group", http.StatusOK)), requestAction[flow.AssignTask](s, "assign"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/delegate", "delegate-request", "Hand a request on for help, or because your part is finished", http.StatusOK)), requestAction[flow.DelegateTask](s, "delegate"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/accept", "accept-request", "Take a request that waits in one of your groups", http.StatusOK)), requestVerb[Nothing](s, "accept"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/return", "return-request", "Give a request back to its account manager when you are finished", http.StatusOK)), requestAction[flow.ReturnRequest](s, "return"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/status", "set-request-status", "Complete, cancel or reopen a request", http.StatusOK)), requestAction[flow.RequestStatus](s, "status"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/wait", "await-client", "Ask the client something; the targets do not run until it answers", http.StatusOK)), requestAction[flow.Await](s, "wait"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/resume", "resume-request", "Let the targets of a request run again", http.StatusOK)), requestVerb[flow.Noted](s, "resume"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/answer", "answer-request", "Record the answer to a request; an ask is settled by it", http.StatusOK)), requestAction[flow.AnswerRequest](s, "answer"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/answer-from-project", "answer-request-from-project", "Answer a request with where its project stands", http.StatusOK)), requestVerb[flow.AnswerFromProject](s, "answer-from-project"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/ask", "ask-about-request", "Ask somebody on the staff to record an answer", http.StatusCreated)), s.askAboutRequest)
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/change-request", "make-change-request", "Make a change request of the project from a request, once", http.StatusOK)), requestVerb[flow.MakeItem](s, "change-request"))
	write[postgres.Request](s, acts(op(http.MethodPost, "/requests/{id}/project-issue", "make-project-issue", "Make an issue of the project from a request, once", http.StatusOK)), requestVerb[flow.MakeItem](s, "project-issue"))
	write[postgres.Task](s, acts(op(http.MethodPost, "/requests/{id}/tasks", "create-request-task", "Make a task from a request; it stays linked", http.StatusCreated)), s.createRequestTask)
	read(s, op(http.MethodGet, "/requests/{id}/history", "request-history", "What happened to a request, the newest first", http.StatusOK), s.requestHistory)
	s.requestListRoutes()
	s.requestNoteRoutes()
	s.projectItemRoutes()
}

// seenRequest reads a request that the caller may see; to all others there is
// none.
func (s *Server) seenRequest(ctx context.Context, id uuid.UUID) (postgres.Request, error) {
	if outside(ctx) {
		err := s.asContact(ctx, func(q *db.Queries) error { return behindWall(ctx, q, id) })
		if err != nil {
			return postgres.Request{}, err
		}
	}
	v, err := postgres.OneRequest(ctx, s.store.Queries, id)
	if err == nil && access.Can(actorOf(ctx), access.ReadRequest, v.Relation(actorOf(ctx))) != nil {
		err = fault.New(fault.NotFound, "there is no such request")
	}
	return v, err
}

// behindWall is [fault.NotFound] for a request that the wall does not show.
func behindWall(ctx context.Context, q *db.Queries, request uuid.UUID) error {
	_, err := only(q.PortalRequestIDs(ctx, db.PortalRequestIDsParams{ID: &request, Page: 1}))
	if fault.Is(postgres.Refusal(err), fault.NotFound) {
		return fault.New(fault.NotFound, "there is no such request")
	}
	return err
}

func (s *Server) getRequest(ctx context.Context, in *ByID) (*One[postgres.Request], error) {
	v, err := s.seenRequest(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return one(v.SeenBy(actorOf(ctx)), v.Version), nil
}

func (s *Server) createRequest(ctx context.Context, in *newInput[flow.CreateRequest]) (*Done, error) {
	if a := actorOf(ctx); !a.Staff && in.Body.ClientID != a.ClientID { // the same whether there is such a client or not
		return nil, s.refuse(fault.Wrong("client_id", "there is no such client"))
	}
	return s.addRequest(ctx, in.WriteHeaders, flow.NewRequest{CreateRequest: in.Body})
}

// askAboutRequest makes a question to somebody on the staff (S1.68). Where and
// how urgent it is follows from the request that it is about.
func (s *Server) askAboutRequest(ctx context.Context, in *oneInput[flow.Ask]) (*Done, error) {
	about, err := s.handledRequest(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	title, _, _ := strings.Cut(strings.TrimSpace(in.Body.Question), "\n")
	return s.addRequest(ctx, in.WriteHeaders, flow.NewRequest{
		CreateRequest: flow.CreateRequest{ClientID: about.ClientID, Kind: work.Question, Title: clipped(title, 500), Description: in.Body.Question},
		AboutID:       &in.ID, To: &in.Body.To,
	})
}

// clipped is as much of a line as a title may hold.
func clipped(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// handledRequest is a request on its way to an action of the staff.
func (s *Server) handledRequest(ctx context.Context, id uuid.UUID) (postgres.Request, error) {
	v, err := s.seenRequest(ctx, id)
	if err == nil && !actorOf(ctx).Staff {
		err = fault.New(fault.Forbidden, "only the staff handles requests; write a note")
	}
	return v, err
}

// addRequest brings the creation of a request to its process, under the number
// that is drawn with it.
func (s *Server) addRequest(ctx context.Context, h WriteHeaders, body flow.NewRequest) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Request, s.store.NewID(), "create", body)
	if err == nil && body.To != nil && body.To.Assignee().IsZero() {
		err = fault.Wrong("to", "name either a user_id or a group_id")
	}
	var cmd *db.CommandByKeyRow
	if err == nil {
		cmd, err = s.known(ctx, r)
	}
	if err == nil && cmd == nil {
		r, err = s.drawRequestNumber(ctx, r, body.Title)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.do(ctx, r, http.StatusCreated)
}

func (s *Server) drawRequestNumber(ctx context.Context, r request, title string) (request, error) {
	id := s.store.NewID()
	if r.key == "" {
		r.key = "none/" + id.String()
	}
	body, err := r.envelope()
	if err != nil {
		return r, err
	}
	number, err := s.later.InsertCreateRequestCommand(ctx, db.InsertCreateRequestCommandParams{
		ID: id, ActorID: r.actor.ID, Key: r.key, EntityID: r.id, Body: body, Fingerprint: r.fingerprint(), Source: r.source,
	})
	r.name = postgres.RequestKey(number) + " " + title
	return r, ignoreNoRows(err) // no row: the same request at the same time drew it
}

// requestAction answers a verb of the request machine.
func requestAction[B any](s *Server, verb string) func(context.Context, *oneInput[B]) (*Done, error) {
	return func(ctx context.Context, in *oneInput[B]) (*Done, error) {
		return s.actOnRequest(ctx, in.WriteHeaders, in.ID, verb, in.Body)
	}
}

func (s *Server) editRequest(ctx context.Context, in *patchInput[work.RequestEdit]) (*Done, error) {
	return s.actOnRequest(ctx, in.WriteHeaders, in.ID, "edit", in.Body)
}

// requestVerb is requestAction for a verb that may come without a body.
func requestVerb[B any](s *Server, verb string) func(context.Context, *verbInput[B]) (*Done, error) {
	return func(ctx context.Context, in *verbInput[B]) (*Done, error) {
		return s.actOnRequest(ctx, in.WriteHeaders, in.ID, verb, in.said())
	}
}

func (s *Server) actOnRequest(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Request, id, verb, body)
	if err != nil {
		return nil, s.refuse(err)
	}
	v, err := s.handledRequest(ctx, id)
	if err != nil {
		return nil, s.refuse(err)
	}
	r.name = v.Key + " " + v.Title
	return s.do(ctx, r, http.StatusOK)
}

// RequestTask is a task to be made from a request.
type RequestTask struct {
	ProjectID       *uuid.UUID   `json:"project_id,omitempty" doc:"The request's, if left out"`
	ParentID        *uuid.UUID   `json:"parent_id,omitempty" doc:"The task above it; none for a top-level task"`
	Title           string       `json:"title,omitempty" maxLength:"500" doc:"The request's, if left out"`
	Description     string       `json:"description,omitempty" maxLength:"20000" doc:"Markdown"`
	Priority        int          `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 comes first; left out it is the request's"`
	EstimateMinutes *int         `json:"estimate_minutes,omitempty" minimum:"0" maximum:"10000000"`
	Skills          []string     `json:"skills,omitempty" maxItems:"50" maxLength:"100"`
	DependsOn       []uuid.UUID  `json:"depends_on,omitempty" maxItems:"200"`
	VisibleToClient bool         `json:"visible_to_client,omitempty"`
	AssignTo        *flow.Target `json:"assign_to,omitempty" doc:"A person or a group; nobody if left out"`
}

// createRequestTask makes a task by way of the task's own process (S1.57).
func (s *Server) createRequestTask(ctx context.Context, in *oneInput[RequestTask]) (*Done, error) {
	v, err := s.handledRequest(ctx, in.ID)
	if err != nil {
		return nil, s.refuse(err)
	}
	b := in.Body
	task := flow.CreateTask{
		ParentID: b.ParentID, Title: b.Title, Description: b.Description, Priority: b.Priority, EstimateMinutes: b.EstimateMinutes, Skills: b.Skills,
		DependsOn: b.DependsOn, VisibleToClient: b.VisibleToClient, AssignTo: b.AssignTo, RequestID: &in.ID,
	}
	switch {
	case b.ProjectID != nil:
		task.ProjectID = *b.ProjectID
	case v.ProjectID != nil:
		task.ProjectID = *v.ProjectID
	default:
		return nil, s.refuse(fault.Wrong("project_id", "is required: the request is on no project"))
	}
	if strings.TrimSpace(task.Title) == "" {
		task.Title = v.Title
	}
	if task.Priority == 0 {
		task.Priority = v.Priority
	}
	return s.addTask(ctx, in.WriteHeaders, task)
}

// requestHistory is for the staff: it holds what the client does not see.
func (s *Server) requestHistory(ctx context.Context, in *struct {
	ByID
	PageInput
}) (*PageOutput[AuditEvent], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if _, err := s.seenRequest(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.auditPage(ctx, in.PageInput, db.AuditEventsParams{EntityKind: ptr(string(flow.Request)), EntityID: &in.ID})
}
