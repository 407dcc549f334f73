package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) statusRoutes() {
	write[StatusRun](s, op(http.MethodPost, "/status-reports/runs", "start-status-run", "Make the status reports of a week, for clients that have none of it", http.StatusAccepted), s.startStatusRun)
	read(s, op(http.MethodGet, "/status-reports", "list-status-reports", "List status reports, the newest first", http.StatusOK), s.listStatusReports)
	read(s, op(http.MethodGet, "/status-reports/{id}", "get-status-report", "One status report", http.StatusOK), s.getStatusReport)
	o := op(http.MethodGet, "/status-reports/{id}/pdf", "get-status-report-pdf", "A sent report as PDF; /status-reports/{id}.pdf is the same", http.StatusOK)
	o.Responses = map[string]*huma.Response{"200": {Description: "The PDF", Content: map[string]*huma.MediaType{
		"application/pdf": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}}}
	read(s, o, s.statusPDF)
	write[postgres.StatusReport](s, acts(op(http.MethodPost, "/status-reports/{id}/comment", "comment-status-report", "Write above the figures, before it goes", http.StatusOK)), statusVerb[flow.CommentReport](s, "comment"))
	write[postgres.StatusReport](s, acts(op(http.MethodPost, "/status-reports/{id}/hold", "hold-status-report", "Hold it back until it is released", http.StatusOK)), statusVerb[flow.Noted](s, "hold"))
	write[postgres.StatusReport](s, acts(op(http.MethodPost, "/status-reports/{id}/release", "release-status-report", "Let it go now", http.StatusOK)), statusVerb[flow.Noted](s, "release"))
}

// StatusRunBody asks for the reports of a week.
type StatusRunBody struct {
	WeekEnding civil.Date `json:"week_ending" format:"date" doc:"Today or earlier; a client has one report for each ISO week"`
}

// StatusRun is a making of reports.
type StatusRun struct {
	ID         uuid.UUID  `json:"id"`
	Week       string     `json:"week" example:"2026-W12"`
	WeekEnding civil.Date `json:"week_ending" format:"date"`
	State      string     `json:"state" enum:"running,done"`
}

func (s *Server) startStatusRun(ctx context.Context, in *newInput[StatusRunBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, flow.StatusRun, s.store.NewID(), "create", in.Body, access.MakeReports)
	if err == nil {
		err = s.checkWeek(ctx, in.Body.WeekEnding)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, _ pgx.Tx) (any, error) {
		run := StatusRun{ID: r.id, Week: work.Week(in.Body.WeekEnding), WeekEnding: in.Body.WeekEnding, State: "running"}
		err := q.InsertStatusRun(ctx, db.InsertStatusRunParams{ID: r.id, Week: run.Week, WeekEnding: run.WeekEnding, CreatedBy: &r.actor.ID, Now: s.store.Now()})
		if err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.StatusRun), r.id); err != nil { // starts it
			return nil, err
		}
		return run, r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, in.Body), "")
	})
}

// checkWeek refuses a week that has not ended by the firm's clock.
func (s *Server) checkWeek(ctx context.Context, ending civil.Date) error {
	if ending.IsZero() {
		return fault.Wrong("week_ending", "is required")
	}
	p, err := s.store.StatusSettings(ctx)
	if err != nil {
		return err
	}
	if ending.After(civil.In(s.store.Now(), postgres.Zone(p.TimeZone))) {
		return fault.Wrong("week_ending", "is not over yet")
	}
	return nil
}

type listStatusInput struct {
	PageInput
	Client string `query:"client"`
}

// listStatusReports shows admins all reports, account managers those of their
// clients, and a client's managers what it was sent.
func (s *Server) listStatusReports(ctx context.Context, in *listStatusInput) (*PageOutput[postgres.StatusReport], error) {
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	q := db.StatusReportsParams{Before: c.ID, Page: in.Limit + 1}
	if c.ID == uuid.Nil {
		q.Before = uuid.Max
	}
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return nil, err
	}
	switch a := actorOf(ctx); {
	case a.Staff && a.Is(access.Admin):
	case a.Staff:
		q.ManagerID = &a.ID
	case a.Is(access.ClientManager) && (q.ClientID == nil || *q.ClientID == a.ClientID):
		q.ClientID, q.Sent = &a.ClientID, true
	default:
		return nil, fault.New(fault.NotFound, "not found")
	}
	rows, err := s.store.Lists.StatusReports(ctx, q)
	return page(in.PageInput, rows, func(r db.StatusReportsRow) cursor { return cursor{ID: r.ID} }, postgres.StatusReportOf), err
}

func (s *Server) getStatusReport(ctx context.Context, in *ByID) (*One[postgres.StatusReport], error) {
	r, err := s.statusReport(ctx, in.ID)
	return one(r, r.Version), err
}

// statusReport reads a report for who may: who steers it, and the managers of
// its client once it was sent.
func (s *Server) statusReport(ctx context.Context, id uuid.UUID) (postgres.StatusReport, error) {
	r, err := postgres.OneStatusReport(ctx, s.store.Queries, id)
	if err != nil {
		return r, err
	}
	a := actorOf(ctx)
	if !a.Staff {
		if a.ClientID != r.ClientID || !a.Is(access.ClientManager) || r.State != "sent" {
			return postgres.StatusReport{}, fault.New(fault.NotFound, "not found")
		}
		r.CommentBy = nil
		return r, nil
	}
	var rel access.Relation
	manages, err := s.store.ManagesClient(ctx, r.ClientID, a.ID)
	if manages {
		rel = access.ProjectAM
	}
	if err == nil {
		err = access.Can(a, access.SteerReport, rel)
	}
	if err != nil {
		return postgres.StatusReport{}, err
	}
	return r, nil
}

func (s *Server) statusPDF(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	r, err := s.statusReport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if r.State != "sent" {
		return nil, fault.New(NotRendered, "a report has its PDF when it is sent")
	}
	body, err := s.files.Get(ctx, postgres.StatusKey(r.ID, r.Version-1)) // as it was before it was sent
	if err != nil {
		return nil, fmt.Errorf("status report %s: %w", in.ID, err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer body.Close()
		c.SetHeader("Content-Type", "application/pdf")
		c.SetHeader("Content-Disposition", "inline; filename="+strconv.Quote("status-report-"+r.Week+".pdf"))
		if _, err := io.Copy(c.BodyWriter(), body); err != nil {
			s.log.Warn("a PDF was not read to its end", "status report", in.ID, "error", err)
		}
	}}, nil
}

// statusVerb brings an action to the report's process.
func statusVerb[B any](s *Server, verb string) func(context.Context, *verbInput[B]) (*Done, error) {
	return func(ctx context.Context, in *verbInput[B]) (*Done, error) {
		r, err := s.newRequest(ctx, in.WriteHeaders, flow.Status, in.ID, verb, in.said())
		if err == nil {
			err = see(ctx)
		}
		if err != nil {
			return nil, s.refuse(err)
		}
		report, err := s.statusReport(ctx, in.ID)
		if err != nil {
			return nil, s.refuse(err)
		}
		r.name, r.process = "Status report "+report.Week+" "+report.ClientName, flow.StatusID(report.ClientID, report.Week)
		return s.do(ctx, r, http.StatusOK)
	}
}
