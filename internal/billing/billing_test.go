package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(d int) civil.Date { return civil.Of(2026, time.March, d) }

var ann, bob, project, task = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}

func TestTheMostParticularRateCounts(t *testing.T) { // S1.12, S1.13
	book := billing.NewBook([]billing.Rate{
		{PersonID: &ann, Hourly: dec("80"), From: civil.First},
		{ProjectID: &project, Hourly: dec("90"), From: day(10), To: day(20)},
		{PersonID: &ann, ProjectID: &project, Hourly: dec("100"), From: day(15)},
		{PersonID: &bob, ProjectID: &project, Hourly: dec("70"), From: day(1), To: day(5)},
	})
	for _, c := range []struct {
		name   string
		person uuid.UUID
		on     civil.Date
		want   string
		source billing.Source
	}{
		{"before any agreement the default", ann, day(9), "80", billing.PersonDefault},
		{"the work statement from its first day", ann, day(10), "90", billing.WorkStatement},
		{"the person on the project over the work statement", ann, day(15), "100", billing.ProjectPerson},
		{"the end of a rate is not in it", bob, day(5), "", ""},
		{"the day before its end is", bob, day(4), "70", billing.ProjectPerson},
		{"somebody without a rate has the work statement's", bob, day(19), "90", billing.WorkStatement},
		{"never a silent zero", bob, day(20), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, source, err := book.Find(c.person, c.on)
			if c.want == "" {
				if !fault.Is(err, billing.MissingRate) {
					t.Fatalf("got %s, %v, want missing_rate", got, err)
				}
				return
			}
			if err != nil || !got.Equal(dec(c.want)) || source != c.source {
				t.Errorf("got %s from %s, %v; want %s from %s", got, source, err, c.want, c.source)
			}
		})
	}
}

func TestARateChangedFromADateOnLeavesEarlierTimeAlone(t *testing.T) { // billing, lesson 11
	book := billing.NewBook([]billing.Rate{
		{PersonID: &ann, Hourly: dec("80"), From: civil.First, To: day(10)},
		{PersonID: &ann, Hourly: dec("120"), From: day(10)},
	})
	g := billing.NewGatherer(billing.Plan{Currency: "GBP"}, book)
	for _, d := range []int{9, 10} {
		if err := g.Add(billing.Entry{TaskID: task, PersonID: ann, WorkDate: day(d), Minutes: 60}); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := g.Lines()
	if err != nil || len(lines) != 2 || !lines[0].Amount.Equal(dec("80")) || !lines[1].Amount.Equal(dec("120")) {
		t.Errorf("got %+v, %v; want a line at 80 and a line at 120", lines, err)
	}
}

func TestLinesAreGroupedAsTheWorkStatementSays(t *testing.T) { // S1.11
	book := billing.NewBook([]billing.Rate{{ProjectID: &project, Hourly: dec("60"), From: civil.First}})
	entries := []billing.Entry{
		{ID: uuid.UUID{11}, TaskID: task, PersonID: ann, WorkDate: day(1), Minutes: 7},
		{ID: uuid.UUID{12}, TaskID: task, PersonID: bob, WorkDate: day(2), Minutes: 7},
		{ID: uuid.UUID{13}, TaskID: uuid.UUID{5}, PersonID: ann, WorkDate: day(3), Minutes: 7},
		{ID: uuid.UUID{14}, TaskID: task, PersonID: ann, WorkDate: day(4), Minutes: 7, NoCharge: true},
	}
	for grouping, want := range map[billing.Grouping]int{billing.ByTaskPerson: 4, billing.ByTask: 3, billing.ByPerson: 3, billing.ByEntry: 4} {
		g := billing.NewGatherer(billing.Plan{Currency: "GBP", Grouping: grouping}, book)
		for _, e := range entries {
			if err := g.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := g.Lines()
		if err != nil || len(lines) != want {
			t.Errorf("by %s there are %d lines, %v; want %d", grouping, len(lines), err, want)
		}
		free := slices.IndexFunc(lines, func(l billing.Line) bool { return l.Source == billing.NoCharge })
		if free < 0 || !lines[free].Amount.IsZero() || lines[free].Minutes != 7 {
			t.Errorf("by %s no-charge time is not shown at 0: %+v", grouping, lines)
		}
	}
}

func TestTimeOfAPeriodBilledBeforeIsLate(t *testing.T) { // billing: "marked late"
	book := billing.NewBook([]billing.Rate{{ProjectID: &project, Hourly: dec("60"), From: civil.First}})
	g := billing.NewGatherer(billing.Plan{Currency: "GBP", BilledThrough: day(10)}, book)
	for _, d := range []int{10, 11} {
		if err := g.Add(billing.Entry{TaskID: task, PersonID: ann, WorkDate: day(d), Minutes: 60}); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := g.Lines()
	if err != nil || len(lines) != 2 || !lines[0].Late || lines[1].Late || lines[0].First != day(10) {
		t.Errorf("got %+v, %v; want the 10th late, with its true date, and the 11th not", lines, err)
	}
}

func TestMinutesAreRaisedToTheIncrementEntryByEntry(t *testing.T) {
	for _, c := range []struct{ minutes, increment, want int64 }{{7, 0, 7}, {7, 1, 7}, {7, 6, 12}, {12, 6, 12}, {1, 15, 15}, {16, 15, 30}} {
		if got := billing.RoundUp(c.minutes, c.increment); got != c.want {
			t.Errorf("%d in steps of %d is %d, want %d", c.minutes, c.increment, got, c.want)
		}
	}
}

// S1.73, billing lesson 6: printed hours × rate = printed amount, the sum of
// lines = total, whatever the entries.
func TestAThousandEntriesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{"GBP", "JPY", "KWD"}).Draw(t, "currency")
		rates := []billing.Rate{}
		people := []uuid.UUID{ann, bob}
		for i := range people {
			rates = append(rates, billing.Rate{PersonID: &people[i], Hourly: decimal.New(rapid.Int64Range(0, 50_000).Draw(t, "rate"), -2), From: civil.First})
		}
		g := billing.NewGatherer(billing.Plan{Currency: c, Grouping: rapid.SampledFrom([]billing.Grouping{"task_person", "task", "person", "entry"}).Draw(t, "grouping")}, billing.NewBook(rates))
		n := rapid.IntRange(1, 200).Draw(t, "entries")
		var minutes int64
		for i := range n {
			e := billing.Entry{ID: uuid.UUID{9, byte(i), byte(i >> 8)}, TaskID: uuid.UUID{byte(i % 5)}, PersonID: people[i%2], WorkDate: day(1 + i%28), Minutes: rapid.Int64Range(1, 1440).Draw(t, "minutes")}
			minutes += e.Minutes
			if err := g.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := g.Lines()
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, lines, c, n, minutes)
	})
}

func checkSums(t *rapid.T, lines []billing.Line, c money.Currency, n int, minutes int64) {
	seen, sum := map[int]bool{}, decimal.Zero
	var taxed []billing.Taxed
	for _, l := range lines {
		want, err := money.ForTime(l.Minutes, l.Rate, c)
		if err != nil || !l.Amount.Equal(want) || !c.Fits(l.Amount) {
			t.Fatalf("%d min at %s is %s, want %s, %v", l.Minutes, l.Rate, l.Amount, want, err)
		}
		minutes -= l.Minutes
		sum = sum.Add(l.Amount)
		for _, e := range l.Entries {
			if seen[e] {
				t.Fatalf("entry %d is on two lines", e)
			}
			seen[e] = true
		}
		taxed = append(taxed, billing.Taxed{Amount: l.Amount, TaxPercent: dec("20")})
	}
	if len(seen) != n || minutes != 0 {
		t.Fatalf("%d of %d entries are on lines, %d minutes are not", len(seen), n, minutes)
	}
	totals, err := billing.Sum(taxed, c)
	if err != nil || !totals.Subtotal.Equal(sum) || !totals.Total.Equal(totals.Subtotal.Add(totals.Tax)) {
		t.Fatalf("the lines come to %s, the invoice to %+v, %v", sum, totals, err)
	}
}

func TestTaxIsRoundedOnceForEachRate(t *testing.T) { // N.11, billing "Amounts"
	got, err := billing.Sum([]billing.Taxed{{dec("0.03"), dec("20")}, {dec("0.03"), dec("20")}, {dec("10"), dec("5")}, {dec("-0.01"), dec("0")}}, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	// 20 % of 0.06 is 0.012 → 0.01; line by line it would be 0.006 + 0.006 → 0.02.
	if !got.Tax.Equal(dec("0.51")) || !got.Total.Equal(dec("10.56")) || len(got.Taxes) != 3 || !got.Taxes[2].Base.Equal(dec("0.06")) {
		t.Errorf("got %+v", got)
	}
}

func TestItemsArePricedByTheirKind(t *testing.T) { // S1.76
	for _, c := range []struct {
		item billing.Item
		want string
	}{
		{billing.Item{Kind: billing.Expense, Quantity: dec("3"), UnitPrice: dec("1.335")}, "4.01"}, // 4.005
		{billing.Item{Kind: billing.Discount, Quantity: dec("1"), UnitPrice: dec("50")}, "-50"},
		{billing.Item{Kind: billing.Fixed, Quantity: dec("0.5"), UnitPrice: dec("1000")}, "500"},
	} {
		if got, err := c.item.Amount("GBP"); err != nil || !got.Equal(dec(c.want)) {
			t.Errorf("%+v is %s, %v; want %s", c.item, got, err, c.want)
		}
	}
	for _, bad := range []billing.Item{{Kind: billing.Charge, Quantity: dec("0"), UnitPrice: dec("1")}, {Kind: billing.Charge, Quantity: dec("1"), UnitPrice: dec("-1")}, {Kind: billing.Charge, Quantity: dec("1e15"), UnitPrice: dec("10")}} {
		if got, err := bad.Amount("GBP"); err == nil {
			t.Errorf("%+v is priced at %s", bad, got)
		}
	}
}

func TestWhatCannotBeCompletedIsSaid(t *testing.T) { // S1.77
	for _, c := range []struct {
		draft bool
		lines int
		total string
		want  fault.Code
	}{{false, 1, "1", billing.AlreadyComplete}, {true, 0, "0", billing.NothingToBill}, {true, 1, "-0.01", billing.NegativeTotal}, {true, 1, "0", ""}} {
		err := billing.Completable(c.draft, c.lines, dec(c.total))
		if f, _ := fault.From(err); (f == nil) != (c.want == "") || f != nil && f.Code != c.want {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestDueDatesFollowTheTerms(t *testing.T) {
	for _, c := range []struct {
		issued   civil.Date
		days     int
		monthEnd bool
		want     string
	}{
		{civil.Of(2026, 1, 31), 30, false, "2026-03-02"}, {civil.Of(2024, 1, 30), 30, false, "2024-02-29"},
		{civil.Of(2026, 1, 5), 0, false, "2026-01-05"}, {civil.Of(2026, 1, 5), 30, true, "2026-03-02"},
	} {
		if got := (billing.Terms{Days: c.days, FromMonthEnd: c.monthEnd}).Due(c.issued).String(); got != c.want {
			t.Errorf("%+v is due %s", c, got)
		}
	}
}

func TestPastDueIsAfterTheDueDayOnly(t *testing.T) {
	if billing.PastDue(dec("1"), day(5), day(5)) || !billing.PastDue(dec("0.01"), day(5), day(6)) || billing.PastDue(dec("0"), day(5), day(6)) {
		t.Error("an invoice is past due from the day after its due date on, while something is owed")
	}
}

func TestOfSeveralTermsThoseHoldThatEndFirst(t *testing.T) { // S1.11, S1.77
	thirty, monthEnd := billing.Terms{Days: 30}, billing.Terms{Days: 10, FromMonthEnd: true}
	for issued, want := range map[string]string{"2026-11-23": "2026-12-10", "2026-11-01": "2026-12-01", "2026-11-10": "2026-12-10"} {
		day, err := civil.Parse(issued)
		if err != nil {
			t.Fatal(err)
		}
		for _, all := range [][]billing.Terms{{thirty, monthEnd}, {monthEnd, thirty}} {
			if got := billing.FirstDue(day, all).Due(day).String(); got != want {
				t.Errorf("issued on %s it is due on %s, want %s", issued, got, want)
			}
		}
	}
}

func TestNumbersHaveFiveFiguresAndMoreWhereNeeded(t *testing.T) { // S1.77, N.04
	t.Parallel()
	for want, got := range map[string]string{
		"INV-2026-00042": billing.Number("INV", 2026, 42), "CN-2027-99999": billing.Number("CN", 2027, 99_999), "INV-2026-100000": billing.Number("INV", 2026, 100_000),
	} {
		if got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
}
