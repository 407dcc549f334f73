package flow

import "github.com/google/uuid"

// Workflows of status reports (S1.69). StatusReports runs by the clock.
const (
	StatusReportsWorkflow = "StatusReports"
	StatusRunWorkflow     = "StatusRun"
	StatusWorkflow        = "Status"
)

// StatusID is the workflow id of a client's report of a week such as
// "2026-W12".
func StatusID(client uuid.UUID, week string) string {
	return string(Status) + "/" + client.String() + "/" + week
}
