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

// HeadingTaxes is how the projects of an invoice are taxed.
func HeadingTaxes(ctx context.Context, q *db.Queries, projects []db.LineHeadingsRow) ([]billing.Taxation, error) {
	stored := make([]taxed, len(projects))
	for i, p := range projects {
		stored[i] = taxed{p.TaxCategory, p.TaxPercent, p.TaxCodeID}
	}
	return taxations(ctx, q, stored)
}

// ItemTax is how an item by hand of an invoice is taxed where nobody says: as its
// project is on the invoice's last day; without one as all the invoice's projects
// are, or else as its client is (N.11).
func ItemTax(ctx context.Context, q *db.Queries, invoice uuid.UUID, projects []db.LineHeadingsRow, of *uuid.UUID, through civil.Date) (billing.Taxation, error) {
	taxes, err := HeadingTaxes(ctx, q, projects)
	if err != nil {
		return billing.Taxation{}, err
	}
	for i, p := range projects {
		if of != nil && p.ID == *of {
			return taxes[i], nil
		}
	}
	return agreedTax(ctx, q, invoice, taxes, through)
}

// taxItems taxes an invoice's items by hand as [ItemTax] has it.
func taxItems(ctx context.Context, q *db.Queries, invoice uuid.UUID, projects []db.BillableProjectsRow, taxes []billing.Taxation, through civil.Date) error {
	for i, p := range projects {
		if err := q.TaxItems(ctx, db.TaxItemsParams{InvoiceID: invoice, ProjectID: &p.ID, TaxPercent: taxes[i].On(through)}); err != nil {
			return err
		}
	}
	others, err := agreedTax(ctx, q, invoice, taxes, through)
	if err != nil {
		return err
	}
	return q.TaxItems(ctx, db.TaxItemsParams{InvoiceID: invoice, TaxPercent: others.On(through)})
}

// agreedTax is how an item of no project is taxed, where it is known how the
// projects are.
func agreedTax(ctx context.Context, q *db.Queries, invoice uuid.UUID, projects []billing.Taxation, through civil.Date) (billing.Taxation, error) {
	if t, ok := billing.Agreed(projects, through); ok {
		return t, nil
	}
	terms, err := q.InvoiceTerms(ctx, invoice)
	if err != nil {
		return billing.Taxation{}, err
	}
	client, err := taxations(ctx, q, []taxed{{terms.TaxCategory, terms.TaxPercent, terms.TaxCodeID}})
	return client[0], err
}
