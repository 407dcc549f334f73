package chaos

import "math"

// Outcome is what became of a write, as far as the one who asked for it knows.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"    // answered: it has to be there, once
	Refused Outcome = "refused" // answered: it must not be there
	Unknown Outcome = "unknown" // not answered, or not yet: it is there once or not at all
)

// Register is what writes follow each other in, such as the title of one task.
type Register string

// Write is one thing that was asked for.
type Write struct {
	By       string // who asked
	What     string // in the words of the load: "assign"
	Register Register
	Value    string // unique in its register
	Asked    int64  // moments of the load's own clock, in any unit that only grows
	Answered int64  // says nothing where the outcome is Unknown
	Outcome  Outcome
	Answer   string // for people: "201", "409 not_ready", "connection refused"
}

// over is when a write can have had its effect at the latest.
func (w Write) over() int64 {
	if w.Outcome == Unknown {
		return math.MaxInt64
	}
	return w.Answered
}

// Read is one look at a register.
type Read struct {
	By       string
	Register Register
	Value    string // "" is what was there before the first write
	Asked    int64
	Answered int64
}

// Kept is what a register has in the end.
type Kept struct {
	Values  []string // as they were applied, if Ordered
	Ordered bool
}

// Kind is a way in which a promise can be broken.
type Kind string

// The kinds of violations.
const (
	Lost       Kind = "lost"         // answered, and not there
	Doubled    Kind = "doubled"      // there more than once
	Undead     Kind = "refused"      // refused, and there all the same
	Invented   Kind = "invented"     // there, and nobody asked for it
	Disordered Kind = "out of order" // before another one that was over when it was asked for
	Stale      Kind = "stale"        // a read saw what had been overwritten before it was asked for
	Early      Kind = "early"        // a read saw what nobody had asked for yet, or what was refused
)

// Violation is one broken promise.
type Violation struct {
	Kind     Kind
	Register Register
	Says     string // a sentence that names those concerned
}

// String is the violation for people.
func (v Violation) String() string { return string(v.Kind) + ": " + string(v.Register) + ": " + v.Says }
