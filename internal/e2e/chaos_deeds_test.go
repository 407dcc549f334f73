package e2e

import (
	"context"
	"fmt"
	"time"

	"steward/internal/chaos"
)

// What people do. Each deed writes a text that nobody else writes, so that it can
// be found again, or not, or twice.
var (
	ofStaff = []deed{
		{"time", 6, (*actor).recordTime}, {"correct time", 3, (*actor).correctTime}, {"note", 3, (*actor).note}, {"edit note", 2, (*actor).editNote},
		{"file", 1, (*actor).file}, {"accept", 3, (*actor).accept}, {"look", 4, (*actor).look},
	}
	ofManagers = []deed{
		{"title", 4, (*actor).title}, {"assign", 4, (*actor).assign}, {"status", 3, (*actor).status}, {"new task", 2, (*actor).newTask}, {"look", 3, (*actor).look},
	}
	ofAccounts = []deed{{"invoice", 2, (*actor).invoiceAll}, {"payment", 3, (*actor).payment}}
	ofClients  = []deed{{"request", 1, (*actor).request}, {"look around", 1, (*actor).lookAround}}
)

func register(format string, args ...any) chaos.Register {
	return chaos.Register(fmt.Sprintf(format, args...))
}

func (a *actor) anyTask() string { return a.tasks[a.random.IntN(len(a.tasks))] }

func (a *actor) recordTime(ctx context.Context) {
	task, text := a.anyTask(), a.name("worked")
	made := a.write(ctx, "time", register("time/%s", task), text, "POST", path("/tasks/%s/time", task),
		object{"work_date": time.Now().UTC().Format(time.DateOnly), "minutes": 1 + a.random.IntN(300), "description": text})
	if id, ok := made["id"].(string); ok {
		a.mu.Lock()
		a.entries = append(a.entries, ownedBy{id, a, task})
		a.mu.Unlock()
	}
}

// own is one of the things in a list that are the actor's own.
func (a *actor) own(list *[]ownedBy) (ownedBy, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var mine []ownedBy
	for _, o := range *list {
		if o.who == a {
			mine = append(mine, o)
		}
	}
	if len(mine) == 0 {
		return ownedBy{}, false
	}
	return mine[a.random.IntN(len(mine))], true
}

func (a *actor) correctTime(ctx context.Context) {
	if e, ok := a.own(&a.entries); ok {
		n := a.next()
		a.write(ctx, "correct", register("entry/%s", e.id), fmt.Sprint(n), "PATCH", path("/time-entries/%s", e.id), object{"remaining_minutes": n})
	}
}

func (a *actor) note(ctx context.Context) {
	task, text := a.anyTask(), a.name("note")
	made := a.write(ctx, "note", register("notes/%s", task), text, "POST", path("/tasks/%s/notes", task), object{"body": text})
	if id, ok := made["id"].(string); ok {
		a.mu.Lock()
		a.notes = append(a.notes, ownedBy{id, a, task})
		a.mu.Unlock()
	}
}

func (a *actor) editNote(ctx context.Context) {
	if n, ok := a.own(&a.notes); ok {
		text := a.name("edited")
		a.write(ctx, "edit note", register("note/%s", n.id), text, "PATCH", path("/notes/%s", n.id), object{"body": text})
	}
}

func (a *actor) file(ctx context.Context) {
	task, name := a.anyTask(), a.name("file")
	body, kind := form(name, "contents of "+name)
	a.ask(ctx, chaos.Write{By: a.called, What: "file", Register: register("files/%s", task), Value: name}, question{method: "POST", path: path("/tasks/%s/files", task), kind: kind, body: body})
}

// accept tries to take a task of the group before the others do.
func (a *actor) accept(ctx context.Context) {
	a.mu.Lock()
	if len(a.waiting) == 0 {
		a.mu.Unlock()
		return
	}
	task := a.waiting[max(0, len(a.waiting)-1-a.random.IntN(2))]
	a.mu.Unlock()
	// Everybody takes a task once: the register is who has it.
	a.write(ctx, "accept", register("accept/%s", task), a.name(a.who.id), "POST", path("/tasks/%s/accept", task), object{})
}

func (a *actor) title(ctx context.Context) {
	task, text := a.anyTask(), a.name("title")
	a.write(ctx, "title", register("task/%s", task), text, "PATCH", path("/tasks/%s", task), object{"title": text})
}

func (a *actor) assign(ctx context.Context) {
	task, text := a.anyTask(), a.name("assigned")
	to := []person{a.ann, a.bob, a.manager}[a.random.IntN(3)]
	a.write(ctx, "assign", register("task/%s", task), text, "POST", path("/tasks/%s/assign", task), object{"to": object{"user_id": to.id}, "note": text})
}

func (a *actor) status(ctx context.Context) {
	task, text := a.anyTask(), a.name("status")
	a.write(ctx, "status", register("task/%s", task), text, "POST", path("/tasks/%s/status", task), object{"status": []string{"open", "planned"}[a.random.IntN(2)], "note": text})
}

// newTask makes a task that waits in the group for whoever is first.
func (a *actor) newTask(ctx context.Context) {
	text := a.name("made")
	made := a.write(ctx, "new task", "tasks", text, "POST", "/tasks", object{"project_id": a.project, "title": text, "assign_to": object{"group_id": a.group}})
	if id, ok := made["id"].(string); ok {
		opened := a.name("opened")
		if a.write(ctx, "open", register("task/%s", id), opened, "POST", path("/tasks/%s/status", id), object{"status": "open", "note": opened}) != nil {
			a.mu.Lock()
			a.waiting = append(a.waiting, id)
			a.mu.Unlock()
		}
	}
}

// look reads a task and remembers which title it had.
func (a *actor) look(ctx context.Context) {
	task, began := a.anyTask(), a.now()
	r, err := a.send(context.WithoutCancel(ctx), a.fleet.any(a.random), question{method: "GET", path: "/tasks/" + task})
	if err != nil {
		return
	}
	if _, outcome := a.meaning(ctx, question{method: "GET", path: "/tasks/" + task}, r); outcome == chaos.Unknown {
		return
	}
	title, ok := r.Body["title"].(string)
	if !ok {
		a.mu.Lock()
		a.wrong = append(a.wrong, fmt.Sprintf("a task is not found: %d %s", r.Status, r.Raw))
		a.mu.Unlock()
		return
	}
	if title == "start" {
		title = ""
	}
	a.mu.Lock()
	a.reads = append(a.reads, chaos.Read{By: a.called, Register: register("title/%s", task), Value: title, Asked: began, Answered: a.now()})
	a.mu.Unlock()
}

func (a *actor) lookAround(ctx context.Context) {
	where := []string{"/requests", "/projects", "/invoices", "/tasks"}[a.random.IntN(4)]
	if r, err := a.send(context.WithoutCancel(ctx), a.fleet.any(a.random), question{method: "GET", path: where}); err == nil {
		a.meaning(ctx, question{method: "GET", path: where}, r)
	}
}

func (a *actor) request(ctx context.Context) {
	text := a.name("asked")
	made := a.write(ctx, "request", "requests", text, "POST", "/requests", object{"client_id": a.client, "project_id": a.project, "kind": "issue", "title": text})
	if id, ok := made["id"].(string); ok {
		more := a.name("more")
		a.write(ctx, "note", register("notes/%s", id), more, "POST", path("/requests/%s/notes", id), object{"body": more, "visibility": "client"})
	}
}

// invoiceAll bills what is there, adds a charge, and completes or keeps it; a
// few are void again.
func (a *actor) invoiceAll(ctx context.Context) {
	text := a.name("draft")
	made := a.write(ctx, "invoice", "drafts", text, "POST", "/invoices", object{"client_id": a.client, "project_ids": []string{a.project}, "through": time.Now().UTC().Format(time.DateOnly)})
	id, ok := made["id"].(string)
	if !ok {
		return
	}
	charge := a.name("charge")
	a.write(ctx, "item", register("items/%s", id), charge, "POST", path("/invoices/%s/items", id), object{"kind": "charge", "description": charge, "unit_price": "10.01"})
	if a.write(ctx, "complete", register("completed/%s", id), "complete", "POST", path("/invoices/%s/complete", id), object{"send": "email"}) == nil {
		return
	}
	if a.random.IntN(3) == 0 {
		a.write(ctx, "void", register("void/%s", id), "void", "POST", path("/invoices/%s/void", id), object{"reason": "wrong"})
	}
}

func (a *actor) payment(ctx context.Context) {
	text := a.name("paid")
	a.write(ctx, "payment", "payments", text, "POST", "/payments", object{"client_id": a.client, "amount": fmt.Sprintf("%d.%02d", 1+a.random.IntN(200), a.random.IntN(100)), "currency": "GBP",
		"received_on": time.Now().UTC().Format(time.DateOnly), "method": "transfer", "reference": text})
}
