package api_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// halfway sends a file, and does something while it is on its way.
func (a *archive) halfway(t *testing.T, by uuid.UUID, path string, what func()) answer {
	t.Helper()
	kept := len(a.stored(t))
	content, rest := io.Pipe()
	done := make(chan answer, 1)
	go func() {
		up, err := a.as(by).raw("POST", path, multipart, form(`filename="a.png"`, content))
		if err != nil {
			t.Error(err)
		}
		done <- up
	}()
	if _, err := io.WriteString(rest, png+strings.Repeat("x", 200_000)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file to arrive", func() bool { return len(a.stored(t)) > kept })
	what()
	_ = rest.Close()
	return <-done
}

func TestAnUploadEndsWithTheRightToIt(t *testing.T) { // S1.20, S2.07, S2.08, N.15
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	partner := a.organisation(t, "Partner")
	a.Exec(t, `INSERT INTO client_partner (client_id, partner_id) VALUES ($1, $2)`, a.Client, partner)
	pat, carl := a.outsider(t, partner, "client_contact"), a.outsider(t, a.Client, "client_contact")
	given := func(to uuid.UUID) string {
		task := a.NewTask(t, "open")
		a.Exec(t, `UPDATE task SET assignee_person_id = $2, delegated = true, visible_to_client = true WHERE id = $1`, task, to)
		return "/tasks/" + task.String() + "/files"
	}
	admin, am := a.as(a.admin), a.as(a.AM)
	a.carried()
	a.Exec(t, `INSERT INTO project_contact (project_id, person_id) VALUES ($1, $2)`, a.Project, carl)
	request := "/requests/" + a.requested(a.as(carl)).str("id") + "/files"
	theirs, his := given(pat), given(carl)
	for _, c := range []struct {
		name string
		by   uuid.UUID
		path string
		what func()
		want int
	}{
		{"nothing happens", carl, his, func() {}, 201},
		{"the task goes to somebody else", carl, his, func() {
			a.Exec(t, `UPDATE task SET assignee_person_id = $1 WHERE assignee_person_id = $2`, a.Ann, carl)
		}, 403},
		{"the partner is none any more", pat, theirs, func() { am.must("PUT", "/clients/"+a.Client.String()+"/partners", object{"client_ids": []uuid.UUID{}}) }, 404},
		{"a contact leaves", carl, request, func() { a.Exec(t, `UPDATE person SET active = false WHERE id = $1`, carl) }, 403},
		{"somebody of the staff leaves", a.Ann, a.path, func() { admin.must("PATCH", "/users/"+a.Ann.String(), object{"active": false}) }, 403},
	} {
		before, kept := a.rows(t), len(a.stored(t))
		up := a.halfway(t, c.by, c.path, c.what)
		if up.status != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, up.status, up.text, c.want)
		}
		if c.want != 201 && (a.rows(t) != before || len(a.stored(t)) != kept) {
			t.Errorf("%s: the file is kept", c.name)
		}
	}
}
