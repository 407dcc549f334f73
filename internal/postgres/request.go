package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Request is a request as people see it. What a contact of the client does not
// see, [Request.SeenBy] leaves out.
type Request struct {
	ID                 uuid.UUID          `json:"id"`
	Key                string             `json:"key" doc:"What people say" example:"REQ-12"`
	ClientID           uuid.UUID          `json:"client_id"`
	ProjectID          *uuid.UUID         `json:"project_id"`
	TaskID             *uuid.UUID         `json:"task_id"`
	AboutID            *uuid.UUID         `json:"about_id,omitempty" doc:"An ask within the staff: the request that it is about"`
	Kind               work.RequestKind   `json:"kind" enum:"issue,feature,question"`
	Title              string             `json:"title"`
	Description        string             `json:"description" doc:"Markdown"`
	Priority           int                `json:"priority" doc:"1 comes first, 5 last"`
	Status             work.RequestStatus `json:"status" enum:"open,completed,cancelled"`
	CreatedBy          uuid.UUID          `json:"created_by"`
	CreatedByName      string             `json:"created_by_name"`
	AccountManagerID   uuid.UUID          `json:"account_manager_id" doc:"Who answers for it"`
	AccountManagerName string             `json:"account_manager_name"`
	WaitingForClient   bool               `json:"waiting_for_client"`
	Answer             *work.Answer       `json:"answer"`
	RespondedAt        *time.Time         `json:"responded_at" doc:"When the client had the first word of the staff"`
	TaskIDs            []uuid.UUID        `json:"task_ids" doc:"What was made from it; to the client those that it may see"`
	CreatedAt          time.Time          `json:"created_at"`
	StatusAt           time.Time          `json:"status_at"`
	ClosedAt           *time.Time         `json:"closed_at"`
	Version            int32              `json:"version"`

	Assignee *Assignee        `json:"assignee" doc:"Who works on it now; null to the client"`
	Handling *RequestHandling `json:"handling,omitempty" doc:"What the client does not see"`

	Facts db.RequestViewsRow `json:"-"` // the row, for rules and operators
}

// RequestHandling is what the staff alone sees of a request.
type RequestHandling struct {
	AssignedAt       time.Time      `json:"assigned_at"`
	Delegated        bool           `json:"delegated" doc:"Somebody works on it for whoever had it"`
	HandOver         *work.HandOver `json:"hand_over" doc:"What was written when it was delegated or returned last"`
	EscalatedAt      *time.Time     `json:"escalated_at" doc:"When the group's managers heard that nobody accepts it"`
	ResponseDueAt    *time.Time     `json:"response_due_at" doc:"When the client is to have had a first word; null when it has, or while the target does not run"`
	ResolutionDueAt  *time.Time     `json:"resolution_due_at"`
	ResponseWarned   int            `json:"response_warned" doc:"Per cent of the target that people heard of: 0, 50, 75, 90 or 100"`
	ResolutionWarned int            `json:"resolution_warned"`
	AskIDs           []uuid.UUID    `json:"ask_ids" doc:"What was asked within the staff about it"`
	ItemIDs          []uuid.UUID    `json:"item_ids" doc:"The change request and the issue of its project that were made from it"`
}

// Requests reads requests by id, in the order of priority and age.
func Requests(ctx context.Context, q *db.Queries, ids []uuid.UUID) ([]Request, error) {
	rows, err := q.RequestViews(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Request, len(rows))
	for i, r := range rows {
		all[i] = requestOf(r)
	}
	return all, nil
}

// OneRequest reads a request; an unknown one is [fault.NotFound].
func OneRequest(ctx context.Context, q *db.Queries, id uuid.UUID) (Request, error) {
	all, err := Requests(ctx, q, []uuid.UUID{id})
	if err != nil {
		return Request{}, err
	}
	if len(all) == 0 {
		return Request{}, fault.New(fault.NotFound, "there is no such request")
	}
	return all[0], nil
}

// RequestKey is what people call a request.
func RequestKey(number int32) string { return fmt.Sprintf("REQ-%d", number) }

func requestOf(r db.RequestViewsRow) Request {
	m := RequestMachine(r)
	hours := RequestHours(r)
	return Request{
		ID: r.ID, Key: RequestKey(r.Number), ClientID: r.ClientID, ProjectID: r.ProjectID, TaskID: r.TaskID, AboutID: r.AboutID,
		Kind: m.Kind, Title: r.Title, Description: r.Description, Priority: m.Priority, Status: m.Status, CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName,
		AccountManagerID: r.AccountManagerID, AccountManagerName: r.AccountManagerName, WaitingForClient: r.WaitingForClient,
		Answer: m.Answer, RespondedAt: r.RespondedAt, TaskIDs: r.TaskIds, CreatedAt: r.CreatedAt, StatusAt: r.StatusAt, ClosedAt: r.ClosedAt, Version: r.Version,
		Assignee: assignee(r.AssigneePersonID, r.AssigneeGroupID, r.AssigneeName),
		Handling: &RequestHandling{
			AssignedAt: r.AssignedAt, Delegated: r.Delegated, HandOver: m.HandOver, EscalatedAt: r.EscalatedAt,
			ResponseDueAt: m.Due(work.Response, hours), ResolutionDueAt: m.Due(work.Resolution, hours),
			ResponseWarned: m.ResponseWarned, ResolutionWarned: m.ResolutionWarned, AskIDs: r.AskIds, ItemIDs: r.ItemIds,
		},
		Facts: r,
	}
}

// RequestHours are the client's, in which the targets of its requests run.
func RequestHours(r db.RequestViewsRow) civil.Hours {
	return Hours(r.Calendar, r.TimeZone)
}

// RequestMachine is what the rules of package work see of a stored request.
func RequestMachine(r db.RequestViewsRow) work.Request {
	m := work.Request{
		ID: r.ID, AboutID: r.AboutID, Kind: work.RequestKind(r.Kind), Title: r.Title, Description: r.Description, Priority: int(r.Priority),
		Status: work.RequestStatus(r.Status), CreatedBy: r.CreatedBy, AccountManagerID: r.AccountManagerID, Delegated: r.Delegated,
		AssignedAt: r.AssignedAt, AcceptedFrom: r.AcceptedFrom, HandOver: handOver(r.HandOver), EscalatedAt: r.EscalatedAt,
		StatusAt: r.StatusAt, ClosedAt: r.ClosedAt,
		Promise: work.Promise{
			Start: r.CreatedAt, ResponseMinutes: minutesOf(r.ResponseMinutes), ResolutionMinutes: minutesOf(r.ResolutionMinutes),
			RespondedAt: r.RespondedAt, Waiting: r.WaitingForClient, ResponseWarned: int(r.ResponseWarned), ResolutionWarned: int(r.ResolutionWarned),
		},
	}
	_ = json.Unmarshal(r.Pauses, &m.Pauses) // our own writing
	if r.Answer != nil {
		m.Answer = new(work.Answer)
		_ = json.Unmarshal(r.Answer, m.Answer)
	}
	switch {
	case r.AssigneePersonID != nil:
		m.Assignee = work.Assignee{Kind: work.Person, ID: *r.AssigneePersonID}
	case r.AssigneeGroupID != nil:
		m.Assignee = work.Assignee{Kind: work.Group, ID: *r.AssigneeGroupID}
	}
	return m
}

func minutesOf(m *int32) int {
	if m == nil {
		return 0
	}
	return int(*m)
}

func targetColumn(minutes int) *int32 {
	if minutes == 0 {
		return nil
	}
	m := int32(minutes)
	return &m
}

// RequestColumns is a request as it is stored.
func RequestColumns(r work.Request) db.WriteRequestParams {
	person, group := AssigneeColumns(r.Assignee)
	p := db.WriteRequestParams{
		ID: r.ID, Title: r.Title, Description: r.Description, Priority: int16(r.Priority), Status: string(r.Status), AccountManagerID: r.AccountManagerID,
		AssigneePersonID: person, AssigneeGroupID: group, Delegated: r.Delegated, AssignedAt: r.AssignedAt, AcceptedFrom: r.AcceptedFrom,
		EscalatedAt: r.EscalatedAt, StatusAt: r.StatusAt, ClosedAt: r.ClosedAt, RespondedAt: r.RespondedAt, WaitingForClient: r.Waiting,
		Pauses: json.RawMessage("[]"), ResponseMinutes: targetColumn(r.ResponseMinutes), ResolutionMinutes: targetColumn(r.ResolutionMinutes),
		ResponseWarned: int16(r.ResponseWarned), ResolutionWarned: int16(r.ResolutionWarned),
	}
	if len(r.Pauses) > 0 {
		p.Pauses = JSON(r.Pauses)
	}
	if r.HandOver != nil {
		p.HandOver = JSON(r.HandOver)
	}
	if r.Answer != nil {
		p.Answer = JSON(r.Answer)
	}
	return p
}

// Relation is how an actor stands to a request. To an ask, which is within the
// staff, nobody outside stands in any way.
func (r Request) Relation(a access.Actor) access.Relation {
	f := r.Facts
	if !a.Staff {
		return r.relationOutside(a)
	}
	rel := TaskFacts{AccountManagerID: f.AccountManagerID, AssigneePersonID: f.AssigneePersonID, AssigneeGroupID: f.AssigneeGroupID}.Relation(a)
	if a.ID == f.CreatedBy {
		rel |= access.Requester
	}
	if f.AcceptedFrom != nil && a.ManagerOf(*f.AcceptedFrom) {
		rel |= access.GM
	}
	return rel &^ access.Owner
}

func (r Request) relationOutside(a access.Actor) (rel access.Relation) {
	if r.Facts.AboutID != nil || a.ClientID == uuid.Nil || a.ClientID != r.Facts.ClientID {
		return 0
	}
	if rel = access.ClientStaff; a.Is(access.ClientManager) {
		rel |= access.ClientBoss
	}
	if a.ID == r.Facts.CreatedBy {
		rel |= access.Requester
	}
	return rel
}

// SeenBy is the request as far as an actor who may see it does: the client
// nothing of how it is handled; of the project's figures in an answer the money
// only who may see it, and a contact who does not manage the client's affairs
// none, nor its hours. Why a figure is missing names people and rates, and is
// told to the staff alone.
func (r Request) SeenBy(a access.Actor) Request {
	money := access.Can(a, access.ReadMoney, 0) == nil
	if !a.Staff {
		money = a.Is(access.ClientManager)
		r.Assignee, r.Handling, r.TaskIDs = nil, nil, r.Facts.VisibleTaskIds
		if !money { // who made it, and is no manager
			r.TaskIDs = r.Facts.AuthorTaskIds
		}
		if !r.Facts.TaskVisible {
			r.TaskID = nil
		}
	}
	if r.Answer != nil && len(r.Answer.Summary) > 0 {
		answer := *r.Answer
		switch {
		case a.Staff && !money:
			answer.Summary = figuresLess(answer.Summary, func(s *ProjectSummary) { s.SummaryMoney = nil })
		case !a.Staff && money:
			answer.Summary = figuresLess(answer.Summary, (*ProjectSummary).hideProblem)
		case !a.Staff:
			answer = answer.WithoutHours()
		}
		r.Answer = &answer
	}
	return r
}

// figuresLess leaves something out of a project's figures.
func figuresLess(summary json.RawMessage, leave func(*ProjectSummary)) json.RawMessage {
	var s ProjectSummary
	if json.Unmarshal(summary, &s) != nil {
		return nil
	}
	leave(&s)
	return JSON(s)
}

func (s *ProjectSummary) hideProblem() {
	if s.SummaryMoney != nil {
		s.Problem = ""
	}
}
