package api_test

import (
	"testing"

	"github.com/google/uuid"
)

func TestNullTakesAwayWhatNeedNotBeThere(t *testing.T) { // S1.23
	t.Parallel()
	w := newWorld(t)
	w.carried()
	ann, am := w.as(w.Ann), w.as(w.AM)
	entry := ann.must("POST", "/tasks/"+w.Task.String()+"/time", object{"work_date": "2026-03-03", "start": "2026-03-03T09:00:00Z", "minutes": 30, "description": "Sketch", "remaining_minutes": 0}).str("id")
	has(t, ann.must("PATCH", "/time-entries/"+entry, object{"minutes": 45}).body, object{"start": "2026-03-03T09:00:00Z", "remaining_minutes": 0})
	after := ann.must("PATCH", "/time-entries/"+entry, object{"start": nil, "remaining_minutes": nil}).body
	has(t, after, object{"start": nil, "remaining_minutes": nil, "work_date": "2026-03-03", "minutes": 45})

	spent := am.must("POST", w.home()+"/expenses", object{"spent_on": "2026-03-05", "description": "Train", "amount": "50", "tax_percent": "7"}).str("id")
	has(t, am.must("PATCH", "/expenses/"+spent, object{"amount": "60"}).body, object{"tax_percent": "7", "amount": "60.00"})
	has(t, am.must("PATCH", "/expenses/"+spent, object{"tax_percent": nil, "receipt_file_id": nil}).body, object{"tax_percent": nil, "receipt_file_id": nil})

	for _, percent := range []any{"1e1", "1e999999999", true, object{}} { // what null may stand for is looked at as elsewhere
		am.refused(422, "invalid", "PATCH", "/expenses/"+spent, object{"tax_percent": percent})
	}

	client, admin := "/clients/"+w.Client.String(), w.as(w.admin)
	hours := object{"weekly": object{"mon": [][]string{{"08:00", "12:00"}}}}
	admin.must("PATCH", client, object{"calendar": hours})
	has(t, admin.must("PATCH", client, object{"city": "Leeds"}).body["calendar"].(object), hours)
	has(t, admin.must("PATCH", client, object{"calendar": nil}).body, object{"calendar": nil}) // N.20
	has(t, admin.must("GET", client, nil).body, object{"calendar": nil})
	for _, c := range []object{{}, {"weekly": object{"monday": [][]string{{"08:00", "12:00"}}}}, {"weekly": object{}, "leave": nil}} { // no slip of the keyboard leaves no hours
		admin.refused(422, "invalid", "PATCH", client, object{"calendar": c})
	}

	task := "/tasks/" + am.must("POST", "/tasks", object{"project_id": w.Project, "title": "Draw", "estimate_minutes": 60, "due_on": "2026-04-01"}).str("id")
	has(t, am.must("PATCH", task, object{"estimate_minutes": 0}).body, object{"estimate_minutes": 0, "due_on": "2026-04-01"}) // 0 is not none
	has(t, am.must("PATCH", task, object{"estimate_minutes": nil}).body, object{"estimate_minutes": nil, "due_on": "2026-04-01"})
	has(t, am.must("PATCH", task, object{"due_on": nil}).body, object{"due_on": nil})
}

func TestNullIsRefusedWhereItSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.carried()
	admin, am := w.as(w.admin), w.as(w.AM)
	draft := w.draft(t)
	am.must("POST", draft+"/items", object{"kind": "charge", "description": "Hosting", "unit_price": "5"})
	line := am.must("GET", draft, nil).body["lines"].([]any)[0].(object)["id"].(string)
	for path, body := range map[string]object{
		"/tasks/" + w.Task.String():       {"title": nil},
		"/clients/" + w.Client.String():   {"tax_percent": nil},
		w.home():                          {"ends_on": nil},
		"/users/" + w.Ann.String():        {"roles": nil},
		"/provider":                       {"name": nil},
		draft + "/items/" + line:          {"quantity": nil},
		"/groups/" + uuid.New().String():  {"name": nil},
		"/notes/" + uuid.New().String():   {"body": nil},
		"/files/" + uuid.New().String():   {"visibility": nil},
		"/requests/" + uuid.NewString():   {"title": nil},
		"/milestones/" + uuid.NewString(): {"amount": nil},
		"/webhooks/" + uuid.NewString():   {"state": nil},
		"/templates/" + uuid.NewString():  {"name": nil},
		"/clients/" + uuid.NewString():    {"NAME": nil}, // a field has one name
		"/expenses/" + uuid.NewString():   {"description": "Train", "Description": nil},
	} {
		admin.refused(422, "invalid", "PATCH", path, body)
	}
	am.must("POST", "/tasks", object{"project_id": w.Project, "title": "Draw", "parent_id": nil}) // none yet: nothing is taken away
}

func TestAFieldHasOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.carried()
	ann := w.as(w.Ann)
	path := "/tasks/" + w.Task.String() + "/time"
	said := object{"work_date": "2026-03-03", "minutes": 30, "description": "Sketch"}
	entry := "/time-entries/" + ann.must("POST", path, said).str("id")
	ann.refused(422, "invalid", "PATCH", entry, object{"Minutes": 45})
	ann.refused(422, "invalid", "PATCH", entry, object{"minutes": 45, "MINUTES": -5}) // nor are its limits gone round so
	ann.refused(422, "invalid", "PATCH", "/tasks/"+w.Task.String(), object{"title": "Draw", "Title": " "})
	has(t, ann.must("GET", entry, nil).body, object{"minutes": 30})
}
