package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

const feedKind flow.Kind = "plan_feed"

func (s *Server) feedRoutes() {
	write[Feed](s, op(http.MethodPost, "/plan/feeds", "create-plan-feed", "Make an address that shows a plan to whoever has it; it is answered only this once", http.StatusCreated), s.createFeed)
	read(s, op(http.MethodGet, "/plan/feeds", "list-plan-feeds", "List your feeds, the oldest first", http.StatusOK), s.listFeeds)
	write[Nothing](s, op(http.MethodDelete, "/plan/feeds/{id}", "revoke-plan-feed", "End a feed of yours", http.StatusOK), s.revokeFeed)
}

// FeedBody asks for a feed.
type FeedBody struct {
	Name    string     `json:"name" minLength:"1" maxLength:"200" pattern:"\\S" doc:"What it is for"`
	GroupID *uuid.UUID `json:"group_id,omitempty" doc:"A group's plan"`
	UserID  *uuid.UUID `json:"user_id,omitempty" doc:"A person's plan; without either, your own"`
}

// Feed is a plan for programs that show calendars and cannot sign in (S1.46).
type Feed struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	GroupID   *uuid.UUID `json:"group_id"`
	UserID    *uuid.UUID `json:"user_id"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"When the token ends that it was made with; null: when it is revoked"`
	RevokedAt *time.Time `json:"revoked_at"`
	Address   string     `json:"address,omitempty" doc:"Where the plan is read, without signing in. Only in the answer that made it, and not when the same Idempotency-Key comes again"`
}

func (s *Server) createFeed(ctx context.Context, in *newInput[FeedBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, feedKind, s.store.NewID(), "create", in.Body, access.ReadFirm)
	b := in.Body
	if b.GroupID == nil && b.UserID == nil {
		b.UserID = &r.actor.ID
	}
	if err == nil {
		err = withoutScopes(r.actor, "making an address that is read without a token")
	}
	if err == nil && b.GroupID != nil && b.UserID != nil {
		err = fault.Wrong("user_id", "a feed shows a group's plan or a person's, not both")
	}
	if err == nil {
		_, err = s.maySee(ctx, r.actor, b.GroupID, b.UserID)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	token, hash := secret.NewToken()
	d, err := s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		f := Feed{ID: r.id, Name: b.Name, GroupID: b.GroupID, UserID: b.UserID, CreatedAt: s.store.Now().UTC(), ExpiresAt: utc(r.actor.Ends)}
		err := q.InsertPlanFeed(ctx, db.InsertPlanFeedParams{ID: f.ID, PersonID: r.actor.ID, Name: f.Name, GroupID: f.GroupID, UserID: f.UserID, SecretHash: hash, ExpiresAt: f.ExpiresAt})
		if err != nil {
			return nil, err
		}
		return f, r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, b), "")
	})
	if err != nil {
		return nil, err
	}
	return s.addressOnce(d, r.id, token)
}

// addressOnce adds the address to the answer of whoever made the feed. What is
// kept for the Idempotency-Key has none.
func (s *Server) addressOnce(d *Done, made uuid.UUID, token string) (*Done, error) {
	var f Feed
	if err := json.Unmarshal(d.Body, &f); err != nil {
		return nil, s.refuse(err)
	}
	if f.ID == made {
		f.Address = strings.TrimSuffix(s.public, "/") + base + "/plan.ics?secret=" + token
		d.Body = postgres.JSON(f)
	}
	return d, nil
}

func (s *Server) listFeeds(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Feed], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.PlanFeeds(ctx, db.PlanFeedsParams{PersonID: actorOf(ctx).ID, After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(f db.PlanFeedsRow) cursor { return cursor{ID: f.ID} }, func(f db.PlanFeedsRow) Feed {
		return Feed{ID: f.ID, Name: f.Name, GroupID: f.GroupID, UserID: f.UserID, CreatedAt: f.CreatedAt, ExpiresAt: f.ExpiresAt, RevokedAt: f.RevokedAt}
	}), err
}

func (s *Server) revokeFeed(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, feedKind, in.ID, "revoke", struct{}{}, access.ReadFirm)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		n, err := q.RevokePlanFeed(ctx, db.RevokePlanFeedParams{ID: r.id, PersonID: r.actor.ID, Now: ptr(s.store.Now())})
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "you have no such feed, or it was revoked before")
		}
		if err != nil {
			return nil, err
		}
		return struct{}{}, r.audited(ctx, s, q, 2, nil, "")
	})
}

// calendarInput is a plan by what was given with the address.
type calendarInput struct {
	PlanInput
	Secret string `query:"secret" maxLength:"200" doc:"Of a feed, which says whose plan it is"`
}

func (s *Server) planCalendar(ctx context.Context, in *calendarInput) (*Sheet, error) {
	of, p, err := s.asked(ctx, in)
	if err != nil {
		return nil, err
	}
	return &Sheet{ContentType: "text/calendar; charset=utf-8", Disposition: "inline; filename=plan.ics", Policy: "default-src 'none'", Body: []byte(calendarOf(of, p))}, nil
}

// asked is the plan that a secret or a caller asks for.
func (s *Server) asked(ctx context.Context, in *calendarInput) (planOf, postgres.Plan, error) {
	if in.Secret != "" {
		return s.fed(ctx, in.Secret)
	}
	return s.plan(ctx, in.PlanInput)
}

// fed is the plan behind a secret: as much as its maker may see now. All that
// is wrong with a secret looks the same.
func (s *Server) fed(ctx context.Context, text string) (planOf, postgres.Plan, error) {
	hidden := fault.New(fault.NotFound, "there is no such feed, or it has ended")
	f, err := s.store.PlanFeedBySecret(ctx, secret.Hash(text), ptr(s.store.Now()))
	if err != nil {
		return planOf{}, postgres.Plan{}, gone(err, hidden)
	}
	maker, err := postgres.ActorNow(ctx, s.store.Queries, f.PersonID)
	if err != nil {
		return planOf{}, postgres.Plan{}, gone(err, hidden)
	}
	of, err := s.maySee(ctx, maker, f.GroupID, f.UserID)
	if err != nil {
		return of, postgres.Plan{}, gone(err, hidden)
	}
	p, err := s.store.PlanFor(ctx, of.PlanOf, s.store.Now())
	return of, p, err
}

// gone hides why something is not shown; other errors stay.
func gone(err error, hidden error) error {
	if _, refused := fault.From(err); refused || errors.Is(err, pgx.ErrNoRows) {
		return hidden
	}
	return err
}

// calendarOf writes a plan for programs that show calendars. An event is the
// n-th stretch of work on a task, whenever that comes to be: when the plan
// changes, events move and do not pile up. They leave people free, because a
// projection is no appointment.
func calendarOf(of planOf, p postgres.Plan) string {
	c := ics.NewCalendarFor("steward")
	c.SetProductId("-//steward//plan//EN")
	c.SetMethod(ics.MethodPublish)
	c.SetName(line("Plan of " + of.title))
	c.SetRefreshInterval("PT1H") // with VALUE=DURATION, which is in its name
	c.SetXPublishedTTL("PT1H")
	for _, person := range p.People {
		count := map[uuid.UUID]int{}
		for _, b := range person.Future {
			count[b.TaskID]++
			e := c.AddEvent(fmt.Sprintf("%s-%d@steward", b.TaskID, count[b.TaskID]))
			e.SetDtStampTime(p.AsOf)
			e.SetStartAt(b.StartsAt)
			e.SetEndAt(b.EndsAt)
			title := line(b.Key + " " + b.Title)
			if !of.one {
				title = line(person.Name) + ": " + title
			}
			e.SetSummary(title)
			e.SetDescription(fmt.Sprintf("%d minutes, priority %d", b.Minutes, b.Priority))
			e.SetTimeTransparency(ics.TransparencyTransparent)
		}
	}
	if len(c.Components) == 0 {
		utcZone(c)
	}
	return c.Serialize(ics.WithNewLineWindows)
}

// utcZone is what stands in a calendar without events, for one without any
// component is none (RFC 5545, 3.6), and programs that read it complain.
func utcZone(c *ics.Calendar) {
	z := c.AddTimezone("Etc/UTC").AddStandard()
	z.AddProperty(ics.ComponentPropertyDtStart, "16010101T000000")
	z.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), "+0000")
	z.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), "+0000")
	z.AddProperty(ics.ComponentProperty(ics.PropertyTzname), "UTC")
}

// line is text in one line, without signs that steer terminals and programs.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
