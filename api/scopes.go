package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/access"
	"steward/internal/fault"
)

// areas says in which area of [access] an operation lies, by the first part of
// its path. One that is not here is out of reach of every limited token, and a
// test asks for it.
var areas = map[string]access.Area{
	"actions":         access.AnyArea,
	"audit":           access.Firm,
	"billing-periods": access.Invoices,
	"billing-runs":    access.Invoices,
	"expenses":        access.Invoices,
	"milestones":      access.Invoices,
	"timesheets":      access.Time,
	"clients":         access.Clients,
	"files":           access.Files,
	"groups":          access.People,
	"invoices":        access.Invoices,
	"mails":           access.Firm,
	"me":              access.Account,
	"notes":           access.Tasks,
	"notifications":   access.Account,
	"payments":        access.Invoices,
	"refunds":         access.Invoices,
	"credit-notes":    access.Invoices,
	"plan":            access.Tasks,
	"projects":        access.Projects,
	"provider":        access.Firm,
	"reminders":       access.Invoices,
	"reports":         access.Firm,
	"requests":        access.Requests,
	"search":          access.EveryArea,
	"sessions":        access.Account,
	"sign-in":         access.Account,
	"status-reports":  access.Projects,
	"tasks":           access.Tasks,
	"tax-codes":       access.Clients,
	"templates":       access.Projects,
	"time-entries":    access.Time,
	"tokens":          access.Account,
	"users":           access.People,
	"webhooks":        access.Firm,
}

// within are the parts further on that lie elsewhere: /tasks/{id}/time.
var within = map[string]access.Area{
	"files":      access.Files,
	"cost-rates": access.Rates,
	"credit":     access.Invoices,
	"invoices":   access.Invoices,
	"rates":      access.Rates,
	"refunds":    access.Invoices,
	"requests":   access.Requests,
	"statement":  access.Invoices,
	"tasks":      access.Tasks,
	"time":       access.Time,
	"tokens":     access.Account,
	"expenses":   access.Invoices,
	"milestones": access.Invoices,
	"rate":       access.Rates,
}

// areaOf is where an operation lies.
func areaOf(o *huma.Operation) access.Area {
	path := strings.TrimPrefix(o.Path, base)
	if path == "/me" {
		return access.AnyArea // as who one is signed in, every token may know
	}
	parts := strings.Split(path, "/")[1:]
	for _, p := range slices.Backward(parts[1:]) {
		if a, ok := within[p]; ok {
			return a
		}
	}
	first, _, _ := strings.Cut(parts[0], ".") // plan.svg is the plan
	if a, ok := areas[first]; ok {
		return a
	}
	return access.EveryArea
}

// reaches refuses what lies beyond the scopes of the token used. It is asked for
// every operation, before any of them begins.
func reaches(a access.Actor, o *huma.Operation) error {
	if !a.Limited() {
		return nil
	}
	mode := access.Write
	if o.Method == http.MethodGet {
		mode = access.Read
	}
	area := areaOf(o)
	if a.Reaches(area, mode) {
		return nil
	}
	if area == access.EveryArea {
		return fault.New(fault.Forbidden, "this takes a token with the scope %s", mode)
	}
	return fault.New(fault.Forbidden, "this takes a token with the scope %s or %s:%s", mode, area, mode)
}

// LimitedToken is the code for what no token with scopes does, because it would
// reach further by it than they do.
const LimitedToken fault.Code = "limited_token"

// withoutScopes refuses a token with scopes what lets somebody in who has none: a
// password, an address that passwords are mailed to, a role, an account that was
// closed, a sign-in without a code (N.15).
func withoutScopes(a access.Actor, what string) error {
	if !a.Limited() {
		return nil
	}
	return fault.New(LimitedToken, "%s takes a session, or a token without scopes", what)
}

// TokenScope is a scope in the contract.
type TokenScope string

// Schema lists the scopes there are.
func (TokenScope) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "read is to look, write to act, in all areas or in one"}
	for _, scope := range access.Scopes() {
		s.Enum = append(s.Enum, string(scope))
	}
	s.PrecomputeMessages()
	return s
}
