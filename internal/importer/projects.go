package importer

import (
	"context"

	"steward/internal/postgres"
	"steward/internal/work"
)

func (f *firm) readProjects(ctx context.Context) error {
	return readThings(ctx, f, f.projects, f.project, func(p *postgres.ImportProject) {
		p.Code = work.ProjectCode(p.Key, p.Name, func(code string) bool { return f.codes[code] })
		f.codes[p.Code] = true
		f.add.projects = append(f.add.projects, *p)
	})
}

func (f *firm) project(r *row, key string) *postgres.ImportProject {
	p := &postgres.ImportProject{
		ID:            f.opts.newID(),
		Key:           key,
		Name:          r.needLine("name"),
		Status:        r.choice("status", UnknownStatus, projectStatuses, "draft"),
		StartsOn:      r.day("starts_on"),
		EndsOn:        r.day("ends_on"),
		BillingPeriod: r.choice("billing_period", UnknownChoice, billingPeriods, "monthly"),
		AnchorDay:     r.whole("billing_anchor_day", 1, 31, 31),
	}
	if !p.StartsOn.IsZero() && !p.EndsOn.IsZero() && p.EndsOn.Before(p.StartsOn) {
		r.problem("ends_on", Contradiction, "the project ends on %s, before it starts on %s", p.EndsOn, p.StartsOn)
	}
	if c := f.clients.mustRefer(r, "client"); c != nil {
		p.ClientID, p.Currency = c.ID, c.Currency
	}
	if m := f.people.mustRefer(r, "account_manager"); m != nil {
		p.AccountManagerID = m.ID
	}
	return p
}

// cleared tells whether work on a project may have begun (S1.06).
func cleared(p *postgres.ImportProject) bool {
	return p.Status != "draft" && p.Status != "awaiting_clearance"
}
