package year

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/fixture"
	"steward/internal/money"
)

const (
	someInvoice = `SELECT id FROM (SELECT id FROM invoice WHERE state = 'complete' ORDER BY id DESC LIMIT 40) i ORDER BY id`
	openInvoice = `SELECT id FROM invoice WHERE state = 'complete' AND paid + credited < total ORDER BY id`
)

// sendAgain sends what was not sent yet, or again.
func (f *firm) sendAgain() string {
	from := someInvoice
	if f.chance(80) {
		from = `SELECT id FROM invoice WHERE state = 'complete' AND sent_at IS NULL ORDER BY id`
	}
	return f.any(from, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/send", id), object{"by": pick(f, []string{"email", "paper"})})
		return code
	})
}

// pay pays an invoice: exactly, in part, or too much; for it, or for the oldest.
func (f *firm) pay() string {
	return f.any(openInvoice, func(id uuid.UUID) string {
		var owed struct {
			Client   uuid.UUID
			Currency string
			Balance  decimal.Decimal
		}
		err := f.Pool.QueryRow(f.t.Context(), `SELECT client_id, currency, total - paid - credited FROM invoice WHERE id = $1`, id).Scan(&owed.Client, &owed.Currency, &owed.Balance)
		if err != nil {
			f.t.Fatal(err)
		}
		c := money.Currency(owed.Currency)
		amount := owed.Balance
		switch f.random.IntN(4) {
		case 0:
			amount = c.Round(amount.Mul(decimal.New(1+f.random.Int64N(99), -2)))
		case 1:
			amount = c.Round(amount.Mul(decimal.New(101+f.random.Int64N(60), -2)))
		}
		body := object{"client_id": owed.Client, "amount": amount, "currency": owed.Currency, "received_on": f.today().AddDays(-f.random.IntN(12))}
		switch f.random.IntN(5) {
		case 0:
			body["applications"] = []object{}
		case 1:
			body["applications"] = []object{{"invoice_id": id, "amount": decimal.Min(amount, owed.Balance)}}
		}
		_, code := f.am.send("POST", "/payments", body)
		return code
	})
}

func (f *firm) applyPayment() string {
	return f.any(`SELECT id FROM payment WHERE reversed_at IS NULL AND applied < amount ORDER BY id`, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/payments/%s/apply", id), object{})
		return code
	})
}

func (f *firm) applyNote() string {
	return f.any(`SELECT id FROM credit_note WHERE voided_at IS NULL AND applied < total ORDER BY id`, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/credit-notes/%s/apply", id), object{})
		return code
	})
}

func (f *firm) reverse() string {
	return f.any(`SELECT id FROM (SELECT id FROM payment ORDER BY id DESC LIMIT 10) p ORDER BY id`, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/payments/%s/reverse", id), object{"reason": "bounced"})
		return code
	})
}

func (f *firm) refund() string {
	return f.any(`SELECT client_id FROM open_credit ORDER BY client_id`, func(id uuid.UUID) string {
		credit, code := f.am.send("GET", fmt.Sprintf("/clients/%s/credit", id), nil)
		items, _ := credit["items"].([]any)
		if code != "" || len(items) == 0 {
			return nothing
		}
		left := pick(f, items).(object)
		amount := decimal.RequireFromString(left["credit"].(string))
		if c := money.Currency(left["currency"].(string)); f.chance(50) {
			amount = decimal.Max(c.Round(amount.Div(decimal.NewFromInt(3))), decimal.New(1, -c.Decimals()))
		}
		_, code = f.am.send("POST", fmt.Sprintf("/clients/%s/refunds", id), object{"amount": amount, "currency": left["currency"]})
		return code
	})
}

func (f *firm) reverseRefund() string {
	return f.any(`SELECT id FROM (SELECT id FROM refund ORDER BY id DESC LIMIT 5) r ORDER BY id`, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/refunds/%s/reverse", id), object{"reason": "sent back by the bank"})
		return code
	})
}

func (f *firm) void() string {
	return f.any(openInvoice, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/void", id), object{"reason": "wrong"})
		return code
	})
}

func (f *firm) writeOff() string {
	return f.any(openInvoice, func(id uuid.UUID) string {
		body := object{"reason": "a few pennies short"}
		if f.chance(50) {
			currency := fixture.One[string](f.t, f.Pool, `SELECT currency FROM invoice WHERE id = $1`, id)
			body["amount"] = f.amount(currency)
		}
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/write-off", id), body)
		return code
	})
}

func (f *firm) reverseWriteOff() string {
	return f.any(`SELECT id FROM write_off ORDER BY id`, func(id uuid.UUID) string {
		invoice := fixture.One[uuid.UUID](f.t, f.Pool, `SELECT invoice_id FROM write_off WHERE id = $1`, id)
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/write-offs/%s/reverse", invoice, id), object{"reason": "it was paid after all"})
		return code
	})
}

func (f *firm) voidNote() string {
	return f.any(`SELECT id FROM (SELECT id FROM credit_note ORDER BY id DESC LIMIT 5) n ORDER BY id`, func(id uuid.UUID) string {
		_, code := f.am.send("POST", fmt.Sprintf("/credit-notes/%s/void", id), object{"reason": "by mistake"})
		return code
	})
}

// credit takes back some of the lines of an invoice: of time, some entries or
// all, released or written off.
func (f *firm) credit() string {
	return f.any(someInvoice, func(id uuid.UUID) string {
		inv, _ := f.am.send("GET", "/invoices/"+id.String(), nil)
		var lines []object
		for _, l := range inv["lines"].([]any) {
			line := l.(object)
			ask := object{"line_id": line["id"], "treatment": pick(f, []string{"release", "write_off"})}
			if line["kind"] == "time" {
				entries := fixture.One[[]uuid.UUID](f.t, f.Pool, `SELECT coalesce(array_agg(e.id ORDER BY e.id), '{}') FROM time_entry e WHERE e.invoice_line_id = $1
					AND NOT EXISTS (SELECT FROM entry_correction x WHERE x.entry_id = e.id AND x.invoice_line_id = e.invoice_line_id)`, line["id"])
				if len(entries) == 0 {
					continue
				}
				if f.chance(60) {
					ask["entries"] = entries[:1+f.random.IntN(len(entries))]
				}
			}
			if f.chance(60) {
				lines = append(lines, ask)
			}
		}
		if len(lines) == 0 {
			return nothing
		}
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/credit", id), object{"lines": lines, "reason": "agreed"})
		return code
	})
}

func (f *firm) hold() string {
	return f.any(openInvoice, func(id uuid.UUID) string {
		if f.chance(50) {
			_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/dispute", id), object{"reason": "late", "settled": f.chance(50)})
			return code
		}
		_, code := f.am.send("POST", fmt.Sprintf("/invoices/%s/promise", id), object{"until": f.today().AddDays(f.random.IntN(30))})
		return code
	})
}

// review skips a letter, or lets it go at once.
func (f *firm) review() string {
	return f.any(`SELECT id FROM reminder_letter WHERE state = 'review' ORDER BY id`, func(id uuid.UUID) string {
		path := fixture.One[string](f.t, f.Pool, `SELECT '/reminders/runs/' || run_id || '/clients/' || client_id || '/' FROM reminder_letter WHERE id = $1`, id)
		verb, body := "release", object(nil)
		if f.chance(30) {
			verb, body = "skip", object{"reason": "a friend"}
		}
		_, code := f.am.send("POST", path+verb, body)
		return code
	})
}

// remind makes the reminders of the month by hand, where the clock has not yet.
func (f *firm) remind() string {
	if f.chance(80) {
		return nothing
	}
	_, code := f.am.send("POST", "/reminders/runs", object{})
	return code
}
