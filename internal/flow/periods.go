package flow

import (
	"github.com/google/uuid"

	"steward/internal/civil"
)

// Workflows of recurring billing.
const (
	BillingTickWorkflow   = "BillingTick"
	BillingPeriodWorkflow = "BillingPeriod"
)

// Period names a period of a work statement by its last day.
type Period struct {
	ProjectID uuid.UUID  `json:"project_id"`
	End       civil.Date `json:"end"`
	Name      string     `json:"name,omitempty"` // of the project, for operators
}

// ID is the id of the process that bills the period: whoever starts it, there
// is one at a time.
func (p Period) ID() string {
	return string(BillingRun) + "/" + p.ProjectID.String() + "/" + p.End.String()
}

// Summary is what operators read in the list.
func (p Period) Summary() string { return Summary("Billing " + p.Name + " through " + p.End.String()) }

// Tick says how far a round of the clock has come.
type Tick struct {
	Planned bool   `json:"planned,omitempty"` // what is due is written down
	After   Period `json:"after"`             // the last that was billed
	Billed  int    `json:"billed,omitempty"`
}

// Due is the next periods to be billed, the oldest first.
type Due struct {
	Periods []Period `json:"periods"`
}
