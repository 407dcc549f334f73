package billing

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
)

// Source says where an hour's rate came from, kept on the line (N.03).
type Source string

// The sources, the most particular first.
const (
	OfEntry       Source = "entry"          // set for one session, by who has the right to
	ProjectPerson Source = "project_person" // agreed for the person on the project (S1.12)
	WorkStatement Source = "work_statement" // agreed for the project
	PersonDefault Source = "person_default" // the person's own (S1.13)
	NoCharge      Source = "no_charge"      // shown at 0
)

// Rate is an hourly price for [From, To); a zero To has no end. A nil person
// or project means any.
type Rate struct {
	PersonID  *uuid.UUID
	ProjectID *uuid.UUID
	Hourly    decimal.Decimal
	From, To  civil.Date
}

func (r Rate) covers(d civil.Date) bool {
	return !d.Before(r.From) && (r.To.IsZero() || d.Before(r.To))
}

func (r Rate) source() Source {
	switch {
	case r.PersonID != nil && r.ProjectID != nil:
		return ProjectPerson
	case r.ProjectID != nil:
		return WorkStatement
	}
	return PersonDefault
}

// precedence is the order in which rates are looked for.
var precedence = []Source{ProjectPerson, WorkStatement, PersonDefault}

// Book finds the rate of an hour on one project, in one currency.
type Book struct {
	byPerson map[uuid.UUID][]Rate // of one person, on the project or in general
	project  []Rate               // of the work statement
}

// NewBook sorts the rates that may apply to a project's time.
func NewBook(rates []Rate) Book {
	b := Book{byPerson: map[uuid.UUID][]Rate{}}
	for _, r := range rates {
		if r.PersonID == nil {
			b.project = append(b.project, r)
			continue
		}
		b.byPerson[*r.PersonID] = append(b.byPerson[*r.PersonID], r)
	}
	return b
}

// Find is the hourly rate of a person on a day and where it comes from:
// project and person, then work statement, then the person's default. No rate
// is [MissingRate], never a silent zero. Rule: billing, "Rates"; S1.13.
func (b Book) Find(person uuid.UUID, on civil.Date) (decimal.Decimal, Source, error) {
	for _, want := range precedence {
		pool := b.byPerson[person]
		if want == WorkStatement {
			pool = b.project
		}
		i := slices.IndexFunc(pool, func(r Rate) bool { return r.source() == want && r.covers(on) })
		if i >= 0 {
			return pool[i].Hourly, want, nil
		}
	}
	return decimal.Zero, "", fault.New(MissingRate, "no rate for this person on %s", on)
}

// Price is the hourly rate of a session: nothing where it is not charged, its
// own if it has one, else as [Book.Find] says.
func (b Book) Price(e Entry) (decimal.Decimal, Source, error) {
	switch {
	case e.NoCharge:
		return decimal.Zero, NoCharge, nil
	case e.Rate != nil:
		return *e.Rate, OfEntry, nil
	}
	return b.Find(e.PersonID, e.WorkDate)
}
