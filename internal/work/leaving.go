package work

import (
	"slices"

	"github.com/google/uuid"
)

// Left is the kind of notice when somebody has left with things open (N.21).
const Left NoticeKind = "left"

// LeftThing is what somebody who has left had, or answered for.
type LeftThing struct {
	Kind    string // "task", "request", "project", "client", "group"
	Name    string
	OnDesk  bool        // they worked on it, and did not only answer for it
	Answers []uuid.UUID // who answers for it beside them, and is there
}

// LeftWith is what somebody is told that is open with who has left.
type LeftWith struct {
	Notice
	Things []LeftThing
}

// HaveLeft is who hears what is open with somebody who has left, once each: of
// each thing who answers for it too, the task's owner and the account manager
// (S1.02); of what was on their desk the managers of their groups (S1.37); of
// what nobody else answers for the admins.
func HaveLeft(things []LeftThing, by uuid.UUID, managers, admins []uuid.UUID) []LeftWith {
	var all []LeftWith
	for _, thing := range things {
		n := notices{by: by}
		n.tell(Left, false, thing.Answers...)
		if thing.OnDesk {
			n.tell(Left, false, managers...)
		}
		if len(thing.Answers) == 0 {
			n.tell(Left, false, admins...)
		}
		for _, who := range n.all {
			i := slices.IndexFunc(all, func(l LeftWith) bool { return l.Person == who.Person })
			if i < 0 {
				all, i = append(all, LeftWith{Notice: who}), len(all)
			}
			all[i].Things = append(all[i].Things, thing)
		}
	}
	return all
}
