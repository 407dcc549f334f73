package access

import "time"

// Allowance is how fast one may guess a password or a code: some guesses at
// once, then with growing pauses. It never ends in "never": an account that
// guesses could lock is one that strangers can lock.
type Allowance struct {
	Free        int32         // guesses without a pause
	First, Most time.Duration // the first pause; each is twice as long as the one before, up to the most
	Forget      time.Duration // after as long without a guess all is forgotten
}

// Guesses is how often was guessed, and from when on the next is taken.
type Guesses struct {
	Count  int32
	OpenAt time.Time
	SeenAt time.Time
}

// Take counts a guess before it is looked at, so that many at once are counted
// too. It returns how long to wait instead when it is too early; a guess that
// comes too early does not make the pause longer.
func (a Allowance) Take(g Guesses, now time.Time) (Guesses, time.Duration) {
	if wait := g.OpenAt.Sub(now); wait > 0 {
		return g, wait
	}
	if now.Sub(g.SeenAt) >= a.Forget {
		g.Count = 0
	}
	return Guesses{Count: g.Count + 1, OpenAt: now.Add(a.pause(g.Count + 1)), SeenAt: now}, 0
}

// pause is how long the next guess has to wait after so many.
func (a Allowance) pause(guesses int32) time.Duration {
	if guesses < a.Free {
		return 0
	}
	pause := a.First
	for range guesses - a.Free {
		if pause >= a.Most {
			break
		}
		pause *= 2
	}
	return min(pause, a.Most)
}
