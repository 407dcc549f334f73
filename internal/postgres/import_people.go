package postgres

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// AddClients adds clients.
func (i *Import) AddClients(ctx context.Context, clients []ImportClient) error {
	columns := []string{"id", "external_key", "name", "currency", "email", "billing_cc", "billing_address", "tax_id",
		"payment_terms_days", "tax_percent", "time_zone"}
	err := importCopy(ctx, i.tx, "client", columns, clients, func(c *ImportClient) []any {
		return []any{c.ID, textCell(c.Key), c.Name, string(c.Currency), c.Email, listCell(c.BillingCC), c.BillingAddress, c.TaxID,
			c.PaymentTermsDays, c.TaxPercent, c.TimeZone}
	})
	if err != nil {
		return err
	}
	return importAudit(ctx, i, "client", clients, func(c *ImportClient) uuid.UUID { return c.ID })
}

// AddGroups adds groups, without members.
func (i *Import) AddGroups(ctx context.Context, groups []ImportGroup) error {
	err := importCopy(ctx, i.tx, "work_group", []string{"id", "name"}, groups, func(g *ImportGroup) []any {
		return []any{g.ID, g.Name}
	})
	if err != nil {
		return err
	}
	return importAudit(ctx, i, "group", groups, func(g *ImportGroup) uuid.UUID { return g.ID })
}

// AddPeople adds members of the staff and puts them into their groups.
func (i *Import) AddPeople(ctx context.Context, people []ImportPerson) error {
	columns := []string{"id", "external_key", "kind", "name", "email", "roles", "skills", "time_zone"}
	err := importCopy(ctx, i.tx, "person", columns, people, func(p *ImportPerson) []any {
		return []any{p.ID, textCell(p.Key), "staff", p.Name, p.Email, listCell(p.Roles), listCell(p.Skills), p.TimeZone}
	})
	if err != nil {
		return err
	}
	if err := i.addMembers(ctx, people); err != nil {
		return err
	}
	return importAudit(ctx, i, "person", people, func(p *ImportPerson) uuid.UUID { return p.ID })
}

func (i *Import) addMembers(ctx context.Context, people []ImportPerson) error {
	type member struct {
		group, person uuid.UUID
		manager       bool
	}
	var members []member
	for _, p := range people {
		manager := slices.Contains(p.Roles, "group_manager")
		for _, g := range p.GroupIDs {
			members = append(members, member{g, p.ID, manager})
		}
	}
	columns := []string{"group_id", "person_id", "is_manager"}
	return importCopy(ctx, i.tx, "work_group_member", columns, members, func(m *member) []any {
		return []any{m.group, m.person, m.manager}
	})
}
