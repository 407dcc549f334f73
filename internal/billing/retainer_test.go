package billing_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
)

func TestAPeriodHasOneFee(t *testing.T) { // N.08
	march, april := billing.Period{Start: day(1), End: day(31)}, billing.Period{Start: date("2026-04-01"), End: date("2026-04-30")}
	r := billing.Retainer{Rhythm: billing.Rhythm{Cycle: billing.Monthly, Anchor: billing.LastDay, From: day(1)}}
	may := date("2026-05-01")
	for name, c := range map[string]struct {
		billed []billing.Period
		ended  civil.Date
		want   []billing.Period
	}{
		"both":                          {nil, civil.Date{}, []billing.Period{march, april}},
		"one is billed":                 {[]billing.Period{march}, civil.Date{}, []billing.Period{april}},
		"its last day is billed":        {[]billing.Period{{Start: day(31), End: day(31)}}, civil.Date{}, []billing.Period{april}},
		"the first day of the other is": {[]billing.Period{{Start: april.Start, End: april.Start}}, civil.Date{}, []billing.Period{march}},
		"the day before is":             {[]billing.Period{{Start: date("2026-02-01"), End: date("2026-02-28")}}, civil.Date{}, []billing.Period{march, april}},
		"ended on a first day":          {nil, april.Start, []billing.Period{march, april}},
		"ended on a last day":           {nil, march.End, []billing.Period{march}},
	} {
		r.Ended, r.Billed = c.ended, nil
		for _, p := range c.billed {
			r.Billed = append(r.Billed, billing.Share{Period: p})
		}
		if got := r.Due(may); !slices.Equal(got, c.want) {
			t.Errorf("%s: due are %v, want %v", name, got, c.want)
		}
		if got := r.Between(date("2026-02-28"), april.End); !slices.Equal(got, c.want) {
			t.Errorf("%s: up to April are %v, want %v", name, got, c.want)
		}
		for _, p := range []billing.Period{march, april} {
			if got, waits := r.Waits(p.End); got != p || waits != slices.Contains(c.want, p) {
				t.Errorf("%s: %v waits for a fee: %t", name, got, waits)
			}
		}
	}
	r.Ended, r.Billed = civil.Date{}, nil
	if got := r.Due(april.End); !slices.Equal(got, []billing.Period{march}) {
		t.Errorf("on the last day of April due are %v", got)
	}
	if got := r.Between(march.End, april.Start); !slices.Equal(got, []billing.Period{april}) {
		t.Errorf("after March, up to the first of April: %v", got)
	}
	if got := r.Between(day(1), date("2026-02-27")); got != nil {
		t.Errorf("before billing begins: %v", got)
	}
}

func TestWhatAFeeIncludesIsUsedInOrder(t *testing.T) { // N.08
	s := billing.Share{Period: billing.Period{Start: day(1), End: day(10)}, Carried: 30, Included: 60, Used: 10}
	all := []billing.Worked{{Date: day(10), Minutes: 50}, {Date: day(11), Minutes: 20}, {Date: date("2025-12-31"), Minutes: 90}}
	covered := []int64{5, 0, 0}
	s.Include(all, covered)
	if !slices.Equal(covered, []int64{50, 0, 35}) || s.Used != 90 || s.Left() != 0 {
		t.Errorf("covered are %v, used %d, left %d", covered, s.Used, s.Left())
	}
	fees := []billing.Share{{Period: billing.Period{Start: day(1), End: day(10)}, Included: 7}, {Period: billing.Period{Start: day(21), End: day(30)}, Included: 60}, {Period: billing.Period{Start: day(11), End: day(20)}, Carried: 5, Included: 60, Used: 20}}
	for on, want := range map[civil.Date]int64{day(10): 0, day(11): 7, day(20): 7, day(21): 45, day(31): 60} {
		if got := billing.LeftBefore(on, fees); got != want {
			t.Errorf("before %s %d minutes are left, want %d", on, got, want)
		}
	}
	line := billing.Line{Minutes: 20, Rate: dec("1"), Amount: dec("0.34"), Entries: []int{2, 0}} // frozen, whatever is computed now
	for _, c := range []struct {
		covered []int64
		want    string
	}{{[]int64{10, 99, 10}, "0.34"}, {[]int64{10, 99, 0}, "0.17"}, {[]int64{0, 99, 0}, "0"}} {
		if got, err := line.Included(c.covered, "GBP"); err != nil || !got.Equal(dec(c.want)) {
			t.Errorf("of the line the fee pays %s, %v; want %s", got, err, c.want)
		}
	}
}

func TestABudgetIsHeldInOrder(t *testing.T) { // N.07
	minutes := int64(60)
	by := func(m *int64, a *decimal.Decimal, want ...bool) {
		t.Helper()
		b := billing.Budget{Minutes: m, Amount: a}
		for i, x := range []struct {
			minutes int64
			amount  string
		}{{40, "40"}, {20, "20"}, {1, "1"}, {0, "0"}} {
			if got := b.Take(x.minutes, dec(x.amount)); got != want[i] {
				t.Errorf("session %d fits: %t", i, got)
			}
		}
	}
	by(nil, nil, true, true, true, true)
	by(&minutes, nil, true, true, false, false) // nothing fits after what did not
	by(nil, amount("60"), true, true, false, false)
	by(&minutes, amount("59.99"), true, false, false, false)
	if minutes != 60 {
		t.Errorf("the caller's budget is %d", minutes)
	}
	for used, want := range map[string][]int16{"49.99": nil, "50": {50}, "79.99": {50}, "80": {50, 80}, "99.99": {50, 80}, "100": {50, 80, 100}, "150": {50, 80, 100}} {
		if got := billing.Reached(dec(used).Mul(dec("3")), dec("300")); !slices.Equal(got, want) {
			t.Errorf("%s %% used: warnings %v, want %v", used, got, want)
		}
	}
}

func TestAnExpenseIsMarkedUp(t *testing.T) { // N.10
	for percent, want := range map[string]string{"0": "33.33", "10": "36.66", "12.5": "37.50"} {
		if got, err := billing.Marked(dec("33.33"), dec(percent), "GBP"); err != nil || !got.Equal(dec(want)) {
			t.Errorf("marked up by %s: %s, %v; want %s", percent, got, err, want)
		}
	}
}

func TestAStatementRunsFromItsOpening(t *testing.T) { // N.13
	a := billing.Account{Opening: dec("10"), Movements: []billing.Movement{{Amount: dec("5")}, {Amount: dec("-20")}}}
	a.Run()
	if got := a.Movements[0].Balance.String() + " " + a.Movements[1].Balance.String() + " " + a.Closing.String(); got != "15 -5 -5" {
		t.Errorf("balances and closing: %s", got)
	}
	var one, all billing.Aging
	one.Add(dec("3"), day(1), day(2))
	one.Credit = dec("1")
	all.Add(dec("4"), day(2), day(2))
	all.Merge(one)
	all.Merge(one)
	if got := all.Buckets[0].String() + " " + all.Buckets[1].String() + " " + all.Total.String() + " " + all.Owed().String(); got != "4 6 10 8" {
		t.Errorf("of three clients: %s", got)
	}
}

func TestALineSaysItsDaysAndLinesHaveAnOrder(t *testing.T) { // S1.11, billing "Amounts"
	person, project := uuid.UUID{1}, uuid.UUID{9}
	book := billing.NewBook([]billing.Rate{{PersonID: &person, Hourly: dec("60"), From: day(1)}, {ProjectID: &project, PersonID: &person, Hourly: dec("90"), From: day(20)}})
	g := billing.NewGatherer(billing.Plan{Currency: "GBP", BilledThrough: day(5)}, book)
	own := dec("60")
	for i, e := range []billing.Entry{
		{WorkDate: day(8), Minutes: 1}, {WorkDate: day(7), Minutes: 1}, {WorkDate: day(9), Minutes: 1}, {WorkDate: day(8), Minutes: 1},
		{WorkDate: day(7), Minutes: 1, Rate: amount("61")}, {WorkDate: day(7), Minutes: 1, Rate: &own}, {WorkDate: day(5), Minutes: 1}, {WorkDate: day(21), Minutes: 1},
		{WorkDate: day(7), Minutes: 1, NoCharge: true},
	} {
		e.ID, e.PersonID = uuid.UUID{byte(i)}, person
		if err := g.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := g.Lines()
	var got []string
	for _, l := range lines {
		got = append(got, l.First.String()[8:]+"-"+l.Last.String()[8:]+" "+l.Rate.String()+" "+string(l.Source))
	}
	want := []string{"05-05 60 person_default", "07-07 0 no_charge", "07-07 60 entry", "07-09 60 person_default", "07-07 61 entry", "21-21 90 project_person"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
