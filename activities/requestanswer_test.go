package activities_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/work"
)

func TestSomebodyIsAskedToRecordAnAnswer(t *testing.T) { // S1.68
	t.Parallel()
	b := set(t)
	id, boss := b.asked(t)
	to := toUser(b.Bob)
	ask := func(by uuid.UUID) (uuid.UUID, string) {
		return b.asks(t, by, flow.NewRequest{CreateRequest: flow.CreateRequest{Kind: work.Question, Title: "Which index?"}, AboutID: &id, To: &to})
	}
	if _, got := ask(b.Ann); got != "not_owner" {
		t.Errorf("who does not handle it asks: %q", got)
	}
	q, got := ask(b.AM)
	if got != "" || b.hears(t, b.Bob, q) != "asked" || b.view(t, q).AccountManagerID != b.AM || b.view(t, q).Facts.ResponseMinutes != nil {
		t.Fatalf("%q, %q, %+v", got, b.hears(t, b.Bob, q), b.view(t, q))
	}
	if rel := b.view(t, q).Relation(access.Actor{ID: boss, ClientID: b.Client, Roles: []access.Role{access.ClientManager}}); rel != 0 {
		t.Errorf("to an ask the client stands as %b", rel)
	}
	b.must(t, b.Bob, q, "answer", flow.AnswerRequest{Answer: "That of orders"})
	if v := b.view(t, q); v.Status != "completed" || v.Answer.Text != "That of orders" || b.hears(t, b.AM, q) != "answered" {
		t.Errorf("the ask is %+v; the asker hears %q", v, b.hears(t, b.AM, q))
	}
	if note := fixture.One[string](t, b.Store.Pool, `SELECT visibility || ' ' || body FROM note WHERE request_id = $1`, id); !strings.HasPrefix(note, "internal ") || !strings.HasSuffix(note, "That of orders") {
		t.Errorf("the note is %q", note)
	}
	b.must(t, b.AM, id, "answer", flow.AnswerRequest{Answer: "An index was missing"})
	if v := b.view(t, id); v.Status != "open" || v.RespondedAt == nil || b.hears(t, boss, id) != "answered" {
		t.Errorf("the request is %+v", v)
	}
}

func TestAQuestionIsAnsweredFromTheProject(t *testing.T) { // S1.63, S1.64, S1.65
	t.Parallel()
	b := set(t)
	id, _ := b.asked(t)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 90})
	b.must(t, b.AM, id, "answer-from-project", flow.AnswerFromProject{Note: "As asked:"})
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(4), Minutes: 60}) // later, and not in the answer
	v := b.view(t, id)
	if !strings.HasPrefix(v.Answer.Text, "As asked:\n\nHours: 0:00 estimated, 1:30 worked") || strings.Contains(v.Answer.Text, "150") {
		t.Errorf("the answer is %q", v.Answer.Text)
	}
	boss := access.Actor{ClientID: b.Client, Roles: []access.Role{access.ClientManager}}
	plain := access.Actor{ClientID: b.Client, Roles: []access.Role{access.ClientContact}}
	for who, want := range map[*access.Actor]bool{&boss: true, &plain: false, {Staff: true, Roles: []access.Role{access.AccountManager}}: true, {Staff: true}: false} {
		if got := strings.Contains(string(v.SeenBy(*who).Answer.Summary), `"to_bill": "150.00"`) || strings.Contains(string(v.SeenBy(*who).Answer.Summary), `"to_bill":"150.00"`); got != want {
			t.Errorf("%v sees %s", who.Roles, v.SeenBy(*who).Answer.Summary)
		}
	}
	if b := v.SeenBy(boss); b.Assignee != nil || b.Handling != nil {
		t.Errorf("the client sees %+v", b)
	}
}

func TestAPlainContactIsToldNoHours(t *testing.T) { // S1.05, S1.63, S2.07
	t.Parallel()
	b := set(t)
	b.Exec(t, `DELETE FROM rate`) // so that a figure is missing, and why names Ann
	plain := b.outside(t, b.Client, access.ClientContact)
	b.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, b.Project, plain)
	b.Record(t, fixture.Entry{Task: b.Task, Person: b.Ann, Date: march(3), Minutes: 90})
	id, refused := b.asks(t, plain, flow.NewRequest{CreateRequest: flow.CreateRequest{ClientID: b.Client, ProjectID: &b.Project}})
	if refused != "" {
		t.Fatal(refused)
	}
	b.must(t, b.AM, id, "answer-from-project", flow.AnswerFromProject{Note: "Hours: as asked."})
	v := b.view(t, id)
	seen := v.SeenBy(access.Actor{ID: plain, ClientID: b.Client, Roles: []access.Role{access.ClientContact}}).Answer
	told := fixture.One[string](t, b.Store.Pool, `SELECT body FROM notification WHERE person_id = $1 AND kind = 'answered'`, plain)
	for _, text := range []string{seen.Text, told} {
		if strings.Contains(text, "1:30") || !strings.HasPrefix(text, "Hours: as asked.\n\nThe hours are for those") {
			t.Errorf("they read %q", text)
		}
	}
	if !strings.Contains(v.Answer.Text, "1:30 worked") || seen.Summary != nil {
		t.Errorf("the staff reads %q, the contact %s", v.Answer.Text, seen.Summary)
	}
	boss := v.SeenBy(access.Actor{ClientID: b.Client, Roles: []access.Role{access.ClientManager}}).Answer
	if !strings.Contains(boss.Text, "1:30 worked") || !strings.Contains(string(v.Answer.Summary), `"problem"`) || strings.Contains(string(boss.Summary), "problem") {
		t.Errorf("the client's manager reads %q, %s, of %s", boss.Text, boss.Summary, v.Answer.Summary)
	}
}
