package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/activities"
	"steward/internal/dispatch"
	"steward/internal/fixture"
	"steward/internal/flow"
)

// carried lets commands be carried out at once, as their processes would.
func (w *world) carried() {
	acts := activities.New(w.store, nil, "")
	w.engine.act = func(ctx context.Context, a dispatch.Action) error {
		do := map[flow.Kind]func(context.Context, flow.Command) (flow.Snapshot, error){flow.Request: acts.CommitRequest, flow.Task: acts.CommitTask}[a.Kind]
		_, err := do(ctx, flow.Command{ID: a.Command})
		if _, refused := flow.Refused(err); refused {
			return nil // the answer is in command_log
		}
		return err
	}
}

// outside adds somebody at a client with a role.
func (w *world) outside(client uuid.UUID, role string) uuid.UUID {
	w.t.Helper()
	id := w.store.NewID()
	w.Exec(w.t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', $3, $4)`, id, client, id.String()+"@client.example", []string{role})
	return id
}

// requested is a request of the caller on the firm's project.
func (w *world) requested(by caller, more ...object) answer {
	w.t.Helper()
	body := object{"client_id": w.Client, "project_id": w.Project, "kind": "issue", "title": "It is slow"}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	return by.must("POST", "/requests", body)
}

func TestAClientAsksAndFollows(t *testing.T) { // S1.49, S1.50, S1.62
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, am := w.as(w.contact(t)), w.as(w.AM)
	made := w.requested(boss, object{"description": "Since *Monday*", "priority": 2})
	if made.status != 201 {
		t.Errorf("made with %d", made.status)
	}
	has(t, made.body, object{"key": "REQ-1", "status": "open", "kind": "issue", "priority": 2, "client_id": w.Client, "account_manager_id": w.AM, "assignee": nil, "task_ids": []string{}, "version": 1})
	path := "/requests/" + made.str("id")
	if strings.Contains(made.text, "handling") || strings.Contains(boss.must("GET", path, nil).text, "handling") {
		t.Errorf("the client sees how it is handled: %s", made.text)
	}
	has(t, am.must("GET", path, nil).body, object{"assignee": object{"kind": "user", "id": w.AM, "name": w.name(w.AM)}})
	am.must("POST", path+"/assign", object{"to": object{"user_id": w.Ann}, "note": "secret"})
	w.as(w.Ann).must("POST", path+"/tasks", object{"title": "Hidden"})
	seen := w.as(w.Ann).must("POST", path+"/tasks", object{"visible_to_client": true})
	has(t, seen.body, object{"title": "It is slow", "priority": 2, "project_id": w.Project, "request_id": made.str("id")})
	has(t, boss.must("GET", path, nil).body, object{"assignee": nil, "task_ids": []string{seen.str("id")}})
	w.as(w.Ann).must("POST", path+"/return", object{"done": "found it"})
	w.as(w.Ann).refused(403, "not_owner", "POST", path+"/status", object{"status": "completed"})
	has(t, am.must("POST", path+"/status", object{"status": "completed"}).body, object{"status": "completed"})
	has(t, boss.must("GET", path, nil).body, object{"status": "completed"})
	am.refused(409, "request_closed", "POST", path+"/assign", object{"to": object{"user_id": w.Ann}})
	am.refused(409, "bad_transition", "POST", path+"/status", object{"status": "cancelled"})
}

func (w *world) name(person uuid.UUID) string {
	w.t.Helper()
	return fixture.One[string](w.t, w.Pool, `SELECT name FROM person WHERE id = $1`, person)
}

func TestOneKeyMakesOneRequest(t *testing.T) { // N.31
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss := w.as(w.contact(t)).with("Idempotency-Key", "k")
	first, again := w.requested(boss), w.requested(boss)
	if first.str("id") != again.str("id") {
		t.Errorf("%s and %s", first.text, again.text)
	}
	boss.refused(409, "idempotency_key_reused", "POST", "/requests", object{"client_id": w.Client, "kind": "issue", "title": "Another"})
}

// A stranger learns nothing, a plain contact sees their own, and nobody outside
// handles anything.
func TestPeopleOutsideSeeTheirOwn(t *testing.T) { // S1.51, S2.08
	t.Parallel()
	w := newWorld(t)
	w.carried()
	other := fixture.NewFirm(t, w.store)
	contact := w.outside(w.Client, "client_contact")
	w.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, w.Project, contact)
	boss, plain := w.as(w.contact(t)), w.as(contact)
	stranger := w.as(w.outside(other.Client, "client_manager"))
	theirs, own := w.requested(boss), w.requested(plain)
	path := "/requests/" + theirs.str("id")
	for _, c := range []caller{plain, stranger} {
		c.refused(404, "not_found", "GET", path, nil)
		c.refused(404, "not_found", "GET", path+"/notes", nil)
		c.refused(404, "not_found", "GET", path+"/files", nil)
		c.refused(404, "not_found", "POST", path+"/notes", object{"body": "x"})
		c.refused(404, "not_found", "POST", path+"/status", object{"status": "completed"})
	}
	for _, verb := range []string{"assign", "delegate", "accept", "return", "status", "wait", "resume", "answer", "ask", "change-request", "project-issue", "tasks"} {
		body := map[string]object{
			"assign": {"to": object{"user_id": w.Ann}}, "delegate": {"to": object{"user_id": w.Ann}, "reason": "need_support", "done": "a", "next": "b"}, "return": {"done": "x"},
			"status": {"status": "completed"}, "wait": {"note": "x"}, "answer": {"answer": "x"}, "ask": {"to": object{"user_id": w.Ann}, "question": "x"}, "tasks": {"title": "x"},
		}[verb]
		if body == nil {
			body = object{}
		}
		boss.refused(403, "forbidden", "POST", path+"/"+verb, body)
	}
	boss.refused(403, "forbidden", "PATCH", path, object{"priority": 1})
	boss.refused(404, "not_found", "GET", path+"/history", nil)
	boss.refused(422, "invalid", "GET", "/requests?assignee="+w.Ann.String(), nil)
	for _, client := range []uuid.UUID{other.Client, w.Task} { // the same whether there is such a client
		boss.refused(422, "invalid", "POST", "/requests", object{"client_id": client, "kind": "issue", "title": "x"})
	}
	for _, project := range []uuid.UUID{other.Project, w.Task} {
		boss.refused(422, "invalid", "POST", "/requests", object{"client_id": w.Client, "project_id": project, "kind": "issue", "title": "x"})
	}
	for who, want := range map[*caller]int{&boss: 2, &plain: 1, &stranger: 0} {
		if list := who.must("GET", "/requests", nil).items(); len(list) != want {
			t.Errorf("sees %d, want %d", len(list), want)
		}
		for _, filter := range []string{"client=" + other.Client.String(), "created_by=" + w.AM.String()} {
			if list := who.must("GET", "/requests?"+filter, nil).items(); len(list) != 0 {
				t.Errorf("by %s sees %v", filter, list)
			}
		}
	}
	if list := plain.must("GET", "/requests?created_by=me", nil).items(); len(list) != 1 || list[0]["id"] != own.str("id") {
		t.Errorf("the contact's own are %v", list)
	}
	for _, where := range []string{"/projects/" + w.Project.String() + "/items", "/tasks/" + w.Task.String() + "/requests", "/groups/" + w.Group.String() + "/requests", "/clients/" + w.Client.String() + "/targets"} {
		boss.refused(404, "not_found", "GET", where, nil)
	}
}

func TestWhoWroteIsToldByName(t *testing.T) { // S1.58, S1.62: a client's people have no list of the staff to look ids up in
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, am := w.as(w.contact(t)), w.as(w.AM)
	name := func(id uuid.UUID) string {
		return fixture.One[string](t, w.Pool, `SELECT name FROM person WHERE id = $1`, id)
	}
	made := w.requested(boss)
	theirs, ours := name(uuid.MustParse(made.str("created_by"))), name(w.AM)
	has(t, am.must("GET", "/requests/"+made.str("id"), nil).body, object{"created_by_name": theirs, "account_manager_name": ours})
	on := "/requests/" + made.str("id")
	has(t, am.must("POST", on+"/notes", object{"body": "We look at it", "visibility": "client"}).body, object{"author_name": ours})
	has(t, boss.must("POST", on+"/notes", object{"body": "Thank you"}).body, object{"author_name": theirs})
	for _, who := range []caller{boss, am} {
		list := who.must("GET", on+"/notes", nil).items()
		has(t, list[0], object{"author_name": ours})
		has(t, list[1], object{"author_name": theirs})
		has(t, who.must("GET", on, nil).body, object{"created_by_name": theirs})
	}
	has(t, am.must("GET", "/notes/"+am.must("GET", on+"/notes", nil).items()[0]["id"].(string)+"/versions", nil).items()[0], object{"author_name": ours})
}

func TestInternalNotesStayInside(t *testing.T) { // S1.58, S1.62, N.20
	t.Parallel()
	w := newWorld(t)
	w.carried()
	contact := w.contact(t)
	boss, am := w.as(contact), w.as(w.AM)
	made := w.requested(boss)
	notes := "/requests/" + made.str("id") + "/notes"
	has(t, am.must("POST", notes, object{"body": "they never pay"}).body, object{"visibility": "internal", "request_id": made.str("id")})
	has(t, am.must("GET", "/requests/"+made.str("id"), nil).body, object{"responded_at": nil})
	w.at(noon.Add(time.Minute))
	am.must("POST", notes, object{"body": "We look at it", "visibility": "client"})
	has(t, am.must("GET", "/requests/"+made.str("id"), nil).body, object{"responded_at": noon.Add(time.Minute), "version": 2})
	has(t, boss.must("POST", notes, object{"body": "Thank you", "visibility": "internal"}).body, object{"visibility": "client"})
	list := boss.must("GET", notes, nil).items()
	if len(list) != 2 || list[0]["body"] != "We look at it" || list[1]["body"] != "Thank you" {
		t.Errorf("the client reads %v", list)
	}
	if list := w.as(w.Bob).must("GET", notes, nil).items(); len(list) != 3 {
		t.Errorf("the staff reads %v", list)
	}
	boss.refused(404, "not_found", "GET", "/notes/"+list[0]["id"].(string)+"/versions", nil)
	told := fixture.One[string](t, w.Pool, `SELECT string_agg(kind || ': ' || body, '; ' ORDER BY id) FROM notification WHERE person_id = $1`, contact)
	if told != "staff_wrote: We look at it" {
		t.Errorf("the client is told %s", told)
	}
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM outbox WHERE entity_kind = 'request'`); n != 1 {
		t.Errorf("its process is told %d times", n)
	}
	note := "/notes/" + list[0]["id"].(string)
	am.must("PATCH", note, object{"body": "We have looked at it"})
	am.must("PATCH", note, object{"body": "Nothing", "visibility": "internal"}) // it is not for the client after all
	am.must("POST", notes, object{"body": "It is mended", "visibility": "client"})
	if text := boss.must("GET", "/notifications", nil).text; strings.Contains(text, "look") || !strings.Contains(text, "It is mended") {
		t.Errorf("the client's inbox is %s", text)
	}
}

func TestAWordOfTheClientEndsTheWaiting(t *testing.T) { // N.20
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, am := w.as(w.contact(t)), w.as(w.AM)
	path := "/requests/" + w.requested(boss).str("id")
	has(t, am.must("POST", path+"/wait", object{"note": "Which page?"}).body, object{"waiting_for_client": true})
	am.refused(409, "already_waiting", "POST", path+"/wait", object{"note": "Which page?"})
	am.must("POST", path+"/notes", object{"body": "still waiting", "visibility": "client"})
	has(t, boss.must("GET", path, nil).body, object{"waiting_for_client": true})
	boss.must("POST", path+"/notes", object{"body": "All of them"})
	has(t, boss.must("GET", path, nil).body, object{"waiting_for_client": false})
	am.refused(409, "not_waiting", "POST", path+"/resume", nil)
	am.must("POST", path+"/wait", object{"note": "And when?"})
	has(t, am.must("POST", path+"/resume", object{"note": "they called"}).body, object{"waiting_for_client": false})
	var said []string
	for _, e := range am.must("GET", path+"/history", nil).items() {
		said = append(said, e["text"].(string))
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"asked the client: Which page?", "let its targets run again: they called", "Carl Contact let its targets run again", "Carl Contact asked for it", "wrote a note for the client: All of them"} {
		if !strings.Contains(all, want) {
			t.Errorf("the history does not say %q:\n%s", want, all)
		}
	}
}

func TestRequestsAreListedWhereTheyBelong(t *testing.T) { // S1.54, S1.56, S2.09, S2.10
	t.Parallel()
	w := newWorld(t)
	w.carried()
	am, ann := w.as(w.AM), w.as(w.Ann)
	about := w.requested(am, object{"task_id": w.Task, "kind": "question"})
	general := w.requested(w.as(w.contact(t)), object{"priority": 1})
	am.must("POST", "/requests/"+general.str("id")+"/assign", object{"to": object{"group_id": w.Group}})
	ids := func(list []object) (all string) {
		for _, o := range list {
			all += o["key"].(string) + " "
		}
		return all
	}
	stranger := w.as(w.Person(t, "Newcomer", "contributor", ""))
	for name, c := range map[string]struct {
		by         caller
		path, want string
	}{
		"all, by priority":      {am, "/requests", "REQ-2 REQ-1 "},
		"of a kind":             {am, "/requests?kind=question", "REQ-1 "},
		"of the group":          {ann, "/groups/" + w.Group.String() + "/requests", "REQ-2 "},
		"by group":              {am, "/requests?group=" + w.Group.String(), "REQ-2 "},
		"a member's":            {ann, "/requests", "REQ-2 "},
		"nobody's":              {stranger, "/requests", ""},
		"of the project":        {stranger, "/projects/" + w.Project.String() + "/requests", "REQ-2 REQ-1 "},
		"of the task":           {stranger, "/tasks/" + w.Task.String() + "/requests", "REQ-1 "},
		"on a desk":             {am, "/requests?assignee=me&status=open", "REQ-1 "},
		"closed":                {am, "/requests?status=completed", ""},
		"by client and project": {am, "/requests?client=" + w.Client.String() + "&project=" + w.Project.String(), "REQ-2 REQ-1 "},
	} {
		if got := ids(c.by.must("GET", c.path, nil).items()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	stranger.refused(403, "not_a_member", "GET", "/groups/"+w.Group.String()+"/requests", nil)
	first := am.must("GET", "/requests?limit=1", nil)
	if rest := am.must("GET", "/requests?limit=1&cursor="+first.str("next_cursor"), nil); ids(rest.items()) != "REQ-1 " || rest.str("next_cursor") != "" {
		t.Errorf("the second page is %s", rest.text)
	}
	ann.must("POST", "/requests/"+general.str("id")+"/accept", nil)
	if got := ids(ann.must("GET", "/requests?assignee=me", nil).items()); got != "REQ-2 " { // S1.56
		t.Errorf("a contributor's own are %s", got)
	}
	task := am.must("POST", "/requests/"+about.str("id")+"/tasks", object{})
	if got := ids(am.must("GET", "/tasks/"+task.str("id")+"/requests", nil).items()); got != "REQ-1 " {
		t.Errorf("the new task's are %s", got)
	}
}

func TestACustomerProjectManagerMakesItems(t *testing.T) { // S2.01, S2.11–S2.14, S2.17
	t.Parallel()
	w := newWorld(t)
	w.carried()
	petra := w.Person(t, "Petra", "project_manager", "")
	w.Exec(t, `UPDATE person SET roles = '{project_manager,customer_project_manager}' WHERE id = $1`, petra)
	path := "/requests/" + w.requested(w.as(w.contact(t))).str("id")
	w.as(w.Person(t, "Half", "project_manager", "")).refused(403, "forbidden", "POST", path+"/change-request", nil)
	w.as(petra).must("POST", path+"/change-request", nil)
	w.as(petra).refused(409, "item_exists", "POST", path+"/change-request", nil)
	w.as(petra).must("POST", path+"/project-issue", object{})
	w.as(petra).must("POST", path+"/notes", object{"body": "made both"})
	w.as(petra).refused(403, "not_owner", "PATCH", path, object{"title": "x"})
	items := w.as(w.Ann).must("GET", "/projects/"+w.Project.String()+"/items", nil).items()
	if len(items) != 2 || items[0]["kind"] != "change_request" || items[1]["title"] != "It is slow" || items[1]["status"] != "open" {
		t.Fatalf("the items are %v", items)
	}
	item := "/projects/" + w.Project.String() + "/items/" + items[0]["id"].(string) + "/status"
	w.as(w.Ann).refused(403, "forbidden", "POST", item, object{"status": "done"})
	has(t, w.as(petra).must("POST", item, object{"status": "done"}).body, object{"status": "done", "version": 2})
	w.as(w.AM).must("POST", item, object{"status": "open"})
	w.as(w.AM).refused(404, "not_found", "POST", "/projects/"+fixture.NewFirm(t, w.store).Project.String()+"/items/"+items[0]["id"].(string)+"/status", object{"status": "done"})
}

func TestSomebodyIsAskedOverHTTP(t *testing.T) { // S1.68
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, am := w.as(w.contact(t)), w.as(w.AM)
	id := w.requested(boss).str("id")
	ask := am.must("POST", "/requests/"+id+"/ask", object{"to": object{"user_id": w.Bob}, "question": "Which index?\n\nIt is slow."})
	has(t, ask.body, object{"about_id": id, "kind": "question", "title": "Which index?", "created_by": w.AM, "project_id": w.Project})
	boss.refused(404, "not_found", "GET", "/requests/"+ask.str("id"), nil)
	if list := boss.must("GET", "/requests", nil).items(); len(list) != 1 {
		t.Errorf("the client sees the ask: %v", list)
	}
	w.as(w.Ann).refused(403, "not_owner", "POST", "/requests/"+id+"/ask", object{"to": object{"user_id": w.Bob}, "question": "x"})
	am.refused(422, "invalid", "POST", "/requests/"+id+"/ask", object{"to": object{}, "question": "x"})
	has(t, w.as(w.Bob).must("POST", "/requests/"+ask.str("id")+"/answer", object{"answer": "That of orders"}).body, object{"status": "completed"})
	am.must("POST", "/requests/"+id+"/answer-from-project", object{"note": "As asked"})
	if text := boss.must("GET", "/requests/"+id, nil).text; !strings.Contains(text, "estimated_minutes") || !strings.Contains(text, "to_bill") {
		t.Errorf("the client's manager reads %s", text)
	}
	if text := w.as(w.Ann).must("GET", "/requests/"+id, nil).text; !strings.Contains(text, "estimated_minutes") || strings.Contains(text, "to_bill") {
		t.Errorf("a contributor reads %s", text)
	}
}

func TestTheFirmPromisesTargets(t *testing.T) { // N.20
	t.Parallel()
	w := newWorld(t)
	w.carried()
	am, admin, own := w.as(w.AM), w.as(w.admin), "/clients/"+w.Client.String()+"/targets"
	was := am.must("GET", "/provider/targets", nil)
	if list := was.body["targets"].([]any); len(list) != 5 {
		t.Errorf("the firm promises %v", list)
	}
	am.must("PUT", own, object{"targets": []object{{"priority": 1, "response_minutes": 10, "resolution_minutes": 20}}})
	firm := object{"targets": []object{{"priority": 1, "response_minutes": 15, "resolution_minutes": 30}, {"priority": 3, "response_minutes": 45, "resolution_minutes": 90}}}
	am.refused(403, "forbidden", "PUT", "/provider/targets", firm)
	admin.refused(422, "invalid", "PUT", "/provider/targets", object{"targets": []object{{"priority": 3, "response_minutes": 60, "resolution_minutes": 30}}})
	set := admin.with("If-Match", was.header.Get("ETag")).must("PUT", "/provider/targets", firm)
	if list := set.body["targets"].([]any); len(list) != 2 {
		t.Errorf("the firm promises %v", list)
	}
	admin.with("If-Match", was.header.Get("ETag")).refused(412, "stale", "PUT", "/provider/targets", object{"targets": []object{}})
	has(t, admin.must("PUT", "/provider/targets", firm).body, object{"version": set.body["version"]}) // nothing changed
	list := am.must("GET", own, nil).body["targets"].([]any)
	has(t, list[0].(object), object{"priority": 1, "response_minutes": 10, "own": true})
	has(t, list[1].(object), object{"priority": 3, "response_minutes": 45, "own": false})
	has(t, w.requested(am).body["handling"].(object), object{"response_due_at": noon.Add(105 * time.Minute), "resolution_due_at": noon.Add(150 * time.Minute)}) // after lunch
	has(t, w.requested(am, object{"priority": 2}).body["handling"].(object), object{"response_due_at": nil, "resolution_due_at": nil})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'provider' AND verb = 'targets'`); n != 1 {
		t.Errorf("it is in the audit %d times", n)
	}
}

func TestAClientIsPromisedTargets(t *testing.T) { // N.20
	t.Parallel()
	w := newWorld(t)
	w.carried()
	am, path := w.as(w.AM), "/clients/"+w.Client.String()+"/targets"
	list := am.must("GET", path, nil).body["targets"].([]any)
	if len(list) != 5 || list[2].(object)["response_minutes"] != 240.0 || list[2].(object)["own"] != false {
		t.Errorf("the firm promises %v", list)
	}
	set := am.must("PUT", path, object{"targets": []object{{"priority": 3, "response_minutes": 30, "resolution_minutes": 60}}})
	has(t, set.body["targets"].([]any)[2].(object), object{"response_minutes": 30, "own": true})
	am.with("If-Match", `"1"`).refused(412, "stale", "PUT", path, object{"targets": []object{}})
	for _, wrong := range [][]object{{{"priority": 3, "response_minutes": 60, "resolution_minutes": 30}}, {{"priority": 9, "response_minutes": 1, "resolution_minutes": 1}}, {{"priority": 1, "response_minutes": 1, "resolution_minutes": 1}, {"priority": 1, "response_minutes": 1, "resolution_minutes": 1}}} {
		am.refused(422, "invalid", "PUT", path, object{"targets": wrong})
	}
	w.as(w.Ann).refused(403, "forbidden", "PUT", path, object{"targets": []object{}})
	am.must("PATCH", "/clients/"+w.Client.String(), object{"account_manager_id": w.AM, "time_zone": "Europe/London", "calendar": object{"weekly": object{"fri": [][]string{{"09:00", "17:00"}}}}})
	am.refused(422, "invalid", "PATCH", "/clients/"+w.Client.String(), object{"account_manager_id": w.Ann})
	am.refused(422, "bad_calendar", "PATCH", "/clients/"+w.Client.String(), object{"calendar": object{"weekly": object{"fri": [][]string{{"19:00", "17:00"}}}}})
	made := w.requested(am) // Friday noon
	has(t, made.body["handling"].(object), object{"response_due_at": noon.Add(30 * time.Minute), "resolution_due_at": noon.Add(time.Hour)})
	has(t, am.must("PATCH", "/requests/"+made.str("id"), object{"priority": 1}).body["handling"].(object), object{"response_due_at": noon.Add(time.Hour)})
}

func TestFilesOnARequestAreSeenByWhoMay(t *testing.T) { // S1.58, S1.62
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	a.carried()
	boss, stranger := a.as(a.contact(t)), a.as(a.outside(fixture.NewFirm(t, a.store).Client, "client_manager"))
	plain := a.as(a.outside(a.Client, "client_contact"))
	id := a.requested(boss).str("id")
	files := "/requests/" + id + "/files"
	up := func(by caller, name string, fields ...string) answer {
		return by.upload(files, form(`filename="`+name+`"`, strings.NewReader(png), fields...))
	}
	secret, shown, theirs := up(a.as(a.Ann), "secret.png"), up(a.as(a.Ann), "shown.png", "visibility", "client"), up(boss, "theirs.png")
	has(t, secret.body, object{"request_id": id, "visibility": "internal"})
	has(t, theirs.body, object{"request_id": id, "visibility": "client"})
	for _, by := range []caller{plain, stranger} {
		if got := up(by, "no.png"); got.status != 404 {
			t.Errorf("attached by somebody else: %d %s", got.status, got.text)
		}
	}
	if list := boss.must("GET", files, nil).items(); len(list) != 2 {
		t.Errorf("the client sees %v", list)
	}
	if list := a.as(a.Bob).must("GET", files, nil).items(); len(list) != 3 {
		t.Errorf("the staff sees %v", list)
	}
	if got := boss.must("GET", "/files/"+shown.str("id"), nil); got.text != png {
		t.Errorf("the client reads %q", got.text)
	}
	boss.refused(404, "not_found", "GET", "/files/"+secret.str("id"), nil)
	boss.refused(404, "not_found", "DELETE", "/files/"+secret.str("id"), nil)
	for _, by := range []caller{plain, stranger} {
		by.refused(404, "not_found", "GET", "/files/"+shown.str("id"), nil)
	}
	a.as(a.AM).must("DELETE", "/files/"+theirs.str("id"), nil) // the request's account manager
	boss.refused(410, "file_removed", "GET", "/files/"+theirs.str("id"), nil)
	stranger.refused(404, "not_found", "GET", "/files/"+theirs.str("id"), nil)
}

func TestAClientsPeopleListTheRequestsOfTheirProject(t *testing.T) { // S1.51, S2.09, S2.17
	t.Parallel()
	w := newWorld(t)
	w.carried()
	other := uuid.MustParse(w.as(w.admin).must("POST", "/clients", object{"name": "Other", "currency": "GBP"}).str("id"))
	boss, plain, stranger := w.as(w.outside(w.Client, "client_manager")), w.as(w.outside(w.Client, "client_contact")), w.as(w.outside(other, "client_manager"))
	path := "/projects/" + w.Project.String()
	plain.refused(404, "not_found", "GET", path+"/requests", nil)
	w.as(w.AM).must("PUT", path+"/contacts", object{"user_ids": []string{plain.must("GET", "/me", nil).str("id")}})
	mine, theirs := w.requested(plain).str("id"), w.requested(boss).str("id")
	w.requested(boss, object{"project_id": nil})
	if got := plain.lists(path + "/requests"); !slices.Equal(got, []string{mine}) {
		t.Errorf("a plain contact reads %v", got)
	}
	if got := boss.lists(path + "/requests"); !slices.Equal(got, []string{mine, theirs}) {
		t.Errorf("their manager reads %v", got)
	}
	if text := boss.must("GET", path+"/requests", nil).text; strings.Contains(text, `"handling"`) {
		t.Errorf("and is told how they are handled: %s", text)
	}
	stranger.refused(404, "not_found", "GET", path+"/requests", nil)
}

func TestAClientsPeopleListTheRequestsOfATaskTheySee(t *testing.T) { // S2.10, S2.16
	t.Parallel()
	w := newWorld(t)
	w.carried()
	boss, plain, stranger := w.as(w.outside(w.Client, "client_manager")), w.as(w.outside(w.Client, "client_contact")), w.as(w.outside(fixture.NewFirm(t, w.store).Client, "client_manager"))
	task := "/tasks/" + w.Task.String()
	boss.refused(404, "not_found", "GET", task+"/requests", nil) // it is not shown yet
	am := w.as(w.AM)
	am.must("PATCH", task, object{"visible_to_client": true})
	am.must("PUT", w.home()+"/contacts", object{"user_ids": []string{plain.must("GET", "/me", nil).str("id")}})
	mine, theirs := w.requested(plain, object{"task_id": w.Task}).str("id"), w.requested(boss, object{"task_id": w.Task}).str("id")
	w.requested(am, object{"task_id": w.Task})
	w.requested(boss)
	if got := plain.lists(task + "/requests"); !slices.Equal(got, []string{mine}) {
		t.Errorf("a plain contact reads %v", got)
	}
	if got := boss.lists(task + "/requests"); len(got) != 3 || got[0] != mine || got[1] != theirs {
		t.Errorf("their manager reads %v", got)
	}
	made := "/tasks/" + am.must("POST", "/requests/"+theirs+"/tasks", object{"visible_to_client": true}).str("id") + "/requests"
	if got := boss.lists(made); !slices.Equal(got, []string{theirs}) {
		t.Errorf("of what was made from it their manager reads %v", got)
	}
	if got := plain.lists(made); len(got) != 0 {
		t.Errorf("and a plain contact %v", got)
	}
	stranger.refused(404, "not_found", "GET", task+"/requests", nil)
	boss.refused(422, "invalid", "GET", "/requests?task="+w.Task.String(), nil)
}
