package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestAGroupHasManagersAndMembers(t *testing.T) { // S1.04
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	body := object{"name": "Design", "manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{w.Manager, w.Ann, w.Ann}}
	w.as(w.Manager).refused(403, "forbidden", "POST", "/groups", body)
	made := admin.must("POST", "/groups", body)
	has(t, made.body, object{"name": "Design", "manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{w.Manager, w.Ann}, "version": 1})
	path := "/groups/" + made.str("id")
	admin.refused(409, "name_taken", "POST", "/groups", object{"name": "DESIGN"})
	has(t, admin.must("PUT", path+"/members", object{"manager_ids": []uuid.UUID{w.Ann}, "member_ids": []uuid.UUID{w.Bob}}).body,
		object{"manager_ids": []uuid.UUID{w.Ann}, "member_ids": []uuid.UUID{w.Ann, w.Bob}, "version": 2})
	has(t, admin.must("PATCH", path, object{"name": "Design & Research"}).body, object{"name": "Design & Research", "version": 3})
	has(t, admin.must("PATCH", path, object{}).body, object{"version": 3})
	admin.with("If-Match", `"1"`).refused(412, "stale", "PUT", path+"/members", object{"manager_ids": []uuid.UUID{}, "member_ids": []uuid.UUID{}})
	has(t, w.as(w.Bob).must("GET", path, nil).body, object{"member_ids": []uuid.UUID{w.Ann, w.Bob}})
	has(t, w.as(w.Bob).must("GET", "/me", nil).body, object{"group_ids": []any{w.Group, made.str("id")}})
	if list := w.as(w.Bob).must("GET", "/groups", nil).items(); len(list) != 2 {
		t.Errorf("%d groups are listed, want 2", len(list))
	}
}

func TestAListOfAGroupThatIsLeftOutStaysAsItIs(t *testing.T) { // S1.04
	t.Parallel()
	w := newWorld(t)
	admin, path := w.as(w.admin), "/groups/"+w.Group.String()+"/members"
	admin.must("PUT", path, object{"manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{w.Ann}})
	w.Exec(t, `UPDATE person SET active = false WHERE id = $1`, w.Manager) // which is no reason to refuse others
	has(t, admin.must("PUT", path, object{"member_ids": []uuid.UUID{w.Bob}}).body, object{"manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{w.Manager, w.Bob}})
	has(t, admin.must("PUT", path, object{"manager_ids": []uuid.UUID{w.Bob}}).body, object{"manager_ids": []uuid.UUID{w.Bob}, "member_ids": []uuid.UUID{w.Manager, w.Bob}})
	has(t, admin.must("PUT", path, object{"manager_ids": []uuid.UUID{}, "member_ids": []uuid.UUID{w.Ann}}).body, object{"manager_ids": []any{}, "member_ids": []uuid.UUID{w.Ann}})
}

func TestOnlyActiveStaffIsInAGroup(t *testing.T) { // S1.04
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	left := w.Person(t, "Cid", "contributor", "")
	w.Exec(t, `UPDATE person SET active = false WHERE id = ANY ($1)`, []uuid.UUID{w.Bob, left})
	path := "/groups/" + w.Group.String() + "/members"
	for _, id := range []uuid.UUID{left, w.contact(t), w.Task} {
		admin.refused(422, "invalid", "PUT", path, object{"manager_ids": []uuid.UUID{id}, "member_ids": []uuid.UUID{}})
		admin.refused(422, "invalid", "PUT", path, object{"manager_ids": []uuid.UUID{}, "member_ids": []uuid.UUID{w.Ann, id}})
		admin.refused(422, "invalid", "POST", "/groups", object{"name": "New", "member_ids": []uuid.UUID{id}})
	}
	admin.refused(422, "invalid", "PUT", path, object{"manager_ids": []string{"me"}, "member_ids": []uuid.UUID{}})
	admin.refused(422, "invalid", "PUT", path, object{})
	admin.refused(404, "not_found", "PUT", "/groups/"+w.Task.String()+"/members", object{"manager_ids": []uuid.UUID{}, "member_ids": []uuid.UUID{}})
	has(t, admin.must("GET", "/groups/"+w.Group.String(), nil).body, object{"manager_ids": []uuid.UUID{w.Manager}, "version": 1})
	// Bob, who has left, stays as he was, so that the group's manager hands his tasks on; he manages nothing.
	stays := object{"manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{w.Bob}}
	has(t, admin.must("PUT", path, stays).body, object{"member_ids": []uuid.UUID{w.Manager, w.Bob}, "version": 2})
	admin.refused(422, "invalid", "PUT", path, object{"manager_ids": []uuid.UUID{w.Bob}, "member_ids": []uuid.UUID{}})
	admin.must("PUT", path, object{"manager_ids": []uuid.UUID{w.Manager}, "member_ids": []uuid.UUID{}})
	admin.refused(422, "invalid", "PUT", path, stays)
}

func TestAGroupsQueueIsWhatWaitsInIt(t *testing.T) { // S1.47
	t.Parallel()
	w := newWorld(t)
	late, urgent, done := w.Waiting(t), w.Waiting(t), w.Waiting(t)
	w.Exec(t, `UPDATE task SET priority = 1 WHERE id = $1`, urgent)
	w.Exec(t, `UPDATE task SET status = 'complete', closed_at = now() WHERE id = $1`, done)
	w.Exec(t, `UPDATE task SET status = 'planned' WHERE id = $1`, late)
	path := "/groups/" + w.Group.String() + "/queue"
	var ids []string
	for cursor, more := "", true; more; {
		a := w.as(w.Ann).must("GET", path+"?limit=1"+cursor, nil)
		for _, task := range a.items() {
			ids = append(ids, task["id"].(string))
		}
		cursor, more = "&cursor="+a.str("next_cursor"), a.str("next_cursor") != ""
	}
	if got, want := strings.Join(ids, " "), urgent.String()+" "+late.String(); got != want {
		t.Errorf("the queue is %s, want %s", got, want)
	}
	w.as(w.Ann).refused(404, "not_found", "GET", "/groups/"+w.Task.String()+"/queue", nil)
}
