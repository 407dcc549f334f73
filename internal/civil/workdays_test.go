package civil_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"steward/internal/civil"
)

func usual(t testing.TB, holiday func(civil.Date) bool) civil.Hours {
	t.Helper()
	h, err := civil.Usual().Hours(time.UTC, holiday)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWorkingDaysSkipWeekendsAndHolidays(t *testing.T) { // S1.06, S2.15
	t.Parallel()
	h := usual(t, func(d civil.Date) bool { return d == civil.Of(2026, time.March, 23) }) // a Monday
	for _, c := range []struct {
		from civil.Date
		n    int
		want string
	}{
		{civil.Of(2026, time.March, 20), 0, "2026-03-20"}, {civil.Of(2026, time.March, 20), 1, "2026-03-24"}, {civil.Of(2026, time.March, 20), 5, "2026-03-30"},
		{civil.Of(2026, time.March, 21), 0, "2026-03-24"}, {civil.Of(2026, time.March, 21), 1, "2026-03-24"}, {civil.Of(2026, time.March, 24), -1, "2026-03-20"},
	} {
		if got, ok := h.AfterWorkdays(c.from, c.n); !ok || got.String() != c.want {
			t.Errorf("%d working days after %s is %s, want %s", c.n, c.from, got, c.want)
		}
	}
	never, err := civil.Calendar{}.Hours(time.UTC, nil)
	if _, ok := never.AfterWorkdays(civil.First, 1); ok || err != nil {
		t.Errorf("nobody works, and a day came (%v)", err)
	}
	if _, ok := h.AfterWorkdays(civil.Last, 1); ok {
		t.Error("there is a day after the last")
	}
}

func TestWorkingDaysAreCountedAsTheyAreAdded(t *testing.T) { // S2.15
	t.Parallel()
	h := usual(t, func(d civil.Date) bool { return d.Day%9 == 0 })
	rapid.Check(t, func(t *rapid.T) {
		from := civil.Of(2026, time.January, rapid.IntRange(1, 700).Draw(t, "from"))
		n := rapid.IntRange(-300, 300).Draw(t, "n")
		d, ok := h.AfterWorkdays(from, n)
		if n == 0 {
			return
		}
		if !ok || !h.Works(d) || h.Workdays(from, d) != n {
			t.Errorf("%s, %d: %s, which is %d", from, n, d, h.Workdays(from, d))
		}
	})
}
