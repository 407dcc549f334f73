package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/postgres/db"
)

// Actor is a person with all that rights are derived from.
func Actor(r db.ActorByTokenRow) access.Actor {
	a := access.Actor{ID: r.ID, Name: r.Name, Staff: r.Kind == "staff", Groups: r.Groups, Manages: r.Manages, Ends: r.ExpiresAt, Zone: r.TimeZone}
	if r.ClientID != nil {
		a.ClientID = *r.ClientID
	}
	for _, role := range r.Roles {
		a.Roles = append(a.Roles, access.Role(role))
	}
	for _, s := range r.Scopes {
		a.Scopes = append(a.Scopes, access.Scope(s))
	}
	return a
}

// ActorNow is an active person as an actor, whoever asks for it: without the
// limits of a token. Of others it is [pgx.ErrNoRows].
func ActorNow(ctx context.Context, q *db.Queries, person uuid.UUID) (access.Actor, error) {
	r, err := q.ActorByPerson(ctx, person)
	return Actor(db.ActorByTokenRow{
		ID: r.ID, Kind: r.Kind, ClientID: r.ClientID, Name: r.Name, Roles: r.Roles, TimeZone: r.TimeZone, Groups: r.Groups, Manages: r.Manages,
	}), err
}

// TaskFacts is how a task lies to those who may do something with it.
type TaskFacts struct {
	OwnerID, AccountManagerID         uuid.UUID
	AssigneePersonID, AssigneeGroupID *uuid.UUID
	AssigneeGroups                    []uuid.UUID // of the assigned person
	ParentOwnerID                     *uuid.UUID
}

// Relation is how the actor stands to the task.
func (f TaskFacts) Relation(a access.Actor) access.Relation {
	var r access.Relation
	add := func(ok bool, rel access.Relation) {
		if ok {
			r |= rel
		}
	}
	add(a.ID == f.AccountManagerID, access.ProjectAM)
	add(a.ID == f.OwnerID, access.Owner)
	add(f.AssigneePersonID != nil && *f.AssigneePersonID == a.ID, access.Assignee)
	add(f.ParentOwnerID != nil && *f.ParentOwnerID == a.ID, access.ParentOwner)
	if g := f.AssigneeGroupID; g != nil {
		add(a.MemberOf(*g), access.Member)
		add(a.ManagerOf(*g), access.GM)
	}
	for _, g := range f.AssigneeGroups {
		add(a.ManagerOf(g), access.GM)
	}
	return r
}

// MayHelp is [pgx.ErrNoRows] for a contact who is neither the client's nor a
// partner's of it: nobody else outside is given a task of it, or does anything
// on one (S2.04, S2.07).
func MayHelp(ctx context.Context, q *db.Queries, person, client uuid.UUID) error {
	of, err := q.ContactOf(ctx, client, person)
	if err == nil && !of.Own && !of.OfPartner {
		err = pgx.ErrNoRows
	}
	return err
}

// MayBill asks for the right to bill every one of the projects.
func MayBill(ctx context.Context, q *db.Queries, actor access.Actor, projects []uuid.UUID) error {
	if len(projects) == 0 {
		return access.Can(actor, access.RunBilling, 0)
	}
	rows, err := q.BillableProjects(ctx, projects)
	if err != nil {
		return err
	}
	for _, p := range rows {
		var rel access.Relation
		if p.AccountManagerID == actor.ID {
			rel = access.ProjectAM
		}
		if err := access.Can(actor, access.Bill, rel); err != nil {
			return err
		}
	}
	return nil
}

// InvoiceKey is where an invoice's PDF is in the file store.
func InvoiceKey(id uuid.UUID) string { return "invoices/" + id.String() + ".pdf" }

// EInvoiceKey is where an invoice's e-invoice is that went with a mail.
func EInvoiceKey(id uuid.UUID) string { return "invoices/" + id.String() + ".xml" }
