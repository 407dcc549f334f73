package api_test

import (
	"testing"

	"github.com/google/uuid"
)

func TestTheAuditIsTheAdmins(t *testing.T) { // N.14
	t.Parallel()
	w := newWorld(t)
	made := w.as(w.AM).must("POST", "/clients", object{"name": "New", "currency": "GBP"})
	w.as(w.AM).must("PATCH", "/clients/"+made.str("id"), object{"name": "Newer"})
	w.as(w.Ann).must("POST", timeOn(w.Task), session(nil))
	for _, who := range []uuid.UUID{w.AM, w.Manager, w.Ann} {
		w.as(who).refused(403, "forbidden", "GET", "/audit", nil)
	}
	admin := w.as(w.admin)
	list := admin.must("GET", "/audit?entity="+made.str("id"), nil).items()
	if len(list) != 2 {
		t.Fatalf("%d events, want 2", len(list))
	}
	has(t, list[0], object{"verb": "edit", "entity_kind": "client", "entity_id": made.str("id"), "actor_id": w.AM, "version": 2, "source": "127.0.0.1", "changes": object{"name": []string{"New", "Newer"}}})
	has(t, list[1], object{"verb": "create"})
	for query, want := range map[string]int{"": 3, "actor=" + w.Ann.String(): 1, "actor=me": 0, "from=2020-01-01": 3, "from=2190-01-01": 0, "from=2190-01-01T00:00:00Z": 0, "entity=" + w.Bob.String(): 0} {
		if got := len(admin.must("GET", "/audit?"+query, nil).items()); got != want {
			t.Errorf("%q finds %d events, want %d", query, got, want)
		}
	}
	for _, query := range []string{"entity=7", "actor=Ann", "from=then"} {
		admin.refused(422, "invalid", "GET", "/audit?"+query, nil)
	}
	admin.refused(422, "bad_cursor", "GET", "/audit?cursor=zzz", nil)
}

func TestHistoryIsReadBackwardsInPages(t *testing.T) { // S1.17, N.14
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/projects/"+w.Project.String()
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		am.must("PATCH", path, object{"name": name})
	}
	var names string
	for cursor, more := "", true; more; {
		a := w.as(w.Ann).must("GET", path+"/history?limit=2"+cursor, nil)
		for _, e := range a.items() {
			names += e["changes"].(object)["name"].([]any)[1].(string)
		}
		cursor, more = "&cursor="+a.str("next_cursor"), a.str("next_cursor") != ""
	}
	if names != "EDCBA" {
		t.Errorf("the history reads %s", names)
	}
}
