// Package demo fills an empty installation with a small believable firm, as
// its people would: through the HTTP contract, each with a token of their own.
package demo

import (
	"context"
	"time"

	"steward/internal/civil"
)

// A Person is somebody of the firm.
type Person struct {
	Name, Email string
	Roles       []string
	Skills      []string
	Zone        string
	Rate        string // an hour, in GBP
}

// People are the firm's staff, beside its administrator.
func People() []Person {
	return []Person{
		{"Olivia Hart", "olivia@harbourfinch.example", []string{"account_manager", "contributor"}, nil, "Europe/London", "140.00"},
		{"Tomás Ribeiro", "tomas@harbourfinch.example", []string{"group_manager", "contributor"}, []string{"design", "research"}, "Europe/Lisbon", "110.00"},
		{"Anneke de Vries", "anneke@harbourfinch.example", []string{"group_manager", "contributor"}, []string{"go", "postgres"}, "Europe/Amsterdam", "120.00"},
		{"Priya Nair", "priya@harbourfinch.example", []string{"contributor"}, []string{"design"}, "Europe/London", "95.00"},
		{"Jonas Weber", "jonas@harbourfinch.example", []string{"contributor"}, []string{"go"}, "Europe/Berlin", "98.50"},
		{"Zoë Laurent", "zoe@harbourfinch.example", []string{"contributor"}, []string{"postgres", "go"}, "Europe/Paris", "92.00"},
	}
}

// API is a person's way to the HTTP contract: it sends a body and reads the
// answer, and refuses any status but 2xx with an error.
type API func(ctx context.Context, method, path string, body, answer any) error

// Firm is what Fill needs: the contract as seen by each person, by e-mail, and
// the day it is.
type Firm struct {
	Admin API
	As    func(email string) (API, error) // somebody of [People], once they exist
	Today civil.Date
	Say   func(format string, args ...any)
}

type thing struct {
	ID string `json:"id"`
}

type object = map[string]any

// Fill makes the firm: three clients, two groups, four projects, tasks in every
// state, three weeks of time, a completed invoice and a draft.
func Fill(ctx context.Context, f Firm) error {
	d := &filler{Firm: f, ctx: ctx, ids: map[string]string{}}
	d.provider()
	d.people()
	d.groups()
	d.clients()
	d.projects()
	d.work()
	d.bill()
	return d.err
}

// filler remembers ids by name and stops at the first error.
type filler struct {
	Firm
	ctx context.Context
	ids map[string]string
	err error
}

// call sends one request, unless an earlier one went wrong.
func (d *filler) call(as, method, path string, body any) string {
	if d.err != nil {
		return ""
	}
	api := d.Admin
	if as != "" {
		if api, d.err = d.As(as); d.err != nil {
			return ""
		}
	}
	var t thing
	d.err = api(d.ctx, method, path, body, &t)
	return t.ID
}

const (
	olivia = "olivia@harbourfinch.example"
	tomas  = "tomas@harbourfinch.example"
	anneke = "anneke@harbourfinch.example"
	priya  = "priya@harbourfinch.example"
	jonas  = "jonas@harbourfinch.example"
	zoe    = "zoe@harbourfinch.example"
)

func (d *filler) provider() {
	d.Say("making a small firm to look at …")
	d.call("", "PATCH", "/provider", object{
		"name": "Harbour & Finch", "address": "14 Wharf Lane\nBristol BS1 4QF\nUnited Kingdom", "email": "accounts@harbourfinch.example",
		"phone": "+44 117 496 0102", "website": "harbourfinch.example", "tax_id": "GB 123 4567 89", "time_zone": "Europe/London", "country_code": "GB", "registration": "01234567",
		"bank_details": "Bank: Severn & Avon Bank\nSort code: 00-00-00\nAccount: 12345678\nIBAN: GB00 SVAN 0000 0012 3456 78",
		"footer":       "Harbour & Finch Ltd, registered in England and Wales, no. 01234567",
	})
}

func (d *filler) people() {
	for _, p := range People() {
		d.ids[p.Email] = d.call("", "POST", "/users", object{"kind": "staff", "name": p.Name, "email": p.Email, "roles": p.Roles, "skills": nonNil(p.Skills), "time_zone": p.Zone})
		for currency, factor := range map[string]string{"GBP": p.Rate, "EUR": p.Rate, "JPY": "15000"} {
			d.call("", "POST", "/users/"+d.ids[p.Email]+"/rates", object{"rate": factor, "currency": currency, "from": "2020-01-01"})
		}
	}
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (d *filler) groups() {
	d.ids["Design"] = d.call("", "POST", "/groups", object{"name": "Design", "manager_ids": []string{d.ids[tomas]}, "member_ids": []string{d.ids[tomas], d.ids[priya]}})
	d.ids["Engineering"] = d.call("", "POST", "/groups", object{"name": "Engineering", "manager_ids": []string{d.ids[anneke]}, "member_ids": []string{d.ids[anneke], d.ids[jonas], d.ids[zoe]}})
}

func (d *filler) clients() {
	for _, c := range []object{
		{"name": "Aldgate Foods Ltd", "currency": "GBP", "email": "accounts@aldgate.example", "billing_address": "2 Mansell Street\nLondon E1 8AA\nUnited Kingdom", "country_code": "GB", "payment_terms_days": 30, "tax_percent": "20", "time_zone": "Europe/London"},
		{"name": "Müller & Söhne GmbH", "currency": "EUR", "email": "rechnung@mueller.example", "billing_address": "Hafenstraße 7\n20457 Hamburg\nDeutschland", "country_code": "DE", "vat_id": "DE123456789", "tax_category": "reverse_charge", "payment_terms_days": 14, "tax_percent": "0", "time_zone": "Europe/Berlin"},
		{"name": "Kawase Design K.K.", "currency": "JPY", "email": "billing@kawase.example", "billing_address": "3-1 Naka-ku\nYokohama 231-0005\nJapan", "country_code": "JP", "payment_terms_days": 30, "tax_percent": "10", "time_zone": "Asia/Tokyo"},
	} {
		d.ids[c["name"].(string)] = d.call("", "POST", "/clients", c)
	}
}

// ago is the day so many days before today, as text.
func (d *filler) ago(days int) string { return d.Today.AddDays(-days).String() }

// workday is a weekday at least so many days ago.
func (d *filler) workday(days int) string {
	day := d.Today.AddDays(-days)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDays(-1)
	}
	return day.String()
}
