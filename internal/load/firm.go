package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// How large the firm is. Every process of a task in one of the pools takes many
// actions: its history has to stay bounded.
const (
	staff         = 12
	clients       = 4
	projects      = 8
	sharedTasks   = 120 // of each project: time, notes, assigning, editing; an hour gathers 200 entries on each
	turningTasks  = 8   // of each project and verb: one client at a time
	abreastSetup  = 16
	firmsCurrency = "GBP"
)

type object = map[string]any

// Firm is whom the load is for: people with tokens, projects, and tasks that
// things are done to.
type Firm struct {
	Admin, AM, Manager Caller
	Staff, Contacts    []Caller
	Projects, Clients  []string
	Group              string

	shared                                      []string
	toggled, handed, accepted, young, requested pool
}

// Caller is a person with a token.
type Caller struct {
	id, token string
	to        *Client
}

// A pool holds things that one caller at a time does something to, and in which
// state that left them.
type pool chan thing

type thing struct {
	id   string
	turn int
}

func newPool() pool { return make(pool, 1<<20) }

// NewFirm makes a firm by the HTTP contract.
func NewFirm(ctx context.Context, in *Installation, binary string, to *Client) (*Firm, error) {
	f := &Firm{toggled: newPool(), handed: newPool(), accepted: newPool(), young: newPool(), requested: newPool()}
	if _, err := in.Run(ctx, binary, "user", "add", "--email", "admin@firm.example", "--name", "Admin", "--role", "admin", "--role", "account_manager"); err != nil {
		return nil, err
	}
	token, err := in.Run(ctx, binary, "token", "create", "--email", "admin@firm.example")
	if err != nil {
		return nil, err
	}
	f.Admin = Caller{token: token, to: to}
	h := &hiring{f: f, in: in, binary: binary, ctx: ctx}
	h.people()
	h.clients()
	if h.err == nil {
		h.err = f.tasks(ctx)
	}
	return f, h.err
}

// hiring makes people and projects, and stops at the first error.
type hiring struct {
	ctx    context.Context
	in     *Installation
	binary string
	f      *Firm
	err    error
}

func (h *hiring) post(as Caller, path string, body any) string {
	if h.err != nil {
		return ""
	}
	var id string
	id, h.err = as.Write(h.ctx, "POST", path, body)
	return id
}

func (h *hiring) person(kind, name, client string, roles ...string) Caller {
	email := strings.ToLower(name) + "@" + kind + ".example"
	body := object{"kind": kind, "name": name, "email": email, "roles": roles, "skills": []string{}, "time_zone": "Europe/London"}
	if client != "" {
		body["client_id"] = client
	}
	c := Caller{to: h.f.Admin.to, id: h.post(h.f.Admin, "/users", body)}
	if client == "" {
		h.post(h.f.Admin, "/users/"+c.id+"/rates", object{"rate": "100", "currency": firmsCurrency, "from": "2020-01-01"})
	}
	if h.err == nil {
		c.token, h.err = h.in.Run(h.ctx, h.binary, "token", "create", "--email", email)
	}
	return c
}

func (h *hiring) people() {
	f := h.f
	f.AM = h.person("staff", "Olivia", "", "account_manager", "contributor")
	f.Manager = h.person("staff", "Gerd", "", "group_manager", "contributor")
	members := []string{f.Manager.id}
	for i := range staff {
		c := h.person("staff", fmt.Sprint("Person", i), "", "contributor")
		f.Staff, members = append(f.Staff, c), append(members, c.id)
	}
	f.Group = h.post(f.Admin, "/groups", object{"name": "Workshop", "manager_ids": []string{f.Manager.id}, "member_ids": members})
}

func (h *hiring) clients() {
	f := h.f
	for i := range clients {
		id := h.post(f.AM, "/clients", object{"name": fmt.Sprint("Client ", i), "currency": firmsCurrency, "email": fmt.Sprintf("c%d@client.example", i), "payment_terms_days": 30, "tax_percent": "20", "time_zone": "Europe/London"})
		f.Clients, f.Contacts = append(f.Clients, id), append(f.Contacts, h.person("client", fmt.Sprint("Contact", i), id, "client_manager"))
	}
	for i := range projects {
		id := h.post(f.AM, "/projects", object{"client_id": f.Clients[i%clients], "name": fmt.Sprint("Project ", i), "code": fmt.Sprint("LOAD", i), "starts_on": "2026-01-01", "ends_on": "2030-12-31", "work_statement": object{"billing_period": "none"}})
		h.post(f.AM, "/projects/"+id+"/request-clearance", object{"note": "signed"})
		h.post(f.Admin, "/projects/"+id+"/clear", object{"note": "seen"})
		f.Projects = append(f.Projects, id)
	}
}

// tasks makes the tasks of all projects.
func (f *Firm) tasks(ctx context.Context) error {
	made := make([]string, projects*(sharedTasks+3*turningTasks))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(abreastSetup)
	for i := range made {
		all.Go(func() (err error) {
			made[i], err = f.task(ctx, f.Projects[i%projects], i < projects*sharedTasks)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	f.shared = made[:projects*sharedTasks]
	for i, id := range made[projects*sharedTasks:] {
		[]pool{f.toggled, f.handed, f.accepted}[i%3] <- thing{id: id}
	}
	return nil
}

// task adds an open task; one that is shared is somebody's.
func (f *Firm) task(ctx context.Context, project string, shared bool) (string, error) {
	body := object{"project_id": project, "title": "A part of the work", "estimate_minutes": 600}
	if shared {
		body["assign_to"] = object{"user_id": f.somebody().id}
	}
	id, err := f.AM.Write(ctx, "POST", "/tasks", body)
	if err != nil {
		return "", err
	}
	_, err = f.AM.Write(ctx, "POST", "/tasks/"+id+"/status", object{"status": "open"})
	return id, err
}

func one[T any](some []T) T { return some[rand.IntN(len(some))] }

func (f *Firm) somebody() Caller { return one(f.Staff) }

// take waits for a thing that nobody else has in hand.
func (p pool) take(ctx context.Context) (thing, error) {
	select {
	case t := <-p:
		return t, nil
	case <-ctx.Done():
		return thing{}, ctx.Err()
	}
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// How many of the shared tasks are busy: a fifth of what is done to shared
// tasks is done to them.
const busy = 4

// any is a shared task, more often a busy one.
func (f *Firm) any() string {
	if rand.IntN(5) == 0 {
		return f.shared[rand.IntN(busy)]
	}
	return one(f.shared)
}

// Watched are tasks whose histories are worth a look: the busy ones and as many
// others.
func (f *Firm) Watched() []string { return f.shared[:2*busy] }
