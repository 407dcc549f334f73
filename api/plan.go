package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/chart"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
)

func (s *Server) planRoutes() {
	read(s, op(http.MethodGet, "/plan", "get-plan", "Who works on what when, one day back and two weeks ahead: yours, a group's or a person's", http.StatusOK), s.getPlan)
	read(s, file(op(http.MethodGet, "/plan.svg", "get-plan-picture", "The plan as a picture", http.StatusOK), "image/svg+xml"), s.planPicture)
	ics := file(op(http.MethodGet, "/plan.ics", "get-plan-calendar", "The plan as an iCalendar, for those who are signed in or have the secret of a feed", http.StatusOK), "text/calendar")
	ics.Security = append(ics.Security, map[string][]string{})
	ics.Metadata = map[string]any{"secret": true}
	read(s, ics, s.planCalendar)
	s.feedRoutes()
}

// file describes an operation that answers a file.
func file(o huma.Operation, kind string) huma.Operation {
	o.Tags = []string{"plan"}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: "string"}},
	}}}
	return o
}

// PlanInput says whose plan is asked for.
type PlanInput struct {
	Group string `query:"group" doc:"A group's: of all its members, and what waits in it"`
	User  string `query:"user" doc:"A person's, or me; without either, your own"`
}

// planOf is whose plan it is, if the actor may see it.
type planOf struct {
	postgres.PlanOf
	title string // for people
	one   bool   // a single person's
}

// whose reads the input; without a group or user it is the caller's.
func (in PlanInput) whose(caller uuid.UUID) (group, user *uuid.UUID, err error) {
	if group, err = optionalID("group", in.Group); err != nil {
		return nil, nil, err
	}
	if in.User == "me" {
		user = &caller
	} else if user, err = optionalID("user", in.User); err != nil {
		return nil, nil, err
	}
	if group != nil && user != nil {
		return nil, nil, wrongFilter("user", "is a person's plan, and group a group's: ask for one of them")
	}
	if group == nil && user == nil {
		user = &caller
	}
	return group, user, nil
}

// maySee finds the plan of a group or person, as far as somebody may see it.
func (s *Server) maySee(ctx context.Context, a access.Actor, group, user *uuid.UUID) (planOf, error) {
	if err := access.Can(a, access.ReadFirm, 0); err != nil {
		return planOf{}, fault.New(fault.NotFound, "not found")
	}
	if group != nil {
		return s.groupPlan(ctx, a, *group)
	}
	p, err := oneStaff(ctx, s.store.Queries, *user)
	if err == nil {
		err = mayOf(ctx, s.store.Queries, a, access.ReadPlan, *user)
	}
	return planOf{PlanOf: postgres.PlanOf{People: []uuid.UUID{*user}}, title: p.Name, one: true}, err
}

func (s *Server) groupPlan(ctx context.Context, a access.Actor, group uuid.UUID) (planOf, error) {
	g, err := s.store.Group(ctx, group)
	if err != nil {
		return planOf{}, err
	}
	var rel access.Relation
	if a.MemberOf(group) {
		rel |= access.Member
	}
	if a.ManagerOf(group) {
		rel |= access.GM
	}
	if err := access.Can(a, access.ReadPlan, rel); err != nil {
		return planOf{}, err
	}
	people, err := s.store.PlanMembers(ctx, group)
	return planOf{PlanOf: postgres.PlanOf{Group: &group, People: orNone(people)}, title: g.Name}, err
}

// plan makes the plan that the caller asks for.
func (s *Server) plan(ctx context.Context, in PlanInput) (planOf, postgres.Plan, error) {
	a := actorOf(ctx)
	group, user, err := in.whose(a.ID)
	if err != nil {
		return planOf{}, postgres.Plan{}, err
	}
	of, err := s.maySee(ctx, a, group, user)
	if err != nil {
		return of, postgres.Plan{}, err
	}
	p, err := s.store.PlanFor(ctx, of.PlanOf, s.store.Now())
	return of, p, err
}

func (s *Server) getPlan(ctx context.Context, in *PlanInput) (*struct{ Body postgres.Plan }, error) {
	_, p, err := s.plan(ctx, *in)
	return &struct{ Body postgres.Plan }{p}, err
}

// Sheet is an answer that is not JSON.
type Sheet struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (s *Server) planPicture(ctx context.Context, in *PlanInput) (*Sheet, error) {
	of, p, err := s.plan(ctx, *in)
	if err != nil {
		return nil, err
	}
	svg := chartOf(p, of.title, actorOf(ctx).Zone).SVG()
	// It has styles and nothing that runs or is fetched; a browser need not take our word for it.
	return &Sheet{ContentType: "image/svg+xml", Disposition: "inline; filename=plan.svg", Policy: "default-src 'none'; style-src 'unsafe-inline'", Body: svg}, nil
}

// chartOf is the plan to be drawn, by the clocks of a zone.
func chartOf(p postgres.Plan, title, zone string) chart.Chart {
	c := chart.Chart{Title: "Plan of " + title, AsOf: p.AsOf, Until: p.Until, Zone: postgres.Zone(zone)}
	first, last := civil.In(p.AsOf, c.Zone).AddDays(-1), civil.In(p.Until, c.Zone)
	for _, person := range p.People {
		row := chart.Row{Name: person.Name, Free: map[civil.Date]civil.Why{}}
		for d := first; !d.After(last); d = d.AddDays(1) {
			row.Free[d] = person.Hours.Free(d)
		}
		row.Bars = append(barsOf(person.Placed, true), barsOf(person.Future, false)...)
		c.Rows = append(c.Rows, row)
	}
	for _, u := range p.Unplanned {
		c.Unplanned = append(c.Unplanned, chart.Left{Key: u.Key, Reason: u.Reason})
	}
	return c
}

func barsOf(blocks []postgres.PlanBlock, past bool) []chart.Bar {
	bars := make([]chart.Bar, len(blocks))
	for i, b := range blocks {
		bars[i] = chart.Bar{Key: b.Key, Title: b.Title, Priority: b.Priority, Start: b.StartsAt, End: b.EndsAt, Minutes: b.Minutes, Past: past}
	}
	return bars
}
