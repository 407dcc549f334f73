package importer

import (
	"context"

	"github.com/shopspring/decimal"

	"steward/internal/postgres"
)

func (f *firm) readClients(ctx context.Context) error {
	return readThings(ctx, f, f.clients, f.client, func(c *postgres.ImportClient) {
		f.add.clients = append(f.add.clients, *c)
	})
}

func (f *firm) client(r *row, key string) *postgres.ImportClient {
	return &postgres.ImportClient{
		ID:               f.opts.newID(),
		Key:              key,
		Name:             r.needLine("name"),
		Currency:         r.currency("currency"),
		Email:            r.email("email"),
		BillingCC:        r.emails("billing_cc", r.cell("email"), postgres.MostCopies),
		BillingAddress:   r.text("billing_address", descriptionLimit),
		TaxID:            r.text("tax_id", keyLimit),
		PaymentTermsDays: r.whole("payment_terms_days", 0, 365, 30),
		TaxPercent:       r.percent("tax_percent"),
		TimeZone:         r.zone("time_zone"),
	}
}

// percent is a percentage; 0 if the cell is empty.
func (r *row) percent(column string) decimal.Decimal {
	if r.cell(column) == "" {
		return decimal.Zero
	}
	return r.amount(column, decimal.NewFromInt(100), 3)
}
