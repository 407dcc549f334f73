package activities

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// CommitRequest carries out a command on a request in one transaction.
func (a *Activities) CommitRequest(ctx context.Context, c flow.Command) (flow.Snapshot, error) {
	return a.commit(ctx, c, nil, a.request, a.requestSnapshot)
}

// LoadRequest reads what a request's process needs to know. A request that
// does not exist is closed.
func (a *Activities) LoadRequest(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.requestSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) request(ctx context.Context, s *step) (outcome, error) {
	do := s.changeRequest
	if s.cmd.Verb == "create" {
		do = s.createRequest
	}
	if err := do(ctx); err != nil {
		return outcome{}, err
	}
	view, err := postgres.OneRequest(ctx, s.Queries, s.cmd.EntityID)
	return outcome{answer: view.SeenBy(s.actor), snap: a.requestSnapshotOf(view)}, err
}

// createRequest inserts a request on the desk of who answers for it, or an ask
// on that of whom it is put to.
func (s *step) createRequest(ctx context.Context) error {
	var in flow.NewRequest
	if err := s.body(&in); err != nil {
		return err
	}
	if err := s.mayRequest(ctx, &in); err != nil {
		return err
	}
	am, err := s.answersFor(ctx, &in)
	if err != nil {
		return err
	}
	to, err := s.target(ctx, in.To, in.ClientID)
	if err != nil {
		return err
	}
	r, err := work.NewRequest(work.Request{
		ID: s.cmd.EntityID, AboutID: in.AboutID, Kind: in.Kind, Title: in.Title, Description: in.Description, Priority: in.Priority,
	}, am, to.Target, work.Facts{Now: s.store.Now(), ActorID: s.actor.ID})
	if err != nil {
		return err
	}
	if err := s.promise(ctx, &r, in.ClientID); err != nil {
		return err
	}
	if err := s.insertRequest(ctx, r, in); err != nil {
		return err
	}
	key := postgres.RequestKey(s.envelope.Number)
	told := work.RequestMade(r, s.actor.ID, to.audience)
	if err := s.tell(ctx, postgres.News{About: string(flow.Request), ID: r.ID, Name: key + " " + r.Title, Where: to.name, Note: r.Description, Told: told}); err != nil {
		return err
	}
	if err := s.audit(ctx, 1, postgres.Diff(struct{}{}, auditRequest(r, in)), ""); err != nil || in.AboutID == nil {
		return err
	}
	return s.alsoAudit(ctx, *in.AboutID, "ask", map[string]postgres.Change{"request_id": {nil, r.ID}}, in.Description)
}

// mayRequest asks for the right to make a request: the client's own people and
// the staff have it; about another one, who handles that.
func (s *step) mayRequest(ctx context.Context, in *flow.NewRequest) error {
	if in.AboutID == nil {
		var rel access.Relation
		if !s.actor.Staff && s.actor.ClientID == in.ClientID {
			rel = access.ClientStaff
		}
		return access.Can(s.actor, access.CreateRequest, rel)
	}
	if err := s.ahead().LockRequest(ctx, *in.AboutID); err != nil {
		return err
	}
	about, err := postgres.OneRequest(ctx, s.Queries, *in.AboutID)
	if err != nil {
		return err
	}
	if err := access.Can(s.actor, access.HandleRequest, about.Relation(s.actor)); err != nil {
		return err
	}
	if about.Status.Closed() {
		return fault.New(work.RequestClosed, "the request is %s; its account manager can reopen it", about.Status)
	}
	in.ClientID, in.ProjectID, in.TaskID, in.Priority, in.AccountManagerID = about.ClientID, about.ProjectID, about.TaskID, about.Priority, &about.AccountManagerID
	return nil
}

// answersFor finds who answers for a new request: whom an admin names, else the
// project's account manager, else the client's, else who stands in (S1.02,
// S1.49).
func (s *step) answersFor(ctx context.Context, in *flow.NewRequest) (uuid.UUID, error) {
	if err := s.requestedOn(ctx, in); err != nil {
		return uuid.Nil, err
	}
	place, err := s.requestPlace(ctx, in)
	unseen := false
	if err == nil && place.ProjectID != nil {
		unseen, err = s.unseen(ctx, *place.ProjectID)
	}
	if err == nil && in.ProjectID != nil && (place.ProjectID == nil || unseen) {
		err = fault.Wrong("project_id", "there is no such project of the client")
	}
	if err != nil {
		return uuid.Nil, notThere(err, "client_id", "there is no such client")
	}
	switch {
	case in.AboutID != nil:
		return *in.AccountManagerID, nil
	case in.AccountManagerID != nil && !s.actor.Is(access.Admin):
		return uuid.Nil, fault.New(fault.Forbidden, "only an admin names the account manager of a request")
	case in.AccountManagerID != nil:
		return *in.AccountManagerID, s.isManager(ctx, *in.AccountManagerID)
	case place.ProjectManagerID != nil:
		return *place.ProjectManagerID, nil
	case place.ClientManagerID != nil:
		return *place.ClientManagerID, nil
	}
	return s.standsIn(ctx, in.ClientID)
}

// standsIn is who answers for a client that nobody was named for.
func (s *step) standsIn(ctx context.Context, client uuid.UUID) (uuid.UUID, error) {
	id, err := s.StandsIn(ctx, client)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(work.NoAccountManager, "the firm has no account manager and no admin now who could answer for it")
	}
	return id, err
}

// requestPlace is where a new request goes. A hand-over of that waits until the request
// is there, and takes it along; an ask goes the way of what it is about.
func (s *step) requestPlace(ctx context.Context, in *flow.NewRequest) (p db.RequestPlaceRow, err error) {
	switch {
	case in.AboutID != nil:
	case in.ProjectID != nil:
		err = s.ahead().ShareProject(ctx, *in.ProjectID)
	default:
		err = s.ahead().ShareClient(ctx, in.ClientID)
	}
	if err != nil {
		return p, err
	}
	return s.RequestPlace(ctx, in.ProjectID, in.ClientID)
}

// requestedOn settles the task that a request is about. To the client a task
// that it does not see is not there.
func (s *step) requestedOn(ctx context.Context, in *flow.NewRequest) error {
	if in.TaskID == nil {
		return nil
	}
	t, err := s.TaskOfClient(ctx, *in.TaskID, in.ClientID)
	unseen := false
	if err == nil {
		unseen, err = s.unseen(ctx, t.ProjectID)
	}
	if err == nil && (in.ProjectID != nil && *in.ProjectID != t.ProjectID || unseen || !s.actor.Staff && !t.VisibleToClient) {
		err = pgx.ErrNoRows
	}
	in.ProjectID = &t.ProjectID
	return notThere(err, "task_id", "there is no such task of the client, or it is in another project")
}

// unseen tells whether a project is hidden from the actor, as most are from
// whoever is outside (S2.16).
func (s *step) unseen(ctx context.Context, project uuid.UUID) (bool, error) {
	if s.actor.Staff {
		return false, nil
	}
	sees, err := s.MaySeeProject(ctx, s.actor.ID, project)
	return !sees, err
}

// isManager refuses an account manager who is not one.
func (s *step) isManager(ctx context.Context, person uuid.UUID) error {
	a, err := postgres.ActorNow(ctx, s.Queries, person)
	if err == nil && (!a.Staff || !a.Is(access.AccountManager, access.Admin)) {
		err = pgx.ErrNoRows
	}
	return notThere(err, "account_manager_id", "is not an account manager of the firm now")
}

// promise sets the targets that hold for the request's client and priority; an
// ask has none (N.20).
func (s *step) promise(ctx context.Context, r *work.Request, client uuid.UUID) error {
	if r.AboutID != nil {
		return nil
	}
	t, err := s.TargetOf(ctx, int16(r.Priority), &client)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	r.ResponseMinutes, r.ResolutionMinutes = int(t.ResponseMinutes), int(t.ResolutionMinutes)
	return err
}

func (s *step) insertRequest(ctx context.Context, r work.Request, in flow.NewRequest) error {
	c := postgres.RequestColumns(r)
	return s.ahead().InsertRequest(ctx, db.InsertRequestParams{
		ID: r.ID, Number: s.envelope.Number, ClientID: in.ClientID, ProjectID: in.ProjectID, TaskID: in.TaskID, AboutID: in.AboutID, Kind: string(r.Kind),
		Title: r.Title, Description: r.Description, Priority: c.Priority, Status: c.Status, CreatedBy: r.CreatedBy, AccountManagerID: r.AccountManagerID,
		AssigneePersonID: c.AssigneePersonID, AssigneeGroupID: c.AssigneeGroupID, AssignedAt: r.AssignedAt, StatusAt: r.StatusAt,
		ResponseMinutes: c.ResponseMinutes, ResolutionMinutes: c.ResolutionMinutes, CreatedAt: r.Start,
	})
}

// auditRequest is a request as its history shows it.
func auditRequest(r work.Request, in flow.NewRequest) any {
	return struct {
		ClientID         uuid.UUID          `json:"client_id"`
		ProjectID        *uuid.UUID         `json:"project_id,omitempty"`
		TaskID           *uuid.UUID         `json:"task_id,omitempty"`
		AboutID          *uuid.UUID         `json:"about_id,omitempty"`
		Kind             work.RequestKind   `json:"kind"`
		Title            string             `json:"title"`
		Description      string             `json:"description,omitempty"`
		Priority         int                `json:"priority"`
		Status           work.RequestStatus `json:"status"`
		AccountManagerID uuid.UUID          `json:"account_manager_id"`
		Assignee         work.Assignee      `json:"assignee"`
		Delegated        bool               `json:"delegated,omitempty"`
		HandOver         *work.HandOver     `json:"hand_over,omitempty"`
		AcceptedFrom     *uuid.UUID         `json:"accepted_from,omitempty"`
		Escalated        bool               `json:"escalated,omitempty"`
		Waiting          bool               `json:"waiting_for_client,omitempty"`
		Responded        bool               `json:"responded,omitempty"`
		Answer           string             `json:"answer,omitempty"`
		ResponseWarned   int                `json:"response_warned,omitempty"`
		ResolutionWarned int                `json:"resolution_warned,omitempty"`
	}{in.ClientID, in.ProjectID, in.TaskID, r.AboutID, r.Kind, r.Title, r.Description, r.Priority, r.Status, r.AccountManagerID, r.Assignee, r.Delegated,
		r.HandOver, r.AcceptedFrom, r.EscalatedAt != nil, r.Waiting, r.RespondedAt != nil, answerText(r.Answer), r.ResponseWarned, r.ResolutionWarned}
}

func answerText(a *work.Answer) string {
	if a == nil {
		return ""
	}
	return a.Text
}

// requestPlace is where a stored request is, for its history.
func requestPlace(v postgres.Request) flow.NewRequest {
	return flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: v.ClientID, ProjectID: v.ProjectID, TaskID: v.TaskID}}
}

// alsoAudit writes into the history of another request that something of its
// was done.
func (s *step) alsoAudit(ctx context.Context, request uuid.UUID, verb string, changes map[string]postgres.Change, note string) error {
	r, err := postgres.OneRequest(ctx, s.Queries, request)
	if err != nil {
		return err
	}
	return s.store.Audit(ctx, s.Queries, postgres.Event{
		Actor: &s.cmd.ActorID, Kind: string(flow.Request), ID: request, Verb: verb, Version: r.Version, Changes: changes, Note: note, Source: s.cmd.Source,
	})
}

// fromRequest checks the request that a task is to be made from (S1.57), and
// says whether the actor handles it: that is as good as working on a task
// above.
func (s *step) fromRequest(ctx context.Context, id *uuid.UUID, p db.ProjectRow) (access.Relation, error) {
	if id == nil {
		return 0, nil
	}
	if err := s.ahead().LockRequest(ctx, *id); err != nil {
		return 0, err
	}
	r, err := postgres.OneRequest(ctx, s.Queries, *id)
	if fault.Is(err, fault.NotFound) || err == nil && (r.ClientID != p.ClientID || r.ProjectID != nil && *r.ProjectID != p.ID) {
		return 0, fault.Wrong("request_id", "there is no such request of the project's client, or it is on another project")
	}
	if err == nil && r.Status.Closed() {
		err = fault.New(work.RequestClosed, "the request is %s; its account manager can reopen it", r.Status)
	}
	if access.Can(s.actor, access.HandleRequest, r.Relation(s.actor)) != nil {
		return 0, err
	}
	return access.Assignee, err
}
