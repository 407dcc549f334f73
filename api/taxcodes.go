package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const taxCodeKind flow.Kind = "tax_code"

func (s *Server) taxCodeRoutes() {
	write[TaxCode](s, op(http.MethodPost, "/tax-codes", "create-tax-code", "Add a tax code: percents by date", http.StatusCreated), s.createTaxCode)
	read(s, op(http.MethodGet, "/tax-codes", "list-tax-codes", "List tax codes, the oldest first", http.StatusOK), s.listTaxCodes)
	read(s, op(http.MethodGet, "/tax-codes/{id}", "get-tax-code", "One tax code", http.StatusOK), s.getTaxCode)
	write[TaxCode](s, op(http.MethodPut, "/tax-codes/{id}", "set-tax-code", "Set a tax code's name and percents: what is on completed invoices stays", http.StatusOK), s.setTaxCode)
}

// TaxCode is a tax whose percent depends on the day of the supply (N.11).
type TaxCode struct {
	ID        uuid.UUID `json:"id"`
	Code      string    `json:"code" example:"DE-STANDARD"`
	Name      string    `json:"name"`
	Rates     []TaxRate `json:"rates" doc:"The earliest first; it is good before its day too"`
	CreatedAt time.Time `json:"created_at"`
	Version   int32     `json:"version"`
}

// TaxRate is the percent from a day on, until the next.
type TaxRate struct {
	From       civil.Date      `json:"from" format:"date"`
	TaxPercent decimal.Decimal `json:"tax_percent"`
}

// TaxCodeBody describes a new tax code.
type TaxCodeBody struct {
	Code string `json:"code" pattern:"^[A-Z0-9][A-Z0-9._-]{0,19}$" patternDescription:"capital letters, digits, '.', '_' and '-', at most 20" example:"DE-STANDARD"`
	TaxCodeContent
}

// TaxCodeContent is what may be changed of a tax code.
type TaxCodeContent struct {
	Name  string    `json:"name,omitempty" maxLength:"200"`
	Rates []TaxRate `json:"rates" minItems:"1" maxItems:"100" doc:"Each from its day on, in any order"`
}

// TaxCodeSet is a tax code as it is to be. Its code stays.
type TaxCodeSet struct {
	TaxCodeContent
	AsRead
	ID        *uuid.UUID `json:"id,omitempty" readOnly:"true" doc:"Not looked at"`
	Code      string     `json:"code,omitempty" maxLength:"20" doc:"It is not changed; what was read may be sent back"`
	CreatedAt *time.Time `json:"created_at,omitempty" readOnly:"true" doc:"Not looked at"`
}

// checked is the rates in their order, if they can be stored.
func (b TaxCodeContent) checked() ([]billing.TaxRate, error) {
	rates := make([]billing.TaxRate, len(b.Rates))
	for i, r := range b.Rates {
		if r.From.IsZero() {
			return nil, fault.Wrong("rates", "each has a day that it begins on")
		}
		if err := percent("rates", &r.TaxPercent); err != nil {
			return nil, err
		}
		rates[i] = billing.TaxRate{From: r.From, Percent: r.TaxPercent}
	}
	return rates, billing.CheckTaxRates(rates)
}

func (s *Server) createTaxCode(ctx context.Context, in *newInput[TaxCodeBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, taxCodeKind, s.store.NewID(), "create", in.Body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		rates, err := in.Body.checked()
		if err != nil {
			return nil, err
		}
		if err := q.InsertTaxCode(ctx, db.InsertTaxCodeParams{ID: r.id, Code: in.Body.Code, Name: in.Body.Name}); err != nil {
			return nil, err
		}
		if err := insertTaxRates(ctx, q, r.id, rates); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, in.Body), ""); err != nil {
			return nil, err
		}
		return oneTaxCode(ctx, q, r.id)
	})
}

func insertTaxRates(ctx context.Context, q *db.Queries, code uuid.UUID, rates []billing.TaxRate) error {
	rows := make([]db.InsertTaxRatesParams, len(rates))
	for i, r := range rates {
		rows[i] = db.InsertTaxRatesParams{TaxCodeID: code, FromOn: r.From, Percent: r.Percent}
	}
	_, err := q.InsertTaxRates(ctx, rows)
	return err
}

func (s *Server) setTaxCode(ctx context.Context, in *oneInput[TaxCodeSet]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, taxCodeKind, in.ID, "set", in.Body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockTaxCode(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := oneTaxCode(ctx, q, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err == nil && in.Body.Code != "" && in.Body.Code != before.Code {
			err = fault.Wrong("code", "is %s, and is not changed", before.Code)
		}
		if err != nil {
			return nil, err
		}
		rates, err := in.Body.checked()
		if err != nil {
			return nil, err
		}
		after := before
		after.Name, after.Rates = in.Body.Name, taxRates(rates)
		changes := postgres.Diff(before, after)
		if len(changes) == 0 {
			return before, nil
		}
		if err := q.UpdateTaxCode(ctx, in.Body.Name, r.id); err != nil {
			return nil, err
		}
		if err := q.DeleteTaxRates(ctx, r.id); err != nil {
			return nil, err
		}
		if err := insertTaxRates(ctx, q, r.id, rates); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, before.Version+1, changes, ""); err != nil {
			return nil, err
		}
		return oneTaxCode(ctx, q, r.id)
	})
}

func taxRates(rates []billing.TaxRate) []TaxRate {
	all := make([]TaxRate, len(rates))
	for i, r := range rates {
		all[i] = TaxRate{From: r.From, TaxPercent: r.Percent}
	}
	return all
}

func oneTaxCode(ctx context.Context, q *db.Queries, id uuid.UUID) (TaxCode, error) {
	row, err := q.TaxCode(ctx, id)
	if err != nil {
		return TaxCode{}, err
	}
	rates, err := postgres.TaxRatesOf(ctx, q, []uuid.UUID{id})
	return taxCodeOf(row, rates), err
}

func taxCodeOf(r db.TaxCode, rates map[uuid.UUID][]billing.TaxRate) TaxCode {
	return TaxCode{ID: r.ID, Code: r.Code, Name: r.Name, Rates: taxRates(rates[r.ID]), CreatedAt: r.CreatedAt, Version: r.Version}
}

func (s *Server) getTaxCode(ctx context.Context, in *ByID) (*One[TaxCode], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := oneTaxCode(ctx, s.store.Queries, in.ID)
	return one(c, c.Version), err
}

type listTaxCodesInput struct {
	PageInput
	Code string `query:"code" maxLength:"20" doc:"The one with this code"`
}

func (s *Server) listTaxCodes(ctx context.Context, in *listTaxCodesInput) (*PageOutput[TaxCode], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.TaxCodes(ctx, db.TaxCodesParams{After: c.ID, Code: optionalText(in.Code), Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	rates, err := postgres.TaxRatesOf(ctx, s.store.Queries, ids)
	return page(in.PageInput, rows, func(r db.TaxCode) cursor { return cursor{ID: r.ID} },
		func(r db.TaxCode) TaxCode { return taxCodeOf(r, rates) }), err
}

// checkTax refuses a percent that is none, one together with a tax code, and tax
// where the category has none; at is where they stand in the body.
func checkTax(at, category string, given *decimal.Decimal, code *uuid.UUID) error {
	taxed := category == "" || category == "standard"
	switch {
	case given != nil && code != nil:
		return fault.Wrong(at+"tax_code_id", "takes the place of tax_percent: give one of them")
	case !taxed && given != nil && !given.IsZero():
		return fault.Wrong(at+"tax_percent", "must be 0 where tax_category is %s", category)
	case !taxed && code != nil:
		return fault.Wrong(at+"tax_code_id", "is for the tax_category standard; give a tax_percent of 0 with %s", category)
	}
	return percent(at+"tax_percent", given)
}

// taxNow is the percent that is stored with a percent or a tax code: that one, or
// the code's today. It refuses a code that is not there.
func (s *Server) taxNow(ctx context.Context, q *db.Queries, percent *decimal.Decimal, code *uuid.UUID, at string) (*decimal.Decimal, error) {
	if code == nil {
		return percent, nil
	}
	rates, err := postgres.TaxRatesOf(ctx, q, []uuid.UUID{*code})
	if err != nil {
		return nil, err
	}
	if len(rates[*code]) == 0 {
		return nil, fault.Wrong(at+"tax_code_id", "there is no such tax code")
	}
	now := billing.Taxation{Rates: rates[*code]}.On(civil.In(s.store.Now(), time.UTC))
	return &now, nil
}
