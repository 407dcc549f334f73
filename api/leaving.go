package api

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// LeftOpen counts what is open with somebody who has left, until it is handed on.
type LeftOpen struct {
	Tasks    int `json:"tasks" doc:"Planned or open, that they have or answer for: GET /tasks?assignee= and ?owner="`
	Requests int `json:"requests" doc:"Open, that they have or answer for: GET /requests?assignee= and ?account_manager="`
	Projects int `json:"projects" doc:"Of which they are the account manager: GET /projects?account_manager="`
	Clients  int `json:"clients" doc:"Of which they are the account manager"`
	Groups   int `json:"groups" doc:"That nobody else manages who is there"`
}

func counted(things []work.LeftThing) LeftOpen {
	var n LeftOpen
	of := map[string]*int{"task": &n.Tasks, "request": &n.Requests, "project": &n.Projects, "client": &n.Clients, "group": &n.Groups}
	for _, t := range things {
		*of[t.Kind]++
	}
	return n
}

// words are the counts in words, as "2 tasks, 1 group".
func (n LeftOpen) words() string {
	var all []string
	for _, c := range []struct {
		n    int
		what string
	}{{n.Tasks, "task"}, {n.Requests, "request"}, {n.Projects, "project"}, {n.Clients, "client"}, {n.Groups, "group"}} {
		if c.n == 0 {
			continue
		}
		said := fmt.Sprintf("%d %s", c.n, c.what)
		if c.n > 1 {
			said += "s"
		}
		all = append(all, said)
	}
	return strings.Join(all, ", ")
}

// leaving says of somebody who has left what is open with them.
func (u User) leaving(left []work.LeftThing) User {
	if !u.Active {
		u.LeftOpen = ptr(counted(left))
	}
	return u
}

// leftWith is what is open with somebody who has left.
func leftWith(ctx context.Context, q *db.Queries, u User) ([]work.LeftThing, error) {
	if u.Active {
		return nil, nil
	}
	rows, err := q.LeftOpen(ctx, u.ID)
	things := make([]work.LeftThing, len(rows))
	for i, r := range rows {
		things[i] = work.LeftThing{Kind: r.Kind, Name: line(r.Name), OnDesk: r.OnDesk, Answers: r.Answers}
	}
	return things, err
}

// tellLeft tells whoever has to hand it on what is open with somebody who has
// just left.
func (s *Server) tellLeft(ctx context.Context, q *db.Queries, r request, u User, left []work.LeftThing) error {
	if len(left) == 0 {
		return nil
	}
	managers, err := q.ManagersOf(ctx, u.ID)
	if err != nil {
		return err
	}
	admins, err := q.ActiveAdmins(ctx)
	if err != nil {
		return err
	}
	var news []postgres.News
	for _, l := range work.HaveLeft(left, r.actor.ID, managers, admins) {
		news = append(news, postgres.News{About: string(userKind), ID: u.ID, Name: line(u.Name), Where: counted(l.Things).words(), Note: named(l.Things), Told: []work.Notice{l.Notice}})
	}
	return s.store.Tell(ctx, q, r.actor, news...)
}

// namedThings is how many things a notice names.
const namedThings = 20

func named(things []work.LeftThing) string {
	var b strings.Builder
	for _, t := range things[:min(len(things), namedThings)] {
		fmt.Fprintf(&b, "%s\n", t.Name)
	}
	if more := len(things) - namedThings; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	return b.String()
}
