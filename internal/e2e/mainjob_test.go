package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/internal/postgres"
)

// firm is a system with a client, an active project and its people.
type firm struct {
	*system
	am, ann, bob, manager  person
	client, project, group string
}

func newFirm(t *testing.T) *firm {
	t.Helper()
	return furnish(t, started(t))
}

// furnish sets a firm up over HTTP, as its people would.
func furnish(t *testing.T, s *system) *firm {
	t.Helper()
	f := &firm{system: s}
	f.am = s.hire(t, "Olivia", "olivia@firm.example", "account_manager")
	f.manager = s.hire(t, "Gerd", "gerd@firm.example", "group_manager", "contributor")
	f.ann = s.hire(t, "Ann", "ann@firm.example", "contributor")
	f.bob = s.hire(t, "Bob", "bob@firm.example", "contributor")
	f.group = s.admin().must(t, "POST", "/groups", object{"name": "Workshop", "manager_ids": []string{f.manager.id}, "member_ids": []string{f.ann.id, f.bob.id, f.manager.id}})["id"].(string)
	f.client = f.am.must(t, "POST", "/clients", object{"name": "Acme & Söhne", "currency": "GBP", "email": "a@acme.example", "billing_address": "1 High Street\nLeeds", "payment_terms_days": 14, "tax_percent": "20", "time_zone": "Europe/London"})["id"].(string)
	p := f.am.must(t, "POST", "/projects", object{"client_id": f.client, "name": "Acme web", "code": "ACME", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "work_statement": object{"billing_period": "monthly", "anchor_day": 31}})
	f.project = p["id"].(string)
	return f
}

func (f *firm) cleared(t *testing.T) *firm {
	t.Helper()
	f.am.must(t, "POST", "/projects/"+f.project+"/request-clearance", object{"note": "signed"})
	f.admin().must(t, "POST", "/projects/"+f.project+"/clear", object{"note": "seen"})
	return f
}

// task makes an open task for somebody.
func (f *firm) task(t *testing.T, title string, to object) string {
	t.Helper()
	id := f.am.must(t, "POST", "/tasks", object{"project_id": f.project, "title": title, "estimate_minutes": 600, "assign_to": to})["id"].(string)
	f.am.must(t, "POST", "/tasks/"+id+"/status", object{"status": "open"})
	return id
}

func path(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func TestFromClientToInvoice(t *testing.T) { // S1.06 S1.07 S1.08 S1.09 S1.15 S1.22 S1.72 S1.76 S1.77 S2.02
	t.Parallel()
	f := newFirm(t)
	task := f.am.must(t, "POST", "/tasks", object{"project_id": f.project, "title": "Analysis", "estimate_minutes": 600, "assign_to": object{"user_id": f.ann.id}})
	id := task["id"].(string)
	if task["key"] != "ACME-1" || task["status"] != "planned" || task["owner_id"] != f.ann.id {
		t.Errorf("the new task is %v", task)
	}
	f.ann.refused(t, 409, "project_not_active", "POST", path("/tasks/%s/status", id), object{"status": "open"})
	f.ann.refused(t, 409, "project_not_active", "POST", path("/tasks/%s/time", id), object{"work_date": "2026-03-02", "minutes": 7, "description": "reading"})
	f.am.must(t, "POST", path("/projects/%s/request-clearance", f.project), object{"note": "signed"})
	f.am.refused(t, 403, "self_clearance", "POST", path("/projects/%s/clear", f.project), object{"note": "seen"})
	f.admin().must(t, "POST", path("/projects/%s/clear", f.project), object{"note": "seen"})
	f.bob.refused(t, 403, "not_owner", "POST", path("/tasks/%s/status", id), object{"status": "open"})
	f.ann.must(t, "POST", path("/tasks/%s/status", id), object{"status": "open"})
	f.ann.must(t, "POST", path("/tasks/%s/time", id), object{"work_date": "2026-03-02", "minutes": 436, "description": "reading", "remaining_minutes": 0})
	mine := f.ann.must(t, "GET", "/tasks?assignee=me", nil)["items"].([]any)
	if len(mine) != 1 || mine[0].(object)["worked_minutes"] != 436.0 || mine[0].(object)["remaining_minutes"] != 0.0 {
		t.Errorf("Ann's tasks are %v", mine)
	}
	f.invoice(t)
}

// invoice bills what was recorded, with an expense and a discount.
func (f *firm) invoice(t *testing.T) {
	t.Helper()
	inv := f.am.must(t, "POST", "/invoices", object{"client_id": f.client, "project_ids": []string{f.project}, "through": "2026-03-31"})
	id := inv["id"].(string)
	if inv["subtotal"] != "726.67" || inv["number"] != nil {
		t.Errorf("the draft is %v", inv)
	}
	line := inv["lines"].([]any)[0].(object)["id"]
	why := f.am.must(t, "GET", path("/invoices/%s/lines/%s/explain", id, line), nil) // N.03
	rule, _ := why["rule"].(string)
	if !strings.Contains(rule, "436 minutes × 100.00 / 60 = GBP 726.67") || !strings.Contains(rule, "default rate") || len(why["entries"].([]any)) != 1 {
		t.Errorf("the line is explained by %v", why)
	}
	f.ann.refused(t, 403, "forbidden", "GET", "/invoices/"+id, nil)
	f.am.must(t, "POST", path("/invoices/%s/items", id), object{"kind": "expense", "description": "Train", "quantity": "2", "unit_price": "12.345"})
	f.am.must(t, "POST", path("/invoices/%s/items", id), object{"kind": "discount", "description": "New client", "unit_price": "51.36"})
	f.mustComplete(t, id)
}

func (f *firm) mustComplete(t *testing.T, id string) {
	t.Helper()
	inv := f.am.must(t, "POST", path("/invoices/%s/complete", id), object{"send": "none"})
	if inv["state"] != "complete" || inv["number"] != fmt.Sprintf("INV-%d-00001", time.Now().Year()) || inv["total"] != "840.00" {
		t.Errorf("the completed invoice is %v", inv)
	}
	f.am.refused(t, 409, "already_complete", "POST", path("/invoices/%s/complete", id), object{"send": "none"})
	f.am.refused(t, 409, "already_complete", "POST", path("/invoices/%s/items", id), object{"kind": "charge", "description": "x", "unit_price": "1"})
	eventually(t, "the PDF is there", func() error {
		r := f.am.send(t, "GET", path("/invoices/%s.pdf", id), nil)
		if r.Status != 200 || !bytes.HasPrefix(r.Raw, []byte("%PDF-")) {
			return fmt.Errorf("%d %.200s", r.Status, r.Raw)
		}
		return nil
	})
}

func TestFiftyAcceptAtOnce(t *testing.T) { // S1.48
	t.Parallel()
	f := newFirm(t).cleared(t)
	id := f.task(t, "For anybody", object{"group_id": f.group})
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for i := range 50 {
		who := []person{f.ann, f.bob, f.manager}[i%3]
		wg.Go(func() {
			r, err := who.attempt("POST", path("/tasks/%s/accept", id), object{})
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprintf("%d %v %v", r.Status, r.Body["code"], err)]++
		})
	}
	wg.Wait()
	if len(got) != 2 || got["200 <nil> <nil>"] != 1 || got["409 already_assigned <nil>"] != 49 {
		t.Errorf("got %v", got)
	}
}

func TestTheSameKeyHasOneEffect(t *testing.T) { // N.31
	t.Parallel()
	f := newFirm(t).cleared(t)
	body := object{"project_id": f.project, "title": "Once"}
	var wg sync.WaitGroup
	ids := make([]string, 20)
	for i := range ids {
		wg.Go(func() {
			r, err := f.am.attempt("POST", "/tasks", body, "Idempotency-Key", "k1")
			if err != nil || r.Status != 201 {
				t.Errorf("%d %s %v", r.Status, r.Raw, err)
				return
			}
			ids[i] = r.Body["id"].(string)
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("one key made several tasks: %v", ids)
		}
	}
	f.am.refused(t, 409, "idempotency_key_reused", "POST", "/tasks", object{"project_id": f.project, "title": "Twice"}, "Idempotency-Key", "k1")
	if n := len(f.am.must(t, "GET", path("/tasks?project=%s", f.project), nil)["items"].([]any)); n != 1 {
		t.Errorf("there are %d tasks", n)
	}
	r := f.am.send(t, "PATCH", "/tasks/"+ids[0], object{"title": "Changed"}, "If-Match", `"7"`)
	if r.Status != 412 || r.Body["code"] != "stale" {
		t.Errorf("an old ETag: %d %s", r.Status, r.Raw)
	}
}

func TestAnActionGoesOnWithoutAWorkerAndIsNotLost(t *testing.T) { // N.31; 202 after 8 s
	t.Parallel()
	f := newFirm(t).cleared(t)
	id := f.task(t, "Late", object{"user_id": f.ann.id})
	f.worker.kill()
	r := f.am.send(t, "POST", path("/tasks/%s/assign", id), object{"to": object{"user_id": f.bob.id}}, "Idempotency-Key", "late")
	if r.Status != 202 || !strings.HasPrefix(r.Header.Get("Location"), "/api/v1/actions/") || r.Header.Get("Retry-After") != "1" {
		t.Fatalf("without a worker: %d %s", r.Status, r.Raw)
	}
	action := strings.TrimPrefix(r.Header.Get("Location"), "/api/v1")
	if got := f.am.must(t, "GET", action, nil); got["state"] != "pending" {
		t.Errorf("the action is %v", got)
	}
	f.startWorker()
	eventually(t, "the action is done", func() error {
		if got := f.am.must(t, "GET", action, nil); got["state"] != "done" {
			return fmt.Errorf("it is %v", got)
		}
		return nil
	})
	task := f.am.must(t, "GET", "/tasks/"+id, nil)
	if task["assignee"].(object)["id"] != f.bob.id {
		t.Errorf("the task is with %v", task["assignee"])
	}
	again := f.am.send(t, "POST", path("/tasks/%s/assign", id), object{"to": object{"user_id": f.bob.id}}, "Idempotency-Key", "late")
	if again.Status != 200 || again.Body["version"] != task["version"] {
		t.Errorf("the same key again: %d %s", again.Status, again.Raw)
	}
}

func TestACommandThatNobodyBroughtIsCarriedOut(t *testing.T) { // N.31: its sender was killed
	t.Parallel()
	f := newFirm(t).cleared(t)
	id := f.task(t, "Left behind", object{"user_id": f.ann.id})
	command := postgres.FirstID(time.Now().Add(-time.Minute))
	if _, err := f.pool.Exec(t.Context(), `INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint) VALUES ($1, $2, 'left', 'task', $3, 'assign', $4, '\x01')`,
		command, f.am.id, id, object{"to": object{"user_id": f.bob.id}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the task is with Bob", func() error {
		if who := f.am.must(t, "GET", "/tasks/"+id, nil)["assignee"].(object)["id"]; who != f.bob.id {
			return fmt.Errorf("it is with %v", who)
		}
		return nil
	})
}
