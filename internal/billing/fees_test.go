package billing_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/fault"
)

func TestAFeeHoldsForThePeriodsThatBeginFromItsDayOn(t *testing.T) { // N.08
	t.Parallel()
	fee := func(from string, amount int64) billing.Fee {
		f := billing.Fee{Amount: decimal.NewFromInt(amount), Minutes: 60}
		if from != "" {
			f.From = date(from)
		}
		return f
	}
	fees := billing.Fees{fee("", 500), fee("2026-02-01", 600), fee("2026-03-15", 700)}
	for _, c := range []struct {
		start string
		want  int64
		later int
	}{{"1999-01-01", 500, 2}, {"2026-01-31", 500, 2}, {"2026-02-01", 600, 1}, {"2026-03-01", 600, 1}, {"2026-03-14", 600, 1}, {"2026-03-15", 700, 0}, {"2030-01-01", 700, 0}} {
		day := date(c.start)
		got := fees.Of(billing.Period{Start: day, End: day.AddDays(30)})
		if got.Amount.IntPart() != c.want || len(fees.After(day)) != c.later {
			t.Errorf("a period from %s has the fee %s, and %d follow; want %d, %d", c.start, got.Amount, len(fees.After(day)), c.want, c.later)
		}
	}
	if err := fees.Check("changes"); err != nil {
		t.Error(err)
	}
	for _, wrong := range []billing.Fees{{fee("", 1), fee("", 2)}, {fee("", 1), fee("2026-02-01", 2), fee("2026-02-01", 3)}, {fee("", 1), fee("2026-02-02", 2), fee("2026-02-01", 3)}} {
		if err := wrong.Check("changes"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v is %v", wrong, err)
		}
	}
}
