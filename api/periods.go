package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const periodKind flow.Kind = "billing_period"

func (s *Server) periodRoutes() {
	read(s, op(http.MethodGet, "/billing-periods", "list-billing-periods", "What the clock billed, or could not, the oldest first", http.StatusOK), s.listPeriods)
	read(s, op(http.MethodGet, "/billing-periods/{id}/{end}", "get-billing-period", "What came of one period of a project", http.StatusOK), s.getPeriod)
	write[BillingPeriod](s, op(http.MethodPost, "/billing-periods/{id}/{end}/run", "run-billing-period", "Bill a period again: one that is parked, or one whose invoice is a draft", http.StatusAccepted), s.runPeriod)
}

// BillingPeriod is a period of a work statement and what came of it.
type BillingPeriod struct {
	ProjectID   uuid.UUID  `json:"project_id"`
	ProjectCode string     `json:"project_code"`
	ClientID    uuid.UUID  `json:"client_id"`
	ClientName  string     `json:"client_name"`
	Start       civil.Date `json:"period_start" format:"date"`
	End         civil.Date `json:"period_end" format:"date"`
	Outcome     string     `json:"outcome" enum:"due,invoiced,nothing_to_bill,parked" doc:"due: nobody has billed it yet"`
	InvoiceID   *uuid.UUID `json:"invoice_id,omitempty"`
	Number      *string    `json:"number,omitempty"`
	Code        string     `json:"code,omitempty" doc:"Why it is parked, for programs"`
	Reason      string     `json:"reason,omitempty" doc:"Why it is parked, for people"`
	RefusedCode string     `json:"refused_code,omitempty" doc:"Why its invoice was not completed by itself and stays a draft, for programs"`
	Refused     string     `json:"refused_reason,omitempty" doc:"Why its invoice was not completed by itself and stays a draft, for people"`
	RunAt       *time.Time `json:"run_at"`
}

func periodOf(r db.PeriodsRow) BillingPeriod {
	return BillingPeriod{
		ProjectID: r.ProjectID, ProjectCode: r.ProjectCode, ClientID: r.ClientID, ClientName: r.ClientName, Start: r.PeriodStart, End: r.PeriodEnd,
		Outcome: r.Outcome, InvoiceID: r.InvoiceID, Number: r.Number, Code: r.Code, Reason: r.Reason, RefusedCode: r.RefusedCode, Refused: r.RefusedReason, RunAt: r.RunAt,
	}
}

type listPeriodsInput struct {
	PageInput
	Project string `query:"project"`
	Outcome string `query:"outcome" enum:"due,invoiced,nothing_to_bill,parked,"`
}

func (s *Server) listPeriods(ctx context.Context, in *listPeriodsInput) (*PageOutput[BillingPeriod], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	c, day, err := in.afterDay()
	if err != nil {
		return nil, err
	}
	q := db.PeriodsParams{AfterEnd: day, AfterProject: c.ID, Outcome: optionalText(in.Outcome), Page: in.Limit + 1}
	if q.OnlyProject, err = optionalID("project", in.Project); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Periods(ctx, q)
	return page(in.PageInput, rows, func(r db.PeriodsRow) cursor { return byDay(r.ProjectID, r.PeriodEnd) }, periodOf), err
}

// PeriodID names a period in the path: its project and its last day.
type PeriodID struct {
	ByID
	End string `path:"end" format:"date" doc:"The last day of the period"`
}

func (s *Server) getPeriod(ctx context.Context, in *PeriodID) (*struct{ Body BillingPeriod }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	end, err := civil.Parse(in.End)
	if err != nil {
		return nil, err
	}
	p, err := onePeriod(ctx, s.store.Queries, in.ID, end)
	return &struct{ Body BillingPeriod }{p}, err
}

type runPeriodInput struct {
	PeriodID
	WriteHeaders
}

// runPeriod bills a period again: a draft is rebuilt at once, its items made by
// hand kept; what is parked, empty or void becomes due, and its process bills
// it as the clock would.
func (s *Server) runPeriod(ctx context.Context, in *runPeriodInput) (*Done, error) {
	end, err := civil.Parse(in.End)
	if err != nil {
		return nil, s.refuse(err)
	}
	r, err := s.newRequest(ctx, in.WriteHeaders, periodKind, in.ID, "run", runOf{end})
	if err == nil {
		err = seeMoney(ctx)
	}
	if err == nil {
		err = postgres.MayBill(ctx, s.store.Queries, r.actor, []uuid.UUID{in.ID})
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, tx pgx.Tx) (any, error) {
		if err := s.runAgain(ctx, r, q, tx, end); err != nil {
			return nil, err
		}
		return onePeriod(ctx, q, in.ID, end)
	})
	if err != nil {
		return nil, err
	}
	d.Location = base + "/billing-periods/" + in.ID.String() + "/" + end.String()
	now, err := onePeriod(ctx, s.store.Queries, in.ID, end)
	if err != nil || now.Outcome != "due" {
		return d, s.refuse(err)
	}
	return d, s.refuse(s.engine.Bill(ctx, flow.Period{ProjectID: in.ID, End: end, Name: now.ProjectCode}))
}

// runOf is which period is to be run, beside its work statement.
type runOf struct {
	End civil.Date `json:"period_end"`
}

// runAgain makes a period ready to be billed again, or rebuilds its draft.
func (s *Server) runAgain(ctx context.Context, r request, q *db.Queries, tx pgx.Tx, end civil.Date) error {
	if err := q.BillProjectLocks(ctx, []uuid.UUID{r.id}); err != nil {
		return err
	}
	row, err := q.LockPeriod(ctx, r.id, end)
	if err != nil {
		return err
	}
	state := ""
	if row.InvoiceState != nil {
		state = *row.InvoiceState
	}
	changes := map[string]postgres.Change{"outcome": {row.Outcome, "due"}, "period_end": {nil, end}}
	switch {
	case row.Outcome == "due":
		return nil
	case state == "complete":
		return fault.New(billing.AlreadyComplete, "the invoice of this period is completed already")
	case state == "draft":
		changes["outcome"] = postgres.Change{row.Outcome, row.Outcome} // as it was, with the time there is now
		err = s.store.Collect(ctx, tx, *row.InvoiceID, civil.Date{})
	default:
		err = q.SetPeriod(ctx, db.SetPeriodParams{ProjectID: r.id, PeriodEnd: end, Outcome: "due"})
		if err == nil {
			err = q.RunAgainAfter(ctx, db.RunAgainAfterParams{ProjectID: r.id, PeriodEnd: end, Now: s.store.Now()})
		}
	}
	if err != nil {
		return err
	}
	return r.audited(ctx, s, q, 0, changes, row.Reason)
}

func onePeriod(ctx context.Context, q *db.Queries, project uuid.UUID, end civil.Date) (BillingPeriod, error) {
	rows, err := q.Periods(ctx, db.PeriodsParams{AfterEnd: end.AddDays(-1), AfterProject: uuid.Max, OnlyProject: &project, Page: 1})
	if err == nil && (len(rows) == 0 || rows[0].PeriodEnd != end) {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return BillingPeriod{}, err
	}
	return periodOf(rows[0]), nil
}

// periodMetrics are read from Postgres when Prometheus asks.
type periodMetrics struct {
	store           *postgres.Store
	periods, oldest *prometheus.Desc
}

func newPeriodMetrics(store *postgres.Store) *periodMetrics {
	return &periodMetrics{
		store:   store,
		periods: prometheus.NewDesc("steward_billing_periods", "Periods that are over and not billed, by outcome.", []string{"outcome"}, nil),
		oldest:  prometheus.NewDesc("steward_billing_oldest_due_seconds", "How long the period that has been due longest waits to be billed.", nil, nil),
	}
}

// Describe implements [prometheus.Collector].
func (m *periodMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.periods
	ch <- m.oldest
}

// Collect implements [prometheus.Collector]. Without Postgres it tells nothing.
func (m *periodMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	rows, err := m.store.OpenPeriods(ctx)
	if err != nil {
		return
	}
	periods, oldest := map[string]float64{"due": 0, "parked": 0}, 0.0
	for _, r := range rows {
		periods[r.Outcome] = float64(r.Periods)
		if r.Outcome == "due" {
			oldest = m.store.Now().Sub(r.Oldest).Seconds()
		}
	}
	for outcome, n := range periods {
		ch <- prometheus.MustNewConstMetric(m.periods, prometheus.GaugeValue, n, outcome)
	}
	ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, oldest)
}
