package activities

import (
	"cmp"
	"context"
	"slices"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// requestChange is a request on its way through a rule.
type requestChange struct {
	work.Request
	view  postgres.Request // before
	to    target           // whose desk it is on
	where string           // in what people are told: the desk, or the status
	note  string
	inner bool    // the note is for the history alone: the client may be among those told
	plain *string // what who wanted it is told instead of the note, who may not know all of it
	told  []work.Notice
	also  map[string]postgres.Change // changed beside the request's own row
}

// requestVerb is a rule with its right.
type requestVerb struct {
	action access.Action
	apply  func(ctx context.Context, s *step, c *requestChange, f work.Facts) error
}

var requestVerbs = map[string]requestVerb{
	"assign":              {access.AssignRequest, assignRequest},
	"delegate":            {access.DelegateRequest, delegateRequest},
	"accept":              {access.AcceptRequest, acceptRequest},
	"return":              {access.ReturnRequest, returnRequest},
	"status":              {access.StatusRequest, setRequestStatus},
	"wait":                {access.HandleRequest, waitForClient},
	"resume":              {access.HandleRequest, resumeRequest},
	"edit":                {access.EditRequest, editRequest},
	"answer":              {access.HandleRequest, answerRequest},
	"answer-from-project": {access.ReportRequest, answerFromProject},
	"change-request":      {access.MakeItem, makeItem(work.ChangeRequest)},
	"project-issue":       {access.MakeItem, makeItem(work.ProjectIssue)},
}

// changeRequest asks the rule about the request under its lock, and writes what
// follows.
func (s *step) changeRequest(ctx context.Context) error {
	verb, ok := requestVerbs[s.cmd.Verb]
	if !ok {
		return fault.New(fault.Invalid, "a request does not take %q", s.cmd.Verb)
	}
	if err := s.ahead().LockRequest(ctx, s.cmd.EntityID); err != nil {
		return err
	}
	view, err := postgres.OneRequest(ctx, s.Queries, s.cmd.EntityID)
	if err == nil {
		err = s.mayTouch(ctx, verb.action, view)
	}
	if err == nil {
		err = s.fresh(view.Version)
	}
	if err != nil {
		return err
	}
	c := requestChange{Request: postgres.RequestMachine(view.Facts), view: view, to: target{name: view.Facts.AssigneeName}}
	if err := verb.apply(ctx, s, &c, work.Facts{Now: s.store.Now(), ActorID: s.actor.ID}); err != nil {
		return err
	}
	return s.writeRequest(ctx, c)
}

// mayTouch asks the table of rights. Whoever may not know of the request is
// told that there is none; who has just lost a race for it, that it is taken.
func (s *step) mayTouch(ctx context.Context, action access.Action, view postgres.Request) error {
	rel := view.Relation(s.actor)
	if access.Can(s.actor, access.ReadRequest, rel) != nil {
		return fault.New(fault.NotFound, "there is no such request")
	}
	if s.actor.Staff && action == access.AcceptRequest && view.Facts.AssigneeGroupID == nil {
		return nil // the rule says why not
	}
	if person := view.Facts.AssigneePersonID; person != nil && len(s.actor.Manages) > 0 {
		groups, err := s.GroupsOfPerson(ctx, *person)
		if err != nil {
			return err
		}
		rel |= postgres.TaskFacts{AssigneeGroups: groups}.Relation(s.actor) & access.GM
	}
	return access.Can(s.actor, action, rel)
}

func (s *step) writeRequest(ctx context.Context, c requestChange) error {
	place := requestPlace(c.view)
	changes := postgres.Diff(auditRequest(postgres.RequestMachine(c.view.Facts), place), auditRequest(c.Request, place))
	for field, ch := range c.also {
		changes[field] = ch
	}
	if err := s.ahead().WriteRequest(ctx, postgres.RequestColumns(c.Request)); err != nil {
		return err
	}
	body := c.note
	if c.inner {
		body = ""
	}
	c.view.Title = c.Title
	if err := s.tell(ctx, c.news(body)...); err != nil {
		return err
	}
	return s.audit(ctx, c.view.Version+1, changes, c.note)
}

// news is what people are told of the change, each as much as they may know.
func (c requestChange) news(body string) []postgres.News {
	all := requestNews(c.view, cmp.Or(c.where, c.to.name), body, c.told)
	if c.plain == nil {
		return []postgres.News{all}
	}
	wanted := all
	isTheirs := func(n work.Notice) bool { return n.Person == c.CreatedBy }
	all.Told = slices.DeleteFunc(slices.Clone(c.told), isTheirs)
	wanted.Told = slices.DeleteFunc(slices.Clone(c.told), func(n work.Notice) bool { return !isTheirs(n) })
	wanted.Note = *c.plain
	return []postgres.News{wanted, all}
}

// jot writes a note on the request.
func (s *step) jot(ctx context.Context, c *requestChange, visibility, body string) error {
	return s.ahead().InsertRequestNote(ctx, db.InsertRequestNoteParams{ID: s.store.NewID(), RequestID: c.ID, AuthorID: s.actor.ID, Visibility: visibility, Body: body})
}

func assignRequest(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.AssignTask
	if err = s.body(&in); err != nil {
		return err
	}
	before := c.Request
	if c.to, err = s.target(ctx, &in.To, c.view.ClientID); err != nil {
		return err
	}
	c.Request, err = c.Assign(c.to.Target, f)
	c.note, c.told = in.Note, work.RequestHanded(before, c.Request, f.ActorID, c.to.audience)
	return err
}

func delegateRequest(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.DelegateTask
	if err = s.body(&in); err != nil {
		return err
	}
	before := c.Request
	if c.to, err = s.target(ctx, &in.To, c.view.ClientID); err != nil {
		return err
	}
	c.Request, err = c.Delegate(c.to.Target, work.HandOver{Reason: in.Reason, Done: in.Done, Next: in.Next}, f)
	if err != nil {
		return err
	}
	c.note, c.told = "Done: "+in.Done+"\n\nNext: "+in.Next, work.RequestHanded(before, c.Request, f.ActorID, c.to.audience)
	return s.jot(ctx, c, "internal", "**Delegated: "+reasonWords[in.Reason]+".**\n\n"+c.note)
}

func acceptRequest(_ context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	c.Request, err = c.Accept(f)
	c.to.name, c.told = s.actor.Name, work.RequestTaken(c.Request, f.ActorID)
	return err
}

func returnRequest(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.ReturnRequest
	if err = s.body(&in); err != nil {
		return err
	}
	before := c.Request
	if c.Request, err = c.Return(in.Done, f); err != nil {
		return err
	}
	c.to.name, c.note, c.told = c.view.AccountManagerName, "Done: "+in.Done, work.RequestHanded(before, c.Request, f.ActorID, work.Audience{})
	return s.jot(ctx, c, "internal", "**Returned to the account manager.**\n\n"+c.note)
}

func setRequestStatus(_ context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.RequestStatus
	if err = s.body(&in); err != nil {
		return err
	}
	c.Request, err = c.SetStatus(in.Status, f)
	c.note, c.inner, c.where, c.told = in.Note, true, string(in.Status), work.RequestTurned(c.Request, f.ActorID)
	return err
}

// waitForClient asks the client something and stops the targets (N.20).
func waitForClient(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.Await
	if err = s.body(&in); err != nil {
		return err
	}
	if c.Request, err = c.Wait(f); err != nil {
		return err
	}
	c.note, c.told = in.Note, work.RequestAwaits(c.Request, f.ActorID)
	return s.jot(ctx, c, "client", in.Note)
}

func resumeRequest(_ context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.Noted
	if err = s.body(&in); err != nil {
		return err
	}
	c.note = in.Note
	c.Request, err = c.Resume(f)
	return err
}

func editRequest(ctx context.Context, s *step, c *requestChange, f work.Facts) error {
	var in work.RequestEdit
	if err := s.body(&in); err != nil {
		return err
	}
	before := c.Request
	if in.AccountManagerID != nil {
		if err := s.isManager(ctx, *in.AccountManagerID); err != nil {
			return err
		}
	}
	c.Request = c.Edit(in, f)
	if c.AccountManagerID != before.AccountManagerID {
		c.told = work.RequestHandedOver(before, c.Request, f.ActorID)
	}
	if c.Priority == before.Priority {
		return nil
	}
	err := s.promise(ctx, &c.Request, c.view.ClientID)
	c.Promise = c.Heard(postgres.RequestHours(c.view.Facts), f.Now)
	return err
}
