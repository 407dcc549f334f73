package api

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"steward/internal/fault"
	"steward/internal/money"
)

// decimals is how [decimal.Decimal] stands in the contract: as text, which
// keeps every digit. A number is understood too, since percents and quantities
// are often written as one.
type decimals struct{}

// decimalText bounds what is read as text: 1e400 or forty digits are no figure
// of a firm.
const decimalText = `^-?[0-9]{1,15}(\.[0-9]{1,6})?$`

// Schema implements [huma.SchemaProvider].
func (decimals) Schema(huma.Registry) *huma.Schema {
	limit := 1e15
	lowest := -limit
	text := &huma.Schema{Type: huma.TypeString, Pattern: decimalText, PatternDescription: "a decimal"}
	number := &huma.Schema{Type: huma.TypeNumber, ExclusiveMinimum: &lowest, ExclusiveMaximum: &limit}
	text.PrecomputeMessages()
	number.PrecomputeMessages()
	return &huma.Schema{AnyOf: []*huma.Schema{text, number}, Examples: []any{"17.5"}}
}

// notADecimal is said of a value that the schema does not take.
const notADecimal = `expected a decimal like "17.5", with at most 15 digits before and 6 after the point`

// figure checks a decimal of the input that is stored as numeric(18, places):
// not negative, and nothing of it lost.
func figure(field string, d decimal.Decimal, places int32) error {
	switch {
	case d.IsNegative():
		return fault.Wrong(field, "must not be negative")
	case !d.Equal(d.Truncate(places)):
		return fault.Wrong(field, "has at most %d decimals", places)
	case d.GreaterThanOrEqual(decimal.New(1, 18-places)):
		return fault.Wrong(field, "is too large to be stored")
	}
	return nil
}

// price checks an amount of the input in a currency: above zero, and nothing of
// it lost.
func price(field string, d decimal.Decimal, c money.Currency) error {
	if d.Sign() <= 0 || !c.Fits(d) {
		return fault.Wrong(field, "must be above zero, with the decimals of %s", c)
	}
	return figure(field, d, 3)
}

// optionalFigure is [figure] for a field that may be left out.
func optionalFigure(field string, d *decimal.Decimal, places int32) error {
	if d == nil {
		return nil
	}
	return figure(field, *d, places)
}

// percent checks a tax rate of the input; one that is left out is right.
func percent(field string, d *decimal.Decimal) error {
	if d == nil {
		return nil
	}
	if d.IsNegative() || d.GreaterThan(decimal.NewFromInt(100)) || !d.Equal(d.Truncate(3)) {
		return fault.Wrong(field, "is between 0 and 100 with at most three decimals")
	}
	return nil
}
