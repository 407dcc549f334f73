package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/postgres/db"
)

// TaxRatesOf reads the percents of tax codes, of each the earliest first.
func TaxRatesOf(ctx context.Context, q *db.Queries, codes []uuid.UUID) (map[uuid.UUID][]billing.TaxRate, error) {
	all := map[uuid.UUID][]billing.TaxRate{}
	if len(codes) == 0 {
		return all, nil
	}
	rows, err := q.TaxRates(ctx, codes)
	for _, r := range rows {
		all[r.TaxCodeID] = append(all[r.TaxCodeID], billing.TaxRate{From: r.FromOn, Percent: r.Percent})
	}
	return all, err
}

// taxed is how something is taxed, as it is stored.
type taxed struct {
	category string
	percent  decimal.Decimal
	code     *uuid.UUID
}

// taxations are the same with the rates of their codes.
func taxations(ctx context.Context, q *db.Queries, stored []taxed) ([]billing.Taxation, error) {
	var codes []uuid.UUID
	for _, t := range stored {
		if t.code != nil {
			codes = append(codes, *t.code)
		}
	}
	rates, err := TaxRatesOf(ctx, q, codes)
	all := make([]billing.Taxation, len(stored))
	for i, t := range stored {
		all[i] = billing.Taxation{Category: t.category, Percent: t.percent}
		if t.code != nil {
			all[i].Rates = rates[*t.code]
		}
	}
	return all, err
}

// projectTaxes is how projects are taxed that a draft gathers.
func projectTaxes(ctx context.Context, q *db.Queries, projects []db.BillableProjectsRow) ([]billing.Taxation, error) {
	stored := make([]taxed, len(projects))
	for i, p := range projects {
		stored[i] = taxed{p.TaxCategory, p.TaxPercent, p.TaxCodeID}
	}
	return taxations(ctx, q, stored)
}

// ItemTax is how an item by hand of an invoice is taxed where nobody says: as all
// projects of the invoice are on its last day, or else as its client is (N.11).
func ItemTax(ctx context.Context, q *db.Queries, invoice uuid.UUID, through civil.Date) (billing.Taxation, error) {
	projects, err := q.LineHeadings(ctx, invoice)
	if err != nil {
		return billing.Taxation{}, err
	}
	terms, err := q.InvoiceTerms(ctx, invoice)
	if err != nil {
		return billing.Taxation{}, err
	}
	stored := []taxed{{terms.TaxCategory, terms.TaxPercent, terms.TaxCodeID}}
	for _, p := range projects {
		stored = append(stored, taxed{p.TaxCategory, p.TaxPercent, p.TaxCodeID})
	}
	all, err := taxations(ctx, q, stored)
	if t, ok := billing.Agreed(all[1:], through); ok {
		return t, err
	}
	return all[0], err
}
