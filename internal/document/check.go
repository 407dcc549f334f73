package document

import (
	"github.com/shopspring/decimal"

	"steward/internal/fault"
	"steward/internal/money"
)

// check refuses figures that cannot be printed as they are: a rounded amount
// would no longer add up.
func (in InvoiceData) check() error {
	if c, err := money.ParseCurrency(string(in.Currency)); err != nil || c != in.Currency {
		return fault.New(money.UnknownCurrency, "currency %q is not one that can be printed", in.Currency)
	}
	if err := in.checkAmounts(in.Subtotal, in.Tax, in.Total, in.Paid, in.Balance); err != nil {
		return err
	}
	for _, t := range in.Taxes {
		if err := in.checkAmounts(t.Base, t.Amount); err != nil {
			return err
		}
	}
	for _, s := range in.Sections {
		for _, l := range s.Lines {
			if err := in.checkAmounts(l.Amount); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in InvoiceData) checkAmounts(amounts ...decimal.Decimal) error {
	for _, a := range amounts {
		if _, err := money.Check(a); err != nil {
			return err
		}
		if !in.Currency.Fits(a) {
			return fault.New(fault.Invalid, "%s has more decimals than %s", a, in.Currency)
		}
	}
	return nil
}
