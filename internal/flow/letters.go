package flow

import "github.com/google/uuid"

// Workflows that remind clients of what is past due. Reminders runs by the
// clock.
const (
	RemindersWorkflow   = "Reminders"
	ReminderRunWorkflow = "ReminderRun"
	ReminderWorkflow    = "Reminder"
)

// ReminderID is the workflow id of the letter to a client in a month such as
// "2026-03".
func ReminderID(client uuid.UUID, month string) string {
	return string(Reminder) + "/" + client.String() + "/" + month
}

// RunPage asks a run for the clients after one.
type RunPage struct {
	RunID uuid.UUID `json:"run_id"`
	After uuid.UUID `json:"after"`
}

// SendCreditNote is the body of "send-credit-note" on an invoice, which mails its
// credit notes too (N.04, S1.78).
type SendCreditNote struct {
	CreditNoteID uuid.UUID `json:"credit_note_id,omitzero" required:"false" hidden:"true"`
	By           string    `json:"by" enum:"email,paper" doc:"email: it is mailed to the client; paper: it was printed and posted"`
}

// SendInvoice is the body of "send" on an invoice (S1.78).
type SendInvoice struct {
	By string `json:"by" enum:"email,paper" doc:"email: it is mailed to the client; paper: it was printed and posted"`
}
