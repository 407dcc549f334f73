package billing_test

import (
	"strings"
	"testing"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
)

func codeOf(err error) fault.Code {
	f, _ := fault.From(err)
	if f == nil {
		return ""
	}
	return f.Code
}

func TestWhatACreditNoteCannotBeMadeVoidFor(t *testing.T) { // N.04, billing "Void and credit"
	for _, c := range []struct {
		void        bool
		went, later string
		want        fault.Code
	}{{false, "", "", ""}, {true, "", "", billing.CreditVoid}, {true, "x", "y", billing.CreditVoid}, {false, "1.00 to INV-1", "CN-2", billing.CreditUsed}, {false, "", "CN-2", billing.CreditedSince}} {
		if err := billing.CreditVoidable(c.void, c.went, c.later); codeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []struct {
		billed bool
		number string
		same   bool
		want   fault.Code
		says   string
	}{{false, "", true, "", ""}, {false, "", false, billing.BilledAgain, "changed"}, {true, "", true, billing.BilledAgain, "on a draft"}, {true, "INV-2", true, billing.BilledAgain, "on INV-2"}} {
		err := billing.PutBack(civil.Of(2026, 3, 3), c.billed, c.number, c.same)
		if codeOf(err) != c.want || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestWhatCanBeWrittenOff(t *testing.T) { // S1.80, N.12
	for _, c := range []struct {
		state, amount, balance, credit string
		want                           fault.Code
	}{
		{"complete", "0.02", "0.02", "0", ""}, {"complete", "120", "120", "0", ""},
		{"draft", "1", "120", "0", billing.NotComplete}, {"void", "1", "120", "0", billing.NotComplete},
		{"complete", "1", "0", "0", billing.ExceedsBalance}, {"complete", "0.03", "0.02", "0", billing.ExceedsBalance},
		{"complete", "61", "120", "60", billing.ExceedsInvoice}, {"complete", "60", "120", "60", ""},
		{"complete", "1", "40", "50", billing.ExceedsInvoice}, {"complete", "0.001", "1", "0", fault.Invalid}, {"complete", "-1", "1", "0", fault.Invalid},
	} {
		if err := billing.WritableOff(c.state, dec(c.amount), dec(c.balance), dec(c.credit), "GBP"); codeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
