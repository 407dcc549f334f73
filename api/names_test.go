package api_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// called is the name of somebody.
func (w *world) called(t *testing.T, id uuid.UUID) string {
	t.Helper()
	return fixture.One[string](t, w.Pool, `SELECT name FROM person WHERE id = $1`, id)
}

func TestNamesStandBesideIDs(t *testing.T) { // S1.15, S1.21, N.01, N.03: what people read has names, not ids alone
	t.Parallel()
	w := newWorld(t)
	ann, bob, am := w.called(t, w.Ann), w.called(t, w.Bob), w.called(t, w.AM)
	code := fixture.One[string](t, w.Pool, `SELECT code FROM project WHERE id = $1`, w.Project)
	as := w.as(w.AM)

	project := "/projects/" + w.Project.String()
	has(t, as.must("GET", project, nil).body, object{"account_manager_name": am})
	has(t, as.must("GET", "/projects", nil).items()[0], object{"account_manager_name": am})

	task := as.must("GET", "/tasks/"+w.Task.String(), nil)
	owner := w.called(t, uuid.MustParse(task.str("owner_id")))
	has(t, task.body, object{"owner_name": owner})
	for _, list := range []string{"/tasks", project + "/tasks"} {
		for _, one := range as.must("GET", list, nil).items() {
			has(t, one, object{"owner_name": w.called(t, uuid.MustParse(one["owner_id"].(string)))})
		}
	}

	want := object{"user_name": ann, "task_key": task.str("key"), "task_title": task.str("title"), "project_code": code}
	record := object{"work_date": "2026-03-19", "minutes": 30, "description": "Read"}
	made := w.as(w.Ann).with("Idempotency-Key", "names").must("POST", "/tasks/"+w.Task.String()+"/time", record)
	has(t, made.body, want)
	has(t, w.as(w.Ann).with("Idempotency-Key", "names").must("POST", "/tasks/"+w.Task.String()+"/time", record).body, want)
	entry := "/time-entries/" + made.str("id")
	has(t, as.must("GET", entry, nil).body, want)
	has(t, as.must("GET", "/time-entries", nil).items()[0], want)
	has(t, w.as(w.Ann).must("PATCH", entry, object{"minutes": 45}).body, want)

	week := "/timesheets/" + w.Ann.String() + "/2026-03-16"
	has(t, w.as(w.Ann).must("POST", week+"/submit", nil).body, object{"user_name": ann, "decided_by_name": nil})
	has(t, as.must("POST", week+"/reject", object{"note": "which task?"}).body, object{"user_name": ann, "decided_by_name": am})
	has(t, as.must("GET", week, nil).body, object{"decided_by_name": am})
	has(t, as.must("GET", "/timesheets", nil).items()[0], object{"user_name": ann, "decided_by_name": am})

	has(t, w.as(w.Ann).must("DELETE", entry, nil).body, want)
	for _, field := range []string{"user_name", "task_key", "task_title", "project_code"} {
		if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'time_entry' AND changes ? $1`, field); n != 0 {
			t.Errorf("%s is in the history of time, which has the ids", field)
		}
	}

	spent := as.must("POST", project+"/expenses", object{"spent_on": "2026-03-19", "description": "Train", "amount": "12"})
	has(t, spent.body, object{"user_name": am})
	has(t, as.must("GET", project+"/expenses", nil).items()[0], object{"user_name": am})

	has(t, as.must("POST", project+"/rates", object{"user_id": w.Bob, "rate": "90", "from": "2026-03-01"}).body, object{"user_name": bob, "project_code": code})
	for _, r := range as.must("GET", project+"/rates", nil).items() {
		if r["user_id"] == w.Bob.String() {
			has(t, r, object{"user_name": bob, "project_code": code})
		}
	}
	everybodys := as.must("POST", project+"/rates", object{"rate": "80", "from": "2026-03-01"})
	has(t, everybodys.body, object{"user_id": nil, "project_code": code})
	if everybodys.body["user_name"] != nil {
		t.Errorf("the rate of everybody is %v's", everybodys.body["user_name"])
	}
	defaults := "/users/" + w.Bob.String() + "/rates"
	has(t, w.as(w.admin).must("POST", defaults, object{"rate": "70", "currency": "EUR", "from": "2026-03-01"}).body, object{"user_name": bob, "project_id": nil})
	of := map[any]string{w.Bob.String(): bob, nil: ""}
	for _, list := range []string{defaults, project + "/rates"} {
		rates := as.must("GET", list, nil).items()
		if len(rates) < 2 {
			t.Errorf("%s has %d rates", list, len(rates))
		}
		for _, r := range rates {
			if name, _ := r["user_name"].(string); name != of[r["user_id"]] {
				t.Errorf("%s: the rate of %v is called %q's", list, r["user_id"], name)
			}
			if named, _ := r["project_code"].(string); (r["project_id"] == nil) != (named == "") || named != "" && named != code {
				t.Errorf("%s: the project %v is called %q", list, r["project_id"], named)
			}
		}
	}
	costs := "/users/" + w.Bob.String() + "/cost-rates"
	has(t, w.as(w.admin).must("POST", costs, object{"rate": "40", "currency": "EUR", "from": "2026-01-01"}).body, object{"user_name": bob})
	has(t, as.must("GET", costs, nil).items()[0], object{"user_name": bob})
}

func TestPeopleAreListedByRoleAndWhetherTheyAreThere(t *testing.T) { // S1.01: who can be given a project, or work
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Bob)
	listed := func(query string) (ids []any) {
		for _, p := range w.as(w.Ann).must("GET", "/users?"+query, nil).items() {
			ids = append(ids, p["id"])
		}
		return ids
	}
	for query, want := range map[string]object{
		"role=account_manager":              {w.AM.String(): true, w.Ann.String(): false, w.admin.String(): false},
		"role=account_manager&active=true":  {w.AM.String(): true},
		"active=true":                       {w.Ann.String(): true, w.Bob.String(): false},
		"active=false":                      {w.Ann.String(): false, w.Bob.String(): true},
		"role=account_manager&active=false": {w.AM.String(): false},
	} {
		got := listed(query)
		for id, there := range want {
			if slices.Contains(got, any(id)) != there {
				t.Errorf("%s lists %s: %v, want %v", query, id, !there.(bool), there)
			}
		}
	}
	w.as(w.Ann).refused(422, "invalid", "GET", "/users?role=king", nil)
}

func TestTheAuditNamesWhatItIsAbout(t *testing.T) { // N.14
	t.Parallel()
	w := newWorld(t)
	am, project := w.as(w.AM), fixture.One[string](t, w.Pool, `SELECT code || ' Renamed' FROM project WHERE id = $1`, w.Project)
	am.must("PATCH", "/projects/"+w.Project.String(), object{"name": "Renamed"})
	client := am.must("POST", "/clients", object{"name": "New", "currency": "GBP"}).str("id")
	entry := w.as(w.Ann).must("POST", timeOn(w.Task), session(nil)).str("id")
	task := am.must("GET", "/tasks/"+w.Task.String(), nil)
	draft := am.must("POST", "/invoices", object{"client_id": w.Client, "project_ids": []any{w.Project}, "through": "2026-03-15"}).str("id")
	note := am.must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "Look"}).str("id")
	want := map[string]string{w.Project.String(): project, client: "New", entry: task.str("key") + " " + task.str("title"), note: task.str("key") + " " + task.str("title"),
		draft: fixture.One[string](t, w.Pool, `SELECT name FROM client WHERE id = $1`, w.Client)}
	for _, e := range w.as(w.admin).must("GET", "/audit", nil).items() {
		if name, asked := want[e["entity_id"].(string)]; asked && e["entity_name"] != name {
			t.Errorf("a %s is called %v, want %s", e["entity_kind"], e["entity_name"], name)
		}
		delete(want, e["entity_id"].(string))
	}
	if len(want) > 0 {
		t.Errorf("the audit does not tell of %v", want)
	}
	w.complete(t, "/invoices/"+draft)
	has(t, am.must("GET", "/invoices/"+draft+"/history", nil).items()[0], object{"entity_name": "INV-2026-00001"})
}

func TestWhatIsToldOfAWeekLeadsToIt(t *testing.T) { // N.01, N.21
	t.Parallel()
	w := newWorld(t)
	w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 3), Minutes: 60}, fixture.Entry{Task: w.Task, Person: w.Ann, Date: civil.Of(2026, 3, 10), Minutes: 60})
	ann, am, sheets := w.as(w.Ann), w.as(w.AM), "/timesheets/"+w.Ann.String()+"/"
	ann.must("POST", sheets+"2026-03-05/submit", nil)
	ann.must("POST", sheets+"2026-03-12/submit", nil)
	am.must("POST", sheets+"2026-03-12/reject", object{"note": "which task?"})
	am.must("POST", sheets+"2026-03-05/reject", object{"note": "which task?"})
	weeks := func(c caller) (told []any) {
		for _, n := range c.must("GET", "/notifications", nil).items() {
			has(t, n, object{"entity_kind": "timesheet", "entity_id": w.Ann})
			told = append(told, n["week"])
			c.must("GET", "/timesheets/"+n["entity_id"].(string)+"/"+n["week"].(string), nil)
		}
		return told
	}
	if got := weeks(am); !slices.Equal(got, []any{"2026-03-09", "2026-03-02"}) {
		t.Errorf("the account manager heard of %v", got)
	}
	if got := weeks(ann); !slices.Equal(got, []any{"2026-03-02", "2026-03-09"}) {
		t.Errorf("who worked heard of %v", got)
	}
	one := am.must("GET", "/notifications", nil).items()[0]
	has(t, am.must("POST", "/notifications/"+one["id"].(string)+"/read", nil).body, object{"week": "2026-03-09"})
}

func TestAPartnersContactIsToldNoNameOfTheClient(t *testing.T) { // S2.07, S2.16
	t.Parallel()
	w := newWorld(t)
	partner := w.organisation(t, "Partner")
	pat, carl := w.outsider(t, partner, "client_contact"), w.outsider(t, w.Client, "client_contact")
	client := fixture.One[string](t, w.Pool, `SELECT name FROM client WHERE id = $1`, w.Client)
	w.as(w.AM).must("PUT", "/clients/"+w.Client.String()+"/partners", object{"client_ids": []uuid.UUID{partner}})
	w.as(w.AM).must("PUT", w.home()+"/contacts", object{"user_ids": []uuid.UUID{pat, carl}})
	given := map[uuid.UUID]string{w.NewTask(t, "open"): carl.String(), w.NewTask(t, "open"): pat.String(), w.NewTask(t, "open"): w.Ann.String()}
	for task, person := range given {
		w.Exec(t, `UPDATE task SET assignee_person_id = $2::text::uuid, delegated = true, visible_to_client = true WHERE id = $1`, task, person)
	}
	unseen := map[uuid.UUID]string{pat: carl.String(), carl: pat.String()}
	for _, who := range []uuid.UUID{pat, carl} {
		c := w.as(who)
		for task, person := range given {
			want := object{"kind": "user", "id": person, "name": w.called(t, uuid.MustParse(person))}
			if person == unseen[who] {
				want = object{"kind": "user", "id": nil, "name": "somebody else"}
			}
			has(t, c.must("GET", "/tasks/"+task.String(), nil).body["assignee"].(object), want)
		}
	}
	am := w.called(t, w.AM)
	has(t, w.as(carl).must("GET", "/me", nil).body, object{"client_name": client})
	has(t, w.as(pat).must("GET", "/me", nil).body, object{"client_name": "Partner"})
	has(t, w.as(carl).must("GET", w.home(), nil).body, object{"client_name": client, "account_manager_name": am, "account_manager": am})
	if name, told := w.as(pat).must("GET", w.home(), nil).body["client_name"]; told {
		t.Errorf("a partner's contact reads the client's name, %v", name)
	}
}

func TestAGroupSaysWhoIsInIt(t *testing.T) { // S1.04, S1.41: by name, and who has left
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	made := admin.must("POST", "/groups", object{"name": "Readers", "manager_ids": []uuid.UUID{w.Ann}, "member_ids": []uuid.UUID{w.Bob}})
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Bob)
	group := admin.must("GET", "/groups/"+made.str("id"), nil).body
	names := map[string]any{}
	for _, m := range group["members"].([]any) {
		names[m.(map[string]any)["name"].(string)] = m
	}
	has(t, names[w.called(t, w.Ann)].(map[string]any), object{"id": w.Ann, "manages": true, "active": true})
	has(t, names[w.called(t, w.Bob)].(map[string]any), object{"id": w.Bob, "manages": false, "active": false})
	if len(group["members"].([]any)) != len(group["member_ids"].([]any)) {
		t.Errorf("members are %v, member_ids %v", group["members"], group["member_ids"])
	}
}
