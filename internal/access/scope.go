package access

import (
	"slices"
	"strings"
)

// Scope limits what a token may do on behalf of its owner, and never lets it do
// more: it is a mode, or a mode in an [Area] as "time:write".
type Scope string

// Read lets a token look, Write act. A token without scopes may do both.
const (
	Read  Scope = "read"
	Write Scope = "write"
)

// Area is a part of the contract that a token may be limited to.
type Area string

// The areas, by what one works on there.
const (
	Account  Area = "account"  // one's own password, second factor, sessions, tokens, inbox
	People   Area = "people"   // staff, contacts, groups, calendars
	Clients  Area = "clients"  // customer organisations and their partners
	Projects Area = "projects" // projects, work statements, templates
	Tasks    Area = "tasks"    // tasks, notes, the plan
	Requests Area = "requests" // what clients ask for
	Time     Area = "time"     // recorded time
	Files    Area = "files"    // attachments
	Rates    Area = "rates"    // what an hour costs
	Invoices Area = "invoices" // invoices, billing runs, payments, statements
	Firm     Area = "firm"     // the provider, mail, audit, reports
)

// Areas are all that a scope can name, in the order of documentation.
var Areas = []Area{Account, People, Clients, Projects, Tasks, Requests, Time, Files, Rates, Invoices, Firm}

// Not every operation lies in one area: some any token may ask for, as who it
// is; some show things of all areas, so that only a token for all reaches them.
const (
	AnyArea   Area = "any"
	EveryArea Area = "every"
)

// Scopes are all that a token can have.
func Scopes() []Scope {
	all := []Scope{Read, Write}
	for _, a := range Areas {
		all = append(all, a.scope(Read), a.scope(Write))
	}
	return all
}

func (a Area) scope(mode Scope) Scope { return Scope(a) + ":" + mode }

// Limited tells whether a token is used that does less than its owner may.
func (a Actor) Limited() bool { return len(a.Scopes) > 0 }

// Reaches tells whether the token used lets its owner look or act in an area.
// What the owner may do there is another question: see [Can].
func (a Actor) Reaches(area Area, mode Scope) bool {
	if !a.Limited() || area == AnyArea {
		return true
	}
	return slices.Contains(a.Scopes, mode) || slices.Contains(a.Scopes, area.scope(mode))
}

// Covers tells whether a token with this scope could do no more than the one
// used.
func (a Actor) Covers(s Scope) bool {
	area, mode, limited := strings.Cut(string(s), ":")
	if !limited {
		return a.Reaches(EveryArea, s)
	}
	return a.Reaches(Area(area), Scope(mode))
}
