package api

import (
	"context"
	"net/http"
	"time"

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
	write[StatusRun](s, op(http.MethodPost, "/status-reports/runs", "start-status-run", "Make the status reports of a week now, for clients that have none of it", http.StatusAccepted), s.startStatusRun)
	read(s, op(http.MethodGet, "/status-reports/runs", "list-status-runs", "List makings of reports, the newest first", http.StatusOK), s.listStatusRuns)
	read(s, op(http.MethodGet, "/status-reports/runs/{id}", "get-status-run", "Whether the reports of a run are made", http.StatusOK), s.getStatusRun)
	read(s, op(http.MethodGet, "/status-reports", "list-status-reports", "List status reports, the newest first", http.StatusOK), listFor(s.listStatusReports, s.clientStatusReports))
	read(s, op(http.MethodGet, "/status-reports/{id}", "get-status-report", "One status report with what it says", http.StatusOK), oneFor(s.getStatusReport, s.clientStatusReport))
	read(s, answersPDF(op(http.MethodGet, "/status-reports/{id}/pdf", "get-status-report-pdf", "A report as it was sent; /status-reports/{id}.pdf is the same", http.StatusOK)), s.statusPDF)
	write[postgres.StatusReport](s, op(http.MethodPost, "/status-reports/{id}/comment", "comment-status-report", "Write a word above the figures, before it goes", http.StatusOK), s.commentReport)
	write[postgres.StatusReport](s, op(http.MethodPost, "/status-reports/{id}/hold", "hold-status-report", "Hold it back until it is released", http.StatusOK), s.holdReport)
	write[postgres.StatusReport](s, op(http.MethodPost, "/status-reports/{id}/release", "release-status-report", "Let it go at once", http.StatusOK), s.releaseReport)
	read(s, op(http.MethodGet, "/status-reports/policy", "get-status-policy", "When clients are told how their projects stand", http.StatusOK), s.getStatusPolicy)
	write[StatusPolicy](s, op(http.MethodPut, "/status-reports/policy", "set-status-policy", "Change when clients are told how their projects stand", http.StatusOK), s.setStatusPolicy)
}

// StatusRunBody asks for the reports of a week.
type StatusRunBody struct {
	WeekEnding civil.Date `json:"week_ending,omitzero" required:"false" format:"date" doc:"Any day of a week that has begun; today if left out. A client has one report for each ISO week, with the figures of when it is made"`
}

// StatusRun is a making of reports.
type StatusRun struct {
	ID         uuid.UUID  `json:"id"`
	Week       string     `json:"week" example:"2026-W12"`
	WeekEnding civil.Date `json:"week_ending" format:"date"`
	State      string     `json:"state" enum:"running,done"`
	CreatedBy  *uuid.UUID `json:"created_by" doc:"Null: the clock"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

func statusRunOf(r db.StatusRun) StatusRun {
	return StatusRun{ID: r.ID, Week: r.Week, WeekEnding: r.WeekEnding, State: r.State, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt}
}

func (s *Server) startStatusRun(ctx context.Context, in *struct {
	WriteHeaders
	Body *StatusRunBody
}) (*Done, error) {
	body := StatusRunBody{}
	if in.Body != nil {
		body = *in.Body
	}
	r, err := s.content(ctx, in.WriteHeaders, flow.StatusRun, s.store.NewID(), "create", body, access.RunBilling)
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, _ pgx.Tx) (any, error) {
		ending, err := s.weekEnding(ctx, q, body.WeekEnding)
		if err != nil {
			return nil, err
		}
		_, err = q.InsertStatusRun(ctx, db.InsertStatusRunParams{ID: r.id, Week: work.Week(ending), WeekEnding: ending, CreatedBy: &r.actor.ID, Now: s.store.Now()})
		if err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.StatusRun), r.id); err != nil { // starts it
			return nil, err
		}
		run, err := q.StatusRun(ctx, r.id)
		if err != nil {
			return nil, err
		}
		return statusRunOf(run), r.audited(ctx, s, q, 1, map[string]postgres.Change{"week": {nil, run.Week}}, "")
	})
	return d.at("/status-reports/runs/"), err
}

// weekEnding refuses a week that has not begun by the firm's clock.
func (s *Server) weekEnding(ctx context.Context, q *db.Queries, asked civil.Date) (civil.Date, error) {
	firm, err := q.Provider(ctx)
	if err != nil {
		return asked, err
	}
	today := civil.In(s.store.Now(), postgres.Zone(firm.TimeZone))
	switch {
	case asked.IsZero():
		return today, nil
	case asked.After(today) && work.Week(asked) != work.Week(today):
		return asked, fault.Wrong("week_ending", "is in a week that has not begun")
	case asked.Before(civil.First):
		return asked, fault.Wrong("week_ending", "is not before %s", civil.First)
	}
	return asked, nil
}

type listStatusRunsInput struct {
	PageInput
	Week string `query:"week" example:"2026-W12"`
}

func (s *Server) listStatusRuns(ctx context.Context, in *listStatusRunsInput) (*PageOutput[StatusRun], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.StatusRuns(ctx, db.StatusRunsParams{Before: before, Week: optionalText(in.Week), Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.StatusRun) cursor { return cursor{ID: r.ID} }, statusRunOf), err
}

func (s *Server) getStatusRun(ctx context.Context, in *ByID) (*struct{ Body StatusRun }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	run, err := s.store.StatusRun(ctx, in.ID)
	return &struct{ Body StatusRun }{statusRunOf(run)}, err
}

type listStatusInput struct {
	PageInput
	Client string `query:"client"`
	State  string `query:"state" enum:"review,held,superseded,sent,"`
}

func (s *Server) listStatusReports(ctx context.Context, in *listStatusInput) (*PageOutput[postgres.StatusReport], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	q, err := in.params()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.StatusReports(ctx, q)
	return page(in.PageInput, rows, func(r db.StatusReportsRow) cursor { return cursor{ID: r.ID} }, postgres.StatusReportOf), err
}

func (in *listStatusInput) params() (db.StatusReportsParams, error) {
	before, err := in.before()
	if err != nil {
		return db.StatusReportsParams{}, err
	}
	q := db.StatusReportsParams{Before: before, Page: in.Limit + 1, State: optionalText(in.State)}
	q.ClientID, err = optionalID("client", in.Client)
	return q, err
}

func (s *Server) getStatusReport(ctx context.Context, in *ByID) (*One[postgres.StatusReport], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	r, err := postgres.OneStatusReport(ctx, s.store.Queries, in.ID)
	return one(r, r.Version), err
}

// clientStatusReports lists what the client was sent, for its manager.
func (s *Server) clientStatusReports(ctx context.Context, in *listStatusInput) (*PageOutput[Seen[postgres.StatusReport]], error) {
	f, err := in.params()
	if err != nil {
		return nil, err
	}
	var rows []db.PortalStatusReportsRow
	err = s.asContact(ctx, func(q *db.Queries) (err error) {
		rows, err = q.PortalStatusReports(ctx, db.PortalStatusReportsParams{Before: f.Before, Page: f.Page, ClientID: f.ClientID, State: f.State})
		return err
	})
	return page(in.PageInput, rows, func(r db.PortalStatusReportsRow) cursor { return cursor{ID: r.ID} },
		func(r db.PortalStatusReportsRow) Seen[postgres.StatusReport] {
			return part[postgres.StatusReport](postgres.ClientStatusReportOf(r))
		}), err
}

func (s *Server) clientStatusReport(ctx context.Context, in *ByID) (*One[Seen[postgres.StatusReport]], error) {
	var v postgres.ClientStatusReport
	err := s.asContact(ctx, func(q *db.Queries) error {
		r, err := only(q.PortalStatusReports(ctx, db.PortalStatusReportsParams{ID: &in.ID, Before: uuid.Max, Page: 1}))
		if err != nil {
			return err
		}
		v = postgres.ClientStatusReportOf(r)
		v.Report, err = postgres.Reported(r.Content)
		return err
	})
	return one(part[postgres.StatusReport](v), v.Version), err
}

func (s *Server) statusPDF(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	err := seeMoney(ctx)
	if outside(ctx) {
		_, err = s.clientStatusReport(ctx, in)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.store.StatusReport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if r.State != "sent" {
		return nil, fault.New(NotRendered, "a report has its PDF when it is sent; this one is %s", r.State)
	}
	return s.storedPDF(ctx, r.FileKey, "status-report-"+r.Week)
}
