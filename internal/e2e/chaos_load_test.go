package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"sync"
	"testing"
	"time"

	"steward/internal/chaos"
)

// load is what many people do at once, and what they remember of it.
type load struct {
	*firm
	fleet *fleet
	began time.Time
	tasks []string // open tasks that everybody works on
	carl  person   // at the client
	ops   map[string]int

	mu      sync.Mutex
	n       int
	writes  []chaos.Write
	reads   []chaos.Read
	wrong   []string    // answers that nobody may be given, whatever is away
	unsure  []asked     // not answered, to be asked again when all is well
	entries []ownedBy   // of time, that were answered
	notes   []ownedBy   // on tasks, that were answered
	waiting []string    // tasks that wait in the group
	made    int         // attempts at HTTP
	codes   map[int]int // what came of them
}

type ownedBy struct {
	id   string
	who  *actor
	task string
}

// asked is a write with all that is needed to ask for it again.
type asked struct {
	write chaos.Write
	actor *actor
	ask   question
}

// question is a request as often as it is sent.
type question struct {
	method, path, key, kind string
	body                    []byte
}

func newLoad(t *testing.T, f *fleet) *load {
	t.Helper()
	f.run("user", "add", "--email", "admin@firm.example", "--name", "Admin", "--role", "admin,account_manager")
	f.token = f.commandToken("admin@firm.example")
	l := &load{firm: furnish(t, f.system).cleared(t), fleet: f, codes: map[int]int{}, ops: map[string]int{}}
	l.carl = l.atClient(t, "Carl", "carl@acme.example", "client_manager")
	for i := range 6 {
		l.tasks = append(l.tasks, l.task(t, "start", object{"user_id": []string{l.ann.id, l.bob.id, l.manager.id}[i%3]}))
	}
	l.began = time.Now()
	return l
}

func (f *fleet) commandToken(email string) string {
	return string(bytes.TrimSpace([]byte(f.run("token", "create", "--email", email))))
}

// now is the load's clock: nanoseconds since it began, which only grow.
func (l *load) now() int64 { return int64(time.Since(l.began)) }

// next gives a number that nobody has used before, and name a text.
func (l *load) next() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return l.n
}

func (l *load) name(of string) string { return fmt.Sprintf("%s-%d", of, l.next()) }

// actor is one who does one thing after the other.
type actor struct {
	*load
	who    person
	called string
	random *rand.Rand
	does   []deed
}

// deed is something that an actor does, as often as its weight says.
type deed struct {
	name   string
	weight int
	do     func(*actor, context.Context)
}

// actors are all who act, each with a randomness of their own.
func (l *load) actors(seed uint64) []*actor {
	var all []*actor
	add := func(who person, called string, does []deed) {
		all = append(all, &actor{load: l, who: who, called: called, random: rand.New(rand.NewPCG(seed, uint64(len(all)+1))), does: does})
	}
	add(l.ann, "ann", ofStaff)
	add(l.bob, "bob", ofStaff)
	add(l.manager, "gerd", ofStaff)
	add(l.am, "olivia", ofManagers)
	add(l.am, "olivia too", ofManagers)
	add(l.am, "olivia's accounts", ofAccounts)
	add(l.carl, "carl", ofClients)
	return all
}

// act does one thing after the other until ctx ends.
func (a *actor) act(ctx context.Context) {
	sum := 0
	for _, d := range a.does {
		sum += d.weight
	}
	for ctx.Err() == nil {
		at := a.random.IntN(sum)
		for _, d := range a.does {
			if at -= d.weight; at < 0 {
				a.count(d.name)
				d.do(a, ctx)
				break
			}
		}
	}
}

func (a *actor) count(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ops[name]++
}

// write asks for something until there is an answer, or gives up, as people do;
// what it remembers is the same in both cases. It returns the answer of a write
// that was done.
func (a *actor) write(ctx context.Context, what string, r chaos.Register, value, method, path string, body object) map[string]any {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // of this test's own making
	}
	return a.ask(ctx, chaos.Write{By: a.called, What: what, Register: r, Value: value}, question{method: method, path: path, kind: "application/json", body: text})
}

func (a *actor) ask(ctx context.Context, w chaos.Write, q question) map[string]any {
	q.key = string(w.Register) + " " + w.Value
	w.Asked = a.now()
	for {
		r, outcome := a.try(ctx, q)
		w.Answer = fmt.Sprintf("%d %s", r.Status, r.Body["code"])
		if outcome != chaos.Unknown {
			w.Outcome, w.Answered = outcome, a.now()
			a.remember(w)
			if outcome == chaos.Done && a.random.IntN(8) == 0 { // a second click
				a.twice(ctx, q, r)
			}
			if outcome == chaos.Done {
				return r.Body
			}
			return nil
		}
		if a.random.IntN(4) == 0 { // gives up: it happens once, or not at all
			w.Outcome = chaos.Unknown
			a.remember(w)
			return nil
		}
		select {
		case <-ctx.Done():
			a.mu.Lock()
			a.unsure = append(a.unsure, asked{w, a, q})
			a.mu.Unlock()
			return nil
		case <-time.After(time.Duration(50+a.random.IntN(200)) * time.Millisecond):
		}
	}
}

// twice asks for what was done once more, under the same key: the answer is the
// same thing.
func (a *actor) twice(ctx context.Context, q question, first reply) {
	r, outcome := a.try(ctx, q)
	if outcome != chaos.Unknown && (outcome == chaos.Refused || r.Body["id"] != first.Body["id"]) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.wrong = append(a.wrong, fmt.Sprintf("%s %s: asked again, %d %v; at first %d %v", q.method, q.path, r.Status, r.Body, first.Status, first.Body))
	}
}

func (l *load) remember(w chaos.Write) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes = append(l.writes, w)
}

// try sends a request once, to any API, and says what is known after it.
func (a *actor) try(ctx context.Context, q question) (reply, chaos.Outcome) {
	r, err := a.send(context.WithoutCancel(ctx), a.fleet.any(a.random), q)
	if err != nil {
		r.Body = object{"code": err.Error()}
		return r, chaos.Unknown
	}
	return a.meaning(ctx, q, r)
}

func (a *actor) meaning(ctx context.Context, q question, r reply) (reply, chaos.Outcome) {
	code, _ := r.Body["code"].(string)
	switch {
	case r.Status == http.StatusAccepted:
		return a.outcome(ctx, r)
	case r.Status < 300:
		return r, chaos.Done
	case r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests || code == "command_lost":
		return r, chaos.Unknown
	case r.Status >= 500 || r.Status == http.StatusUnauthorized || code == "idempotency_key_reused":
		a.mu.Lock()
		a.wrong = append(a.wrong, fmt.Sprintf("%s %s: %d %s", q.method, q.path, r.Status, r.Raw))
		a.mu.Unlock()
		return r, chaos.Unknown
	}
	return r, chaos.Refused
}

// outcome looks where the answer to an accepted action can be read.
func (a *actor) outcome(ctx context.Context, r reply) (reply, chaos.Outcome) {
	where := r.Header.Get("Location")
	for range 20 {
		got, err := a.send(context.WithoutCancel(ctx), a.fleet.any(a.random), question{method: "GET", path: where[len("/api/v1"):]})
		if err == nil && got.Status == 200 {
			switch got.Body["state"] {
			case "done":
				thing, _ := got.Body["answer"].(map[string]any)
				got.Body = thing
				return got, chaos.Done
			case "refused":
				return got, chaos.Refused
			}
		}
		select {
		case <-ctx.Done():
			return r, chaos.Unknown
		case <-time.After(100 * time.Millisecond):
		}
	}
	return r, chaos.Unknown
}

// send is one request, with the patience of the moment.
func (a *actor) send(ctx context.Context, url string, q question) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(1+a.random.IntN(9))*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, q.method, url+"/api/v1"+q.path, bytes.NewReader(q.body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+a.who.token)
	if q.kind != "" {
		req.Header.Set("Content-Type", q.kind)
	}
	if q.key != "" {
		req.Header.Set("Idempotency-Key", q.key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, unwrapped(err)
	}
	defer res.Body.Close()
	r := reply{Status: res.StatusCode, Header: res.Header}
	if r.Raw, err = io.ReadAll(res.Body); err != nil {
		return r, unwrapped(err)
	}
	_ = json.Unmarshal(r.Raw, &r.Body)
	a.mu.Lock()
	a.made++
	a.codes[r.Status]++
	a.mu.Unlock()
	return r, nil
}

func unwrapped(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// again asks once more for everything that was left open, now that all is well.
func (l *load) again(t *testing.T) {
	t.Helper()
	for _, u := range l.unsure {
		r, outcome := u.actor.try(t.Context(), u.ask)
		for range 20 {
			if outcome != chaos.Unknown {
				break
			}
			r, outcome = u.actor.try(t.Context(), u.ask)
		}
		u.write.Outcome, u.write.Answered, u.write.Answer = outcome, l.now(), fmt.Sprintf("%d %s", r.Status, r.Body["code"])
		if outcome == chaos.Unknown {
			t.Errorf("with all there is nobody says what became of %s %s: %s", u.ask.method, u.ask.path, u.write.Answer)
		}
		l.remember(u.write)
	}
}

// form is a file as a browser sends it.
func form(name, text string) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		panic(err)
	}
	_, _ = part.Write([]byte(text)) // to memory
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}
