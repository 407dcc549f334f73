package flow

import "github.com/google/uuid"

// Workflows of status reports (S1.69).
const (
	StatusReportsWorkflow = "StatusReports" // by the clock
	StatusRunWorkflow     = "StatusRun"     // when somebody asks
	StatusWorkflow        = "Status"        // one client's report of one week
)

// SendReport is the step that a status report's process takes itself when
// nobody held it back in time.
const SendReport = "send"

// StatusID is the workflow id of a client's report: "status/{client}/2026-W12".
func StatusID(client uuid.UUID, week string) string {
	return string(Status) + "/" + client.String() + "/" + week
}

// StatusPage asks for the clients of a run after one, in the order of their ids.
type StatusPage struct {
	RunID uuid.UUID `json:"run_id"`
	After uuid.UUID `json:"after"`
}

// StatusClients are the next clients of a run.
type StatusClients struct {
	Week    string      `json:"week"`
	Clients []uuid.UUID `json:"clients"`
}

// StatusOne asks for the report of one client within a run.
type StatusOne struct {
	RunID    uuid.UUID `json:"run_id"`
	ClientID uuid.UUID `json:"client_id"`
}

// StatusProcess names the process of a report.
type StatusProcess struct {
	ID       uuid.UUID `json:"id"`
	Workflow string    `json:"workflow"`
}

// StatusDue is what the clock has to see to: the run of a week that ended, or
// the zero id, and reports that should have gone and whose processes are asked.
type StatusDue struct {
	RunID uuid.UUID       `json:"run_id"`
	Late  []StatusProcess `json:"late,omitempty"`
}

// CommentReport is the body of "comment" on a status report.
type CommentReport struct {
	Comment string `json:"comment" maxLength:"4000" doc:"What the client reads above the figures; empty takes it back"`
}
