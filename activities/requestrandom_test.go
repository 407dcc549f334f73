package activities_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

// orderly holds of requests after every action, whoever did it; each query
// finds what breaks it.
var orderly = map[string]string{
	"N.14 every version has one event": `SELECT r.id FROM request r LEFT JOIN audit_event a ON a.entity_id = r.id AND a.verb NOT IN ('ask', 'ask-answered', 'task')
		GROUP BY r.id HAVING count(a.id) <> r.version OR max(a.version) <> r.version`,
	"N.14 every event says from where": `SELECT id FROM audit_event WHERE source = ''`,
	"S1.61 only its account manager closes a request of the client": `SELECT r.id FROM request r JOIN audit_event a ON a.entity_id = r.id
		WHERE a.verb = 'status' AND r.about_id IS NULL AND a.actor_id <> r.account_manager_id`,
	"S1.53 only the staff has it":                             `SELECT r.id FROM request r JOIN person p ON p.id = r.assignee_person_id WHERE p.kind <> 'staff'`,
	"S1.59 what is with its account manager is not delegated": `SELECT id FROM request WHERE delegated AND assignee_person_id = account_manager_id`,
	"S1.60 what is delegated says why":                        `SELECT id FROM request WHERE delegated AND hand_over IS NULL`,
	"N.20 a closed request and one that waits for the client are paused": `SELECT id FROM request
		WHERE (waiting_for_client OR status <> 'open') <> coalesce(pauses -> -1 ->> 'to' IS NULL AND jsonb_array_length(pauses) > 0, false)`,
	"N.20 what the client has heard of was a response": `SELECT r.id FROM request r WHERE r.about_id IS NULL AND r.responded_at IS NULL
		AND (r.answer IS NOT NULL OR r.status <> 'open' OR EXISTS (SELECT FROM note n JOIN person p ON p.id = n.author_id WHERE n.request_id = r.id AND n.visibility = 'client' AND p.kind = 'staff'))`,
	"S1.68 the client hears nothing of asks":  `SELECT n.id FROM notification n JOIN person p ON p.id = n.person_id JOIN request r ON r.id = n.entity_id WHERE p.kind = 'client' AND r.about_id IS NOT NULL`,
	"S1.58 the client hears nothing internal": `SELECT n.id FROM notification n JOIN person p ON p.id = n.person_id WHERE p.kind = 'client' AND n.body LIKE '%secret%'`,
	"N.21 nobody is told of what they did":    `SELECT id FROM notification WHERE person_id = actor_id`,
}

// Whatever anybody does to requests, in whatever order and at the same time,
// leaves them in order, and is refused or done, never broken.
func TestRandomActionsKeepRequestsInOrder(t *testing.T) { // S1.49–S1.61, N.14, N.20, N.31
	t.Parallel()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	b := set(t)
	random := rand.New(rand.NewPCG(s, 2))
	boss := b.outside(t, b.Client, access.ClientManager)
	people := []uuid.UUID{b.AM, b.AM, b.AM, b.Manager, b.Ann, b.Bob, boss, b.person(t, "Ada", "admin"), b.person(t, "Petra", "project_manager", "customer_project_manager")}
	now := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	b.Store.Now = func() time.Time { return now }
	var ids []uuid.UUID
	another := func() uuid.UUID {
		id, refused := b.asks(t, boss, flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client, ProjectID: &b.Project}})
		if refused != "" {
			t.Fatal(refused)
		}
		return id
	}
	for range 4 {
		ids = append(ids, another())
	}
	ask := toUser(b.Bob)
	id, _ := b.asks(t, b.AM, flow.NewRequest{CreateRequest: flow.CreateRequest{Kind: work.Question, Title: "Which?"}, AboutID: &ids[0], To: &ask})
	ids = append(ids, id)
	next := func() flow.Command {
		to := []flow.Target{toUser(people[random.IntN(len(people))]), toGroup(b.Group)}[random.IntN(2)]
		verbs := []struct {
			verb string
			body any
		}{
			{"assign", flow.AssignTask{To: to, Note: "secret"}}, {"delegate", flow.DelegateTask{To: to, Reason: work.NeedSupport, Done: "secret", Next: "more"}},
			{"accept", struct{}{}}, {"accept", struct{}{}}, {"return", flow.ReturnRequest{Done: "secret"}}, {"wait", flow.Await{Note: "which?"}}, {"resume", flow.Noted{Note: "secret"}},
			{"status", flow.RequestStatus{Status: []work.RequestStatus{"open", "open", "completed", "cancelled"}[random.IntN(4)], Note: "secret"}},
			{"edit", map[string]any{"priority": 1 + random.IntN(5)}}, {"answer", flow.AnswerRequest{Answer: "so"}}, {"answer-from-project", struct{}{}},
			{"change-request", struct{}{}}, {"project-issue", struct{}{}},
		}
		v := verbs[random.IntN(len(verbs))]
		return b.command(t, people[random.IntN(len(people))], flow.Request, ids[random.IntN(len(ids))], v.verb, v.body)
	}
	done := 0
	for round := range *turns / 20 { // eight at once
		if round%2 == 1 { // else all may soon be closed, and nothing is allowed any more
			ids[random.IntN(len(ids))] = another()
		}
		var cs []flow.Command
		for range 8 {
			cs = append(cs, next())
		}
		done += b.atOnce(t, cs...)[""]
		now = now.Add(time.Duration(random.IntN(200)) * time.Minute)
		for _, id := range ids {
			if snap, err := b.acts.WarnOfRequest(t.Context(), id); err != nil || snap.Next != "" {
				t.Fatalf("got %+v, %v", snap, err)
			}
		}
		for rule, sql := range orderly {
			if n := fixture.One[int](t, b.Store.Pool, "SELECT count(*) FROM ("+sql+") broken"); n > 0 {
				t.Fatalf("broken %d times: %s", n, rule)
			}
		}
	}
	if done < *turns/20 {
		t.Errorf("only %d were allowed", done)
	}
}
