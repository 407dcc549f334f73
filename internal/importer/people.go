package importer

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/postgres"
)

func (f *firm) readPeople(ctx context.Context) error {
	return readThings(ctx, f, f.people, f.person, func(p *postgres.ImportPerson) {
		f.add.people = append(f.add.people, *p)
	})
}

// person reads a row of people.csv. What else comes of it, its groups and its
// rate, is added only if the row is good to the last cell.
func (f *firm) person(r *row, key string) *postgres.ImportPerson {
	p := &postgres.ImportPerson{
		ID:       f.opts.newID(),
		Key:      key,
		Name:     r.needLine("name"),
		Email:    r.need("email", nameLimit),
		Roles:    r.roles(),
		Skills:   r.list("skills"),
		TimeZone: r.zone("time_zone"),
	}
	r.email("email")
	groups, rate := r.list("groups"), f.defaultRate(r, p.ID)
	if f.people.stored[key] != nil {
		return p
	}
	f.claimEmail(r, p.Email)
	if r.bad {
		return p
	}
	p.GroupIDs = f.groupsOf(groups)
	if rate != nil {
		f.rates.take(r, *rate)
	}
	return p
}

// roles are the person's; contributor if none is given.
func (r *row) roles() []string {
	list := r.list("roles")
	for i, s := range list {
		list[i] = strings.ToLower(s)
		if !slices.Contains(roles, list[i]) {
			r.problem("roles", UnknownRole, "%s is not a role of staff: %s", quote(s), strings.Join(roles, ", "))
		}
	}
	if len(list) == 0 {
		return []string{"contributor"}
	}
	return list
}

// defaultRate is what the person costs an hour, from the first day there is.
func (f *firm) defaultRate(r *row, person uuid.UUID) *postgres.ImportRate {
	if r.cell("default_rate") == "" {
		if r.cell("currency") != "" {
			r.currency("currency")
		}
		return nil
	}
	return &postgres.ImportRate{
		ID:       f.opts.newID(),
		PersonID: person,
		Hourly:   r.hourly("default_rate"),
		Currency: r.currency("currency"),
		From:     civil.First,
	}
}

// hourly is a rate an hour: with as many decimals as are stored, for rates that
// come from a day's or a year's price are odd ones.
func (r *row) hourly(column string) decimal.Decimal {
	return r.amount(column, decimal.NewFromInt(1_000_000_000), 6)
}

func (f *firm) claimEmail(r *row, email string) {
	name := strings.ToLower(email)
	first, taken := f.emails[name]
	switch {
	case email == "":
	case taken && first == 0:
		r.problem("email", DuplicateEmail, "somebody who is in steward already has the address %s", quote(email))
	case taken:
		r.problem("email", DuplicateEmail, "the person in line %d has the address %s", first, quote(email))
	default:
		f.emails[name] = r.line
	}
}

// groupsOf finds the groups with these names, and makes those that are missing.
func (f *firm) groupsOf(names []string) []uuid.UUID {
	var ids []uuid.UUID
	for _, name := range names {
		id, ok := f.groups[strings.ToLower(name)]
		if !ok {
			id = f.opts.newID()
			f.groups[strings.ToLower(name)] = id
			f.add.groups = append(f.add.groups, postgres.ImportGroup{ID: id, Name: name})
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
