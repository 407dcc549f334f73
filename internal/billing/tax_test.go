package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"steward/internal/billing"
	"steward/internal/civil"
)

// Germany's percents of 2020, out of order.
func germany() []billing.TaxRate {
	return []billing.TaxRate{
		{From: civil.Of(2020, time.July, 1), Percent: dec("16")},
		{From: civil.Of(2007, time.January, 1), Percent: dec("19")},
		{From: civil.Of(2021, time.January, 1), Percent: dec("19")},
	}
}

func TestTaxGoesByDate(t *testing.T) { // N.11
	rates := germany()
	if err := billing.CheckTaxRates(rates); err != nil {
		t.Fatal(err)
	}
	tax := billing.Taxation{Category: "standard", Percent: dec("7"), Rates: rates}
	for day, want := range map[civil.Date]string{
		civil.Of(1999, time.May, 1): "19", civil.Of(2007, time.January, 1): "19", civil.Of(2020, time.June, 30): "19", civil.Of(2020, time.July, 1): "16",
		civil.Of(2020, time.December, 31): "16", civil.Of(2021, time.January, 1): "19", civil.Of(2026, time.March, 1): "19",
	} {
		if got := tax.On(day); !got.Equal(dec(want)) {
			t.Errorf("on %s the percent is %s, want %s", day, got, want)
		}
	}
	if got := (billing.Taxation{Percent: dec("7")}).On(day(1)); !got.Equal(dec("7")) {
		t.Errorf("without a code the percent is %s", got)
	}
	if err := billing.CheckTaxRates(nil); err == nil {
		t.Error("a code without rates is taken")
	}
	if err := billing.CheckTaxRates(append(germany(), germany()[0])); err == nil {
		t.Error("two rates from one day are taken")
	}
}

func TestEveryDayHasThePercentOfItsLatestRate(t *testing.T) { // N.11
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 400), 1, 10, rapid.ID[int]).Draw(t, "days")
		var rates []billing.TaxRate
		for _, d := range days {
			rates = append(rates, billing.TaxRate{From: day(1).AddDays(d), Percent: decimal.NewFromInt(int64(d) % 100)})
		}
		if err := billing.CheckTaxRates(rates); err != nil {
			t.Fatal(err)
		}
		on := rapid.IntRange(-10, 410).Draw(t, "on")
		latest := slices.Min(days)
		for _, d := range days {
			if d <= on {
				latest = max(latest, d)
			}
		}
		if got := (billing.Taxation{Rates: rates}).On(day(1).AddDays(on)); !got.Equal(decimal.NewFromInt(int64(latest) % 100)) {
			t.Fatalf("%d days on, of rates from %v, the percent is %s", on, days, got)
		}
	})
}

func TestALineHasOnePercent(t *testing.T) { // N.11
	book := billing.NewBook([]billing.Rate{{ProjectID: &project, Hourly: dec("60"), From: civil.First}})
	tax := billing.Taxation{Rates: []billing.TaxRate{{From: day(1), Percent: dec("19")}, {From: day(10), Percent: dec("16")}}}
	g := billing.NewGatherer(billing.Plan{Currency: "EUR", Tax: tax}, book)
	for _, d := range []int{9, 10, 11, 8} {
		if err := g.Add(billing.Entry{TaskID: task, PersonID: ann, WorkDate: day(d), Minutes: 30}); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := g.Lines()
	if err != nil || len(lines) != 2 || !lines[0].Tax.Equal(dec("19")) || lines[0].Last != day(9) || !lines[1].Tax.Equal(dec("16")) || lines[1].First != day(10) {
		t.Errorf("got %+v, %v; want the work up to the 9th at 19 %%, and from the 10th at 16 %%", lines, err)
	}
}

func TestProjectsAgreeOnADay(t *testing.T) { // N.11
	fixed := billing.Taxation{Category: "standard", Percent: dec("16")}
	coded := billing.Taxation{Category: "standard", Rates: []billing.TaxRate{{From: day(1), Percent: dec("19")}, {From: day(10), Percent: dec("16")}}}
	exempt := billing.Taxation{Category: "exempt"}
	for _, c := range []struct {
		projects []billing.Taxation
		on       int
		want     bool
	}{
		{nil, 1, false}, {[]billing.Taxation{fixed}, 1, true}, {[]billing.Taxation{fixed, coded}, 9, false}, {[]billing.Taxation{fixed, coded}, 10, true},
		{[]billing.Taxation{coded, coded}, 9, true}, {[]billing.Taxation{exempt, {Category: "reverse_charge"}}, 1, false},
	} {
		if _, ok := billing.Agreed(c.projects, day(c.on)); ok != c.want {
			t.Errorf("on the %d. %+v agree: %v", c.on, c.projects, ok)
		}
	}
}

func TestALineWithoutTaxOfWhatIsTaxedNowIsFound(t *testing.T) { // N.11
	t.Parallel()
	day := civil.Of(2026, 3, 12)
	flat := billing.Taxation{Category: "standard", Percent: dec("20")}
	byDay := billing.Taxation{Category: "standard", Rates: []billing.TaxRate{{From: civil.Of(2007, 1, 1), Percent: dec("19")}, {From: civil.Of(2026, 3, 10), Percent: dec("16")}}}
	for name, c := range map[string]struct {
		of           billing.Taxation
		kind         string
		percent, sum string
		want         string
	}{
		"time":                      {flat, "time", "0", "5", "20"},
		"time, of its day":          {byDay, "time", "0", "5", "16"},
		"a milestone":               {flat, "fixed", "0", "5", "20"},
		"one that says no day":      {byDay, "fixed", "0", "5", "0"},
		"taxed already":             {flat, "time", "7", "5", "0"},
		"nothing":                   {flat, "time", "0", "0", "0"},
		"an expense with its own":   {flat, "expense", "0", "5", "0"},
		"reverse charge, as it was": {billing.Taxation{Category: "reverse_charge"}, "time", "0", "5", "0"},
		"at zero now as well":       {billing.Taxation{Category: "standard"}, "time", "0", "5", "0"},
	} {
		if got := c.of.Missed(c.kind, dec(c.percent), dec(c.sum), day); !got.Equal(dec(c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
