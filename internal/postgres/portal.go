package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// AsContact lets f read as a contact of a client: in a transaction that changes
// nothing, as a role for which the database itself shows only what is theirs.
// A query that forgets to ask whose a row is finds nothing of anybody else
// (S2.16). What is not there for them is not found.
func (s *Store) AsContact(ctx context.Context, person uuid.UUID, f func(q *db.Queries) error) error {
	tx, err := s.Pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing was written
	q := s.WithTx(tx)
	if err := q.BecomeContact(ctx, person.String()); err != nil {
		return err
	}
	return f(q)
}

// ClientProject is a project as the client's contacts see it.
type ClientProject struct {
	ID               uuid.UUID  `json:"id"`
	ClientID         uuid.UUID  `json:"client_id"`
	ClientName       string     `json:"client_name,omitempty"` // not to a partner's contacts, who are not shown the client
	Code             string     `json:"code"`
	Name             string     `json:"name"`
	Status           string     `json:"status"`
	AccountManagerID uuid.UUID  `json:"account_manager_id"`
	ManagerName      string     `json:"account_manager_name"`
	AccountManager   string     `json:"account_manager"` // the same, as it was called at first
	Currency         string     `json:"currency"`
	StartsOn         civil.Date `json:"starts_on"`
	EndsOn           civil.Date `json:"ends_on"`
	CreatedAt        time.Time  `json:"created_at"`
	Version          int32      `json:"version"`
}

// ClientTask is a task as the client's contacts see it: what is to be done and
// how far it is, not what it costs.
type ClientTask struct {
	ID              uuid.UUID  `json:"id"`
	Key             string     `json:"key"`
	ProjectID       uuid.UUID  `json:"project_id"`
	Title           string     `json:"title"`
	Description     string     `json:"description"`
	Status          string     `json:"status"`
	Priority        int16      `json:"priority"`
	Assignee        *SeenDoing `json:"assignee"`
	DueOn           civil.Date `json:"due_on"`
	StartedAt       *time.Time `json:"started_at"`
	EndedAt         *time.Time `json:"ended_at"`
	VisibleToClient bool       `json:"visible_to_client"`
	CreatedAt       time.Time  `json:"created_at"`
	ClosedAt        *time.Time `json:"closed_at"`
	Version         int32      `json:"version"`
}

// SomebodyElse is who it is that a contact is not told of.
const SomebodyElse = "somebody else"

// SeenDoing is who works on a task as a client's contact may know it. Of
// somebody who is not there for them, as a partner's contact is not for the
// client's, there is no id: it is somebody else, as in what they are told (S2.16).
type SeenDoing struct {
	Kind work.Kind  `json:"kind"`
	ID   *uuid.UUID `json:"id"`
	Name string     `json:"name"`
}

func seenDoing(a *Assignee) *SeenDoing {
	switch {
	case a == nil:
		return nil
	case a.Name == "":
		return &SeenDoing{Kind: a.Kind, Name: SomebodyElse}
	}
	return &SeenDoing{a.Kind, &a.ID, a.Name}
}

// ClientProjectOf is a row as contacts see it.
func ClientProjectOf(r db.PortalProjectsRow) ClientProject {
	return ClientProject{ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, Code: r.Code, Name: r.Name, Status: r.Status, AccountManagerID: r.AccountManagerID,
		ManagerName: r.AccountManager, AccountManager: r.AccountManager, Currency: r.Currency, StartsOn: r.StartsOn, EndsOn: r.EndsOn, CreatedAt: r.CreatedAt, Version: r.Version}
}

// ClientTaskOf is a row as contacts see it. A task that was given to a contact
// of a project that they do not see has no code.
func ClientTaskOf(r db.PortalTasksRow) ClientTask {
	t := ClientTask{ID: r.ID, ProjectID: r.ProjectID, Title: r.Title, Description: r.Description, Status: r.Status, Priority: r.Priority,
		Assignee: seenDoing(assignee(r.AssigneePersonID, r.AssigneeGroupID, r.AssigneeName)), DueOn: r.DueOn, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
		VisibleToClient: true, CreatedAt: r.CreatedAt, ClosedAt: r.ClosedAt, Version: r.Version}
	if r.Code != nil {
		t.Key = TaskKey(*r.Code, r.Number)
	}
	return t
}

// ForContact is the task as a contact sees it who may, or may not, see its
// project.
func (t Task) ForContact(seesProject bool) ClientTask {
	c := ClientTask{ID: t.ID, ProjectID: t.ProjectID, Title: t.Title, Description: t.Description, Status: string(t.Status), Priority: int16(t.Priority),
		Assignee: seenDoing(t.Assignee), DueOn: t.DueOn, StartedAt: t.StartedAt, EndedAt: t.EndedAt, VisibleToClient: true, CreatedAt: t.CreatedAt, ClosedAt: t.ClosedAt, Version: t.Version}
	if seesProject {
		c.Key = t.Key
	}
	return c
}

// ClientInvoice is a completed invoice as the client has it in hand.
func ClientInvoice(r db.PortalInvoicesRow, lines []db.PortalLinesRow, now time.Time) Invoice {
	inv := InvoiceOf(db.InvoicesRow{
		ID: r.ID, ClientID: r.ClientID, ClientName: r.ClientName, ProjectIds: r.ProjectIds, ProjectCodes: r.ProjectCodes, Currency: r.Currency, State: r.State, Through: r.Through, Number: r.Number, IssuedOn: r.IssuedOn, DueOn: r.DueOn,
		Subtotal: r.Subtotal, Tax: r.Tax, Total: r.Total, Paid: r.Paid, Credited: r.Credited, WrittenOff: r.WrittenOff, SentAt: r.SentAt, VoidedOn: r.VoidedOn, VoidReason: r.VoidReason, PDFFileID: r.PDFFileID, TimeZone: r.TimeZone, CreatedAt: r.CreatedAt, CompletedAt: r.CompletedAt, Version: r.Version,
	}, now)
	for _, l := range lines {
		inv.Lines = append(inv.Lines, lineOf(db.InvoiceLinesRow{
			ID: l.ID, Kind: l.Kind, Description: l.Description, Minutes: l.Minutes, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Amount: l.Amount, TaxPercent: l.TaxPercent,
		}, money.Currency(r.Currency)))
	}
	return inv
}
