package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres/db"
)

// Sending is one occasion on which an invoice or a credit note was sent (S1.78).
type Sending struct {
	Occasion  int32      `json:"occasion" doc:"1 is the first"`
	By        string     `json:"by" enum:"email,paper"`
	To        string     `json:"to,omitempty" doc:"The address, by e-mail"`
	CC        []string   `json:"cc,omitempty" doc:"Who gets a copy, by e-mail"`
	AskedBy   *uuid.UUID `json:"asked_by" doc:"Who sent it; for paper, who printed and posted it"`
	AskedAt   time.Time  `json:"asked_at"`
	MailID    *uuid.UUID `json:"mail_id,omitempty"`
	MailState *string    `json:"mail_state,omitempty" doc:"pending, sending, sent, failed or unknown; none before its mail is written"`
	MailedAt  *time.Time `json:"mailed_at,omitempty"`
	MailError *string    `json:"mail_error,omitempty" doc:"Why it was not sent yet, or failed; of one that was sent, whom the server refused a copy"`
	PrintedOn civil.Date `json:"printed_on,omitzero" format:"date"`
}

func sendingsOf(ctx context.Context, q *db.Queries, invoice uuid.UUID) ([]Sending, error) {
	rows, err := q.Sendings(ctx, invoice)
	all := make([]Sending, len(rows))
	for i, r := range rows {
		all[i] = sendingOf(r)
	}
	return all, err
}

func sendingOf(r db.SendingsRow) Sending {
	if r.MailError != nil && *r.MailError == "" {
		r.MailError = nil
	}
	return Sending{
		Occasion: r.Occasion, By: r.By, To: r.ToAddress, CC: r.CC, AskedBy: r.AskedBy, AskedAt: r.AskedAt,
		MailID: r.MailID, MailState: r.MailState, MailedAt: r.MailedAt, MailError: r.MailError, PrintedOn: r.PrintedOn,
	}
}
