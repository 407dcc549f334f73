package year

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fixture"
	"steward/internal/money"
)

// deeds are what people do, and how often.
var deeds = []struct {
	name   string
	weight int
	do     func(f *firm) (code string)
}{
	{"work", 60, (*firm).work},
	{"edit time", 10, (*firm).editTime},
	{"delete time", 3, (*firm).deleteTime},
	{"rate of an entry", 2, (*firm).entryRate},
	{"rate from a date on", 3, (*firm).rateFrom},
	{"rate of a project", 2, (*firm).projectRate},
	{"expense", 3, (*firm).expense},
	{"prepay", 1, (*firm).prepay},
	{"complete", 14, (*firm).complete},
	{"item", 4, (*firm).item},
	{"collect", 3, (*firm).collect},
	{"throw away", 1, (*firm).throwAway},
	{"draft by hand", 1, (*firm).draft},
	{"run by hand", 1, (*firm).run},
	{"run a period again", 5, (*firm).again},
	{"send", 8, (*firm).sendAgain},
	{"pay", 11, (*firm).pay},
	{"apply payment", 4, (*firm).applyPayment},
	{"apply credit note", 3, (*firm).applyNote},
	{"reverse", 2, (*firm).reverse},
	{"refund", 2, (*firm).refund},
	{"reverse refund", 1, (*firm).reverseRefund},
	{"void", 3, (*firm).void},
	{"write off", 2, (*firm).writeOff},
	{"reverse write-off", 1, (*firm).reverseWriteOff},
	{"void credit note", 2, (*firm).voidNote},
	{"credit", 6, (*firm).credit},
	{"dispute or promise", 2, (*firm).hold},
	{"review", 8, (*firm).review},
	{"remind by hand", 1, (*firm).remind},
}

// deed draws what somebody does, does it, and lets follow what follows.
func (f *firm) deed() {
	all := 0
	for _, d := range deeds {
		all += d.weight
	}
	n := f.random.IntN(all)
	for _, d := range deeds {
		if n -= d.weight; n < 0 {
			f.outcomes[d.name+" "+d.do(f)]++
			f.settle()
			return
		}
	}
}

func pick[T any](f *firm, from []T) T { return from[f.random.IntN(len(from))] }

// nothing is the code where there is nothing to do it to.
const nothing = "nothing"

// any draws one of the things that a query finds.
func (f *firm) any(sql string, do func(id uuid.UUID) string) string {
	ids := f.ids(sql)
	if len(ids) == 0 {
		return nothing
	}
	return do(pick(f, ids))
}

func (f *firm) chance(percent int) bool { return f.random.IntN(100) < percent }

// amount is one of a currency, up to some thousands of its smallest unit.
func (f *firm) amount(currency string) string {
	c := money.Currency(currency)
	n := 1 + f.random.Int64N(90_000)
	if c.Decimals() == 0 {
		n = n*100 + 1
	}
	return c.Format(decimal.New(n, -c.Decimals()))
}

func (f *firm) work() string {
	w, p := pick(f, f.workers), pick(f, f.projects)
	day := civil.In(f.Now(), w.zone)
	if f.chance(20) { // late
		day = day.AddDays(-f.random.IntN(50))
	}
	_, code := w.send("POST", fmt.Sprintf("/tasks/%s/time", pick(f, p.tasks)), object{
		"work_date": day, "minutes": 1 + f.random.IntN(500), "description": "work", "billing": pick(f, []string{"billable", "billable", "billable", "billable", "no_charge", "internal"}),
	})
	return code
}

const someEntry = `SELECT id FROM (SELECT id FROM time_entry ORDER BY id DESC LIMIT 60) e ORDER BY id`

func (f *firm) editTime() string {
	return f.any(someEntry, func(id uuid.UUID) string {
		body := object{"minutes": 1 + f.random.IntN(500)}
		switch f.random.IntN(4) {
		case 0:
			body = object{"billing": pick(f, []string{"billable", "no_charge", "internal"})}
		case 1:
			body = object{"work_date": f.today().AddDays(-1 - f.random.IntN(60))}
		}
		_, code := f.am.send("PATCH", "/time-entries/"+id.String(), body)
		return code
	})
}

func (f *firm) deleteTime() string {
	return f.any(someEntry, func(id uuid.UUID) string {
		_, code := f.am.send("DELETE", "/time-entries/"+id.String(), nil)
		return code
	})
}

func (f *firm) entryRate() string {
	return f.any(someEntry, func(id uuid.UUID) string {
		_, code := f.am.send("PUT", fmt.Sprintf("/time-entries/%s/rate", id), object{"rate": f.hourly()})
		return code
	})
}

// rateFrom lets a default rate change, on a day that may have been or will be.
func (f *firm) rateFrom() string {
	_, code := f.admin.send("POST", fmt.Sprintf("/users/%s/rates", pick(f, f.workers[:len(f.workers)-1]).id),
		object{"rate": f.hourly(), "currency": pick(f, currencies), "from": f.today().AddDays(f.random.IntN(60) - 30)})
	return code
}

func (f *firm) projectRate() string {
	body := object{"rate": f.hourly(), "from": f.today().AddDays(f.random.IntN(60) - 30)}
	if f.chance(60) {
		body["user_id"] = pick(f, f.workers).id
	}
	_, code := f.am.send("POST", fmt.Sprintf("/projects/%s/rates", pick(f, f.projects).id), body)
	return code
}

func (f *firm) expense() string {
	p := pick(f, f.projects)
	_, code := f.am.send("POST", fmt.Sprintf("/projects/%s/expenses", p.id), object{
		"spent_on": f.today().AddDays(-1 - f.random.IntN(30)), "description": "train", "amount": f.amount(p.currency), "markup_percent": "7.5"})
	return code
}

// prepay sells hours beforehand (N.08).
func (f *firm) prepay() string {
	p := pick(f, f.projects)
	body := object{"name": "Hours", "amount": f.amount(p.currency), "due_on": f.today().AddDays(f.random.IntN(20) - 10), "included_minutes": 60 + f.random.IntN(1200)}
	if f.chance(50) {
		body["expires_on"] = f.today().AddDays(10 + f.random.IntN(60))
	}
	_, code := f.am.send("POST", fmt.Sprintf("/projects/%s/milestones", p.id), body)
	return code
}

const someDraft = `SELECT id FROM invoice WHERE state = 'draft' ORDER BY id`

func (f *firm) complete() string {
	return f.any(someDraft, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/complete", id), object{"send": pick(f, []string{"email", "email", "email", "paper", "none"})})
		return code
	})
}

func (f *firm) item() string {
	return f.any(someDraft, func(id uuid.UUID) string {
		currency := fixture.One[string](f.t, f.Pool, `SELECT currency FROM invoice WHERE id = $1`, id)
		item := object{"kind": pick(f, []string{"charge", "expense", "fixed", "discount"}), "description": "by hand", "unit_price": f.amount(currency), "quantity": pick(f, []string{"1", "3", "0.333"})}
		if of := fixture.One[[]uuid.UUID](f.t, f.Pool, `SELECT array_agg(project_id ORDER BY project_id) FROM invoice_project WHERE invoice_id = $1`, id); len(of) > 0 && f.random.IntN(2) == 0 {
			item["project_id"] = pick(f, of)
		}
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/items", id), item)
		return code
	})
}

func (f *firm) collect() string {
	return f.any(someDraft, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/collect", id), object{})
		return code
	})
}

func (f *firm) throwAway() string {
	return f.any(someDraft, func(id uuid.UUID) string {
		_, code := f.am.send("DELETE", "/invoices/"+id.String(), nil)
		return code
	})
}

func (f *firm) draft() string {
	p := pick(f, f.projects)
	_, code := f.am.send("POST", "/invoices", object{"client_id": p.client.id, "project_ids": []uuid.UUID{p.id}, "through": f.today().AddDays(-f.random.IntN(10))})
	return code
}

func (f *firm) run() string {
	body := object{"through": f.today().AddDays(-f.random.IntN(40)), "complete": f.chance(50)}
	if f.chance(70) {
		body["project_ids"] = []uuid.UUID{pick(f, f.projects).id, f.projects[0].id}
	}
	_, code := f.am.send("POST", "/billing-runs", body)
	return code
}

// again agrees on the rates that are missing, then runs a period again that is
// parked, or any.
func (f *firm) again() string {
	periods, _ := f.am.send("GET", "/billing-periods?outcome=parked", nil)
	items, _ := periods["items"].([]any)
	if len(items) == 0 {
		p := pick(f, f.projects)
		over := p.rhythm.Over(civil.Date{}, f.today().AddDays(-2), 100)
		if len(over) == 0 {
			return nothing
		}
		_, code := f.am.send("POST", fmt.Sprintf("/billing-periods/%s/%s/run", p.id, pick(f, over).End), object{})
		return code
	}
	if f.chance(50) { // not yet
		return nothing
	}
	for _, c := range currencies {
		f.admin.send("POST", fmt.Sprintf("/users/%s/rates", f.workers[len(f.workers)-1].id), object{"rate": f.hourly(), "currency": c, "from": "2020-01-01"})
	}
	code := ""
	for _, i := range items {
		_, code = f.am.send("POST", fmt.Sprintf("/billing-periods/%s/%s/run", i.(object)["project_id"], i.(object)["period_end"]), object{})
	}
	return code
}
