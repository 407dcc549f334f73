package api_test

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/fixture"
	"steward/internal/secret"
	"steward/internal/story"
)

func hook() object {
	return object{"url": "https://example.com/hooks", "events": []string{"task.completed", "invoice.*"}, "description": "the chat"}
}

func TestAnAdminMakesAndChangesAWebhook(t *testing.T) { // N.16, N.14
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	body := hook()
	body["client_id"] = w.Client
	made := admin.with("Idempotency-Key", "once").must("POST", "/webhooks", body)
	if made.status != 201 || !strings.HasPrefix(made.str("secret"), "whsec_") {
		t.Fatalf("got %d %s", made.status, made.text)
	}
	again := admin.with("Idempotency-Key", "once").must("POST", "/webhooks", body)
	if again.str("id") != made.str("id") || again.str("secret") != "" {
		t.Errorf("sent again it answers %s", again.text)
	}
	path := "/webhooks/" + made.str("id")
	want := object{"url": "https://example.com/hooks", "events": []string{"task.completed", "invoice.*"}, "description": "the chat", "client_id": w.Client, "state": "active", "failures": 0, "failing_since": nil, "version": 1}
	has(t, admin.must("GET", path, nil).body, want)
	if list := admin.must("GET", "/webhooks", nil); len(list.items()) != 1 || strings.Contains(list.text, "whsec_") {
		t.Errorf("the list is %s", list.text)
	}
	has(t, admin.with("If-Match", `"1"`).must("PATCH", path, object{"state": "paused", "events": []string{"*", "*"}}).body, object{"state": "paused", "events": []string{"*"}, "version": 2})
	admin.with("If-Match", `"1"`).refused(412, "stale", "PATCH", path, object{"state": "active"})
	admin.refused(409, "webhook_off", "POST", path+"/test", nil)
	has(t, admin.must("PATCH", path, object{"state": "active"}).body, object{"state": "active", "version": 3})
	rotated := admin.with("Idempotency-Key", "turn").must("POST", path+"/rotate-secret", nil)
	if s := rotated.str("secret"); !strings.HasPrefix(s, "whsec_") || s == made.str("secret") {
		t.Errorf("the new secret is %q", s)
	}
	if again := admin.with("Idempotency-Key", "turn").must("POST", path+"/rotate-secret", nil); again.str("secret") != "" || again.body["version"] != rotated.body["version"] {
		t.Errorf("sent again it answers %s", again.text)
	}
	kept := fixture.One[string](t, w.Pool, `SELECT string_agg(to_jsonb(x)::text, ' ') FROM (SELECT to_jsonb(a) FROM audit_event a UNION ALL SELECT to_jsonb(c) FROM command_log c UNION ALL SELECT to_jsonb(h) FROM webhook h) x`)
	if strings.Contains(kept, "whsec_") || strings.Contains(kept, strings.TrimPrefix(made.str("secret"), "whsec_")) {
		t.Error("the secret is kept as it is")
	}
	if got := fixture.One[string](t, w.Pool, `SELECT string_agg(verb, ' ' ORDER BY id) FROM audit_event WHERE entity_kind = 'webhook'`); got != "create edit edit rotate-secret" {
		t.Errorf("the audit has %q", got)
	}
	admin.must("DELETE", path, nil)
	admin.refused(404, "not_found", "GET", path, nil)
	admin.refused(404, "not_found", "DELETE", path, nil)
}

func TestAWebhookThatCannotBeToldIsRefused(t *testing.T) { // N.16
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	for field, values := range map[string][]any{
		"url":       {"http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/", "https://ann:x@example.com/", "gopher://example.com/", "nonsense", ""},
		"events":    {[]string{}, []string{"task.finished"}, []string{"task"}, []string{"*.completed"}, []string{""}},
		"client_id": {uuid.New()},
	} {
		for _, v := range values {
			body := hook()
			body[field] = v
			admin.refused(422, "invalid", "POST", "/webhooks", body)
		}
	}
	made := admin.must("POST", "/webhooks", hook())
	admin.refused(422, "invalid", "PATCH", "/webhooks/"+made.str("id"), object{"url": "https://169.254.169.254/"})
	admin.refused(422, "invalid", "PATCH", "/webhooks/"+made.str("id"), object{"state": "disabled"})
	named := newWorldWith(t, func(o *api.Options) { o.Receivers = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	inside := hook()
	inside["url"] = "http://10.0.0.1/"
	named.as(named.admin).must("POST", "/webhooks", inside)
	keyless := newWorldWith(t, func(o *api.Options) { o.Key = secret.Key{} })
	keyless.as(keyless.admin).refused(422, "not_available", "POST", "/webhooks", hook())
}

func TestWhatBecameOfMessagesIsSeenAndSentAgain(t *testing.T) { // N.16
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	path := "/webhooks/" + admin.must("POST", "/webhooks", hook()).str("id")
	other := "/webhooks/" + admin.must("POST", "/webhooks", hook()).str("id")
	sent := admin.with("Idempotency-Key", "t").must("POST", path+"/test", nil)
	has(t, sent.body, object{"type": "webhook.tested", "state": "pending", "attempts": 0, "status": nil})
	if again := admin.with("Idempotency-Key", "t").must("POST", path+"/test", nil); again.str("id") != sent.str("id") {
		t.Errorf("sent again it is another: %s", again.text)
	}
	w.Exec(t, `UPDATE webhook_delivery SET state = 'failed', attempts = 14, status = 500, answer = 'oh', error = 'it answered 500', attempted_at = now() WHERE id = $1`, sent.str("id"))
	w.Exec(t, `UPDATE webhook SET next_at = now() + interval '100 years'`)
	list := admin.must("GET", path+"/deliveries?state=failed", nil).items()
	if len(list) != 1 {
		t.Fatalf("the failed are %v", list)
	}
	has(t, list[0], object{"id": sent.str("id"), "state": "failed", "attempts": 14, "status": 500, "answer": "oh", "error": "it answered 500"})
	retry := "/deliveries/" + sent.str("id") + "/retry"
	admin.refused(404, "not_found", "POST", other+retry, nil)
	has(t, admin.must("POST", path+retry, nil).body, object{"id": sent.str("id"), "state": "pending", "attempts": 0})
	if due := fixture.One[bool](t, w.Pool, `SELECT next_at = $2 FROM webhook WHERE id = $1`, strings.TrimPrefix(path, "/webhooks/"), noon); !due {
		t.Error("its receiver still rests")
	}
	if n := len(admin.must("GET", path+"/deliveries?state=failed", nil).items()); n != 0 {
		t.Errorf("%d have failed still", n)
	}
	if n := len(admin.must("GET", other+"/deliveries", nil).items()); n != 0 {
		t.Errorf("the other webhook has %d", n)
	}
	for _, who := range []uuid.UUID{w.AM, w.Manager, w.Ann} {
		w.as(who).refused(403, "forbidden", "GET", path+"/deliveries", nil)
	}
}

// Every change of a person's, by whatever way, is heard of.
func TestChangesAreFed(t *testing.T) { // N.16, N.14
	t.Parallel()
	w := newWorld(t)
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "before"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM webhook_feed`); n != 0 {
		t.Errorf("%d are kept while nobody listens", n)
	}
	w.as(w.admin).must("POST", "/webhooks", hook())
	before := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM audit_event`)
	fed := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM webhook_feed`)
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "after"})
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/time", object{"work_date": "2026-03-20", "minutes": 5, "description": "x"})
	w.as(w.AM).must("POST", "/projects/"+w.Project.String()+"/save-as-template", object{"name": "T"})
	written := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM audit_event`) - before
	if n := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM webhook_feed`) - fed; n != written || n < 3 {
		t.Errorf("%d of %d are fed", n, written)
	}
	w.Exec(t, `UPDATE webhook SET state = 'paused'`)
	w.as(w.Ann).must("POST", "/tasks/"+w.Task.String()+"/notes", object{"body": "paused"})
	if n := fixture.One[int](t, w.Pool, `SELECT count(*)::int FROM webhook_feed`) - fed; n != written {
		t.Errorf("while it is paused, %d are kept", n-written)
	}
}

func TestEveryEventIsDocumented(t *testing.T) { // N.16
	t.Parallel()
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Webhooks\n")
	section, _, _ = strings.Cut(section, "\n## ")
	documented := map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		kind := strings.Trim(cells[1], " `")
		for _, did := range strings.FieldsFunc(cells[2], func(r rune) bool { return r == ',' || r == ' ' || r == '`' }) {
			documented[kind+"."+did] = true
		}
	}
	events := append(story.Happenings(), story.Tested)
	for _, e := range events {
		if !documented[e] {
			t.Errorf("docs/api.md, Webhooks, has no %s", e)
		}
	}
	for e := range documented {
		if strings.Contains(e, ".") && !strings.HasPrefix(e, "kind.") && !strings.HasPrefix(e, "---") && !slices.Contains(events, e) {
			t.Errorf("docs/api.md has %s, which is no event", e)
		}
	}
}
