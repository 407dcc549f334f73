package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) reportRoutes() {
	report[Aging](s, "/reports/aging", "report-aging", "What clients owe, by age, as of any day", s.agingReport)
	read(s, answersPDF(op(http.MethodGet, "/reports/aging/pdf", "report-aging-pdf", "The same as a PDF; /reports/aging.pdf is the same", http.StatusOK)), s.agingPDF)
	report[Utilisation](s, "/reports/utilisation", "report-utilisation", "How the staff's time was used", s.utilisationReport)
	report[Profitability](s, "/reports/profitability", "report-profitability", "What projects brought in and cost", s.profitabilityReport)
	report[WorkInProgress](s, "/reports/wip", "report-wip", "Billable time on no completed invoice, as of any day", s.wipReport)
	write[CostRate](s, op(http.MethodPost, "/users/{id}/cost-rates", "set-cost-rate", "What an hour of a person costs the firm, from a date on", http.StatusCreated), s.setCostRate)
	read(s, op(http.MethodGet, "/users/{id}/cost-rates", "list-cost-rates", "What an hour of a person costs the firm", http.StatusOK), s.costRates)
}

// Format says how a report is answered.
type Format struct {
	Format string `query:"format" enum:"json,csv," doc:"json, or csv for a spreadsheet"`
}

func (f Format) csv() bool { return f.Format == "csv" }

// formatted tells how the answer is wanted.
type formatted interface{ csv() bool }

// report registers a report for who may see money, answered as JSON or as CSV.
func report[T, In any](s *Server, path, id, summary string, f func(context.Context, *In) (T, table, error)) {
	o := op(http.MethodGet, path, id, summary, http.StatusOK)
	o.Responses = map[string]*huma.Response{"200": {Description: "The report", Content: map[string]*huma.MediaType{
		"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[T](), true, "")}, "text/csv": {Schema: &huma.Schema{Type: "string"}},
	}}}
	read(s, o, func(ctx context.Context, in *In) (*huma.StreamResponse, error) {
		if err := seeMoney(ctx); err != nil {
			return nil, err
		}
		v, t, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		if wants, ok := any(in).(formatted); ok && wants.csv() {
			return asCSV(t), nil
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "application/json")
			_ = json.NewEncoder(c.BodyWriter()).Encode(v) // what cannot be written here nobody reads any more
		}}, nil
	})
}

// Aged is what a client owes in a currency.
type Aged struct {
	ClientID   uuid.UUID `json:"client_id"`
	ClientName string    `json:"client_name"`
	Buckets
}

// Buckets are amounts by age.
type Buckets struct {
	Currency string `json:"currency"`
	Current  string `json:"current" doc:"Not due yet, or due on the day"`
	Days30   string `json:"days_1_30"`
	Days60   string `json:"days_31_60"`
	Days90   string `json:"days_61_90"`
	Over90   string `json:"days_over_90"`
	Total    string `json:"total"`
	Credit   string `json:"credit" doc:"Left over: not taken off the buckets"`
	Owed     string `json:"owed" doc:"Total less credit"`
}

// Aging is what clients owe by age.
type Aging struct {
	AsOf   civil.Date `json:"as_of" format:"date"`
	Items  []Aged     `json:"items"`
	Totals []Buckets  `json:"totals" doc:"By currency"`
}

func bucketsOf(r billing.Receivables) Buckets {
	f := r.Currency.Format
	return Buckets{string(r.Currency), f(r.Buckets[0]), f(r.Buckets[1]), f(r.Buckets[2]), f(r.Buckets[3]), f(r.Buckets[4]), f(r.Total), f(r.Credit), f(r.Owed())}
}

// total adds receivables up by currency.
func total(all []billing.Receivables) []Buckets {
	sums, order := map[string]*billing.Receivables{}, []string{}
	for _, r := range all {
		sum := sums[string(r.Currency)]
		if sum == nil {
			sum = &billing.Receivables{Currency: r.Currency}
			sums[string(r.Currency)], order = sum, append(order, string(r.Currency))
		}
		sum.Merge(r.Aging)
	}
	out := []Buckets{}
	for _, c := range order {
		out = append(out, bucketsOf(*sums[c]))
	}
	return out
}

type asOfInput struct {
	Format
	AsOf string `query:"as_of" format:"date" doc:"Any day; today, if left out"`
}

// asOf reads the day of a report.
func (s *Server) asOf(ctx context.Context, name, given string) (civil.Date, error) {
	d, err := optionalDate(name, given)
	if err == nil && d.IsZero() {
		return s.firmToday(ctx)
	}
	return d, err
}

func (s *Server) agingReport(ctx context.Context, in *asOfInput) (Aging, table, error) {
	on, err := s.asOf(ctx, "as_of", in.AsOf)
	if err != nil {
		return Aging{}, table{}, err
	}
	all, err := postgres.Aged(ctx, s.store.Queries, on, nil)
	out, t := Aging{AsOf: on, Items: []Aged{}, Totals: total(all)}, table{name: "aging-" + on.String(), head: []string{"client", "currency", "current", "1-30", "31-60", "61-90", "over 90", "total", "credit", "owed"}}
	for _, r := range all {
		b := bucketsOf(r)
		out.Items = append(out.Items, Aged{r.ClientID, r.ClientName, b})
		t.rows = append(t.rows, []string{r.ClientName, b.Currency, b.Current, b.Days30, b.Days60, b.Days90, b.Over90, b.Total, b.Credit, b.Owed})
	}
	return out, t, err
}

func (s *Server) agingPDF(ctx context.Context, in *struct {
	AsOf string `query:"as_of" format:"date" doc:"Any day; today, if left out"`
}) (*huma.StreamResponse, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if s.aged == nil {
		return nil, fault.New(fault.NotAvailable, "reports are not rendered here")
	}
	as, err := s.asOf(ctx, "as_of", in.AsOf)
	if err != nil {
		return nil, err
	}
	today, err := s.firmToday(ctx)
	if err != nil {
		return nil, err
	}
	r, err := postgres.AllAged(ctx, s.store.Queries, as, today)
	if err != nil {
		return nil, err
	}
	var pdf bytes.Buffer
	if err := s.aged(&pdf, r); err != nil {
		return nil, fmt.Errorf("receivables of %s: %w", as, err)
	}
	return madePDF(pdf.Bytes(), "aging-"+as.String()), nil
}

// Utilisation is how the staff's time was used.
type Utilisation struct {
	From  civil.Date          `json:"from" format:"date"`
	To    civil.Date          `json:"to" format:"date"`
	Items []postgres.Utilised `json:"items"`
}

type spanInput struct {
	Format
	From string `query:"from" format:"date" doc:"The first day of this month, if left out"`
	To   string `query:"to" format:"date" doc:"The last day; today, if left out"`
}

// span reads the days of a report, at most ten years.
func (s *Server) span(ctx context.Context, first, last string) (from, to civil.Date, err error) {
	if to, err = s.asOf(ctx, "to", last); err != nil {
		return from, to, err
	}
	if from, err = optionalDate("from", first); err != nil {
		return from, to, err
	}
	if from.IsZero() {
		from = civil.Of(to.Year, to.Month, 1)
	}
	if to.Before(from) || to.DaysSince(from) > 3660 {
		err = wrongFilter("to", "is before from, or more than ten years after it")
	}
	return from, to, err
}

func (s *Server) utilisationReport(ctx context.Context, in *spanInput) (Utilisation, table, error) {
	from, to, err := s.span(ctx, in.From, in.To)
	if err != nil {
		return Utilisation{}, table{}, err
	}
	all, err := postgres.Utilisation(ctx, s.store.Queries, from, to)
	t := table{name: "utilisation", head: []string{"person", "recorded minutes", "billable minutes", "available minutes", "percent"}}
	for _, r := range all {
		t.rows = append(t.rows, []string{r.Name, fmt.Sprint(r.RecordedMinutes), fmt.Sprint(r.BillableMinutes), fmt.Sprint(r.AvailableMinutes), or(r.Percent)})
	}
	return Utilisation{from, to, all}, t, err
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Profitability is what projects brought in and cost.
type Profitability struct {
	Items      []postgres.Profit `json:"items"`
	NextCursor *string           `json:"next_cursor" doc:"Null on the last page"`
}

type profitabilityInput struct {
	Format
	PageInput
	Project string `query:"project" doc:"One project; all, page by page, if left out"`
}

func (s *Server) profitabilityReport(ctx context.Context, in *profitabilityInput) (Profitability, table, error) {
	out, t := Profitability{Items: []postgres.Profit{}}, table{name: "profitability", head: []string{"project", "name", "currency", "worked minutes", "billed", "to bill", "cost", "minutes without cost", "margin", "problem", "expenses"}}
	one, err := optionalID("project", in.Project)
	if err != nil {
		return out, t, err
	}
	c, err := in.after()
	if err != nil {
		return out, t, err
	}
	ids := []uuid.UUID{}
	if one != nil {
		ids = append(ids, *one)
	} else if ids, err = s.store.ProjectIDs(ctx, c.ID, in.Limit+1); err != nil {
		return out, t, err
	}
	p := page(PageInput{Limit: max(in.Limit, 1), list: in.list}, ids, func(id uuid.UUID) cursor { return cursor{ID: id} }, func(id uuid.UUID) uuid.UUID { return id })
	out.NextCursor = p.Body.NextCursor
	for _, id := range p.Body.Items {
		r, err := s.store.Profitability(ctx, id)
		if err != nil {
			return out, t, err
		}
		out.Items = append(out.Items, r)
		t.rows = append(t.rows, []string{r.Code, r.Name, r.Currency, fmt.Sprint(r.WorkedMinutes), r.Billed, or(r.ToBill), r.Cost, fmt.Sprint(r.UncostedMinutes), or(r.Margin), r.Problem, r.Expenses})
	}
	return out, t, nil
}

// WorkInProgress is billable time that was on no completed invoice.
type WorkInProgress struct {
	AsOf  civil.Date            `json:"as_of" format:"date"`
	Items []postgres.InProgress `json:"items"`
}

func (s *Server) wipReport(ctx context.Context, in *asOfInput) (WorkInProgress, table, error) {
	on, err := s.asOf(ctx, "as_of", in.AsOf)
	if err != nil {
		return WorkInProgress{}, table{}, err
	}
	all, err := s.store.WorkInProgressAsOf(ctx, on)
	t := table{name: "wip-" + on.String(), head: []string{"project", "name", "currency", "minutes", "value", "problem"}}
	for _, r := range all {
		t.rows = append(t.rows, []string{r.Code, r.Name, r.Currency, fmt.Sprint(r.Minutes), or(r.Value), r.Problem})
	}
	return WorkInProgress{on, all}, t, err
}

// CostRate is what an hour of a person costs the firm, from a date on.
type CostRate struct {
	ID       uuid.UUID  `json:"id"`
	UserID   uuid.UUID  `json:"user_id"`
	UserName string     `json:"user_name,omitempty"`
	Rate     string     `json:"rate" doc:"An hour"`
	Currency string     `json:"currency"`
	From     civil.Date `json:"from" format:"date"`
	To       civil.Date `json:"to,omitzero" format:"date" doc:"The first day it is no longer good for"`
}

func (s *Server) setCostRate(ctx context.Context, in *oneInput[PersonRateBody]) (*Done, error) {
	body := struct {
		UserID uuid.UUID `json:"user_id"`
		PersonRateBody
	}{in.ID, in.Body}
	r, err := s.content(ctx, in.WriteHeaders, "cost-rate", s.store.NewID(), "create", body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockPerson(ctx, in.ID); err != nil { // one rate after the other
			return nil, err
		}
		if err := staffOnly(ctx, q, in.ID); err != nil {
			return nil, err
		}
		if err := figure("rate", in.Body.Rate, 6); err != nil {
			return nil, err
		}
		currency, err := currencyOf(in.Body.Currency)
		if err != nil {
			return nil, err
		}
		if in.Body.From.IsZero() {
			return nil, fault.Wrong("from", "is required")
		}
		if err := q.DeleteCostsFrom(ctx, db.DeleteCostsFromParams{PersonID: in.ID, Currency: currency, FromOn: in.Body.From}); err != nil {
			return nil, err
		}
		if err := q.CloseCost(ctx, db.CloseCostParams{PersonID: in.ID, Currency: currency, FromOn: in.Body.From}); err != nil {
			return nil, err
		}
		v := CostRate{ID: r.id, UserID: in.ID, Rate: postgres.PrintedPrice(in.Body.Rate, money.Currency(currency)), Currency: currency, From: in.Body.From}
		if err := q.InsertCost(ctx, db.InsertCostParams{ID: v.ID, PersonID: in.ID, Hourly: in.Body.Rate, Currency: currency, FromOn: v.From}); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, v), ""); err != nil {
			return nil, err
		}
		p, err := q.Person(ctx, in.ID)
		v.UserName = p.Name
		return v, err
	})
}

func (s *Server) costRates(ctx context.Context, in *ByID) (*PageOutput[CostRate], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.CostsOfPerson(ctx, in.ID)
	return all(rows, func(r db.CostsOfPersonRow) CostRate {
		return CostRate{r.ID, in.ID, p.Name, postgres.PrintedPrice(r.Hourly, money.Currency(r.Currency)), r.Currency, r.FromOn, r.ToOn}
	}), err
}
