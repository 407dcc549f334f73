package load

import (
	"context"
	"math/rand/v2"
	"net/http"
)

// operation is something that people do, and how often of a thousand times.
type operation struct {
	name  string
	share int
	do    func(f *Firm, ctx context.Context) error
}

// day is what a services firm does all day: it reads more than it writes, and
// records more time than it changes plans. The last two are beside steward.
var day = []operation{
	{"assign", 70, (*Firm).assign},
	{"status", 40, (*Firm).status},
	{"delegate", 40, (*Firm).delegate},
	{"accept, given back to its group", 50, (*Firm).accept},
	{"edit", 30, (*Firm).edit},
	{"create a task", 15, (*Firm).create},
	{"complete it", 15, (*Firm).complete},
	{"client's request", 10, (*Firm).request},
	{"complete a request", 10, (*Firm).closeRequest},
	{"time entry", 220, (*Firm).time},
	{"note", 80, (*Firm).note},
	{"draft an invoice", 2, (*Firm).draft},
	{"my tasks", 150, (*Firm).mine},
	{"a project's tree", 50, (*Firm).tree},
	{"one task", 90, (*Firm).look},
	{"the queue of my group", 48, (*Firm).queue},
	{"requests, as a client", 30, (*Firm).requests},
}

// pick draws what comes next.
func pick(from []operation, random *rand.Rand) int {
	all := 0
	for _, o := range from {
		all += o.share
	}
	n := random.IntN(all)
	for i, o := range from {
		if n -= o.share; n < 0 {
			return i
		}
	}
	return 0
}

func (f *Firm) assign(ctx context.Context) error {
	_, err := f.AM.Write(ctx, "POST", "/tasks/"+f.any()+"/assign", object{"to": object{"user_id": f.somebody().id}})
	return err
}

func (f *Firm) edit(ctx context.Context) error {
	_, err := f.AM.Write(ctx, "PATCH", "/tasks/"+f.any(), object{"priority": 1 + rand.IntN(5)})
	return err
}

// turn does something to a thing of a pool, which is different each time. Where
// an answer did not come in time, it may have been done all the same: what is
// refused next time is skipped.
func (p pool) turn(ctx context.Context, do func(t thing) error) error {
	t, err := p.take(ctx)
	if err != nil {
		return err
	}
	err = do(t)
	if err == nil || refused(err, http.StatusConflict) {
		t.turn++
	}
	p <- t
	return err
}

func (f *Firm) status(ctx context.Context) error {
	return f.toggled.turn(ctx, func(t thing) error {
		_, err := f.AM.Write(ctx, "POST", "/tasks/"+t.id+"/status", object{"status": []string{"planned", "open"}[t.turn%2]})
		return err
	})
}

func (f *Firm) delegate(ctx context.Context) error {
	return f.handed.turn(ctx, func(t thing) error {
		_, err := f.AM.Write(ctx, "POST", "/tasks/"+t.id+"/delegate", object{"to": object{"user_id": f.Staff[t.turn%len(f.Staff)].id}, "reason": "need_support", "done": "some of it", "next": "the rest"})
		return err
	})
}

func (f *Firm) accept(ctx context.Context) error {
	return f.accepted.turn(ctx, func(t thing) error {
		if t.turn%2 == 0 {
			_, err := f.AM.Write(ctx, "POST", "/tasks/"+t.id+"/assign", object{"to": object{"group_id": f.Group}})
			return err
		}
		_, err := f.somebody().Write(ctx, "POST", "/tasks/"+t.id+"/accept", object{})
		return err
	})
}

func (f *Firm) create(ctx context.Context) error {
	id, err := f.AM.Write(ctx, "POST", "/tasks", object{"project_id": one(f.Projects), "title": "Something new", "assign_to": object{"user_id": f.somebody().id}})
	if err == nil && id != "" {
		f.young <- thing{id: id}
	}
	return err
}

// complete ends a task that was created, or creates one.
func (f *Firm) complete(ctx context.Context) error {
	select {
	case t := <-f.young:
		_, err := f.AM.Write(ctx, "POST", "/tasks/"+t.id+"/status", object{"status": "cancelled", "note": "not needed"})
		return err
	default:
		return f.create(ctx)
	}
}

func (f *Firm) request(ctx context.Context) error {
	i := rand.IntN(projects)
	id, err := f.Contacts[i%clients].Write(ctx, "POST", "/requests", object{"client_id": f.Clients[i%clients], "project_id": f.Projects[i], "kind": "issue", "title": "It is slow"})
	if err == nil && id != "" {
		f.requested <- thing{id: id}
	}
	return err
}

// closeRequest ends a request that was made, or makes one.
func (f *Firm) closeRequest(ctx context.Context) error {
	select {
	case t := <-f.requested:
		_, err := f.AM.Write(ctx, "POST", "/requests/"+t.id+"/status", object{"status": "completed", "note": "done"})
		return err
	default:
		return f.request(ctx)
	}
}

func (f *Firm) time(ctx context.Context) error {
	_, err := f.somebody().Write(ctx, "POST", "/tasks/"+f.any()+"/time", object{"work_date": today(), "minutes": 1 + rand.IntN(90), "description": "what was done"})
	return err
}

func (f *Firm) note(ctx context.Context) error {
	_, err := f.somebody().Write(ctx, "POST", "/tasks/"+f.any()+"/notes", object{"body": "What *everybody* should know of it.", "visibility": "internal"})
	return err
}

func (f *Firm) draft(ctx context.Context) error {
	i := rand.IntN(projects)
	_, err := f.AM.Write(ctx, "POST", "/invoices", object{"client_id": f.Clients[i%clients], "project_ids": []string{f.Projects[i]}, "through": today()})
	return err
}

func (f *Firm) mine(ctx context.Context) error {
	return f.somebody().Read(ctx, "/tasks?assignee=me&status=open")
}

func (f *Firm) tree(ctx context.Context) error {
	return f.AM.Read(ctx, "/projects/"+one(f.Projects)+"/tasks")
}

func (f *Firm) look(ctx context.Context) error { return f.somebody().Read(ctx, "/tasks/"+f.any()) }

func (f *Firm) queue(ctx context.Context) error {
	return f.Manager.Read(ctx, "/groups/"+f.Group+"/queue")
}

func (f *Firm) requests(ctx context.Context) error { return one(f.Contacts).Read(ctx, "/requests") }
