package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestAListSaysThatNothingComesAfterIt(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, path := range []string{"/clients", "/tasks", "/clients/" + w.Client.String() + "/contacts", "/reports/profitability", "/groups/" + w.Group.String() + "/queue"} {
		if next, there := am.must("GET", path, nil).body["next_cursor"]; !there || next != nil {
			t.Errorf("%s: next_cursor is %v (there: %t), want null", path, next, there)
		}
	}
	if first := am.must("GET", "/users?limit=1", nil); first.str("next_cursor") == "" {
		t.Errorf("more follows, and next_cursor is %v", first.body["next_cursor"])
	}
}

func TestAWrongIdIsRefusedByTheNameOfItsField(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	for at, body := range map[string]object{
		"body.client_id": {"client_id": "acme", "kind": "client", "name": "C", "email": "c@client.example", "password": "a horse that is correct"},
		"body.password":  {"kind": "staff", "name": "C", "email": "c@client.example", "password": "too short"},
	} {
		a := admin.refused(422, "invalid", "POST", "/users", body)
		if where := a.body["errors"].([]any)[0].(object)["location"]; where != at {
			t.Errorf("it is refused at %v, want %s: %s", where, at, a.text)
		}
		if strings.Contains(a.text, body["password"].(string)) {
			t.Errorf("the answer has the password in it: %s", a.text)
		}
	}
	a := w.as(w.AM).refused(422, "invalid", "POST", "/tasks", object{"project_id": w.Project, "title": "T", "depends_on": []string{"acme"}})
	if where := a.body["errors"].([]any)[0].(object)["location"]; where != "body.depends_on[0]" {
		t.Errorf("it is refused at %v: %s", where, a.text)
	}
	admin.must("POST", "/users", object{"client_id": nil, "kind": "staff", "name": "S", "email": "s@firm.example", "roles": []string{"contributor"}})
}

func TestOnlyUTF8IsRead(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	a := w.as(w.AM).send("POST", "/clients", "{\"name\": \"M\xfcller\", \"currency\": \"EUR\"}")
	if a.status != http.StatusBadRequest || a.str("code") != "malformed" {
		t.Errorf("Latin-1 is answered %d %s", a.status, a.text)
	}
}

func TestABodySaysInAnyLettersThatItIsJSON(t *testing.T) { // N.15, RFC 9110
	t.Parallel()
	w := newWorld(t)
	am, body := w.as(w.AM), object{"name": "Acme", "currency": "EUR"}
	am.with("Content-Type", "Application/JSON; charset=UTF-8").must("POST", "/clients", body)
	am.with("Content-Type", "text/plain").refused(415, "unsupported_media_type", "POST", "/clients", body)
}

func TestWhatCanBeReadCanBeAskedForItsHead(t *testing.T) { // N.15, RFC 9110
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/projects/"+w.Project.String()
	read := am.must("GET", path, nil)
	head := am.send("HEAD", path, nil)
	if head.status != 200 || head.text != "" || head.header.Get("ETag") != read.header.Get("ETag") || head.header.Get("Content-Type") != read.header.Get("Content-Type") {
		t.Errorf("HEAD is answered %d %v %q", head.status, head.header, head.text)
	}
	if a := w.nobody().send("HEAD", path, nil); a.status != http.StatusUnauthorized {
		t.Errorf("nobody's HEAD is answered %d", a.status)
	}
	if a := am.send("HEAD", path+"/hold", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD of an action is answered %d", a.status)
	}
}

func TestANumberThatIsNotWholeIsRefusedInPlainWords(t *testing.T) { // S1.21, N.15
	t.Parallel()
	w := newWorld(t)
	for _, minutes := range []string{"90.0", "9e1", "90.5"} {
		a := w.as(w.Ann).refused(422, "invalid", "POST", "/tasks/"+w.Task.String()+"/time", `{"work_date": "2026-03-02", "minutes": `+minutes+`, "description": "Work"}`)
		if strings.Contains(a.text, "Go ") || !strings.Contains(a.text, "minutes") {
			t.Errorf("%s minutes are refused with %s", minutes, a.text)
		}
	}
}

func TestTheSchemeOfATokenIsReadInAnyLetters(t *testing.T) { // N.15, RFC 9110
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	w.nobody().with("Authorization", "bearer "+ann.bearer).must("GET", "/me", nil)
	if a := w.nobody().refused(401, "unauthorized", "GET", "/me", nil); a.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("a 401 asks for %q", a.header.Get("WWW-Authenticate"))
	}
}

func TestWhatIsPutIsSentBackAsItWasRead(t *testing.T) { // S1.45, S2.04, S2.07, N.15, N.20
	t.Parallel()
	w := newWorld(t)
	w.carried()
	admin, am, client := w.as(w.admin), w.as(w.AM), "/clients/"+w.Client.String()
	w.contact(t)
	code := admin.must("POST", "/tax-codes", object{"code": "GB", "name": "VAT", "rates": []object{{"from": "2026-01-01", "tax_percent": "20"}}}).str("id")
	admin.must("PUT", "/provider/targets", object{"targets": []object{{"priority": 1, "response_minutes": 60, "resolution_minutes": 480}, {"priority": 2, "response_minutes": 120, "resolution_minutes": 960}}})
	admin.must("PUT", client+"/targets", object{"targets": []object{{"priority": 2, "response_minutes": 30, "resolution_minutes": 240}}})
	for path, by := range map[string]caller{
		"/users/" + w.Ann.String() + "/calendar": admin, client + "/partners": admin, client + "/targets": admin, "/provider/targets": admin, "/provider/lock": admin, "/reminders/policy": admin,
		"/status-reports/policy": admin, "/tax-codes/" + code: admin, "/projects/" + w.Project.String() + "/contacts": am,
	} {
		read := by.must("GET", path, nil).body
		kept := by.must("PUT", path, read).body
		delete(read, "version") // of a calendar, which is Ann's own now
		delete(read, "source")
		has(t, kept, read)
	}
	me := am.must("GET", "/me", nil)
	if me.header.Get("ETag") != `"1"` { // PATCH /users/{id} takes it as If-Match
		t.Errorf("the ETag is %q", me.header.Get("ETag"))
	}
	told := me.body["notifications"].(object)
	has(t, am.must("PUT", "/me/notifications", told).body, told)

	theirs := admin.must("GET", client+"/targets", nil).body
	first := theirs["targets"].([]any)[0].(object)
	first["response_minutes"] = 45
	has(t, admin.must("PUT", client+"/targets", theirs).body["targets"].([]any)[0].(object), object{"priority": 1, "response_minutes": 45, "own": true})
	admin.refused(422, "invalid", "PUT", "/tax-codes/"+code, object{"code": "DE", "rates": []object{{"from": "2026-01-01", "tax_percent": "20"}}})
	admin.refused(422, "invalid", "PUT", "/users/"+w.Ann.String()+"/calendar", object{"weekly": object{"mon": [][]string{{"09:00", "17:00"}}}, "time_zone": "Asia/Tokyo"})
}

func TestPreferencesAreSentBackAsTheyWereRead(t *testing.T) { // S1.14
	t.Parallel()
	w := newWorld(t)
	manager, path := w.as(w.Manager), "/groups/"+w.Group.String()+"/preferences"
	read := manager.must("GET", path, nil).body
	read["told"] = "nobody"
	has(t, manager.must("PUT", path, read).body, object{"told": "nobody"})
}

func TestARunSaysHowManyProjectsItBilled(t *testing.T) { // S1.73
	t.Parallel()
	w := newWorld(t)
	all, some := w.store.NewID(), w.store.NewID()
	w.Exec(t, `INSERT INTO billing_run (id, through, complete, project_ids, state) VALUES ($1, '2026-03-15', false, NULL, 'done'), ($2, '2026-03-15', false, $3, 'running')`, all, some, []uuid.UUID{w.Project})
	w.Exec(t, `INSERT INTO billing_run_item (run_id, project_id, outcome, code, reason) VALUES ($1, $2, 'nothing_to_bill', '', '')`, all, w.Project)
	am := w.as(w.AM)
	am.must("POST", "/projects", object{"client_id": w.Client, "name": "Later", "starts_on": "2026-04-01", "ends_on": "2026-05-01"})
	want := []object{{"projects": 1, "done": 1}, {"projects": 1, "done": 0}}
	for i, r := range am.must("GET", "/billing-runs", nil).items() {
		has(t, r, want[i])
		has(t, am.must("GET", "/billing-runs/"+r["id"].(string), nil).body, want[i])
	}
	if got := am.must("POST", "/billing-runs", object{"through": "2026-03-15", "preview": true, "project_ids": []string{}}).body["projects"].([]any); len(got) != 0 {
		t.Errorf("a preview of no project shows %v", got)
	}
}
