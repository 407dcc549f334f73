package flow

import (
	"time"

	"github.com/google/uuid"
)

// ReconcileWorkflow compares what is open in Postgres with what runs in
// Temporal, by the clock or when an operator asks.
const ReconcileWorkflow = "Reconcile"

// The activities of Reconcile. They ask Temporal too, and are the worker's own.
const (
	BeginReconciliation = "BeginReconciliation"
	CompareProcesses    = "CompareProcesses"
	EndReconciliation   = "EndReconciliation"
)

// Modes of reconciling.
const (
	Nightly  = "nightly"
	Asked    = "asked"
	Dry      = "dry"      // nothing is mended
	Restored = "restored" // Postgres was restored to an earlier moment
)

// Reconcile asks for a comparison. ID is that of its row; none: it has none yet.
type Reconcile struct {
	ID   uuid.UUID  `json:"id"`
	Mode string     `json:"mode,omitempty"` // none: nightly
	AsOf *time.Time `json:"as_of,omitempty"`
}

// Compare asks for the comparison of one kind.
type Compare struct {
	Reconcile
	Kind Kind `json:"kind"`
}

// Compared says what came of it.
type Compared struct {
	Things    int `json:"things"`          // that are open
	Processes int `json:"processes"`       // that ran
	Found     int `json:"found,omitempty"` // that differed; known at the end
}

// Add sums up.
func (c *Compared) Add(more Compared) {
	c.Things += more.Things
	c.Processes += more.Processes
}

// Reconciled ends a comparison.
type Reconciled struct {
	Reconcile
	Compared
}

// Drift is how a process and its row differ.
type Drift string

// What can be found.
const (
	Missing  Drift = "missing" // an open thing without a process, which is started
	Behind   Drift = "behind"  // a process that knows less than its row
	Overdue  Drift = "overdue" // a deadline that passed an hour ago or more, and nobody acted
	Ahead    Drift = "ahead"   // a process that knows more than its row
	Left     Drift = "left"    // a process of what is closed
	Gone     Drift = "gone"    // a process, running or ended, of what is not in Postgres
	Numbered Drift = "number"  // a number that was given, and is not in Postgres
	SentOut  Drift = "sent"    // a process that has written mail since the moment restored to
	HeldMail Drift = "mail"    // a mail that waited at the moment restored to
)

// Drifts are all that can be found of processes.
var Drifts = []Drift{Missing, Behind, Overdue, Ahead, Left, Gone}
