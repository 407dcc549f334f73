package api_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

// TestWhatIsHiddenChangesNoAnswer reads all there is to read as a role, changes
// what the role must not know of, and reads it again: every list, total, page,
// version and refusal is the same to the letter.
func TestWhatIsHiddenChangesNoAnswer(t *testing.T) { // S1.05, S2.07, S2.16
	t.Parallel()
	m := newMatrix(t, loud{t})
	ours := func() { m.keep(t); m.elsewhere(t, m.second, "am of another", "cm of another") }
	theirs := func() { m.keep(t); m.elsewhere(t, m.Firm, "am", "cm") }
	admin := roles[slices.IndexFunc(roles, func(r role) bool { return r.name == "admin" })]
	was := m.readAll(t, admin)
	m.keep(t)
	m.elsewhere(t, m.second, "am of another", "cm of another")
	m.money(t)
	changed := 0
	for path, text := range m.readAll(t, admin) {
		if was[path] != text {
			changed++
		}
	}
	if m.undo(t); changed < 40 {
		t.Errorf("an admin sees %d answers change: too little was done to see anything by", changed)
	}
	for who, change := range map[string]func(){
		"cm": ours, "contact": ours, "contact elsewhere": ours, "cm of another": theirs,
		"pm": func() { m.money(t) }, "gm": func() { m.money(t) }, "assignee": func() { m.money(t) },
	} {
		r := roles[slices.IndexFunc(roles, func(r role) bool { return r.name == who })]
		before := m.readAll(t, r)
		change()
		after := m.readAll(t, r)
		for _, path := range slices.Sorted(maps.Keys(before)) {
			if without(who, path, before[path]) != without(who, path, after[path]) {
				t.Errorf("%s as %s was\n%.1500s\nand is\n%.1500s", path, who, before[path], after[path])
			}
		}
		if did := effects(m.undo(t)); len(did) < 10 {
			t.Errorf("for %s too little was changed: %v", who, did)
		}
	}
}

// estimates count hidden tasks, as the client's status report does, and name none.
var estimates = regexp.MustCompile(`"(estimated_minutes|remaining_minutes|estimated_end_on|days_to_end)":("[^"]*"|-?\d+),`)

// without is an answer but for those, to the client's manager.
func without(who, path, text string) string {
	if who == "cm" && strings.HasPrefix(path, "GET /projects/{id}/summary ") {
		return estimates.ReplaceAllString(text, "")
	}
	return text
}

// readAll is every answer to a role that only reads, by its path.
func (m *matrix) readAll(t *testing.T, r role) map[string]string {
	all := map[string]string{}
	for name, row := range rows {
		if write(name) || row.only != 0 {
			continue
		}
		c := &cell{matrix: m, t: t, role: r, name: name, row: row}
		for _, s := range []side{own, other, hidden, unknown} {
			if id, ok := m.thing(row.on, s, r.name); ok || row.on == nothing {
				req := c.request(id, s)
				req.Header.Set("X-Request-Id", "compared") // each has its own otherwise
				a := m.ask(req)
				text := a.text
				for _, k := range slices.Sorted(maps.Keys(a.header)) {
					text += "\n" + k + ": " + strings.Join(a.header[k], ", ")
				}
				all[name+" "+req.URL.RequestURI()] = text
			}
		}
	}
	return all
}

// keep changes what the staff keeps from the first client's people.
func (m *matrix) keep(t *testing.T) {
	am, ann := m.client("am"), m.client("assignee")
	seen, secret := "/tasks/"+m.Task.String(), "/tasks/"+m.things[aTask][hidden].String()
	project, request := "/projects/"+m.Project.String(), "/requests/"+m.things[aRequest][own].String()
	am.must("PATCH", secret, object{"title": markTask + " again", "estimate_minutes": 90})
	am.must("POST", secret+"/assign", object{"to": object{"user_id": m.Bob}})
	am.must("POST", "/tasks", object{"project_id": m.Project, "parent_id": m.Task, "title": markTask + " below"})
	for _, path := range []string{seen, secret, request} {
		ann.must("POST", path+"/notes", object{"body": markNote, "visibility": "internal"})
		m.attach(t, "assignee", path)
	}
	am.must("POST", request+"/ask", object{"to": object{"user_id": m.Bob}, "question": markNote})
	draft := am.must("POST", "/invoices", object{"client_id": m.Client, "project_ids": []uuid.UUID{m.Project}, "through": "2026-03-20"})
	am.must("POST", "/invoices/"+draft.str("id")+"/items", object{"kind": "expense", "description": markDraft, "unit_price": "1"})
	am.must("PATCH", "/invoices/"+m.things[aDraft][own].String()+"/items/"+m.inner[own]["item"].String(), object{"quantity": "7"})
	am.must("POST", project+"/rates", object{"user_id": m.Bob, "rate": "80", "from": "2026-05-01"})
	am.must("POST", project+"/milestones", object{"name": markPrice, "amount": "7", "due_on": "2027-02-01"})
	ann.must("POST", project+"/expenses", object{"spent_on": "2026-03-19", "description": "Taxi", "amount": "12.50"})
}

// elsewhere changes all that one client's people see.
func (m *matrix) elsewhere(t *testing.T, f *fixture.Firm, am, boss string) {
	firm, client, task := m.client(am), m.client(boss), "/tasks/"+f.Task.String()
	firm.must("PATCH", "/clients/"+f.Client.String(), object{"billing_address": "2 High Street"})
	firm.must("PATCH", "/projects/"+f.Project.String(), object{"name": "Another name"})
	firm.must("PATCH", task, object{"title": "Another title"})
	firm.must("POST", "/tasks", object{"project_id": f.Project, "title": "Shown", "visible_to_client": true})
	firm.must("POST", task+"/notes", object{"body": "a word to them", "visibility": "client"})
	firm.must("POST", task+"/time", object{"work_date": "2026-03-19", "minutes": 25, "description": "a call"})
	m.attach(t, am, task)
	client.must("POST", "/requests", object{"client_id": f.Client, "project_id": f.Project, "kind": "question", "title": "When?"})
	draft := firm.must("POST", "/invoices", object{"client_id": f.Client, "project_ids": []uuid.UUID{f.Project}, "through": "2026-03-20"})
	firm.must("POST", "/invoices/"+draft.str("id")+"/items", object{"kind": "expense", "description": "train", "unit_price": "10"})
	firm.must("POST", "/invoices/"+draft.str("id")+"/complete", object{})
	m.Exec(t, `UPDATE invoice SET visible_at = now() WHERE id = $1`, draft.str("id"))
	firm.must("POST", "/payments", object{"client_id": f.Client, "amount": "3.00", "received_on": "2026-03-20"})
	m.client("admin").must("POST", "/users", object{"kind": "client", "client_id": f.Client, "name": "Newcomer", "email": "new@client.example", "roles": []string{"client_contact"}})
}

// money changes what only account managers and admins know.
func (m *matrix) money(t *testing.T) {
	admin := m.client("admin")
	admin.must("POST", "/users/"+m.Bob.String()+"/rates", object{"rate": "81", "currency": "GBP", "from": "2026-01-01"})
	admin.must("POST", "/users/"+m.Bob.String()+"/cost-rates", object{"rate": "41", "currency": "GBP", "from": "2026-02-01"})
	admin.must("POST", "/projects/"+m.Project.String()+"/milestones", object{"name": markPrice, "amount": "7", "due_on": "2027-02-01"})
	admin.must("POST", "/projects/"+m.Project.String()+"/expenses", object{"spent_on": "2026-03-19", "description": markSpent, "amount": "12.50"})
	admin.must("PATCH", "/invoices/"+m.things[aDraft][own].String()+"/items/"+m.inner[own]["item"].String(), object{"quantity": "7"})
	admin.must("POST", "/payments", object{"client_id": m.Client, "amount": "3.00", "received_on": "2026-03-20"})
	admin.must("POST", "/invoices/"+m.things[aBill][own].String()+"/dispute", object{"reason": markPrice})
	admin.must("PUT", "/clients/"+m.Client.String()+"/reminders", object{"paused_until": "2026-05-01"})
	admin.must("POST", "/reminders/runs/"+m.things[aReminderRun][own].String()+"/clients/"+m.Client.String()+"/comment", object{"comment": markPrice})
	admin.must("POST", "/billing-periods/"+m.Project.String()+"/"+aPeriodsEnd+"/run", nil)
}

// attach attaches a file as a role.
func (m *matrix) attach(t *testing.T, role, path string) {
	t.Helper()
	if a := m.ask(newRequest(t, "POST", path+"/files", m.bearers[role], file{"text.txt", markNote})); a.status != 201 {
		t.Fatalf("%s: %d %s", path, a.status, a.text)
	}
}
