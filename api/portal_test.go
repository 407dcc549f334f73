package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// portal is a firm whose project has something hidden and something shown, and
// contacts of each kind.
type portal struct {
	*world
	manager, contact, stranger     uuid.UUID
	shown, given, internal, toThem uuid.UUID
	draft, invoice                 uuid.UUID
}

func newPortal(t *testing.T) *portal {
	w := newWorld(t)
	p := &portal{world: w, shown: w.NewTask(t, "open"), given: w.NewTask(t, "open"), internal: w.store.NewID(), toThem: w.store.NewID(), draft: w.store.NewID(), invoice: w.store.NewID()}
	person := func(client uuid.UUID, role string) uuid.UUID {
		id := w.store.NewID()
		w.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', $3, ARRAY[$4])`, id, client, id.String()+"@client.example", role)
		return id
	}
	other := w.store.NewID()
	w.Exec(t, `INSERT INTO client (id, name, currency) VALUES ($1, 'Other', 'GBP')`, other)
	p.manager, p.contact, p.stranger = person(w.Client, "client_manager"), person(w.Client, "client_contact"), person(other, "client_manager")
	w.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, w.Project, p.contact)
	w.Exec(t, `UPDATE task SET title = 'HIDDEN' WHERE id = $1`, w.Task)
	w.Exec(t, `UPDATE task SET visible_to_client = true WHERE id = ANY ($1)`, []uuid.UUID{p.shown, p.given})
	w.Exec(t, `UPDATE task SET assignee_person_id = $2, delegated = true WHERE id = $1`, p.given, p.contact)
	w.Exec(t, `INSERT INTO note (id, task_id, author_id, body, visibility) VALUES ($1, $3, $4, 'INTERNAL', 'internal'), ($2, $3, $4, 'for you', 'client')`, p.internal, p.toThem, p.shown, w.Ann)
	w.Exec(t, `INSERT INTO invoice (id, client_id, currency, through) VALUES ($1, $3, 'GBP', '2026-01-31'), ($2, $3, 'GBP', '2026-01-31')`, p.draft, p.invoice, w.Client)
	w.Exec(t, `INSERT INTO invoice_project (invoice_id, project_id) VALUES ($1, $3), ($2, $3)`, p.draft, p.invoice, w.Project)
	w.Exec(t, `INSERT INTO invoice_line (id, invoice_id, position, kind, project_id, description, quantity, unit_price, amount, tax_percent) VALUES (gen_random_uuid(), $1, 1, 'fixed', $2, 'Work', 1, 5, 5, 0)`, p.invoice, w.Project)
	w.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = 1, number = 'INV-1', issued_on = '2026-02-01', due_on = '2026-03-01', subtotal = 5, total = 5, snapshot = '{}', completed_at = now(), visible_at = now() WHERE id = $1`, p.invoice)
	return p
}

func TestAContactReadsWhatIsTheirs(t *testing.T) { // S1.05, S2.07, S2.08, S2.16
	t.Parallel()
	p := newPortal(t)
	shown, project := "/tasks/"+p.shown.String(), "/projects/"+p.Project.String()
	for _, who := range []uuid.UUID{p.manager, p.contact} {
		c := p.as(who)
		if got := c.lists("/tasks?limit=1"); !slices.Equal(got, texts(p.shown, p.given)) {
			t.Errorf("the tasks are %v", got)
		}
		if got := c.lists("/projects"); !slices.Equal(got, texts(p.Project)) {
			t.Errorf("the projects are %v", got)
		}
		if got := c.lists(shown + "/notes"); !slices.Equal(got, texts(p.toThem)) {
			t.Errorf("the notes are %v", got)
		}
		task := c.must("GET", shown, nil)
		has(t, task.body, object{"id": p.shown, "status": "open", "visible_to_client": true})
		for _, secret := range []string{"owner_id", "estimate_minutes", "worked_minutes", "hand_over", "skills"} {
			if _, there := task.body[secret]; there {
				t.Errorf("a contact reads %s", secret)
			}
		}
		for _, path := range []string{"/tasks/" + p.Task.String(), "/tasks/" + p.Task.String() + "/notes", shown + "/history", project + "/rates", "/invoices/" + p.draft.String()} {
			c.refused(404, "not_found", "GET", path, nil)
		}
		for _, path := range []string{"/tasks", "/projects", project, project + "/tasks", project + "/summary", shown, shown + "/notes", "/invoices"} {
			if text := c.must("GET", path, nil).text; strings.Contains(text, "HIDDEN") || strings.Contains(text, "INTERNAL") {
				t.Errorf("%s tells %s", path, text)
			}
		}
	}
	manager, contact := p.as(p.manager), p.as(p.contact)
	invoice := object{"number": "INV-1", "total": "5.00"}
	for _, field := range []string{"client_name", "project_ids", "created_at"} { // as the staff sees them
		invoice[field] = p.as(p.AM).must("GET", "/invoices/"+p.invoice.String(), nil).body[field]
	}
	has(t, manager.must("GET", "/invoices/"+p.invoice.String(), nil).body, invoice)
	has(t, manager.must("GET", "/invoices", nil).items()[0], invoice)
	has(t, manager.must("GET", project+"/summary", nil).body, object{"worked_minutes": 0, "billed": "5.00"})
	contact.refused(404, "not_found", "GET", "/invoices/"+p.invoice.String(), nil)
	if _, there := contact.must("GET", project+"/summary", nil).body["billed"]; there {
		t.Error("a plain contact reads the money")
	}
	p.Exec(t, `UPDATE invoice SET credited = 2, sent_at = '2026-02-02T10:00:00Z', sent_by = 'email' WHERE id = $1`, p.invoice)
	p.Exec(t, `INSERT INTO credit_note (id, invoice_id, client_id, currency, series, year, sequence, number, issued_on, reason, subtotal, tax, total, snapshot)
		VALUES ($1, $2, $3, 'GBP', 'CN', 2026, 1, 'CN-1', '2026-02-03', 'x', 2, 0, 2, '{}')`, p.invoice, p.invoice, p.Client)
	p.Exec(t, `INSERT INTO credit_line (id, credit_note_id, invoice_line_id, position, treatment, amount, tax_percent) SELECT gen_random_uuid(), $1, id, 1, 'write_off', 2, 0 FROM invoice_line`, p.invoice)
	has(t, manager.must("GET", "/invoices/"+p.invoice.String(), nil).body, object{"credited": "2.00", "balance": "3.00", "sent_at": "2026-02-02T10:00:00Z"}) // as the staff sees it
	has(t, manager.must("GET", project+"/summary", nil).body, object{"billed": "3.00"})
	note, statement := "/credit-notes/"+p.invoice.String(), "/clients/"+p.Client.String()+"/statement?from=2026-01-01&to=2026-03-20"
	manager.refused(404, "not_found", "GET", note, nil) // its PDF is not there yet
	p.Exec(t, `UPDATE credit_note SET visible_at = now()`)
	has(t, manager.must("GET", note, nil).body, object{"number": "CN-1", "total": "2.00"})
	if got := manager.lists("/credit-notes"); !slices.Equal(got, texts(p.invoice)) {
		t.Errorf("the credit notes are %v", got)
	}
	st, staffs := manager.must("GET", statement, nil), p.as(p.AM).must("GET", statement, nil) // N.13
	if st.text != staffs.text || !strings.Contains(st.text, `"closing_balance":"3.00"`) {
		t.Errorf("the statement is\n%s, the staff's\n%s", st.text, staffs.text)
	}
	for _, who := range []uuid.UUID{p.contact, p.stranger} {
		p.as(who).refused(404, "not_found", "GET", note, nil)
		p.as(who).refused(404, "not_found", "GET", statement, nil)
		if got := p.as(who).lists("/credit-notes"); got != nil {
			t.Errorf("another sees the credit notes %v", got)
		}
	}
	if got := contact.lists("/projects?status="); !slices.Equal(got, texts(p.Project)) {
		t.Errorf("with an empty filter the projects are %v", got)
	}
	if got := contact.lists("/invoices"); got != nil {
		t.Errorf("a plain contact is shown the invoices %v", got)
	}
}

func TestTheClientsManagerReadsTheFiguresOfTheAccountManager(t *testing.T) { // S1.05, S1.64–S1.66
	t.Parallel()
	p := newPortal(t)
	am, manager, summary := p.as(p.AM), p.as(p.manager), "/projects/"+p.Project.String()+"/summary"
	second := am.must("POST", "/projects", p.project(nil)).str("id")
	for i, projects := range [][]any{{p.Project}, {p.Project, second}} { // an item by hand is the project's where the invoice is for it alone
		draft := "/invoices/" + am.must("POST", "/invoices", object{"client_id": p.Client, "project_ids": projects, "through": "2026-03-15"}).str("id")
		am.must("POST", draft+"/items", object{"kind": "charge", "description": "Hosting", "unit_price": "40"})
		p.Exec(t, `UPDATE invoice SET state = 'complete', series = 'INV', year = 2026, sequence = $2::integer, number = 'INV-2026-0000' || $2::integer, issued_on = '2026-03-15', due_on = '2026-05-01', snapshot = '{}', completed_at = now(), visible_at = now() WHERE id = $1`,
			uuid.MustParse(strings.TrimPrefix(draft, "/invoices/")), i+2)
	}
	p.Exec(t, `UPDATE project SET starts_on = '2026-03-01', ends_on = '2026-06-30' WHERE id = $1`, p.Project)
	p.Exec(t, `UPDATE task SET estimate_minutes = 600 WHERE id = $1`, p.Task) // hidden: counted and not named
	p.Record(t, fixture.Entry{Task: p.Task, Person: p.Ann, Date: day(3), Minutes: 60})
	staffs, theirs := am.must("GET", summary, nil).body, manager.must("GET", summary, nil).body
	has(t, theirs, object{"billed": "45.00", "estimated_minutes": 600, "worked_minutes": 60, "remaining_minutes": 540})
	for _, field := range []string{"billed", "estimated_minutes", "worked_minutes", "remaining_minutes", "starts_on", "days_since_start", "estimated_end_on", "days_to_end"} {
		if fmt.Sprint(theirs[field]) != fmt.Sprint(staffs[field]) || theirs[field] == nil {
			t.Errorf("%s is %v for the client's manager, %v for the account manager", field, theirs[field], staffs[field])
		}
	}
	for _, field := range []string{"to_bill", "estimated_total", "problem", "progress_percent", "unplanned_tasks", "chosen"} {
		if _, there := theirs[field]; there {
			t.Errorf("the client's manager reads %s", field)
		}
	}
	contacts := p.as(p.contact).must("GET", summary, nil).body
	for _, field := range []string{"estimated_minutes", "worked_minutes", "remaining_minutes", "estimated_end_on", "billed"} {
		if _, there := contacts[field]; there {
			t.Errorf("a plain contact reads %s", field)
		}
	}
}

func TestAnotherClientsContactReadsNothing(t *testing.T) { // S2.16
	t.Parallel()
	p := newPortal(t)
	c := p.as(p.stranger)
	for _, path := range []string{"/tasks", "/projects", "/invoices", "/tasks?project=" + p.Project.String()} {
		a := c.send("GET", path, nil)
		if len(a.items()) > 0 || a.status != 200 && a.status != 404 {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	for _, path := range []string{"/tasks/" + p.shown.String(), "/tasks/" + p.shown.String() + "/files", "/projects/" + p.Project.String(), "/projects/" + p.Project.String() + "/summary", "/invoices/" + p.invoice.String(), "/invoices/" + p.invoice.String() + "/pdf"} {
		there, nowhere := c.send("GET", path, nil), c.send("GET", "/tasks/"+p.store.NewID().String(), nil)
		if there.status != 404 || there.text != nowhere.text {
			t.Errorf("%s: %s, of what is nowhere %s", path, there.text, nowhere.text)
		}
	}
}

func TestAContactWritesOnlyOnWhatTheyWereGiven(t *testing.T) { // S2.08
	t.Parallel()
	p := newPortal(t)
	c := p.as(p.contact)
	note := c.must("POST", "/tasks/"+p.given.String()+"/notes", object{"body": "we are on it", "visibility": "internal"})
	has(t, note.body, object{"visibility": "client", "body": "we are on it"})
	c.refused(403, "forbidden", "POST", "/tasks/"+p.shown.String()+"/notes", object{"body": "x"})
	c.refused(404, "not_found", "POST", "/tasks/"+p.Task.String()+"/notes", object{"body": "x"})
	for _, verb := range []string{"start", "end", "status", "accept", "assign"} {
		c.refused(404, "not_found", "POST", "/tasks/"+p.Task.String()+"/"+verb, map[string]object{"start": {}, "end": {}, "accept": {}, "status": {"status": "complete"}, "assign": {"to": object{"user_id": p.contact}}}[verb])
	}
	for _, known := range []uuid.UUID{p.given, p.shown} {
		c.refused(403, "forbidden", "POST", "/tasks/"+known.String()+"/time", object{"work_date": "2026-03-20", "minutes": 5, "description": "x"})
	}
	c.refused(404, "not_found", "POST", "/tasks/"+p.Task.String()+"/time", object{"work_date": "2026-03-20", "minutes": 5, "description": "x"})
}
