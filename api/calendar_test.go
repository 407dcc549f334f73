package api_test

import (
	"strings"
	"testing"

	"steward/internal/fixture"
)

var threeDays = object{
	"weekly":   object{"mon": [][]string{{"09:00", "12:00"}, {"13:00", "17:30"}}, "tue": [][]string{{"09:00", "24:00"}}, "wed": [][]string{{"00:00", "03:00"}}},
	"holidays": "GB", "absences": []object{{"from": "2026-12-24", "to": "2026-12-31"}},
}

func TestAPersonSaysWhenTheyWork(t *testing.T) { // S1.45
	t.Parallel()
	w := newWorld(t)
	ann := w.as(w.Ann)
	path := "/users/" + w.Ann.String() + "/calendar"
	usual := ann.must("GET", path, nil)
	has(t, usual.body, object{"source": "usual", "time_zone": "Europe/London", "version": 1, "user_id": w.Ann})
	set := ann.with("If-Match", usual.header.Get("ETag")).must("PUT", path, threeDays)
	has(t, set.body, threeDays)
	has(t, set.body, object{"source": "own", "version": 2})
	if set.header.Get("ETag") != `"2"` {
		t.Errorf("the ETag is %s", set.header.Get("ETag"))
	}
	ann.with("If-Match", `"1"`).refused(412, "stale", "PUT", path, object{"weekly": object{}})
	has(t, ann.must("PUT", path, threeDays).body, object{"version": 2}) // the same again changes nothing
	has(t, ann.must("GET", path, nil).body, threeDays)
	has(t, w.as(w.admin).must("GET", "/users/"+w.Ann.String(), nil).body, object{"version": 2})
	audit := w.as(w.admin).must("GET", "/audit?entity="+w.Ann.String(), nil).text
	if !strings.Contains(audit, `"calendar"`) || !strings.Contains(audit, "09:00") {
		t.Errorf("the audit is %s", audit)
	}
	has(t, ann.must("DELETE", path, nil).body, object{"source": "usual", "version": 3})
	if fixture.One[bool](t, w.Pool, `SELECT calendar IS NOT NULL FROM person WHERE id = $1`, w.Ann) {
		t.Error("a calendar that was dropped is still there")
	}
	keyed := ann.with("Idempotency-Key", "once")
	keyed.must("PUT", path, threeDays)
	ann.must("DELETE", path, nil)
	has(t, keyed.must("PUT", path, threeDays).body, object{"version": 4})
	has(t, ann.must("GET", path, nil).body, object{"source": "usual", "version": 5})
}

func TestAGroupsCalendarHoldsForMembersWithoutTheirOwn(t *testing.T) { // S1.14, S1.45
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE work_group SET calendar = '{"weekly": {"sat": [["10:00", "12:00"]]}}', time_zone = 'Asia/Tokyo' WHERE id = $1`, w.Group)
	has(t, w.as(w.Ann).must("GET", "/users/"+w.Ann.String()+"/calendar", nil).body,
		object{"source": "group", "time_zone": "Asia/Tokyo", "weekly": object{"sat": [][]string{{"10:00", "12:00"}}}})
	has(t, w.as(w.AM).must("GET", "/users/"+w.AM.String()+"/calendar", nil).body, object{"source": "usual"})
}

func TestWhoMaySaySo(t *testing.T) { // S1.45
	t.Parallel()
	w := newWorld(t)
	stranger := w.Person(t, "Sam", "contributor", "")
	path := "/users/" + w.Ann.String() + "/calendar"
	w.as(w.Manager).must("PUT", path, threeDays)
	w.as(w.admin).must("PUT", path, object{"weekly": object{}})
	w.as(w.Bob).must("GET", path, nil)
	w.as(w.AM).must("GET", path, nil)
	w.as(w.Bob).refused(403, "forbidden", "PUT", path, threeDays)
	w.as(w.AM).refused(403, "forbidden", "DELETE", path, nil)
	w.as(stranger).refused(403, "forbidden", "PUT", path, threeDays)
	w.as(stranger).refused(403, "forbidden", "GET", path, nil)
	w.as(w.Ann, "read").refused(403, "forbidden", "PUT", path, threeDays)
	contact := w.contact(t)
	w.as(contact).refused(404, "not_found", "GET", path, nil)
	w.as(contact).refused(404, "not_found", "PUT", "/users/"+contact.String()+"/calendar", threeDays)
	w.as(w.admin).refused(404, "not_found", "PUT", "/users/"+contact.String()+"/calendar", threeDays)
	w.as(w.admin).refused(404, "not_found", "GET", "/users/"+w.Task.String()+"/calendar", nil)
	w.nobody().refused(401, "unauthorized", "GET", path, nil)
}

func TestACalendarThatNobodyCouldWorkByIsRefused(t *testing.T) { // S1.45
	t.Parallel()
	w := newWorld(t)
	path := "/users/" + w.Ann.String() + "/calendar"
	mon := func(spans ...any) object { return object{"weekly": object{"mon": spans}} }
	for _, c := range []struct {
		code string
		body any
	}{
		{"bad_calendar", mon([]string{"17:00", "09:00"})},
		{"bad_calendar", mon([]string{"09:00", "12:00"}, []string{"11:00", "13:00"})},
		{"bad_calendar", mon([]string{"9", "12:00"})},
		{"bad_calendar", mon([]string{"09:00", "25:00"})},
		{"bad_calendar", object{"weekly": object{}, "holidays": "XX"}},
		{"bad_calendar", object{"weekly": object{}, "absences": []object{{"from": "2026-12-31", "to": "2026-12-24"}}}},
		{"invalid", object{"weekly": object{}, "absences": []object{{"from": "2026-12-31"}}}},
		{"invalid", object{"weekly": object{}, "absences": []object{{"from": "2026-13-31", "to": "2026-12-24"}}}},
		{"invalid", mon([]string{"09:00"})},
		{"invalid", mon([]int{9, 17})},
		{"invalid", object{"weekly": object{"monday": []any{}}}},
		{"invalid", object{}},
	} {
		a := w.as(w.Ann).refused(422, c.code, "PUT", path, c.body)
		if list, _ := a.body["errors"].([]any); len(list) == 0 {
			t.Errorf("no field is named: %s", a.text)
		}
	}
	has(t, w.as(w.Ann).must("GET", path, nil).body, object{"source": "usual", "version": 1})
}
