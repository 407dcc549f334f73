package api_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/fixture"
)

// planned is a firm in which Ann has an urgent task of ten hours that waits for
// two hours of Bob's, and another that takes one.
func planned(t *testing.T) (w *world, urgent, short, bobs uuid.UUID) {
	w = newWorld(t)
	urgent, short, bobs = w.Task, w.NewTask(t, "planned"), w.NewTask(t, "open")
	w.Exec(t, `UPDATE task SET estimate_minutes = 600, priority = 1 WHERE id = $1`, urgent)
	w.Exec(t, `UPDATE task SET estimate_minutes = 60 WHERE id = $1`, short)
	w.Exec(t, `UPDATE task SET estimate_minutes = 120, assignee_person_id = $2 WHERE id = $1`, bobs, w.Bob)
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, urgent, bobs)
	return w, urgent, short, bobs
}

// blocks is what a person of a plan does, as lines.
func blocks(t *testing.T, plan object, person uuid.UUID) string {
	t.Helper()
	var lines []string
	people, _ := plan["people"].([]any)
	for _, p := range people {
		if p := p.(object); p["user_id"] == person.String() {
			for _, b := range p["future"].([]any) {
				b := b.(object)
				lines = append(lines, fmt.Sprintf("%s %s %s %v", b["title"], b["starts_at"], b["ends_at"], b["minutes"]))
			}
			return strings.Join(lines, "\n")
		}
	}
	return "not in the plan"
}

func TestThePlanOfAGroup(t *testing.T) { // S1.42, S1.43, S1.44, S1.06
	t.Parallel()
	w, urgent, _, _ := planned(t)
	waiting, unknown := w.Waiting(t), w.NewTask(t, "open")
	plan := w.as(w.Bob).must("GET", "/plan?group="+w.Group.String(), nil).body
	has(t, plan, object{"as_of": "2026-03-20T12:00:00Z", "until": "2026-04-03T12:00:00Z"})
	if got, want := blocks(t, plan, w.Bob), "Task 3 2026-03-20T12:00:00Z 2026-03-20T12:30:00Z 30\nTask 3 2026-03-20T13:30:00Z 2026-03-20T15:00:00Z 90"; got != want {
		t.Errorf("Bob's is\n%s\nwant\n%s", got, want)
	}
	want := "Task 2 2026-03-20T12:00:00Z 2026-03-20T12:30:00Z 30\nTask 2 2026-03-20T13:30:00Z 2026-03-20T14:00:00Z 30\n" +
		"Task 1 2026-03-20T15:00:00Z 2026-03-20T17:30:00Z 150\nTask 1 2026-03-23T09:00:00Z 2026-03-23T12:30:00Z 210\nTask 1 2026-03-23T13:30:00Z 2026-03-23T17:30:00Z 240"
	if got := blocks(t, plan, w.Ann); got != want {
		t.Errorf("Ann's is\n%s\nwant\n%s", got, want)
	}
	var reasons []string
	for _, u := range plan["unplanned"].([]any) {
		u := u.(object)
		reasons = append(reasons, fmt.Sprintf("%s %s", u["task_id"], u["reason"]))
	}
	if got, want := strings.Join(reasons, ", "), waiting.String()+" nobody_assigned, "+unknown.String()+" no_estimate"; got != want {
		t.Errorf("unplanned are %s, want %s", got, want)
	}
	// A person's plan is the same in whosever view of it, also where it waits for others'.
	if got := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann); got != want {
		t.Errorf("Ann's own is\n%s", got)
	}
	first := plan["people"].([]any)[0].(object)["future"].([]any)[2].(object)
	has(t, first, object{"task_id": urgent, "priority": 1, "key": "P" + strings.ToUpper(w.Project.String()[26:35]) + "-1"})
}

// Their work is somebody's to hand on.
func TestWhoHasLeftIsInTheirGroupsPlanAsLongAsTheyHaveWork(t *testing.T) { // S1.42
	t.Parallel()
	w, urgent, short, _ := planned(t)
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Ann)
	path := "/plan?group=" + w.Group.String()
	plan := w.as(w.Manager).must("GET", path, nil).body
	if got := blocks(t, plan, w.Ann); got != "" {
		t.Errorf("Ann, who has left, is to do %s", got)
	}
	var reasons []string
	for _, u := range plan["unplanned"].([]any) {
		u := u.(object)
		reasons = append(reasons, fmt.Sprintf("%s %s", u["task_id"], u["reason"]))
	}
	if got, want := strings.Join(reasons, ", "), urgent.String()+" no_working_time, "+short.String()+" no_working_time"; got != want {
		t.Errorf("unplanned are %s, want %s", got, want)
	}
	w.Exec(t, `UPDATE task SET assignee_person_id = $1 WHERE assignee_person_id = $2`, w.Bob, w.Ann)
	if got := blocks(t, w.as(w.Manager).must("GET", path, nil).body, w.Ann); got != "not in the plan" {
		t.Errorf("without work, Ann has %q", got)
	}
}

func TestThePlanFollowsCalendarsClocksAndWork(t *testing.T) { // S1.45, S1.23
	t.Parallel()
	w, urgent, short, bobs := planned(t)
	w.as(w.Ann).must("PUT", "/users/"+w.Ann.String()+"/calendar",
		object{"weekly": object{"sun": [][]string{{"00:00", "06:00"}}, "fri": [][]string{{"10:00", "13:00"}}}, "holidays": "GB", "absences": []object{{"from": "2026-03-20", "to": "2026-03-22"}}})
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = now() WHERE id = $1`, bobs)
	w.Exec(t, `UPDATE task SET status = 'open' WHERE id = $1`, short)
	w.as(w.Ann).must("POST", "/tasks/"+urgent.String()+"/time", object{"work_date": "2026-03-19", "minutes": 45, "description": "Begun", "remaining_minutes": 500})
	w.as(w.Ann).must("POST", "/tasks/"+short.String()+"/time", object{"work_date": "2026-03-20", "start": "2026-03-20T09:00:00Z", "minutes": 20, "description": "In hand"})
	plan := w.as(w.Ann).must("GET", "/plan?user=me", nil).body
	// On leave until the 22nd; the 27th is a Friday; the night of the 29th has five hours; the 3rd of April is Good Friday.
	want := "Task 2 2026-03-27T10:00:00Z 2026-03-27T10:40:00Z 40\nTask 1 2026-03-27T10:40:00Z 2026-03-27T13:00:00Z 140\nTask 1 2026-03-29T00:00:00Z 2026-03-29T05:00:00Z 300"
	if got := blocks(t, plan, w.Ann); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	past := plan["people"].([]any)[0].(object)["past"].([]any)
	if len(past) != 2 {
		t.Fatalf("past is %v", past)
	}
	has(t, past[0].(object), object{"task_id": urgent, "work_date": "2026-03-19", "starts_at": nil, "minutes": 45})
	has(t, past[1].(object), object{"task_id": short, "starts_at": "2026-03-20T09:00:00Z", "minutes": 20})
	w.Exec(t, `UPDATE project SET status = 'on_hold' WHERE id = $1`, w.Project)
	plan = w.as(w.Ann).must("GET", "/plan", nil).body
	has(t, plan["unplanned"].([]any)[0].(object), object{"reason": "project_stopped"})
}

func TestThePlanLetsSubTasksWaitForWhatTheTaskAboveDependsOn(t *testing.T) { // S1.31, S1.42, S1.44, S1.66
	t.Parallel()
	w, urgent, _, bobs := planned(t)
	above, between := w.NewTask(t, "open"), w.NewTask(t, "cancelled")
	w.Exec(t, `UPDATE task SET assignee_person_id = $2, estimate_minutes = 0 WHERE id = $1`, above, w.Person(t, "Cid", "contributor", ""))
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, between, above)
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, urgent, between)
	w.Exec(t, `UPDATE task_dependency SET task_id = $2 WHERE task_id = $1`, urgent, above)
	want := "Task 2 2026-03-20T12:00:00Z 2026-03-20T12:30:00Z 30\nTask 2 2026-03-20T13:30:00Z 2026-03-20T14:00:00Z 30\nTask 1 2026-03-20T15:00:00Z"
	for _, path := range []string{"/plan", "/plan?group=" + w.Group.String()} {
		if got := blocks(t, w.as(w.Ann).must("GET", path, nil).body, w.Ann); !strings.HasPrefix(got, want) {
			t.Errorf("%s: Ann's is\n%s\nwant\n%s …", path, got, want)
		}
	}
	w.Exec(t, `UPDATE task SET estimate_minutes = 600 WHERE id = $1`, bobs) // until Monday afternoon
	has(t, w.summary(w.AM), object{"estimated_end_on": "2026-03-25", "estimated_end_by": "plan", "unplanned_tasks": 0})
}

func TestNothingIsPlannedBeforeItsProjectStarts(t *testing.T) { // S1.42, S1.66
	t.Parallel()
	w, _, short, _ := planned(t)
	other := w.store.NewID()
	w.Exec(t, `UPDATE client SET time_zone = 'Pacific/Auckland' WHERE id = $1`, w.Client) // where the 24th begins on the 23rd at 11:00
	w.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency, starts_on) VALUES ($1, $2, 'OTHER', 'Other', 'active', $3, 'GBP', '2026-03-01')`, other, w.Client, w.AM)
	w.Exec(t, `UPDATE task SET project_id = $2 WHERE id = $1`, short, other)
	w.Exec(t, `UPDATE project SET starts_on = '2026-03-24' WHERE id = $1`, w.Project)
	plan := w.as(w.Ann).must("GET", "/plan?group="+w.Group.String(), nil).body
	if got, want := blocks(t, plan, w.Bob), "Task 3 2026-03-23T11:00:00Z 2026-03-23T12:30:00Z 90\nTask 3 2026-03-23T13:30:00Z 2026-03-23T14:00:00Z 30"; got != want {
		t.Errorf("Bob's is\n%s\nwant\n%s", got, want)
	}
	want := "Task 2 2026-03-20T12:00:00Z 2026-03-20T12:30:00Z 30\nTask 2 2026-03-20T13:30:00Z 2026-03-20T14:00:00Z 30\nTask 1 2026-03-23T14:00:00Z 2026-03-23T17:30:00Z 210\n"
	if got := blocks(t, plan, w.Ann); !strings.HasPrefix(got, want) {
		t.Errorf("Ann's is\n%s\nwant\n%s …", got, want)
	}
	// Other work does not hold up a project that starts before it.
	of := "/projects/" + other.String() + "/summary"
	w.Exec(t, `DELETE FROM task_dependency`)
	w.Exec(t, `UPDATE project SET starts_on = '2026-04-30' WHERE id = $1`, w.Project)
	has(t, w.as(w.AM).must("GET", of, nil).body, object{"estimated_end_on": "2026-03-21"}) // the 20th, 14:00 in London
	plan = w.as(w.Ann).must("GET", "/plan", nil).body
	if list := plan["unplanned"].([]any); len(list) != 1 || list[0].(object)["reason"] != "beyond_horizon" {
		t.Errorf("unplanned are %v", list)
	}
	w.Exec(t, `UPDATE project SET starts_on = NULL WHERE id = $1`, w.Project)
	has(t, w.as(w.AM).must("GET", of, nil).body, object{"estimated_end_on": "2026-03-24"})
}

func TestATaskWhoseSubTasksWereCancelledIsPlannedAsBefore(t *testing.T) { // S1.42, S1.64, S1.66
	t.Parallel()
	w, urgent, _, bobs := planned(t)
	end := object{"estimated_end_on": "2026-03-24", "estimated_end_by": "plan", "remaining_minutes": 1110}
	w.Exec(t, `UPDATE task SET estimate_minutes = 450 WHERE id = $1`, bobs) // until Monday, 12:30
	anns, ends := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann), w.summary(w.AM)
	has(t, ends, end)
	w.Exec(t, `UPDATE task SET parent_id = $2 WHERE id = $1`, w.NewTask(t, "cancelled"), bobs)
	if got := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann); got != anns {
		t.Errorf("what depends on it is planned as\n%s\nwant\n%s", got, anns)
	}
	has(t, w.summary(w.AM), end)
	// So it does where it is other work, on the desk of somebody with work here.
	other := w.store.NewID()
	w.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, 'OTHER', 'Other', 'active', $3, 'GBP')`, other, w.Client, w.AM)
	w.Exec(t, `DELETE FROM task_dependency`)
	w.Exec(t, `UPDATE task SET project_id = $2, assignee_person_id = $3, priority = 5 WHERE id = $1`, urgent, other, w.Bob)
	has(t, w.as(w.AM).must("GET", "/projects/"+other.String()+"/summary", nil).body, object{"estimated_end_on": "2026-03-24"})
}

func TestWhoMaySeeAPlan(t *testing.T) { // S1.42
	t.Parallel()
	w := newWorld(t)
	stranger := w.Person(t, "Sam", "contributor", "")
	group, ann := "?group="+w.Group.String(), "?user="+w.Ann.String()
	for _, who := range []uuid.UUID{w.admin, w.AM, w.Manager, w.Ann, w.Bob} {
		for _, path := range []string{"/plan", "/plan.svg", "/plan.ics"} {
			w.as(who).must("GET", path+group, nil)
			w.as(who).must("GET", path+ann, nil)
		}
	}
	w.as(w.Ann, "read").must("GET", "/plan", nil)
	contact := w.contact(t)
	for _, path := range []string{"/plan", "/plan.svg", "/plan.ics"} {
		w.as(stranger).must("GET", path, nil)
		w.as(stranger).refused(403, "forbidden", "GET", path+group, nil)
		w.as(stranger).refused(403, "forbidden", "GET", path+ann, nil)
		w.as(contact).refused(404, "not_found", "GET", path, nil)
		w.as(contact).refused(404, "not_found", "GET", path+group, nil)
		w.as(contact).refused(404, "not_found", "GET", path+"?user="+contact.String(), nil)
		w.as(w.admin).refused(404, "not_found", "GET", path+"?user="+contact.String(), nil)
		w.as(w.admin).refused(404, "not_found", "GET", path+"?user="+w.Task.String(), nil)
		w.as(w.admin).refused(404, "not_found", "GET", path+"?group="+w.Task.String(), nil)
		w.as(w.admin).refused(422, "invalid", "GET", path+group+"&user="+w.Ann.String(), nil)
		w.as(w.admin).refused(422, "invalid", "GET", path+"?user=mine", nil)
		w.nobody().refused(401, "unauthorized", "GET", path+group, nil)
	}
}

func TestThePictureOfAPlanIsSafeToOpen(t *testing.T) { // S1.42
	t.Parallel()
	w, urgent, _, _ := planned(t)
	w.Exec(t, `UPDATE task SET title = E'<script>alert(1)</script>\n]]> & "more" 🚀' WHERE id = $1`, urgent)
	w.Exec(t, `UPDATE person SET name = '</text><image href=x onerror=y>' WHERE id = $1`, w.Ann)
	a := w.as(w.Bob).must("GET", "/plan.svg?group="+w.Group.String(), nil)
	if a.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers are %v", a.header)
	}
	var text bytes.Buffer
	for d := xml.NewDecoder(strings.NewReader(a.text)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			if v.Name.Local == "script" || v.Name.Local == "image" {
				t.Errorf("there is an element %s", v.Name.Local)
			}
		case xml.CharData:
			text.Write(v)
		}
	}
	for _, want := range []string{"<script>alert(1)</script>", "🚀", "</text><image", "Plan of Group"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

// events reads an iCalendar.
func events(t *testing.T, a answer) []*ics.VEvent {
	t.Helper()
	if a.header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Errorf("the type is %s", a.header.Get("Content-Type"))
	}
	for line := range strings.SplitSeq(a.text, "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("the line %q is too long or broken", line)
		}
	}
	c, err := ics.ParseCalendar(strings.NewReader(a.text))
	if err != nil {
		t.Fatalf("%v: %s", err, a.text)
	}
	return c.Events()
}

func TestAPlanAsACalendar(t *testing.T) { // S1.46, N.19
	t.Parallel()
	w, urgent, short, _ := planned(t)
	title := "Long; with, signs: <script> and\r\nBEGIN:VEVENT\nEND:VCALENDAR 🚀👩‍👩‍👧 \u0085 " + strings.Repeat("and so on ", 20)
	w.Exec(t, `UPDATE task SET title = $2 WHERE id = $1`, short, title)
	first := w.as(w.Ann).must("GET", "/plan.ics", nil)
	if !strings.Contains(first.text, "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n") { // RFC 7986
		t.Errorf("it does not say when to come again: %s", first.text)
	}
	got := events(t, first)
	if len(got) != 5 {
		t.Fatalf("there are %d events, want 5", len(got))
	}
	start, err := got[0].GetStartAt()
	end, _ := got[0].GetEndAt()
	if err != nil || !start.Equal(noon) || end.Sub(start) != 30*time.Minute {
		t.Errorf("it is from %v to %v, %v", start, end, err)
	}
	summary := got[0].GetProperty(ics.ComponentPropertySummary).Value
	if !strings.HasSuffix(summary, " "+strings.Join(strings.Fields(title), " ")) {
		t.Errorf("the summary is %q", summary)
	}
	// When everything comes later, the same events move.
	ids := func(list []*ics.VEvent) string {
		var all []string
		for _, e := range list {
			all = append(all, e.Id())
		}
		return strings.Join(all, " ")
	}
	if want := fmt.Sprintf("%[1]s-1@steward %[1]s-2@steward %[2]s-1@steward %[2]s-2@steward %[2]s-3@steward", short, urgent); ids(got) != want {
		t.Errorf("ids are %s", ids(got))
	}
	w.at(noon.Add(72 * time.Hour))
	later := events(t, w.as(w.Ann).must("GET", "/plan.ics", nil))
	if ids(later) != ids(got) {
		t.Errorf("three days later ids are %s, not %s", ids(later), ids(got))
	}
	if n := len(events(t, w.as(w.Ann).must("GET", "/plan.ics?group="+w.Group.String(), nil))); n != 7 {
		t.Errorf("the group has %d events", n)
	}
}

func TestAPlanWithoutWorkIsACalendarStill(t *testing.T) { // S1.46, N.19
	t.Parallel()
	w, _, _, _ := planned(t)
	a := w.as(w.Manager).must("GET", "/plan.ics", nil)
	if n := len(events(t, a)); n != 0 {
		t.Fatalf("there are %d events", n)
	}
	for _, must := range []string{"\r\nVERSION:2.0\r\n", "\r\nPRODID:-//steward//plan//EN\r\n", // RFC 5545, 3.6: a component at least
		"\r\nBEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nTZNAME:UTC\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"} {
		if !strings.Contains(a.text, must) {
			t.Errorf("there is no %q in %q", must, a.text)
		}
	}
}

func TestAFeedIsReadWithItsSecretAlone(t *testing.T) { // S1.46, N.19
	t.Parallel()
	w, _, _, _ := planned(t)
	made := w.as(w.Bob).with("Idempotency-Key", "feed").must("POST", "/plan/feeds", object{"name": "Phone", "group_id": w.Group})
	address := made.str("address")
	path, ok := strings.CutPrefix(address, "/api/v1")
	if !ok || len(path) < 50 {
		t.Fatalf("the address is %s", address)
	}
	if n := len(events(t, w.nobody().must("GET", path, nil))); n != 7 {
		t.Errorf("%d events, want 7", n)
	}
	again := w.as(w.Bob).with("Idempotency-Key", "feed").must("POST", "/plan/feeds", object{"name": "Phone", "group_id": w.Group})
	if again.str("id") != made.str("id") || again.str("address") != "" {
		t.Errorf("the same key again answers %s", again.text)
	}
	token := address[strings.Index(address, "=")+1:]
	for table, sql := range map[string]string{"feeds": `SELECT string_agg(f::text, '') FROM plan_feed f`, "commands": `SELECT string_agg(c::text, '') FROM command_log c`, "audit": `SELECT string_agg(a::text, '') FROM audit_event a`} {
		if strings.Contains(fixture.One[string](t, w.Pool, sql), token) {
			t.Errorf("the secret is kept in %s", table)
		}
	}
	list := w.as(w.Bob).must("GET", "/plan/feeds", nil)
	if items := list.items(); len(items) != 1 || strings.Contains(list.text, token) {
		t.Errorf("the feeds are %s", list.text)
	}
	if n := len(w.as(w.Ann).must("GET", "/plan/feeds", nil).items()); n != 0 {
		t.Errorf("Ann sees %d feeds of Bob's", n)
	}
	w.as(w.Ann).refused(404, "not_found", "DELETE", "/plan/feeds/"+made.str("id"), nil)
	w.nobody().refused(404, "not_found", "GET", "/plan.ics?secret="+token+"x", nil)
	w.nobody().refused(401, "unauthorized", "GET", "/plan.ics?secret=", nil)
	w.nobody().refused(401, "unauthorized", "GET", "/plan?secret="+token, nil) // the calendar alone
	w.nobody().refused(401, "unauthorized", "GET", "/plan.svg?secret="+token, nil)
	w.as(w.Bob).must("DELETE", "/plan/feeds/"+made.str("id"), nil)
	w.nobody().refused(404, "not_found", "GET", path, nil)
	w.as(w.Bob).refused(404, "not_found", "DELETE", "/plan/feeds/"+made.str("id"), nil)
}

func TestAFeedShowsWhatItsMakerMayStillSee(t *testing.T) { // S1.46
	t.Parallel()
	w, _, _, _ := planned(t)
	feed := func(who uuid.UUID, body object) string {
		t.Helper()
		return strings.TrimPrefix(w.as(who).must("POST", "/plan/feeds", body).str("address"), "/api/v1")
	}
	own, anns, group := feed(w.Bob, object{"name": "Mine"}), feed(w.Bob, object{"name": "Ann's", "user_id": w.Ann}), feed(w.Bob, object{"name": "All", "group_id": w.Group})
	w.Exec(t, `DELETE FROM work_group_member WHERE person_id = $1`, w.Bob)
	w.nobody().must("GET", own, nil)
	w.nobody().refused(404, "not_found", "GET", anns, nil)
	w.nobody().refused(404, "not_found", "GET", group, nil)
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Bob)
	w.nobody().refused(404, "not_found", "GET", own, nil)
	stranger := w.Person(t, "Sam", "contributor", "")
	w.as(stranger).refused(403, "forbidden", "POST", "/plan/feeds", object{"name": "Ann's", "user_id": w.Ann})
	w.as(stranger).refused(403, "forbidden", "POST", "/plan/feeds", object{"name": "All", "group_id": w.Group})
	w.as(stranger).refused(422, "invalid", "POST", "/plan/feeds", object{"name": "Both", "group_id": w.Group, "user_id": stranger})
	w.as(stranger).refused(422, "invalid", "POST", "/plan/feeds", object{"name": " "})
	w.as(stranger, "read").refused(403, "forbidden", "POST", "/plan/feeds", object{"name": "Mine"})
	w.as(w.contact(t)).refused(404, "not_found", "POST", "/plan/feeds", object{"name": "Mine"})
}

func TestAFeedEndsWithItsMakerAndNeedsAllOfThem(t *testing.T) { // S1.46, N.15
	t.Parallel()
	w, _, _, _ := planned(t)
	for _, scopes := range [][]string{{"tasks:write"}, {"tasks:write", "tasks:read"}, {"write"}} {
		w.as(w.Bob, scopes...).refused(403, "limited_token", "POST", "/plan/feeds", object{"name": "Mine"})
	}
	path := strings.TrimPrefix(w.as(w.Bob).must("POST", "/plan/feeds", object{"name": "Mine"}).str("address"), "/api/v1")
	w.nobody().must("GET", path, nil)
	for _, active := range []bool{false, true} {
		w.as(w.admin).must("PATCH", "/users/"+w.Bob.String(), object{"active": active})
		w.nobody().refused(404, "not_found", "GET", path, nil)
	}
}

func TestAFeedEndsWithTheTokenItWasMadeWith(t *testing.T) { // S1.46, N.15
	t.Parallel()
	w, _, _, _ := planned(t)
	until := noon.Add(time.Hour)
	short := caller{w: w, bearer: w.as(w.Bob).must("POST", "/tokens", object{"name": "short", "expires_at": until}).str("secret")}
	made := short.must("POST", "/plan/feeds", object{"name": "Phone"})
	has(t, made.body, object{"expires_at": until})
	has(t, w.as(w.Bob).must("GET", "/plan/feeds", nil).items()[0], object{"expires_at": until})
	has(t, w.as(w.Bob).must("POST", "/plan/feeds", object{"name": "For good"}).body, object{"expires_at": nil})
	path := strings.TrimPrefix(made.str("address"), "/api/v1")
	w.at(until.Add(-time.Second))
	w.nobody().must("GET", path, nil)
	w.at(until)
	w.nobody().refused(404, "not_found", "GET", path, nil)
}

// One calendar that this release cannot read is planned by the usual hours; the
// plan of everybody else does not fail with it.
func TestACalendarThatCannotBeReadIsPlannedByTheUsualHours(t *testing.T) { // S1.42
	t.Parallel()
	w, _, _, _ := planned(t)
	usual := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann)
	for _, kept := range []string{`{"holidays": "ATLANTIS"}`, `{"weekly": 7}`, `{"weekly": {"mon": [["9", "25:00"]]}}`} {
		w.Exec(t, `UPDATE person SET calendar = $1`, kept)
		if got := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann); got != usual {
			t.Errorf("by %s it is\n%s\nwant\n%s", kept, got, usual)
		}
	}
}

func TestWhatSomebodyElseHasToDoFirstIsInThePlanOfBoth(t *testing.T) { // S1.44
	t.Parallel()
	w, urgent, _, bobs := planned(t)
	third := w.Person(t, "Cid", "contributor", "") // in no group
	w.Exec(t, `UPDATE task SET assignee_person_id = $2 WHERE id = $1`, bobs, third)
	w.Exec(t, `UPDATE person SET calendar = '{"weekly": {"wed": [["09:00", "11:00"]]}}' WHERE id = $1`, third)
	if got := blocks(t, w.as(w.Ann).must("GET", "/plan", nil).body, w.Ann); !strings.Contains(got, "Task 1 2026-03-25T11:00:00Z") {
		t.Errorf("Ann does not wait for somebody in no group: %s", got)
	}
	w.Exec(t, `INSERT INTO task_dependency (task_id, depends_on_id) VALUES ($1, $2)`, bobs, urgent)
	plan := w.as(w.Ann).must("GET", "/plan", nil).body
	if list := plan["unplanned"].([]any); len(list) != 1 || list[0].(object)["reason"] != "dependency_cycle" {
		t.Errorf("unplanned are %v", list)
	}
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Ann)
	plan = w.as(w.admin).must("GET", "/plan?user="+w.Ann.String(), nil).body
	if list := plan["unplanned"].([]any); len(list) != 2 || list[1].(object)["reason"] != "no_working_time" {
		t.Errorf("of somebody who left, unplanned are %v", list)
	}
	if civil.In(noon, time.UTC).Weekday() != time.Friday {
		t.Error("noon is on a Friday")
	}
}
