package billing_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/fault"
)

func TestWhatIsChosenExceedsNeitherPaymentNorBalance(t *testing.T) { // S1.80, lesson 9
	owed := []billing.Owed{{ID: uuid.UUID{1}, Balance: dec("60")}, {ID: uuid.UUID{2}, Balance: dec("60")}}
	on := func(id byte, amount string) billing.Application {
		return billing.Application{InvoiceID: uuid.UUID{id}, Amount: dec(amount)}
	}
	for name, c := range map[string]struct {
		chosen []billing.Application
		want   fault.Code
	}{
		"all of it":            {[]billing.Application{on(1, "60"), on(2, "40")}, ""},
		"together too much":    {[]billing.Application{on(1, "60"), on(2, "40.01")}, billing.ExceedsPayment},
		"more than is owed":    {[]billing.Application{on(1, "60.01")}, billing.ExceedsBalance},
		"another's invoice":    {[]billing.Application{on(3, "1")}, billing.NotPayable},
		"named twice":          {[]billing.Application{on(1, "1"), on(1, "1")}, fault.Invalid},
		"nothing":              {[]billing.Application{on(1, "0")}, fault.Invalid},
		"less than nothing":    {[]billing.Application{on(1, "-1")}, fault.Invalid},
		"more than pence":      {[]billing.Application{on(1, "0.001")}, fault.Invalid},
		"less, then too much":  {[]billing.Application{on(1, "60"), on(2, "-1")}, fault.Invalid},
		"the smallest of both": {[]billing.Application{on(1, "0.01"), on(2, "0.01")}, ""},
	} {
		if err := billing.Apply(dec("100"), c.chosen, owed, "GBP"); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestWhatIsLeftOverIsTakenOldestFirst(t *testing.T) { // S1.80, N.05
	credits := []billing.Credit{{ID: uuid.UUID{1}, On: day(5), Left: dec("10")}, {ID: uuid.UUID{2}, On: day(3), Left: dec("0")}, {ID: uuid.UUID{3}, On: day(4), Left: dec("20")}, {ID: uuid.UUID{4}, On: day(5), Left: dec("30")}}
	for amount, want := range map[string]string{"15": "3:15", "20": "3:20", "25": "3:20 1:5", "60": "3:20 1:10 4:30"} {
		parts, err := billing.Take(dec(amount), credits, "GBP")
		var got []string
		for _, p := range parts {
			got = append(got, string('0'+rune(p.ID[0]))+":"+p.Amount.String())
		}
		if s := strings.Join(got, " "); err != nil || s != want {
			t.Errorf("of %s: %s, %v; want %s", amount, s, err, want)
		}
	}
	_, err := billing.Take(dec("60.01"), credits, "GBP")
	if codeOf(err) != billing.ExceedsCredit || !strings.Contains(err.Error(), "60.00") {
		t.Errorf("of more than there is: %v", err)
	}
	if credits[0].ID != (uuid.UUID{1}) {
		t.Error("the caller's credits are in another order")
	}
}

func TestWhatCanBeMadeVoid(t *testing.T) { // billing "Void and credit"
	for _, c := range []struct {
		state, settled string
		credited       bool
		want           fault.Code
	}{{"complete", "0", false, ""}, {"complete", "0.01", false, billing.HasPayments}, {"complete", "0", true, billing.HasPayments}, {"draft", "0", false, billing.NotComplete}, {"void", "0", false, billing.NotComplete}} {
		if err := billing.Voidable(c.state, dec(c.settled), c.credited); codeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func amount(s string) *decimal.Decimal { d := dec(s); return &d }

func TestAnItemIsCreditedByItsKind(t *testing.T) { // N.04, billing "Void and credit"
	for name, c := range map[string]struct {
		claimed        bool
		amount, before string
		ask            billing.CreditAsk
		want           fault.Code
		credited       string
	}{
		"all that is left":          {false, "100", "30", billing.CreditAsk{Treatment: billing.WriteOff}, "", "70"},
		"a part":                    {false, "100", "30", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("69.99")}, "", "69.99"},
		"exactly what is left":      {false, "100", "30", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("70")}, "", "70"},
		"more than is left":         {false, "100", "30", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("70.01")}, billing.AlreadyCredited, ""},
		"nothing left":              {false, "100", "100", billing.CreditAsk{Treatment: billing.WriteOff}, billing.AlreadyCredited, ""},
		"less than nothing":         {false, "100", "0", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("-1")}, fault.Invalid, ""},
		"nothing":                   {false, "100", "0", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("0")}, fault.Invalid, ""},
		"more than pence":           {false, "100", "0", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("0.001")}, fault.Invalid, ""},
		"neither treatment":         {false, "100", "0", billing.CreditAsk{Treatment: "keep"}, fault.Invalid, ""},
		"with entries":              {false, "100", "0", billing.CreditAsk{Treatment: billing.WriteOff, Entries: []uuid.UUID{{9}}}, fault.Invalid, ""},
		"made by hand, released":    {false, "100", "0", billing.CreditAsk{Treatment: billing.Release}, fault.Invalid, ""},
		"a milestone, released":     {true, "100", "0", billing.CreditAsk{Treatment: billing.Release}, "", "100"},
		"a milestone, written off":  {true, "100", "0", billing.CreditAsk{Treatment: billing.WriteOff, Amount: amount("40")}, "", "40"},
		"its whole amount, named":   {true, "100", "0", billing.CreditAsk{Treatment: billing.Release, Amount: amount("100.00")}, "", "100"},
		"a part of it, released":    {true, "100", "0", billing.CreditAsk{Treatment: billing.Release, Amount: amount("40")}, fault.Invalid, ""},
		"its rest, released":        {true, "100", "40", billing.CreditAsk{Treatment: billing.Release}, fault.Invalid, ""},
		"its rest, named, released": {true, "100", "40", billing.CreditAsk{Treatment: billing.Release, Amount: amount("60")}, fault.Invalid, ""},
	} {
		c.ask.LineID = uuid.UUID{1}
		base := billing.CreditBase{ID: uuid.UUID{1}, Claimed: c.claimed, Amount: dec(c.amount), BeforeAmount: dec(c.before)}
		lines, totals, err := billing.CreditNote([]billing.CreditAsk{c.ask}, []billing.CreditBase{base}, dec("100"), dec(c.before), "GBP")
		if codeOf(err) != c.want || err == nil && (!lines[0].Amount.Equal(dec(c.credited)) || !totals.Total.Equal(dec(c.credited))) {
			t.Errorf("%s: %+v, %v; want %s %q", name, lines, err, c.credited, c.want)
		}
	}
	// a discount is below zero, and so is what is taken of it
	for part, want := range map[string]fault.Code{"-20": "", "-20.01": billing.AlreadyCredited, "20": fault.Invalid} {
		asks := []billing.CreditAsk{{LineID: uuid.UUID{1}, Treatment: billing.WriteOff}, {LineID: uuid.UUID{2}, Treatment: billing.WriteOff, Amount: amount(part)}}
		bases := []billing.CreditBase{{ID: uuid.UUID{1}, Amount: dec("100")}, {ID: uuid.UUID{2}, Amount: dec("-20")}}
		if _, totals, err := billing.CreditNote(asks, bases, dec("80"), dec("0"), "GBP"); codeOf(err) != want || err == nil && totals.Total.String() != "80" {
			t.Errorf("%s of a discount: %+v, %v; want %q", part, totals, err, want)
		}
	}
}

func TestTimeIsCreditedOnceByEntry(t *testing.T) { // N.04, lesson 7
	a, b, other := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	line := billing.CreditBase{ID: uuid.UUID{7}, Time: true, Minutes: 20, Rate: dec("1"), Amount: dec("0.33"), Entries: map[uuid.UUID]int64{a: 10, b: 10}}
	ask := func(how billing.Treatment, entries ...uuid.UUID) billing.CreditAsk {
		return billing.CreditAsk{LineID: line.ID, Treatment: how, Entries: entries}
	}
	for name, c := range map[string]struct {
		asks []billing.CreditAsk
		want fault.Code
		got  string
	}{
		"named more than once":            {[]billing.CreditAsk{ask(billing.Release, b, a, b, a)}, "", "0.33"},
		"released, and the rest not":      {[]billing.CreditAsk{ask(billing.Release, a), ask(billing.WriteOff)}, "", "0.17 0.16"},
		"one entry, twice":                {[]billing.CreditAsk{ask(billing.Release, a), ask(billing.WriteOff, a)}, billing.AlreadyCredited, ""},
		"all, and then the rest":          {[]billing.CreditAsk{ask(billing.Release), ask(billing.WriteOff)}, billing.AlreadyCredited, ""},
		"the same line, the same way":     {[]billing.CreditAsk{ask(billing.Release, a), ask(billing.Release, b)}, fault.Invalid, ""},
		"another line's entry":            {[]billing.CreditAsk{ask(billing.Release, other)}, billing.AlreadyCredited, ""},
		"by amount":                       {[]billing.CreditAsk{{LineID: line.ID, Treatment: billing.Release, Amount: amount("0.10")}}, fault.Invalid, ""},
		"another invoice's line":          {[]billing.CreditAsk{{LineID: other, Treatment: billing.Release}}, fault.Invalid, ""},
		"no line":                         {nil, billing.NothingToCredit, ""},
		"what was credited before counts": {[]billing.CreditAsk{ask(billing.Release, a)}, billing.ExceedsInvoice, ""},
	} {
		givenUp := dec("0")
		if c.want == billing.ExceedsInvoice {
			givenUp = dec("0.17") // written off
		}
		lines, _, err := billing.CreditNote(c.asks, []billing.CreditBase{line}, dec("0.33"), givenUp, "GBP")
		var got []string
		for _, l := range lines {
			got = append(got, l.Amount.String())
		}
		if s := strings.Join(got, " "); codeOf(err) != c.want || s != c.got {
			t.Errorf("%s: %s, %v; want %s %q", name, s, err, c.got, c.want)
		}
	}
}
