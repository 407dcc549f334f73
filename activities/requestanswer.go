package activities

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// answerRequest records an answer. That of an ask is written on the request
// that it is about, for the staff to read (S1.68).
func answerRequest(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.AnswerRequest
	if err = s.body(&in); err != nil {
		return err
	}
	c.Request, err = c.Reply(work.Answer{Text: in.Answer}, f)
	c.note, c.told = in.Answer, work.RequestAnswered(c.Request, f.ActorID)
	if err != nil || c.AboutID == nil {
		return err
	}
	note := db.InsertRequestNoteParams{ID: s.store.NewID(), RequestID: *c.AboutID, AuthorID: s.actor.ID, Visibility: "internal", Body: "**Answer to " + c.view.Key + " " + c.Title + "**\n\n" + in.Answer}
	if err := s.ahead().InsertRequestNote(ctx, note); err != nil {
		return err
	}
	return s.alsoAudit(ctx, *c.AboutID, "ask-answered", map[string]postgres.Change{"request_id": {nil, c.ID}}, in.Answer)
}

// answerFromProject answers with where the request's project stands, as it is
// stored then (S1.63).
func answerFromProject(ctx context.Context, s *step, c *requestChange, f work.Facts) (err error) {
	var in flow.AnswerFromProject
	if err = s.body(&in); err != nil {
		return err
	}
	if c.view.ProjectID == nil {
		return fault.New(work.NoProject, "the request is on no project whose figures could answer it")
	}
	if c.AboutID != nil {
		return fault.New(fault.Conflict, "an ask is answered in words")
	}
	sum, err := s.store.On(s.Queries).ProjectSummary(ctx, postgres.SummaryOf{Project: *c.view.ProjectID, Money: true}, f.Now)
	if err != nil {
		return err
	}
	client, err := s.Client(ctx, c.view.ClientID)
	if err != nil {
		return err
	}
	text := figures(client.Language, sum)
	if in.Note != "" {
		text = in.Note + "\n\n" + text
	}
	c.Request, err = c.Reply(work.Answer{Text: text, Summary: postgres.JSON(sum)}, f)
	c.note, c.told = text, work.RequestAnswered(c.Request, f.ActorID)
	if err != nil {
		return err
	}
	return s.withoutHours(ctx, c)
}

// withoutHours tells who asked no more than they read in the answer (S1.05).
func (s *step) withoutHours(ctx context.Context, c *requestChange) error {
	a, err := postgres.ActorNow(ctx, s.Queries, c.CreatedBy)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // who has left is nobody, and sees no more than a contact
		return err
	}
	if view := (postgres.Request{Answer: c.Answer}).SeenBy(a); view.Answer.Text != c.note {
		c.plain = &view.Answer.Text
	}
	return nil
}

// figures are where a project stands, in words of the client's language, without
// money: that is in the summary beside them, for those who may see it.
func figures(language string, s postgres.ProjectSummary) string {
	day := func(d civil.Date) string { return d.String() }
	if language != "en" {
		day = func(d civil.Date) string { return document.Day(language, d) }
	}
	text := work.Hours(language, document.Clock(s.EstimatedMinutes), document.Clock(s.WorkedMinutes), document.Clock(s.RemainingMinutes))
	if s.DaysSinceStart != nil {
		text += "\n\n" + work.Begun(language, day(s.StartsOn), *s.DaysSinceStart)
	}
	if s.DaysToEnd != nil {
		text += "\n\n" + work.Ends(language, day(s.EstimatedEndOn), *s.DaysToEnd)
	}
	return text
}

// makeItem makes a change request or an issue of the project, with the words
// and the priority of the request; at most one of each (S2.12–S2.14).
func makeItem(kind work.ItemKind) func(context.Context, *step, *requestChange, work.Facts) error {
	return func(ctx context.Context, s *step, c *requestChange, _ work.Facts) error {
		var in flow.MakeItem
		if err := s.body(&in); err != nil {
			return err
		}
		if c.AboutID != nil {
			return fault.New(fault.Conflict, "an ask is within the staff; nothing of the project is made from it")
		}
		project, err := s.itemProject(ctx, c.view, in.ProjectID)
		if err != nil {
			return err
		}
		_, err = s.ItemOfRequest(ctx, c.ID, string(kind))
		if err == nil {
			err = fault.New(work.ItemExists, "the request has led to one already")
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return s.insertItem(ctx, c, kind, project)
	}
}

func (s *step) itemProject(ctx context.Context, view postgres.Request, named *uuid.UUID) (uuid.UUID, error) {
	if view.ProjectID != nil && (named == nil || *named == *view.ProjectID) {
		return *view.ProjectID, nil
	}
	if view.ProjectID != nil {
		return uuid.Nil, fault.Wrong("project_id", "the request is on another project")
	}
	if named == nil {
		return uuid.Nil, fault.New(work.NoProject, "the request is on no project; name one of the client's")
	}
	place, err := s.RequestPlace(ctx, named, view.ClientID)
	if err == nil && place.ProjectID == nil {
		err = fault.Wrong("project_id", "there is no such project of the client")
	}
	return *named, err
}

func (s *step) insertItem(ctx context.Context, c *requestChange, kind work.ItemKind, project uuid.UUID) error {
	item := db.InsertProjectItemParams{
		ID: s.store.NewID(), ProjectID: project, RequestID: c.ID, Kind: string(kind), Title: c.Title, Description: c.Description,
		Priority: int16(c.Priority), CreatedBy: s.actor.ID,
	}
	if err := s.ahead().InsertProjectItem(ctx, item); err != nil {
		return err
	}
	c.also = map[string]postgres.Change{"item_id": {nil, item.ID}}
	return s.store.Audit(ctx, s.Queries, postgres.Event{
		Actor: &s.cmd.ActorID, Kind: "project_item", ID: item.ID, Verb: "create", Version: 1, Source: s.cmd.Source,
		Changes: map[string]postgres.Change{"project_id": {nil, project}, "request_id": {nil, c.ID}, "kind": {nil, kind}, "title": {nil, c.Title}, "priority": {nil, c.Priority}},
	})
}
