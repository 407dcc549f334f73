package work_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/work"
)

func TestWhoHearsWhatIsOpenWithSomebodyWhoHasLeft(t *testing.T) { // S1.02, S1.37, N.21
	t.Parallel()
	am, owner, manager, admin, by := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	names := map[uuid.UUID]string{am: "am", owner: "owner", manager: "manager", admin: "admin", by: "by"}
	things := []work.LeftThing{
		{Name: "desk", OnDesk: true, Answers: []uuid.UUID{am, owner}}, {Name: "answers", Answers: []uuid.UUID{am, by}},
		{Name: "project"}, {Name: "orphan", OnDesk: true},
	}
	got := map[string]string{}
	for _, l := range work.HaveLeft(things, by, []uuid.UUID{manager, am}, []uuid.UUID{admin, by}) {
		for _, thing := range l.Things {
			got[names[l.Person]] = strings.TrimSpace(got[names[l.Person]] + " " + thing.Name)
		}
	}
	for who, want := range map[string]string{"am": "desk answers orphan", "owner": "desk", "manager": "desk orphan", "admin": "project orphan", "by": ""} {
		if got[who] != want {
			t.Errorf("%s hears of %q, want %q", who, got[who], want)
		}
	}
}
