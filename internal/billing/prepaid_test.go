package billing_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/billing"
	"steward/internal/civil"
)

func TestPrepaidHoursAreUsedInTheOrderWorked(t *testing.T) { // N.08
	all := []billing.Worked{{Date: day(1), Minutes: 60}, {Date: day(2), Minutes: 60}, {Date: day(5), Minutes: 60}, {Date: day(9), Minutes: 60}}
	covered := []int64{0, 20, 0, 0} // a fee included some
	p := billing.Prepaid{From: day(2), Until: day(8), Left: 90}
	if n := p.Include(all, covered); n != 90 || p.Left != 0 || covered[0] != 0 || covered[1] != 60 || covered[2] != 50 || covered[3] != 0 {
		t.Errorf("%d minutes are paid for: %v, %d left", n, covered, p.Left)
	}
	if n := p.Include(all, covered); n != 0 {
		t.Errorf("%d minutes more are paid for by nothing", n)
	}
}

func TestWhatExpiresFirstIsUsedFirst(t *testing.T) { // N.08
	all := []billing.Prepaid{
		{ID: uuid.UUID{1}, From: day(1)}, {ID: uuid.UUID{2}, From: day(3), Until: day(20)}, {ID: uuid.UUID{3}, From: day(2), Until: day(20)}, {ID: uuid.UUID{4}, From: day(4), Until: day(9)},
		{ID: uuid.UUID{6}, From: day(2)}, {ID: uuid.UUID{5}, From: day(2)}, {ID: uuid.UUID{7}, From: day(9)},
	}
	billing.SortPrepaid(all)
	for i, want := range []byte{4, 3, 2, 1, 5, 6, 7} {
		if all[i].ID[0] != want {
			t.Errorf("place %d has %v", i, all[i])
		}
	}
}

func TestPrepaidHoursPayForNoMinuteTwice(t *testing.T) { // N.08
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) billing.Worked {
			return billing.Worked{Date: day(rapid.IntRange(1, 28).Draw(t, "day")), Minutes: rapid.Int64Range(0, 600).Draw(t, "minutes")}
		}), 0, 20).Draw(t, "worked")
		covered := make([]int64, len(all))
		var took, had int64
		for range rapid.IntRange(1, 4).Draw(t, "blocks") {
			p := billing.Prepaid{From: day(rapid.IntRange(1, 28).Draw(t, "from")), Left: rapid.Int64Range(1, 2000).Draw(t, "left")}
			if rapid.Bool().Draw(t, "ends") {
				p.Until = p.From.AddDays(rapid.IntRange(0, 20).Draw(t, "days"))
			}
			had += p.Left
			before := append([]int64{}, covered...)
			took += p.Include(all, covered)
			for i, w := range all {
				if covered[i] > before[i] && (w.Date.Before(p.From) || !p.Until.IsZero() && w.Date.After(p.Until)) {
					t.Fatalf("%v is paid for by %+v", w, p)
				}
			}
			if p.Left < 0 || p.Left > 0 && unpaid(all, covered, p.From, p.Until) {
				t.Fatalf("%+v has %d minutes left, and time is not paid for: %v of %v", p, p.Left, covered, all)
			}
		}
		var sum int64
		for i, w := range all {
			if covered[i] < 0 || covered[i] > w.Minutes {
				t.Fatalf("%d of %d minutes are paid for", covered[i], w.Minutes)
			}
			sum += covered[i]
		}
		if sum != took || took > had {
			t.Fatalf("%d minutes are paid for, %d were taken of %d", sum, took, had)
		}
	})
}

func unpaid(all []billing.Worked, covered []int64, from, until civil.Date) bool {
	for i, w := range all {
		if covered[i] < w.Minutes && !w.Date.Before(from) && (until.IsZero() || !w.Date.After(until)) {
			return true
		}
	}
	return false
}
