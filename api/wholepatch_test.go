package api_test

import (
	"strings"
	"testing"

	"steward/internal/fixture"
)

// everyPatch are one of each thing that is read and changed at one address.
func (w *world) everyPatch(t *testing.T) map[string]string {
	admin := w.as(w.admin)
	entry := w.Record(t, fixture.Entry{Task: w.Task, Person: w.Ann, Date: day(3), Minutes: 60})[0].String()
	hook := admin.must("POST", "/webhooks", object{"url": "https://example.com/", "events": []string{"*"}}).str("id")
	return map[string]string{
		"/clients/{id}": "/clients/" + w.Client.String(), "/groups/{id}": "/groups/" + w.Group.String(), "/projects/{id}": w.home(), "/provider": "/provider",
		"/requests/{id}": "/requests/" + w.requested(w.as(w.AM)).str("id"), "/tasks/{id}": "/tasks/" + w.Task.String(), "/templates/{id}": "/templates/" + w.template(t).str("id"),
		"/time-entries/{id}": "/time-entries/" + entry, "/users/{id}": "/users/" + w.Ann.String(), "/webhooks/{id}": "/webhooks/" + hook,
	}
}

// Programs read a thing, change a field of it and send all of it back.
func TestWhatWasReadMayBeSentBackAsAChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.carried()
	things, admin := w.everyPatch(t), w.as(w.admin)
	all := operations(t, w)
	for name := range all {
		short, patch := strings.CutPrefix(name, "PATCH ")
		if _, read := all["GET "+short]; !patch || !read || short == "/files/{id}" { // whose GET is its bytes
			continue
		}
		at := things[short]
		if at == "" {
			t.Errorf("there is no example of %s", short)
			continue
		}
		am := w.as(w.AM)
		if read := am.send("GET", at, nil); read.status == 200 {
			if got := am.send("PATCH", at, read.body); got.status == 422 {
				t.Errorf("%s as its account manager read it: %s", short, got.text)
			}
		}
		read := admin.must("GET", at, nil)
		sent := admin.send("PATCH", at, read.body)
		if sent.status != 200 {
			t.Errorf("%s as it was read: %d %s", short, sent.status, sent.text)
			continue
		}
		now := admin.must("GET", at, nil).body
		delete(read.body, "version")
		has(t, now, read.body)
		if now["version"] == nil {
			continue
		}
		now["version"] = 77
		got := admin.refused(422, "invalid", "PATCH", at, now)
		if !strings.Contains(got.text, "version: is not changed here: it is") {
			t.Errorf("%s: %s", short, got.text)
		}
		delete(now, "version")
		now["colour"] = "red"
		admin.refused(422, "invalid", "PATCH", at, now)
	}
}

func TestAChangeOfTheWholeHasOneEffectUnderItsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.carried()
	am := w.as(w.AM).with("Idempotency-Key", "whole")
	whole := am.must("GET", w.home(), nil).body
	whole["name"] = "Newer"
	first, again := am.must("PATCH", w.home(), whole), am.must("PATCH", w.home(), whole)
	has(t, first.body, object{"name": "Newer", "version": 2})
	has(t, again.body, first.body)
	whole["name"] = "Newest"
	am.refused(409, "idempotency_key_reused", "PATCH", w.home(), whole)

	task, ann := "/tasks/"+w.Task.String(), w.as(w.AM, "tasks:write") // which reads nothing
	ann.refused(422, "invalid", "PATCH", task, w.as(w.AM).must("GET", task, nil).body)
	body := w.as(w.AM).must("GET", task, nil).body
	body["status"] = "complete"
	if got := w.as(w.AM).refused(422, "invalid", "PATCH", task, body); !strings.Contains(got.text, `status: is not changed here: it is \"open\" now; leave it out`) {
		t.Errorf("another status: %s", got.text)
	}
}

// A change of the whole is refused for the same reasons as one of its parts: it
// was changed since, it is gone.
func TestAChangeOfTheWholeIsRefusedAsOneOfAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, at := w.as(w.admin), "/clients/"+w.Client.String()
	read := admin.must("GET", at, nil)
	stale := admin.with("If-Match", read.header.Get("ETag"))
	admin.must("PATCH", at, object{"name": "Newer"})
	stale.refused(412, "stale", "PATCH", at, read.body)
	admin.refused(404, "not_found", "PATCH", "/clients/"+w.store.NewID().String(), read.body)
	has(t, admin.must("GET", at, nil).body, object{"name": "Newer"})
}

// What a thing is may be more than a change can make of it.
func TestWhatNoChangeMakesIsTakenWhileItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	at := "/webhooks/" + admin.must("POST", "/webhooks", object{"url": "https://example.com/", "events": []string{"*"}}).str("id")
	w.Exec(t, `UPDATE webhook SET state = 'disabled'`)
	whole := admin.must("GET", at, nil).body
	whole["description"] = "of the books"
	has(t, admin.must("PATCH", at, whole).body, object{"state": "disabled", "description": "of the books"})
	whole["version"], whole["state"] = 2, "active"
	has(t, admin.must("PATCH", at, whole).body, object{"state": "active"})
	whole["version"], whole["state"] = 3, "disabled"
	admin.refused(422, "invalid", "PATCH", at, whole)
}

// A change is answered under its key as before also where what it says of the
// thing has gone since.
func TestAChangeOfTheWholeIsRepeatedAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, at := w.as(w.admin), "/users/"+w.Ann.String()
	admin.must("PATCH", at, object{"active": false})
	whole := admin.must("GET", at, nil).body
	if whole["left_open"] == nil {
		t.Fatalf("nothing is said of what is left open: %v", whole)
	}
	whole["active"] = true
	keyed := admin.with("Idempotency-Key", "back")
	first := keyed.must("PATCH", at, whole)
	has(t, keyed.must("PATCH", at, whole).body, first.body)
}
