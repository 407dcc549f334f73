package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) runRoutes() {
	start := op(http.MethodPost, "/billing-runs", "start-billing-run", "Bill projects through a date, or show what that would come to", http.StatusAccepted)
	answers[RunPreview](s.api, &start, http.StatusOK)
	start.Responses["200"].Description = "A preview: nothing was written"
	write[Run](s, start, s.startRun)
	read(s, op(http.MethodGet, "/billing-runs", "list-billing-runs", "List billing runs", http.StatusOK), s.listRuns)
	read(s, op(http.MethodGet, "/billing-runs/{id}", "get-billing-run", "What became of each project of a run", http.StatusOK), s.getRun)
	write[Run](s, op(http.MethodPost, "/billing-runs/{id}/retry", "retry-billing-run", "Bill what was parked again, and complete what was refused", http.StatusAccepted), s.retryRun)
}

// RunBody asks for a billing run.
type RunBody struct {
	Through    civil.Date  `json:"through" format:"date" doc:"The last work date that is billed"`
	ProjectIDs []uuid.UUID `json:"project_ids,omitempty" maxItems:"10000" doc:"All projects if left out"`
	Complete   bool        `json:"complete,omitempty" doc:"Also complete the invoices"`
	Preview    bool        `json:"preview,omitempty" doc:"Only show what the run would come to"`
}

// Run is a billing run and what became of its projects.
type Run struct {
	ID         uuid.UUID  `json:"id"`
	State      string     `json:"state" enum:"running,done"`
	Through    civil.Date `json:"through" format:"date"`
	Complete   bool       `json:"complete"`
	Projects   int64      `json:"projects" doc:"How many it bills"`
	Done       int        `json:"done" doc:"How many have an outcome"`
	Items      []RunItem  `json:"items,omitzero" doc:"In the answer for one run"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// RunItem is what became of one project.
type RunItem struct {
	ProjectID   uuid.UUID  `json:"project_id"`
	ProjectCode string     `json:"project_code"`
	Outcome     string     `json:"outcome" enum:"invoiced,nothing_to_bill,parked"`
	InvoiceID   *uuid.UUID `json:"invoice_id,omitempty"`
	ClientID    *uuid.UUID `json:"client_id,omitempty"`
	Number      *string    `json:"number,omitempty"`
	State       *string    `json:"state,omitempty"`
	Currency    *string    `json:"currency,omitempty"`
	Total       string     `json:"total,omitempty"`
	Code        string     `json:"code,omitempty" doc:"Why it is parked, for programs"`
	Reason      string     `json:"reason,omitempty" doc:"Why it is parked, for people"`
	RefusedCode string     `json:"refused_code,omitempty" doc:"Why its invoice was not completed and stays a draft, for programs"`
	Refused     string     `json:"refused_reason,omitempty" doc:"Why its invoice was not completed and stays a draft, for people"`
}

type runInput struct {
	WriteHeaders
	Body RunBody
}

func (s *Server) startRun(ctx context.Context, in *runInput) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.BillingRun, s.store.NewID(), "create", in.Body)
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = can(ctx, access.RunBilling)
	}
	if err == nil && in.Body.Through.IsZero() {
		err = fault.Wrong("through", "is required")
	}
	if err == nil && len(in.Body.ProjectIDs) > 0 {
		err = s.knownProjects(ctx, in.Body.ProjectIDs)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	if in.Body.Preview {
		return s.preview(ctx, in.Body)
	}
	d, err := s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, _ pgx.Tx) (any, error) {
		err := q.InsertRun(ctx, db.InsertRunParams{ID: r.id, Through: in.Body.Through, Complete: in.Body.Complete, ProjectIds: in.Body.ProjectIDs, CreatedBy: &r.actor.ID})
		if err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.BillingRun), r.id); err != nil { // starts it
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, in.Body), ""); err != nil {
			return nil, err
		}
		return runView(ctx, q, r.id)
	})
	return s.started(ctx, d, err)
}

func (s *Server) knownProjects(ctx context.Context, ids []uuid.UUID) error {
	rows, err := s.store.BillableProjects(ctx, ids)
	if err == nil && len(rows) != len(ids) {
		return fault.Wrong("project_ids", "one of them does not exist or is named twice")
	}
	return err
}

// shortcut is how long starting a run at once may take; the outbox does it too.
const shortcut = 2 * time.Second

// started starts the run's process at once. Where Temporal is away a worker does,
// by the outbox.
func (s *Server) started(ctx context.Context, d *Done, err error) (*Done, error) {
	if err != nil {
		return nil, err
	}
	var run Run
	if err := json.Unmarshal(d.Body, &run); err != nil {
		return nil, s.refuse(err)
	}
	d.at("/billing-runs/")
	now, err := s.store.Run(ctx, run.ID)
	if err != nil || now.State == "done" {
		return d, s.refuse(err)
	}
	starting, cancel := context.WithTimeout(ctx, shortcut)
	defer cancel()
	if err := s.engine.Run(starting, run.ID, fmt.Sprintf("Billing through %s", run.Through)); err != nil {
		s.log.WarnContext(ctx, "a billing run is started later", "run", run.ID, "error", err)
	}
	return d, nil
}

func (s *Server) retryRun(ctx context.Context, in *draftByID) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.BillingRun, in.ID, "retry", struct{}{})
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = can(ctx, access.RunBilling)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.Run(ctx, r.id); err != nil {
			return nil, err
		}
		if n, err := q.ReopenRun(ctx, r.id); err != nil || n == 0 {
			return nil, orConflict(err, "the run is still going on")
		}
		if _, err := q.DropParked(ctx, r.id); err != nil {
			return nil, err
		}
		if err := q.ForgetRefusals(ctx, r.id); err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.BillingRun), r.id); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, nil, ""); err != nil {
			return nil, err
		}
		return runView(ctx, q, r.id)
	})
	return s.started(ctx, d, err)
}

func orConflict(err error, sentence string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "%s", sentence)
}

func (s *Server) listRuns(ctx context.Context, in *struct{ PageInput }) (*PageOutput[Run], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Runs(ctx, db.RunsParams{After: c.ID, Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.RunsRow) cursor { return cursor{ID: r.ID} }, sizedRun), err
}

func sizedRun(r db.RunsRow) Run {
	return Run{ID: r.ID, State: r.State, Through: r.Through, Complete: r.Complete, Projects: r.Projects, Done: int(r.Done), CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt}
}

func (s *Server) getRun(ctx context.Context, in *ByID) (*struct{ Body Run }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	run, err := runView(ctx, s.store.Queries, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Run }{run}, nil
}

func runView(ctx context.Context, q *db.Queries, id uuid.UUID) (Run, error) {
	r, err := only(q.Runs(ctx, db.RunsParams{ID: &id, Page: 1}))
	if err != nil {
		return Run{}, err
	}
	run := sizedRun(r)
	run.Items = []RunItem{}
	items, err := q.RunItems(ctx, id)
	for _, i := range items {
		item := RunItem{ProjectID: i.ProjectID, ProjectCode: i.ProjectCode, Outcome: i.Outcome, InvoiceID: i.InvoiceID, ClientID: i.ClientID,
			Number: i.Number, State: i.State, Currency: i.Currency, Code: i.Code, Reason: i.Reason, RefusedCode: i.RefusedCode, Refused: i.RefusedReason}
		if i.Total != nil {
			item.Total = money.Currency(*i.Currency).Format(*i.Total)
		}
		run.Items = append(run.Items, item)
	}
	run.Done = len(run.Items) // as listed, while others come
	return run, err
}
