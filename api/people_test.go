package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestPeopleAreAddedByAnAdmin(t *testing.T) { // S1.03
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	body := object{"kind": "staff", "name": "Zoë", "email": " Zoe@Firm.example ", "roles": []string{"contributor", "group_manager", "contributor"}, "skills": []string{"go", " go", "sql"}, "time_zone": "Europe/Paris", "password": "twelve signs"}
	made := admin.must("POST", "/users", body)
	has(t, made.body, object{"kind": "staff", "client_id": nil, "email": "zoe@firm.example", "roles": []string{"contributor", "group_manager"}, "skills": []string{"go", "sql"}, "time_zone": "Europe/Paris", "active": true, "version": 1})
	for _, who := range []uuid.UUID{w.Ann, w.Manager, w.AM} {
		w.as(who).refused(403, "forbidden", "POST", "/users", body)
		w.as(who).refused(403, "forbidden", "PATCH", "/users/"+made.str("id"), object{"name": "x"})
	}
	w.nobody().must("POST", "/sessions", object{"email": "ZOE@firm.example", "password": "twelve signs"})
	admin.refused(409, "email_taken", "POST", "/users", object{"kind": "staff", "name": "Other", "email": "zoe@FIRM.example"})
	kept := fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(changes::text, ''), '') || (SELECT coalesce(string_agg(body::text || answer::text, ''), '') FROM command_log) FROM audit_event`)
	if strings.Contains(kept+made.text, "twelve signs") || strings.Contains(kept+made.text, "argon2") {
		t.Error("a password can be read where it should not be")
	}
}

func TestContactsAreAddedByAccountManagersToo(t *testing.T) { // S2.07
	t.Parallel()
	w := newWorld(t)
	body := object{"kind": "client", "client_id": w.Client, "name": "Carl", "email": "carl@client.example", "roles": []string{"client_manager"}}
	w.as(w.Ann).refused(403, "forbidden", "POST", "/users", body)
	made := w.as(w.AM).must("POST", "/users", body)
	has(t, made.body, object{"kind": "client", "client_id": w.Client, "roles": []string{"client_manager"}})
	body["client_id"] = w.Task
	w.as(w.AM).refused(422, "invalid", "POST", "/users", body)
	list := w.as(w.Ann).must("GET", "/users?kind=client&client="+w.Client.String(), nil).items()
	if len(list) != 1 || list[0]["id"] != made.str("id") {
		t.Errorf("the client's contacts are %v", list)
	}
}

func TestWrongPeopleAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	for _, c := range []struct {
		field string
		value any
	}{
		{"kind", "robot"}, {"email", "no address"}, {"email", ""}, {"email", "a b@c.d"}, {"email", "x\x00@y.z"}, {"roles", []string{"client_manager"}}, {"roles", []string{"king"}}, {"roles", "admin"},
		{"time_zone", "Local"}, {"password", "too short"}, {"client_id", w.Client}, {"name", "\t"}, {"skills", []int{1}}, {"password_hash", "x"}, {"active", false},
	} {
		body := object{"kind": "staff", "name": "New", "email": "new@firm.example"}
		body[c.field] = c.value
		admin.refused(422, "invalid", "POST", "/users", body)
	}
	admin.refused(422, "invalid", "POST", "/users", object{"kind": "client", "name": "No client", "email": "new@client.example"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM person WHERE name IN ('New', 'No client')`); n != 0 {
		t.Errorf("%d of the refused people are stored", n)
	}
}

func TestAPersonIsChangedByAnAdmin(t *testing.T) { // N.14
	t.Parallel()
	w := newWorld(t)
	email := withPassword(t, w, "the old password")
	ann := w.nobody().with("Cookie", cookie(w.nobody().must("POST", "/sessions", object{"email": email, "password": "the old password"})))
	admin, path := w.as(w.admin), "/users/"+w.Ann.String()
	has(t, admin.must("PATCH", path, object{"roles": []string{"contributor", "group_manager"}, "skills": []string{"go"}}).body, object{"roles": []string{"contributor", "group_manager"}, "skills": []string{"go"}, "version": 2})
	admin.must("PATCH", path, object{"password": "the new password"})
	ann.refused(401, "unauthorized", "GET", "/me", nil) // whoever knew the old one is out
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "the old password"})
	w.nobody().must("POST", "/sessions", object{"email": email, "password": "the new password"})
	has(t, admin.must("PATCH", path, object{"active": false}).body, object{"active": false, "version": 4})
	w.nobody().refused(401, "unauthorized", "POST", "/sessions", object{"email": email, "password": "the new password"})
	admin.with("If-Match", `"2"`).refused(412, "stale", "PATCH", path, object{"name": "Late"})
	admin.refused(422, "invalid", "PATCH", path, object{"roles": []string{"client_contact"}})
	admin.refused(422, "invalid", "PATCH", path, object{"kind": "client"})
	admin.refused(404, "not_found", "PATCH", "/users/"+w.Task.String(), object{"name": "x"})
	n := fixture.One[int](t, w.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'user' AND entity_id = $1 AND verb = 'edit' AND actor_id = $2`, w.Ann, w.admin)
	if n != 3 {
		t.Errorf("%d changes are in the audit, want 3", n)
	}
}

func TestWhoSignsInOtherwiseIsTold(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET email = 'Ann@firm.example' WHERE id = $1`, w.Ann) // as it was imported
	path := "/users/" + w.Ann.String()
	for _, c := range []struct {
		change object
		want   string
	}{
		{object{"skills": []string{"go"}}, ""},
		{object{"roles": []string{"contributor"}, "email": "ANN@firm.example"}, ""},
		{object{"password": "a horse of my own"}, "an admin has set a password for you"},
		{object{"email": "anne@firm.example"}, "was changed to\nanne@firm.example."},
	} {
		w.Exec(t, `DELETE FROM mail`)
		w.as(w.admin).must("PATCH", path, c.change)
		told := fixture.One[string](t, w.Pool, `SELECT coalesce(string_agg(body, ''), '') FROM mail WHERE lower(to_address) = 'ann@firm.example'`)
		if (told == "") != (c.want == "") || !strings.Contains(told, c.want) {
			t.Errorf("%v: they are told %q, want %q", c.change, told, c.want)
		}
	}
	w.as(w.admin).refused(409, "conflict", "PATCH", "/users/"+w.admin.String(), object{"password": "a horse of my own"})
}

func TestALimitedTokenLetsNobodyIn(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	path := "/users/" + w.Ann.String()
	for _, scope := range []string{"people:write", "write"} {
		c := w.as(w.admin, scope)
		for _, change := range []object{{"password": "a horse of my own"}, {"email": "mallory@firm.example"}, {"roles": []string{"admin"}}} {
			c.refused(403, "limited_token", "PATCH", path, change)
			c.refused(403, "limited_token", "PATCH", "/users/"+w.Bob.String(), change)
		}
		c.refused(403, "limited_token", "POST", "/users", object{"kind": "staff", "name": "Mallory", "email": "mallory@firm.example"})
		c.refused(403, "limited_token", "POST", "/users", object{"kind": "client", "client_id": w.Client, "name": "Mallory", "email": "mallory@firm.example"})
		c.must("PATCH", path, object{"name": "Anne"})
	}
}

// Who was dismissed has kept their password: to take them back is to add somebody
// who signs in without limits.
func TestALimitedTokenTakesNobodyBack(t *testing.T) { // N.15
	t.Parallel()
	w := newWorld(t)
	path := "/users/" + w.Ann.String()
	limited := w.as(w.admin, "people:write")
	limited.must("PATCH", path, object{"active": true}) // as they are
	limited.must("PATCH", path, object{"active": false})
	limited.refused(403, "limited_token", "PATCH", path, object{"active": true})
	limited.must("PATCH", path, object{"name": "Anne", "active": false})
	has(t, w.as(w.admin).must("PATCH", path, object{"active": true}).body, object{"active": true})
}

func TestNoAdminLocksTheFirmOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, path := w.as(w.admin), "/users/"+w.admin.String()
	admin.refused(409, "conflict", "PATCH", path, object{"active": false})
	admin.refused(409, "conflict", "PATCH", path, object{"roles": []string{"contributor"}})
	admin.must("PATCH", path, object{"roles": []string{"admin", "account_manager"}})
}

// Two admins dismiss each other at the same time.
func TestAnAdminIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	eve := w.Person(t, "Eve", "admin", "")
	m := fixture.NewMeeting(t, w.Pool, `SELECT FROM person WHERE id IN ($1, $2) FOR NO KEY UPDATE`, w.admin, eve)
	dismisses := func(by, whom uuid.UUID, change object) <-chan answer {
		c := w.as(by)
		return fixture.Do(t, m, func() answer { return c.send("PATCH", "/users/"+whom.String(), change) })
	}
	one, other := dismisses(w.admin, eve, object{"active": false}), dismisses(eve, w.admin, object{"roles": []string{"contributor"}})
	m.Release(t)
	a, b := <-one, <-other
	if a.status+b.status != 200+409 || a.str("code")+b.str("code") != "conflict" || w.count(t, `SELECT count(*) FROM person WHERE active AND 'admin' = ANY (roles)`) != 1 {
		t.Errorf("they are answered %s and %s", a.text, b.text)
	}
}

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `UPDATE person SET name = 'Beatrix Potter', external_key = 'P-1' WHERE id = $1`, w.Bob)
	for _, query := range []string{"q=trix", "q=" + w.Bob.String() + "@FIRM", "external_key=P-1", "kind=staff&q=potter"} {
		list := w.as(w.Ann).must("GET", "/users?"+query, nil).items()
		if len(list) != 1 || list[0]["id"] != w.Bob.String() {
			t.Errorf("%s finds %v", query, list)
		}
	}
	has(t, w.as(w.Ann).must("GET", "/users/"+w.Bob.String(), nil).body, object{"name": "Beatrix Potter", "external_key": "P-1"})
	w.as(w.Ann).refused(404, "not_found", "GET", "/users/"+w.Task.String(), nil)
	w.as(w.Ann).refused(422, "invalid", "GET", "/users?client=x", nil)
}
