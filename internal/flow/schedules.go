package flow

import "github.com/google/uuid"

// Workflows that run by the clock.
const (
	DigestWorkflow       = "Digest"
	TimeReminderWorkflow = "TimeReminder"
)

// After asks for the people after one, in the order of their ids; the zero id
// begins.
type After struct {
	ID uuid.UUID `json:"id"`
}

// Told says how far a page of people came.
type Told struct {
	Last uuid.UUID `json:"last"` // the last person of the page
	More bool      `json:"more"` // whether others may come after
	Told int       `json:"told"` // for how many of them there was something
}
