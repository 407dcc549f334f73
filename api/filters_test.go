package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestInvoicesAreFoundByTheStateTheyShow(t *testing.T) { // S1.77, S1.79
	t.Parallel()
	w := newWorld(t)
	am, number := w.as(w.AM), 0
	for _, sent := range []string{"NULL", "now()"} {
		for _, money := range []string{"0, 0, 0", "100, 0, 0", "100, 40, 0", "100, 0, 40", "100, 60, 40", "100, 0, 100", "100, 100, 0"} {
			for _, state := range []string{"draft", "complete", "void"} {
				number++
				id := w.store.NewID()
				w.Exec(t, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $2, 'GBP', '2026-01-31')`, id, w.Client)
				if state == "draft" {
					continue
				}
				w.Exec(t, fmt.Sprintf(`UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = %d, number = 'INV-%d', issued_on = '2026-02-01', due_on = '2026-03-01', snapshot = '{}', completed_at = now(),
					(total, paid, credited) = (%s), subtotal = %s, sent_at = %s, sent_by = CASE WHEN %s::timestamptz IS NULL THEN '' ELSE 'paper' END WHERE id = $1`, number, number, money, strings.SplitN(money, ",", 2)[0], sent, sent), id)
				if state == "void" && strings.HasSuffix(money, ", 0, 0") {
					w.Exec(t, `UPDATE invoice SET state = 'void', voided_at = now(), voided_on = '2026-02-02', void_reason = 'x' WHERE id = $1`, id)
				}
			}
		}
	}
	all, found := am.must("GET", "/invoices?limit=200", nil).items(), 0
	for _, state := range []string{"draft", "complete", "sent", "partly_paid", "paid", "void"} {
		var want []string
		for _, inv := range all {
			if inv["state"] == state {
				want = append(want, fmt.Sprint(inv["id"]))
			}
		}
		got := am.lists("/invoices?limit=200&state=" + state)
		if found += len(got); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: found %d, want %d", state, len(got), len(want))
		}
	}
	if found != len(all) {
		t.Errorf("%d of %d are found by their state", found, len(all))
	}
}

func TestInvoicesAreFoundByBeingPastDue(t *testing.T) { // S1.70, S1.71
	t.Parallel()
	w := newWorld(t)
	w.at(time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)) // 3 March on Kiritimati, 1 March in Pago Pago
	am, number := w.as(w.AM), 0
	for _, zone := range []string{"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Nowhere/Here"} {
		client := w.store.NewID()
		w.Exec(t, `INSERT INTO client (id, name, currency, time_zone) VALUES ($1, $2, 'GBP', $2)`, client, zone)
		for _, due := range []string{"2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"} {
			for _, money := range []string{"0, 0, 0", "100, 0, 0", "100, 40, 0", "100, 60, 40", "100, 100, 0"} {
				for _, state := range []string{"draft", "complete", "void"} {
					number++
					id := w.store.NewID()
					w.Exec(t, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $2, 'GBP', '2026-01-31')`, id, client)
					if state == "draft" {
						continue
					}
					w.Exec(t, fmt.Sprintf(`UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = %d, number = 'INV-%d', issued_on = '2026-02-01', due_on = '%s', snapshot = '{}', completed_at = now(), visible_at = now(),
						(total, paid, credited) = (%s), subtotal = %s WHERE id = $1`, number, number, due, money, strings.SplitN(money, ",", 2)[0]), id)
					if state == "void" && strings.HasSuffix(money, ", 0, 0") {
						w.Exec(t, `UPDATE invoice SET state = 'void', voided_at = now(), voided_on = '2026-02-02', void_reason = 'x' WHERE id = $1`, id)
					}
				}
			}
		}
		boss := w.store.NewID()
		w.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', $3, '{client_manager}')`, boss, client, boss.String()+"@client.example")
		for _, c := range []caller{am, w.as(boss)} {
			of := "client=" + client.String()
			for _, want := range []bool{true, false} {
				var ids []string
				for _, inv := range c.must("GET", "/invoices?limit=200&"+of, nil).items() {
					if inv["past_due"] == want {
						ids = append(ids, fmt.Sprint(inv["id"]))
					}
				}
				path := fmt.Sprintf("past_due=%v&%s", want, of)
				if got := c.lists("/invoices?limit=7&" + path); len(ids) == 0 || !slices.Equal(got, ids) {
					t.Errorf("%s, %s: found %d, want %d", zone, path, len(got), len(ids))
				}
				if got := sheet(t, c.must("GET", "/invoices.csv?"+path, nil)); len(got) != len(ids) {
					t.Errorf("%s, %s: %d as CSV, want %d", zone, path, len(got), len(ids))
				}
			}
		}
	}
	am.refused(422, "invalid", "GET", "/invoices?past_due=perhaps", nil)
}

func TestAFilterOfAContactIsAppliedOrRefused(t *testing.T) { // S2.07, S2.16
	t.Parallel()
	p := newPortal(t)
	boss := p.as(p.manager)
	p.Exec(t, `UPDATE project SET ends_on = '2026-06-30'`)
	p.Exec(t, `INSERT INTO status_report (id, client_id, week, week_ending, state, content, hold_until, sent_at, created_at, mail_ids, file_key) VALUES ($1, $2, '2026-W10', '2026-03-08', 'sent', '{}', now(), now(), now(), ARRAY[$1::uuid], 'k')`, p.store.NewID(), p.Client)
	elsewhere, client, me := uuid.NewString(), p.Client.String(), p.contact.String()
	for path, want := range map[string]int{
		"/projects?client=" + client: 1, "/projects?client=" + elsewhere: 0, "/projects?account_manager=" + p.AM.String(): 1, "/projects?account_manager=me": 0,
		"/projects?starts_from=2026-01-01": 1, "/projects?starts_from=2026-01-02": 0, "/projects?starts_to=2025-12-31": 0, "/projects?ends_from=2026-07-01": 0, "/projects?ends_to=2026-06-30": 1,
		"/projects?status=active": 1, "/projects?status=on_hold": 0, "/projects?q=Client": 1,
		"/tasks?assignee=" + me: 1, "/tasks?assignee=me": 0, "/tasks?group=" + p.Group.String(): 0, "/tasks?status=open": 2, "/tasks?project=" + p.Project.String(): 2,
		"/invoices?client=" + client: 1, "/invoices?client=" + elsewhere: 0, "/invoices?state=complete": 1, "/invoices?state=paid": 0, "/invoices?state=draft": 0, "/invoices?past_due=true": 1, "/invoices?past_due=false": 0,
		"/invoices?number=INV-1": 1, "/invoices?number=INV-2": 0, "/invoices?project=" + elsewhere: 0,
		"/status-reports?client=" + client: 1, "/status-reports?client=" + elsewhere: 0, "/status-reports?state=sent": 1, "/status-reports?state=held": 0,
	} {
		if got := len(boss.must("GET", path, nil).items()); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	for _, path := range []string{"/projects?external_key=P1", "/projects?progress=true", "/projects?starts_from=soon", "/invoices?billing_run=" + elsewhere,
		"/tasks?owner=me", "/tasks?owner=" + p.Ann.String(), "/tasks?parent=" + p.Task.String(), "/tasks?ready=true", "/tasks?needs_subtasks=true", "/tasks?external_key=T1"} {
		a := boss.send("GET", path, nil)
		if code := a.str("code"); a.status != 422 || code != "invalid" && code != "bad_date" {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}

func TestAnInvoiceThatComesToNothingIsPaid(t *testing.T) { // S1.65, N.08
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	am.must("POST", w.home()+"/milestones", object{"name": "Ten hours", "amount": "800", "due_on": "2026-03-02", "included_minutes": 600})
	w.through("2026-03-02")
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})
	covered := w.through("2026-03-10")
	has(t, am.must("GET", covered, nil).body, object{"state": "draft", "total": "0.00"})
	w.complete(t, covered)
	has(t, am.must("GET", covered, nil).body, object{"state": "paid", "balance": "0.00", "past_due": false})
	if got := am.lists("/invoices?state=paid"); len(got) != 1 || "/invoices/"+got[0] != covered {
		t.Errorf("paid are %v, want %s", got, covered)
	}
}
