package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/internal/webhook"
	"steward/worker"
)

// hooks are a firm, its courier and its receivers.
type hooks struct {
	*office
	*fixture.Firm
	key     secret.Key
	courier *worker.Courier
}

func newHooks(t *testing.T) *hooks {
	t.Helper()
	h := &hooks{office: newOffice(t)}
	h.Firm = fixture.NewFirm(t, h.Store)
	var err error
	if h.key, err = secret.ParseKey(secret.NewKey()); err != nil {
		t.Fatal(err)
	}
	h.courier = h.newCourier(webhook.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}))
	return h
}

func (h *hooks) newCourier(s worker.Sender) *worker.Courier {
	return &worker.Courier{Store: h.Store, Key: h.key, Sender: s, Log: slog.New(slog.DiscardHandler)}
}

// receiver is a program elsewhere: what it was told, and what it answers.
type receiver struct {
	id     uuid.UUID
	secret string
	mu     sync.Mutex
	ids    []string // of all messages that came
	told   []string // "task.completed" of those it took
	bodies [][]byte
	heads  []http.Header
	status func(n int, event string) int // of the nth message
}

// listen makes a receiver with its webhook.
func (h *hooks) listen(t *testing.T, client *uuid.UUID, status func(n int, event string) int, events ...string) *receiver {
	t.Helper()
	bits, text := webhook.NewSecret()
	r := &receiver{id: h.NewID(), secret: text, status: status}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	err := h.InsertWebhook(t.Context(), db.InsertWebhookParams{ID: r.id, Url: s.URL, Events: events, ClientID: client, Secret: h.key.Seal(bits, webhook.Owner(r.id)), Now: h.Store.Now(), CreatedBy: h.AM})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func well(int, string) int { return http.StatusOK }

// ServeHTTP implements [http.Handler].
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var m struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(body, &m)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, req.Header.Get("Webhook-Id"))
	status := r.status(len(r.ids), m.Type)
	if status < 300 {
		r.told, r.bodies, r.heads = append(r.told, m.Type), append(r.bodies, body), append(r.heads, req.Header)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "as told")
}

func (r *receiver) heard() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.told, " ")
}

// happens writes to the audit, as every change does.
func (h *hooks) happens(t *testing.T, kind string, id uuid.UUID, verb string, changes map[string]postgres.Change) {
	t.Helper()
	if err := h.Store.Audit(t.Context(), h.Queries, postgres.Event{Kind: kind, ID: id, Verb: verb, Version: 3, Changes: changes, Note: "SECRET"}); err != nil {
		t.Fatal(err)
	}
}

func (h *hooks) becomes(t *testing.T, status string) {
	t.Helper()
	h.happens(t, "task", h.Task, "status", map[string]postgres.Change{"status": {"open", status}, "title": {"SECRET", "SECRET"}})
}

// tells lets the courier go once.
func (h *hooks) tells(t *testing.T) {
	t.Helper()
	if err := h.courier.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// later moves the clock.
func (h *hooks) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *hooks) state(t *testing.T, r *receiver) string {
	t.Helper()
	return fixture.One[string](t, h.Store.Pool, `SELECT state || ' ' || failures FROM webhook WHERE id = $1`, r.id)
}

func (h *hooks) deliveries(t *testing.T, r *receiver) string {
	t.Helper()
	return fixture.One[string](t, h.Store.Pool, `SELECT coalesce(string_agg(concat_ws(' ', type, state, attempts, status, nullif(error, '')), ', ' ORDER BY id), '') FROM webhook_delivery WHERE webhook_id = $1`, r.id)
}

func TestReceiversAreToldWhatHappensInOrder(t *testing.T) { // N.16
	t.Parallel()
	h := newHooks(t)
	h.becomes(t, "complete") // before anybody listened
	all, tasks, theirs := h.listen(t, nil, well, "*"), h.listen(t, nil, well, "task.completed", "project.*"), h.listen(t, &h.Client, well, "*")
	second := fixture.NewFirm(t, h.Store)
	h.becomes(t, "complete")
	h.happens(t, "project", h.Project, "clear", nil)
	h.happens(t, "user", h.Ann, "sign-in", nil)
	h.happens(t, "task", second.Task, "accept", nil)
	h.becomes(t, "open")
	h.tells(t)
	for r, want := range map[*receiver]string{all: "task.completed project.cleared task.accepted task.reopened", tasks: "task.completed project.cleared", theirs: "task.completed project.cleared task.reopened"} {
		if got := r.heard(); got != want {
			t.Errorf("%s hears %q, want %q", r.id, got, want)
		}
	}
	w, err := standard.NewWebhook(all.secret)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      map[string]any
	}
	if err := errors.Join(json.Unmarshal(all.bodies[0], &m), w.VerifyIgnoringTimestamp(all.bodies[0], all.heads[0])); err != nil {
		t.Fatal(err)
	}
	code := fixture.One[string](t, h.Store.Pool, `SELECT code FROM project WHERE id = $1`, h.Project)
	want := fmt.Sprint(map[string]any{"id": h.Task, "kind": "task", "key": code + "-1", "version": 3, "client_id": h.Client, "project_id": h.Project})
	if got := fmt.Sprint(m.Data); got != want || m.Timestamp.IsZero() || strings.Contains(string(all.bodies[0]), "SECRET") {
		t.Errorf("it says %s, want %s", all.bodies[0], want)
	}
	h.tells(t)
	if n := len(all.ids); n != 4 {
		t.Errorf("%d messages came, want each of 4 once", n)
	}
	slices.Sort(all.ids)
	if len(slices.Compact(all.ids)) != 4 {
		t.Errorf("the ids are %v", all.ids)
	}
}

func TestWhatIsNotTakenIsSentAgainUnderTheSameID(t *testing.T) { // N.16, N.31
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, func(n int, _ string) int { return map[bool]int{true: 500, false: 200}[n <= 2] }, "*")
	h.becomes(t, "complete")
	h.becomes(t, "open")
	h.tells(t)
	if got := h.deliveries(t, r); got != "task.completed pending 1 500 it answered 500, task.reopened pending 0" || r.heard() != "" {
		t.Errorf("after the first: %s; heard %q", got, r.heard())
	}
	h.tells(t) // it rests
	h.later(webhook.Pause(1))
	h.tells(t)
	h.later(webhook.Pause(2))
	h.tells(t)
	if got := h.deliveries(t, r); got != "task.completed delivered 3 200, task.reopened delivered 1 200" || h.state(t, r) != "active 0" {
		t.Errorf("in the end: %s; %s", got, h.state(t, r))
	}
	if r.heard() != "task.completed task.reopened" || len(r.ids) != 4 || r.ids[0] != r.ids[1] || r.ids[1] != r.ids[2] || r.ids[3] == r.ids[2] {
		t.Errorf("heard %q under %v", r.heard(), r.ids)
	}
}

// dying is killed after a receiver has answered, and before that is noted.
type dying struct {
	worker.Sender
	killed chan struct{}
}

func (d dying) Send(ctx context.Context, address string, m webhook.Message, secrets ...[]byte) webhook.Answer {
	d.Sender.Send(ctx, address, m, secrets...)
	close(d.killed)
	select {} // for ever
}

func TestAWorkerThatDiesBetweenAnswerAndNoteHasItSentAgain(t *testing.T) { // N.16, N.31
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, well, "*")
	h.becomes(t, "complete")
	killed := make(chan struct{})
	go func() { _ = h.newCourier(dying{h.courier.Sender, killed}).Once(context.WithoutCancel(t.Context())) }()
	<-killed
	h.tells(t)
	if n := len(r.ids); n != 1 {
		t.Errorf("%d messages came while it could still be that the first is noted", n)
	}
	h.later(3 * time.Minute)
	h.tells(t)
	if got := h.deliveries(t, r); len(r.ids) != 2 || r.ids[0] != r.ids[1] || got != "task.completed delivered 1 200" {
		t.Errorf("the ids are %v, %s", r.ids, got)
	}
}

// panicking fails in a way that nobody thought of, at one address.
type panicking struct {
	worker.Sender
	at string
}

func (p panicking) Send(ctx context.Context, address string, m webhook.Message, secrets ...[]byte) webhook.Answer {
	if address == p.at {
		panic("of nobody's making")
	}
	return p.Sender.Send(ctx, address, m, secrets...)
}

func TestAMessageThatPanicsKeepsNoOtherReceiverWaiting(t *testing.T) { // N.16, N.31
	t.Parallel()
	h := newHooks(t)
	bad, good := h.listen(t, nil, well, "*"), h.listen(t, nil, well, "*")
	h.becomes(t, "complete")
	if err := h.newCourier(panicking{h.courier.Sender, fixture.One[string](t, h.Store.Pool, `SELECT url FROM webhook WHERE id = $1`, bad.id)}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(bad.ids) != 0 || len(good.ids) != 1 {
		t.Errorf("%d and %d messages came, want none and one", len(bad.ids), len(good.ids))
	}
	h.later(10 * time.Minute)
	if h.tells(t); len(bad.ids) != 1 {
		t.Errorf("afterwards %d messages came, want one", len(bad.ids))
	}
}

func TestADeadReceiverKeepsNobodyWaiting(t *testing.T) { // N.16
	t.Parallel()
	h := newHooks(t)
	over := make(chan struct{})
	hanging := h.listen(t, nil, func(int, string) int { <-over; return 200 }, "*")
	live := h.listen(t, nil, well, "*")
	h.becomes(t, "complete")
	done := make(chan error)
	go func() { done <- h.courier.Once(t.Context()) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); live.heard() == ""; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("the live one hears nothing while another hangs")
		}
	}
	close(over)
	if err := <-done; err != nil || hanging.heard() != "task.completed" {
		t.Errorf("%v; the one that hung heard %q", err, hanging.heard())
	}
}

func TestWhatOneReceiverNeverTakesStandsAside(t *testing.T) { // N.16
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, func(_ int, event string) int { return map[bool]int{true: 400, false: 200}[event == "task.completed"] }, "*")
	h.becomes(t, "complete")
	h.becomes(t, "open")
	for n := 1; n <= webhook.Aside; n++ {
		h.tells(t)
		h.later(webhook.Pause(n))
	}
	if r.heard() != "" {
		t.Errorf("it is overtaken after %d attempts at most", len(r.ids))
	}
	h.tells(t)
	if r.heard() != "task.reopened" {
		t.Errorf("heard %q: %s", r.heard(), h.deliveries(t, r))
	}
	for range webhook.Attempts {
		h.later(12 * time.Hour)
		h.becomes(t, "open") // others go on, so that it is not the receiver
		h.tells(t)
	}
	if got := fixture.One[string](t, h.Store.Pool, `SELECT state || ' ' || attempts FROM webhook_delivery WHERE type = 'task.completed'`); got != fmt.Sprintf("failed %d", webhook.Attempts) || h.state(t, r)[:6] != "active" {
		t.Errorf("it is %s, the webhook %s", got, h.state(t, r))
	}
}

func TestAReceiverThatIsGoneIsSwitchedOffAndAdminsHear(t *testing.T) { // N.16, N.21
	t.Parallel()
	h := newHooks(t)
	ada := h.Person(t, "Ada", "admin", "")
	h.Exec(t, `UPDATE person SET time_zone = 'Europe/Berlin' WHERE id = $1`, ada)
	dead := h.listen(t, nil, func(int, string) int { return 503 }, "*")
	h.becomes(t, "complete")
	h.tells(t)
	for range 5 {
		h.later(23 * time.Hour)
		h.tells(t)
	}
	if got := h.state(t, dead); !strings.HasPrefix(got, "active") {
		t.Errorf("within five days it is %s", got)
	}
	h.later(23 * time.Hour)
	h.tells(t)
	if got := h.state(t, dead); !strings.HasPrefix(got, "disabled") {
		t.Errorf("after five days it is %s", got)
	}
	subject := func() string {
		return fixture.One[string](t, h.Store.Pool, `SELECT coalesce(string_agg(subject || ': ' || body, ', '), '') FROM notification WHERE person_id = $1`, ada)
	}
	if got := subject(); !strings.HasPrefix(got, "The webhook to 127.0.0.1:") || !strings.Contains(got, "is switched off: it has taken nothing since Friday 20 March 2026 at 09:00 CET: it answered 503") {
		t.Errorf("Ada hears %q", got)
	}
	n := len(dead.ids)
	h.later(24 * time.Hour)
	h.becomes(t, "open")
	h.tells(t)
	if len(dead.ids) != n || h.deliveries(t, dead) == "" {
		t.Errorf("it is told still")
	}
	unwilling := h.listen(t, nil, func(int, string) int { return http.StatusGone }, "*")
	h.becomes(t, "open")
	h.tells(t)
	if got := h.state(t, unwilling); !strings.HasPrefix(got, "disabled") || !strings.Contains(subject(), "it answers that it wants no more") {
		t.Errorf("who wants no more is %s; Ada hears %q", got, subject())
	}
	if got := fixture.One[int](t, h.Store.Pool, `SELECT count(*)::int FROM audit_event WHERE entity_kind = 'webhook' AND verb = 'disable'`); got != 2 {
		t.Errorf("the audit has it %d times", got)
	}
}

// An admin gives the webhook another address while the one before is being asked.
func TestWhatIsPutRightMeanwhileIsNotJudgedByWhatWas(t *testing.T) { // N.16
	t.Parallel()
	for _, answers := range []int{http.StatusGone, http.StatusServiceUnavailable} {
		h := newHooks(t)
		right := &receiver{status: well}
		s := httptest.NewServer(right)
		t.Cleanup(s.Close)
		var wrong *receiver
		wrong = h.listen(t, nil, func(int, string) int {
			h.later(time.Second) // the next turn has another time
			if err := h.WriteWebhook(t.Context(), db.WriteWebhookParams{ID: wrong.id, Url: s.URL, Events: []string{"*"}, State: "active", Now: h.Store.Now()}); err != nil {
				t.Error(err)
			}
			return answers
		}, "*")
		h.becomes(t, "complete")
		h.tells(t)
		h.tells(t)
		if got := h.state(t, wrong); got != "active 0" || right.heard() != "task.completed" {
			t.Errorf("after %d it is %s, and the other address heard %q", answers, got, right.heard())
		}
	}
}

func TestTheSecretBeforeSignsForAWhile(t *testing.T) { // N.16
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, well, "*")
	bits, text := webhook.NewSecret()
	until := h.Store.Now().Add(time.Hour)
	if err := h.RotateWebhookSecret(t.Context(), db.RotateWebhookSecretParams{ID: r.id, Secret: h.key.Seal(bits, webhook.Owner(r.id)), EarlierUntil: &until}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]bool{{r.secret: true, text: true}, {r.secret: false, text: true}} {
		h.becomes(t, "complete")
		h.tells(t)
		for s, good := range want {
			w, err := standard.NewWebhook(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.VerifyIgnoringTimestamp(r.bodies[i], r.heads[i]); (err == nil) != good {
				t.Errorf("message %d: %v, want %v", i, err, good)
			}
		}
		h.later(2 * time.Hour)
	}
}

// What is taken back was never told: the word is in the same transaction.
func TestWhatDidNotHappenIsNotTold(t *testing.T) { // N.16, N.31
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, well, "*")
	tx, err := h.Store.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Store.Audit(t.Context(), h.WithTx(tx), postgres.Event{Kind: "task", ID: h.Task, Verb: "accept"}); err != nil {
		t.Fatal(err)
	}
	h.tells(t) // and does not wait for it
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.tells(t)
	if r.heard() != "" || h.deliveries(t, r) != "" {
		t.Errorf("heard %q", r.heard())
	}
}

func TestManyHappeningsComeThroughSeveralCouriersOnce(t *testing.T) { // N.16, N.31
	t.Parallel()
	h := newHooks(t)
	r := h.listen(t, nil, well, "*")
	h.Exec(t, `INSERT INTO audit_event (id, entity_kind, entity_id, verb, version, changes) SELECT gen_random_uuid(), 'task', $1, 'accept', n, '{}' FROM generate_series(1, 700) n`, h.Task)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := h.newCourier(h.courier.Sender).Once(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.tells(t)
	if n := len(r.ids); n != 700 {
		t.Errorf("%d messages came", n)
	}
	if fixture.One[int](t, h.Store.Pool, `SELECT count(*)::int FROM webhook_delivery WHERE state = 'delivered'`) != 700 {
		t.Error(h.deliveries(t, r))
	}
}
