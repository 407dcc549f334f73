package activities_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// outside adds somebody at a client.
func (b *bench) outside(t *testing.T, client uuid.UUID, role access.Role) uuid.UUID {
	t.Helper()
	id := b.NewID()
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', $3, $4)`, id, client, id.String()+"@client.example", []string{string(role)})
	return id
}

// asks makes a request as a command does; it is refused with the code, if any.
func (b *bench) asks(t *testing.T, by uuid.UUID, in flow.NewRequest) (uuid.UUID, string) {
	t.Helper()
	id := b.NewID()
	if in.Title == "" {
		in.Title, in.Kind = "It is slow", work.Issue
	}
	body := map[string]any{}
	_ = json.Unmarshal(postgres.JSON(in), &body)
	body["number"] = fixture.One[int](t, b.Store.Pool, `SELECT nextval('request_number')`)
	_, err := b.acts.CommitRequest(t.Context(), b.command(t, by, flow.Request, id, "create", body))
	if _, ok := flow.Refused(err); err != nil && !ok {
		t.Fatalf("create: %v", err)
	}
	return id, string(code(err))
}

// asked is a request of the client's manager on the project.
func (b *bench) asked(t *testing.T) (request, boss uuid.UUID) {
	t.Helper()
	boss = b.outside(t, b.Client, access.ClientManager)
	request, refused := b.asks(t, boss, flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client, ProjectID: &b.Project}})
	if refused != "" {
		t.Fatalf("refused with %s", refused)
	}
	return request, boss
}

// on carries out a command on a request and says with which code it was refused.
func (b *bench) on(t *testing.T, by, request uuid.UUID, verb string, body any) string {
	t.Helper()
	_, err := b.acts.CommitRequest(t.Context(), b.command(t, by, flow.Request, request, verb, body))
	if _, ok := flow.Refused(err); err != nil && !ok {
		t.Errorf("%s failed: %v", verb, err)
	}
	return string(code(err))
}

func (b *bench) must(t *testing.T, by, request uuid.UUID, verb string, body any) {
	t.Helper()
	if got := b.on(t, by, request, verb, body); got != "" {
		t.Fatalf("%s: %s", verb, got)
	}
}

func (b *bench) view(t *testing.T, id uuid.UUID) postgres.Request {
	t.Helper()
	v, err := postgres.OneRequest(t.Context(), b.Store.Queries, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestARequestGoesFromTheClientToTheGroupAndBack(t *testing.T) { // S1.49–S1.61
	t.Parallel()
	b := set(t)
	id, boss := b.asked(t)
	v := b.view(t, id)
	if v.AccountManagerID != b.AM || v.Assignee.ID != b.AM || v.Key != "REQ-1" || v.Status != "open" || *v.Facts.ResponseMinutes != 240 {
		t.Errorf("the new request is %+v", v)
	}
	if got := b.hears(t, b.AM, id); got != "requested" {
		t.Errorf("the account manager hears %q", got)
	}
	b.must(t, b.AM, id, "assign", flow.AssignTask{To: toGroup(b.Group), Note: "have a look"})
	if got := b.hears(t, b.Ann, id) + "/" + b.hears(t, boss, id); got != "group_work/" {
		t.Errorf("a member and the client hear %q", got)
	}
	if got := b.on(t, b.AM, id, "accept", struct{}{}); got != "not_a_member" {
		t.Errorf("somebody else accepts: %q", got)
	}
	b.must(t, b.Bob, id, "accept", struct{}{})
	if got := b.on(t, b.Ann, id, "assign", flow.AssignTask{To: toUser(b.Ann)}); got != "not_owner" {
		t.Errorf("another member takes it: %q", got)
	}
	b.must(t, b.Manager, id, "assign", flow.AssignTask{To: toUser(b.Ann)}) // S1.55
	b.must(t, b.Ann, id, "delegate", flow.DelegateTask{To: toUser(b.Bob), Reason: work.NeedSupport, Done: "measured", Next: "find out"})
	if got := b.on(t, b.Ann, id, "return", flow.ReturnRequest{Done: "x"}); got != "not_owner" {
		t.Errorf("who has it no more returns it: %q", got)
	}
	if got := b.on(t, b.Bob, id, "status", flow.RequestStatus{Status: "completed"}); got != "not_owner" { // S1.61
		t.Errorf("who works on it completes it: %q", got)
	}
	b.must(t, b.Bob, id, "return", flow.ReturnRequest{Done: "an index was missing"})
	if v := b.view(t, id); v.Assignee.ID != b.AM || v.Handling.HandOver.Done != "an index was missing" {
		t.Errorf("returned: %+v", v)
	}
	if got := b.on(t, b.person(t, "Ada", "admin"), id, "status", flow.RequestStatus{Status: "completed"}); got != "not_owner" {
		t.Errorf("an admin completes it: %q", got)
	}
	b.must(t, b.AM, id, "status", flow.RequestStatus{Status: "completed", Note: "internal thoughts"})
	if got := b.hears(t, boss, id); got != "status" {
		t.Errorf("the client hears %q", got)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM notification WHERE person_id = $1 AND body <> ''`, boss); n != 0 {
		t.Error("the client is told the note of the history")
	}
	snap, err := b.acts.LoadRequest(t.Context(), id)
	if err != nil || !snap.Closed || snap.WaitingFor != "nobody" {
		t.Errorf("the process sees %+v, %v", snap, err)
	}
	b.must(t, b.AM, id, "status", flow.RequestStatus{Status: "open"})
	if got := fixture.One[bool](t, b.Store.Pool, `SELECT count(*) = max(version) AND count(*) = (SELECT version FROM request WHERE id = $1) FROM audit_event WHERE entity_id = $1`, id); !got {
		t.Error("not every version has one event") // N.14
	}
}

func (b *bench) person(t *testing.T, name string, roles ...string) uuid.UUID {
	t.Helper()
	id := b.Person(t, name, roles[0], "")
	b.Exec(t, `UPDATE person SET roles = $2 WHERE id = $1`, id, roles)
	return id
}

func TestOneOfFiftyAcceptsARequest(t *testing.T) { // S1.54
	t.Parallel()
	b := set(t)
	id, _ := b.asked(t)
	b.must(t, b.AM, id, "assign", flow.AssignTask{To: toGroup(b.Group)})
	var cs []flow.Command
	for i := range 50 {
		p := b.Person(t, fmt.Sprintf("Member %d", i), "contributor", "")
		b.Exec(t, `INSERT INTO work_group_member (group_id, person_id) VALUES ($1, $2)`, b.Group, p)
		cs = append(cs, b.command(t, p, flow.Request, id, "accept", struct{}{}))
	}
	if got := b.atOnce(t, cs...); got[""] != 1 || got["already_assigned"] != 49 {
		t.Errorf("got %v, want one who has it and 49 conflicts", got)
	}
}

// atOnce carries out commands on requests at the same time and counts how they
// came out.
func (b *bench) atOnce(t *testing.T, cs ...flow.Command) map[fault.Code]int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[fault.Code]int{}
	for _, c := range cs {
		all.Go(func() {
			_, err := b.acts.CommitRequest(t.Context(), c)
			if _, ok := flow.Refused(err); err != nil && !ok {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[code(err)]++
		})
	}
	all.Wait()
	return got
}

func TestARequestLeadsToOneOfEachKind(t *testing.T) { // S2.01, S2.11, S2.12, S2.13, S2.14
	t.Parallel()
	b := set(t)
	id, _ := b.asked(t)
	both := b.person(t, "Petra", "project_manager", "customer_project_manager")
	for _, roles := range [][]string{{"project_manager"}, {"customer_project_manager"}, {"admin"}} {
		if got := b.on(t, b.person(t, "Half", roles...), id, "change-request", flow.MakeItem{}); got != "forbidden" {
			t.Errorf("%v: %q", roles, got)
		}
	}
	for verb, kind := range map[string]string{"change-request": "change_request", "project-issue": "project_issue"} {
		got := b.atOnce(t, b.command(t, both, flow.Request, id, verb, flow.MakeItem{}), b.command(t, both, flow.Request, id, verb, flow.MakeItem{}))
		if got[""] != 1 || got[work.ItemExists] != 1 {
			t.Errorf("two at once: %v", got)
		}
		item := fixture.One[string](t, b.Store.Pool, `SELECT title || ' ' || priority || ' ' || status FROM project_item WHERE request_id = $1 AND project_id = $2 AND kind = $3`, id, b.Project, kind)
		if item != "It is slow 3 open" {
			t.Errorf("the item is %s", item)
		}
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event a JOIN project_item i ON a.entity_id = i.id
		JOIN audit_event r ON r.entity_id = i.request_id AND r.changes -> 'item_id' ->> 1 = i.id::text`); n != 2 {
		t.Errorf("both histories say so %d times, want twice", n)
	}
	for _, verb := range []string{"assign", "status", "edit", "wait", "return", "answer"} { // S2.11
		body := map[string]any{"to": toUser(both), "status": "completed", "title": "x", "note": "x", "done": "x", "answer": "x"}
		if got := b.on(t, both, id, verb, body); got != "not_owner" {
			t.Errorf("the customer project manager may %s: %q", verb, got)
		}
	}
}

func TestSomebodyAnswersForEveryRequest(t *testing.T) { // S1.02, S1.49
	t.Parallel()
	b := set(t)
	boss, ada, olga := b.outside(t, b.Client, access.ClientManager), b.person(t, "Ada", "admin"), b.person(t, "Olga", "account_manager")
	in := func(am *uuid.UUID) flow.NewRequest {
		return flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client, AccountManagerID: am}}
	}
	for name, c := range map[string]struct {
		by   uuid.UUID
		am   *uuid.UUID
		want string
	}{
		"the client names one":     {boss, &olga, "forbidden"},
		"an AM names herself":      {olga, &olga, "forbidden"},
		"an admin names Ann":       {ada, &b.Ann, "invalid"},
		"an admin names a manager": {ada, &olga, ""},
	} {
		if _, got := b.asks(t, c.by, in(c.am)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	b.Exec(t, `UPDATE client SET account_manager_id = $2 WHERE id = $1`, b.Client, olga)
	id := b.answers(t, boss, olga)
	if got := b.on(t, boss, id, "change-request", flow.MakeItem{}); got != "forbidden" {
		t.Errorf("the client makes a change request: %q", got)
	}
	both := b.person(t, "Petra", "project_manager", "customer_project_manager")
	if got := b.on(t, both, id, "change-request", flow.MakeItem{}); got != string(work.NoProject) {
		t.Errorf("on no project: %q", got)
	}
	b.must(t, both, id, "change-request", flow.MakeItem{ProjectID: &b.Project})
}

// answers makes a request in general and checks who answers for it; it is the
// request's id.
func (b *bench) answers(t *testing.T, by, want uuid.UUID) uuid.UUID {
	t.Helper()
	id, refused := b.asks(t, by, flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client}})
	if refused != "" {
		t.Fatalf("refused with %s", refused)
	}
	if v := b.view(t, id); v.AccountManagerID != want || v.Assignee.ID != want {
		t.Errorf("%s answers for it, want %s", v.AccountManagerID, want)
	}
	return id
}

func TestSomebodyStandsInWhereNobodyWasNamed(t *testing.T) { // S1.02, S1.49
	t.Parallel()
	b := set(t)
	boss, ada, olga := b.outside(t, b.Client, access.ClientManager), b.person(t, "Ada", "admin"), b.person(t, "Olga", "account_manager")
	b.answers(t, boss, b.AM) // of the only project
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES ($1, $2, 'NEW', 'New', 'active', $3, 'GBP', '2026-01-01')`, b.NewID(), b.Client, olga)
	b.answers(t, boss, olga) // of the last
	b.answers(t, ada, olga)
	b.Exec(t, `UPDATE project SET status = 'on_hold' WHERE code = 'NEW'`)
	b.answers(t, boss, b.AM)
	b.Exec(t, `UPDATE project SET status = 'complete'`)
	b.answers(t, boss, b.AM) // the first of the firm
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, b.AM)
	b.answers(t, boss, olga)
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, olga)
	b.answers(t, boss, ada)
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, ada)
	if _, got := b.asks(t, boss, flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client}}); got != "no_account_manager" {
		t.Errorf("with nobody there: %q", got)
	}
}

func TestNobodyOutsideReachesBeyondTheirOwn(t *testing.T) { // S1.51, S2.08
	t.Parallel()
	b := set(t)
	id, boss := b.asked(t)
	other := fixture.NewFirm(t, b.Store)
	stranger := b.outside(t, other.Client, access.ClientManager)
	plain := b.outside(t, b.Client, access.ClientContact)
	added := b.outside(t, b.Client, access.ClientContact)
	b.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, b.Project, added)
	hidden, shown, draft := b.NewTask(t, "open"), b.NewTask(t, "open"), b.NewID()
	b.Exec(t, `UPDATE task SET visible_to_client = true WHERE id = $1`, shown)
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, 'NEW', 'New', 'draft', $3, 'GBP')`, draft, b.Client, b.AM)
	for name, c := range map[string]struct {
		by   uuid.UUID
		in   flow.CreateRequest
		want string
	}{
		"for another client":          {stranger, flow.CreateRequest{ClientID: b.Client}, "forbidden"},
		"on another client's project": {boss, flow.CreateRequest{ClientID: b.Client, ProjectID: &other.Project}, "invalid"},
		"on another client's task":    {boss, flow.CreateRequest{ClientID: b.Client, TaskID: &other.Task}, "invalid"},
		"on a hidden task":            {boss, flow.CreateRequest{ClientID: b.Client, TaskID: &hidden}, "invalid"},
		"on a task elsewhere":         {b.AM, flow.CreateRequest{ClientID: b.Client, ProjectID: &other.Project, TaskID: &hidden}, "invalid"},
		"on no client":                {b.AM, flow.CreateRequest{ClientID: b.Task}, "invalid"},
		"by the staff":                {b.Ann, flow.CreateRequest{ClientID: b.Client, TaskID: &hidden}, ""},
		"by a plain contact":          {added, flow.CreateRequest{ClientID: b.Client, ProjectID: &b.Project}, ""},
		"on a project not theirs":     {plain, flow.CreateRequest{ClientID: b.Client, ProjectID: &b.Project}, "invalid"},
		"on a task there":             {plain, flow.CreateRequest{ClientID: b.Client, TaskID: &shown}, "invalid"},
		"on a project in the making":  {boss, flow.CreateRequest{ClientID: b.Client, ProjectID: &draft}, "invalid"},
	} {
		if _, got := b.asks(t, c.by, flow.NewRequest{CreateRequest: c.in}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for who, want := range map[uuid.UUID]string{stranger: "not_found", plain: "not_found", boss: "not_owner"} {
		for _, verb := range []string{"status", "edit", "return", "wait", "answer", "assign"} {
			if got := b.on(t, who, id, verb, map[string]any{"status": "completed", "note": "x"}); got != want {
				t.Errorf("%s by %s: %q, want %q", verb, who, got, want)
			}
		}
	}
}

func TestATaskIsMadeFromARequest(t *testing.T) { // S1.57
	t.Parallel()
	b := set(t)
	id, _ := b.asked(t)
	make := func(by uuid.UUID, project uuid.UUID) (uuid.UUID, string) {
		task := b.NewID()
		got := b.try(t, by, task, "create", map[string]any{"project_id": project, "title": "Index", "request_id": id, "number": 100 + fixture.One[int](t, b.Store.Pool, `SELECT nextval('request_number')`)})
		return task, got
	}
	if _, got := make(b.Bob, b.Project); got != "forbidden" {
		t.Errorf("who does not handle it: %q", got)
	}
	b.must(t, b.AM, id, "assign", flow.AssignTask{To: toUser(b.Bob)})
	task, got := make(b.Bob, b.Project)
	if v := b.view(t, id); got != "" || len(v.TaskIDs) != 1 || v.TaskIDs[0] != task || len(v.Facts.VisibleTaskIds) != 0 {
		t.Errorf("%q; the request has %v", got, v.TaskIDs)
	}
	if _, got := make(b.Bob, fixture.NewFirm(t, b.Store).Project); got != "invalid" {
		t.Errorf("on another client's project: %q", got)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event WHERE entity_id IN ($1, $2) AND (changes -> 'task_id' ->> 1 = $2::text OR changes -> 'request_id' ->> 1 = $1::text)`, id, task); n != 2 {
		t.Errorf("%d histories say so, want both", n)
	}
	b.must(t, b.AM, id, "status", flow.RequestStatus{Status: "cancelled"})
	if _, got := make(b.AM, b.Project); got != string(work.RequestClosed) {
		t.Errorf("from a closed request: %q", got)
	}
}

func TestPeopleAreWarnedOfTargetsOnceAndInTime(t *testing.T) { // N.20, N.33, S1.14
	t.Parallel()
	b := set(t)
	friday := time.Date(2026, 5, 22, 15, 0, 0, 0, time.UTC) // 16:00 in London; Monday is a public holiday
	b.Store.Now = func() time.Time { return friday }
	b.Exec(t, `UPDATE client SET time_zone = 'Europe/London', calendar = '{"weekly": {"mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]}, "holidays": "GB"}' WHERE id = $1`, b.Client)
	b.Exec(t, `INSERT INTO service_target (client_id, priority, response_minutes, resolution_minutes) VALUES ($1, 3, 120, 1000)`, b.Client)
	id, boss := b.asked(t)
	b.must(t, b.AM, id, "assign", flow.AssignTask{To: toGroup(b.Group)})
	half, due := friday.Add(time.Hour), time.Date(2026, 5, 26, 9, 0, 0, 0, time.UTC) // Tuesday, 10:00 in London
	snap, err := b.acts.LoadRequest(t.Context(), id)
	if err != nil || snap.Deadline == nil || !snap.Deadline.Equal(half) || !snap.DueAt.Equal(due) || snap.Next != "" {
		t.Fatalf("got %+v, %v, want to look at %s and a target at %s", snap, err, half, due)
	}
	warn := func(now time.Time) flow.Snapshot {
		b.Store.Now = func() time.Time { return now }
		var snap flow.Snapshot
		for range 2 { // it is never told twice
			if snap, err = b.acts.WarnOfRequest(t.Context(), id); err != nil || snap.Next != "" {
				t.Fatalf("got %+v, %v", snap, err)
			}
		}
		return snap
	}
	warn(half.Add(-time.Minute))
	if got := b.hears(t, b.Bob, id); got != "group_work" {
		t.Errorf("too early, a member hears %q", got)
	}
	warn(half)
	warn(due)
	if got := b.hears(t, b.Bob, id); got != "group_work response_warning response_missed" {
		t.Errorf("a member hears %q", got)
	}
	for _, p := range []uuid.UUID{b.AM, b.Manager} {
		if got := b.hears(t, p, id); !strings.HasSuffix(got, "response_missed") {
			t.Errorf("who answers for it hears %q", got)
		}
	}
	if got := b.hears(t, boss, id); got != "" {
		t.Errorf("the client hears %q", got)
	}
	b.Store.Now = func() time.Time { return due.Add(time.Hour) }
	b.must(t, b.Bob, id, "accept", struct{}{})
	b.must(t, b.Bob, id, "wait", flow.Await{Note: "Which page?"})
	if snap, _ := b.acts.LoadRequest(t.Context(), id); snap.WaitingFor != "client" || snap.Deadline != nil {
		t.Errorf("while the client is waited for: %+v", snap)
	}
	if got := b.hears(t, boss, id); got != "client_awaited" {
		t.Errorf("the client hears %q", got)
	}
	b.Store.Now = func() time.Time { return due.Add(100 * time.Hour) }
	b.must(t, b.Bob, id, "resume", struct{}{})
	if snap, _ := b.acts.LoadRequest(t.Context(), id); snap.WaitingFor != "assignee" || snap.Deadline == nil {
		t.Errorf("after it: %+v", snap)
	}
}

// With another priority a request has other targets, and when those are missed
// people hear of it, though they heard of the ones before.
func TestWithAnotherPriorityPeopleAreWarnedAnew(t *testing.T) { // N.20
	t.Parallel()
	b := set(t)
	monday := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	at := func(minutes int) {
		b.Store.Now = func() time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }
	}
	b.Exec(t, `UPDATE client SET time_zone = 'UTC', calendar = '{"weekly": {"mon": [["09:00", "17:00"]]}}' WHERE id = $1`, b.Client)
	b.Exec(t, `INSERT INTO service_target (client_id, priority, response_minutes, resolution_minutes) VALUES ($1, 3, 60, 9000), ($1, 5, 240, 9000)`, b.Client)
	at(0)
	id, _ := b.asked(t)
	for _, minutes := range []int{60, 240} {
		at(minutes)
		if _, err := b.acts.WarnOfRequest(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		b.must(t, b.AM, id, "edit", work.RequestEdit{Priority: ptrTo(5)})
	}
	if got := b.hears(t, b.AM, id); strings.Count(got, "response_missed") != 2 {
		t.Errorf("the account manager hears %q", got)
	}
}

func TestReconcileKnowsRequests(t *testing.T) { // N.32
	t.Parallel()
	b := set(t)
	id, _ := b.asked(t)
	open, err := b.OpenThings(t.Context(), db.OpenThingsParams{Kind: "request", Page: 10})
	if err != nil || len(open) != 1 || open[0] != id {
		t.Fatalf("open are %v, %v", open, err)
	}
	names, err := b.ProcessNames(t.Context(), open)
	if err != nil || names[0].Name != "REQ-1 It is slow" {
		t.Errorf("it is called %v, %v", names, err)
	}
}
