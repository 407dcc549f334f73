package access_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"steward/internal/access"
)

func TestGuessingBecomesSlow(t *testing.T) {
	t.Parallel()
	a := access.Allowance{Free: 3, First: 2 * time.Second, Most: 10 * time.Second, Forget: time.Hour}
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	g := access.Guesses{OpenAt: now, SeenAt: now}
	for i, pause := range []time.Duration{0, 0, 2, 4, 8, 10, 10} {
		var wait time.Duration
		if g, wait = a.Take(g, now); wait != 0 {
			t.Fatalf("guess %d waits %v", i+1, wait)
		}
		if got := g.OpenAt.Sub(now); got != pause*time.Second {
			t.Fatalf("after guess %d the pause is %v, want %d s", i+1, got, pause)
		}
		now = g.OpenAt
	}
	early, wait := a.Take(g, g.OpenAt.Add(-time.Second))
	if wait == 0 {
		early, wait = a.Take(early, early.OpenAt.Add(-time.Second))
	}
	if wait != time.Second || early.OpenAt != g.OpenAt && early.Count != g.Count+1 {
		t.Errorf("too early: %+v, %v", early, wait)
	}
	if g, _ = a.Take(early, early.SeenAt.Add(time.Hour)); g.Count != 1 {
		t.Errorf("after an hour %d guesses are remembered, want this one", g.Count)
	}
}

func TestNobodyGuessesOftenAndNobodyIsLockedOutForever(t *testing.T) {
	t.Parallel()
	a := access.Allowance{Free: 5, First: 2 * time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	begin := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		now, g, taken := begin, access.Guesses{OpenAt: begin, SeenAt: begin}, 0
		for range rapid.IntRange(1, 2000).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "seconds")) * time.Second)
			next, wait := a.Take(g, now)
			if wait > a.Most {
				t.Fatalf("the wait is %v", wait)
			}
			if wait == 0 {
				taken++
			}
			g = next
		}
		if most := 5 + 10 + int(now.Sub(begin)/a.Most); taken > most {
			t.Fatalf("%d guesses in %v, want at most %d", taken, now.Sub(begin), most)
		}
	})
}
