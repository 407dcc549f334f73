//go:build bench

package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"steward/activities"
	"steward/api"
	"steward/internal/config"
	"steward/internal/dispatch"
	"steward/internal/embedded"
	"steward/internal/files"
	"steward/internal/fixture"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	stewardworker "steward/worker"
)

// bench is steward with its servers on a disk, as `steward dev` runs them.
type bench struct {
	store    *postgres.Store
	temporal client.Client
	url      string
	firm     *fixture.Firm
	token    string
	env      []string   // of steward as a process on the same servers
	idle     func()     // stops the worker of this process
	wires    chan *wire // that nobody uses just now
}

func TestMain(m *testing.M) {
	config.Memory() // as steward does
	os.Exit(m.Run())
}

func start(t *testing.T) *bench {
	t.Helper()
	dir, remove, err := embedded.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	say := func(f string, a ...any) { fmt.Printf(f+"\n", a...) }
	p, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Say: say})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	e, err := embedded.StartTemporal(t.Context(), embedded.TemporalOptions{Dir: dir, UIPort: -1, Say: say})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	if err := fixture.Migrate(t.Context(), p.URL()); err != nil {
		t.Fatal(err)
	}
	b := &bench{wires: make(chan *wire, 64)}
	b.connect(t, p.URL(), e.Address(), dir)
	return b
}

func (b *bench) connect(t *testing.T, database, temporal, dir string) {
	t.Helper()
	var err error
	if b.store, err = postgres.Open(t.Context(), database, 20); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Close)
	later, err := postgres.OpenLater(t.Context(), database, 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(later.Close)
	if b.temporal, err = client.DialContext(t.Context(), dispatch.Connection(dispatch.Link{Address: temporal, Namespace: "default", Log: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.temporal.Close)
	blobs, err := files.Open(t.Context(), "file://"+dir+"/files?create_dir=true&no_tmp_dir=true")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	w := stewardworker.New(b.temporal, nil, activities.New(b.store, blobs, "http://localhost"), b.store, blobs, nil, log, stewardworker.Capacity{})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.idle = sync.OnceFunc(w.Stop)
	t.Cleanup(b.idle)
	b.env = append(os.Environ(), "DATABASE_URL="+database, "TEMPORAL_ADDRESS="+temporal, "TEMPORAL_NAMESPACE=default", "STEWARD_DATA="+dir)
	server := httptest.NewServer(api.New(api.Options{Store: b.store, Later: later, Engine: dispatch.NewTemporal(b.temporal), Files: blobs, Log: log}))
	t.Cleanup(server.Close)
	b.url = server.URL
	b.firm = fixture.NewFirm(t, b.store)
	b.token = b.newToken(t, b.firm.AM)
}

func (b *bench) newToken(t *testing.T, person uuid.UUID) string {
	t.Helper()
	token, hash := secret.NewToken()
	if err := b.store.InsertToken(t.Context(), db.InsertTokenParams{ID: b.store.NewID(), PersonID: person, Name: "bench", SecretHash: hash, Scopes: []string{}}); err != nil {
		t.Fatal(err)
	}
	return token
}

// begin starts the least of workflows, one for each client.
func (b *bench) begin(t *testing.T, queue, kind string, clients int) {
	t.Helper()
	for i := range clients {
		if _, err := b.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: fmt.Sprint(queue, kind, i), TaskQueue: queue}, kind); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) post(path string, body any) error { return b.send("POST", path, b.token, body) }

// send asks steward over a connection that is kept. What a client costs runs on
// the same processors as what it asks, and between [http.Transport] and the wire
// are two goroutines.
func (b *bench) send(method, path, token string, body any) error {
	var text []byte
	var err error
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, b.url+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	w, err := b.wire()
	if err != nil {
		return err
	}
	if err := req.Write(w); err != nil {
		return err
	}
	res, err := http.ReadResponse(w.in, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	b.wires <- w
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %d %s", path, res.StatusCode, answer)
	}
	return nil
}

// wire is a connection to steward.
type wire struct {
	net.Conn
	in *bufio.Reader
}

// wire takes a connection that nobody uses, or makes one.
func (b *bench) wire() (*wire, error) {
	select {
	case w := <-b.wires:
		return w, nil
	default:
	}
	c, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		return nil, err
	}
	return &wire{c, bufio.NewReader(c)}, nil
}

// TestActions compares an action over HTTP with what it cannot do without.
func TestActions(t *testing.T) {
	b := start(t)
	b.bareWorker(t, bare, stewardworker.Pollers())
	b.bareWorker(t, untuned, sdkPollers())
	most := 32
	tasks, timed := make([]uuid.UUID, most), make([]uuid.UUID, most) // the latter gather thousands of entries
	for i := range tasks {
		tasks[i], timed[i] = b.firm.NewTask(t, "open"), b.firm.NewTask(t, "open")
	}
	b.others(t)
	b.begin(t, bare, "BareUpdate", most)
	b.begin(t, bare, "BareCommit", most)
	b.begin(t, untuned, "BareCommit", most)
	for _, clients := range []int{1, 8, 32} {
		fmt.Printf("\n  %d clients\n", clients)
		actions := measure(t, clients,
			func(c, _ int) error { return b.update(fmt.Sprint(bare, "BareUpdate", c), tasks[c]) },
			func(c, _ int) error { return b.update(fmt.Sprint(bare, "BareCommit", c), tasks[c]) },
			func(c, i int) error {
				to := []uuid.UUID{b.firm.Ann, b.firm.Bob}[i%2]
				return b.post("/tasks/"+tasks[c].String()+"/assign", map[string]any{"to": map[string]any{"user_id": to}})
			},
			func(c, _ int) error { return b.update(fmt.Sprint(untuned, "BareCommit", c), tasks[c]) }) // the last: it leaves most to clear up
		fmt.Printf("    %-44s %s\n", "bare Temporal update", actions[0])
		fmt.Printf("    %-44s %s\n", "bare update, local activity, transaction", actions[1])
		fmt.Printf("    %-44s %s\n", "the same with the SDK's number of pollers", actions[3])
		beside("assign over HTTP  (≥ 0.8, ≤ 1.4)", actions[2], actions[1])
		beside("beside the SDK's number of pollers", actions[2], actions[3])
		entries := measure(t, clients,
			func(c, _ int) error { return b.insert(timed[c]) },
			func(c, _ int) error {
				return b.post("/tasks/"+timed[c].String()+"/time", map[string]any{"work_date": "2026-03-02", "minutes": 7, "description": "bench"})
			})
		fmt.Printf("    %-44s %s\n", "bare INSERT transaction", entries[0])
		beside("time entry over HTTP  (≥ 0.4 at 8)", entries[1], entries[0])
	}
}

// others are the firm's other tasks, the time on them, and that they were made
// by commands of its people. Where all time is on a few tasks, as here once some
// clients have recorded thousands of entries, Postgres takes it that a task has a
// good part of the table and reads all of it for the minutes of one; and where
// no command was ever given when it makes its plans, it reads all that came since
// for each, until it counts them again a minute later. No firm is like that.
func (b *bench) others(t *testing.T) {
	t.Helper()
	f := b.firm
	f.Exec(t, `INSERT INTO task (id, project_id, number, title, status, owner_id, assignee_person_id)
		SELECT gen_random_uuid(), $1, 10000 + n, 'Task ' || n, 'open', $2, $2 FROM generate_series(1, 5000) n`, f.Project, f.Ann)
	f.Exec(t, `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description)
		SELECT gen_random_uuid(), t.id, t.project_id, t.owner_id, date '2026-03-01' - n, 30, 'work' FROM task t CROSS JOIN generate_series(1, 10) n WHERE t.number >= 10000`)
	f.Exec(t, `INSERT INTO command_log (id, actor_id, key, entity_kind, entity_id, verb, body, fingerprint, state, answer, done_at)
		SELECT gen_random_uuid(), t.owner_id, t.id::text, 'task', t.id, 'create', jsonb_build_object('project_id', t.project_id, 'title', t.title), '\x00', 'done', to_jsonb(t), t.created_at FROM task t WHERE t.number >= 10000`)
	f.Exec(t, `INSERT INTO audit_event (id, actor_id, entity_kind, entity_id, verb, version) SELECT gen_random_uuid(), t.owner_id, 'task', t.id, 'create', 1 FROM task t WHERE t.number >= 10000`)
	f.Exec(t, `VACUUM ANALYZE`)
}

// update asks a process, and once more where it was beginning anew.
func (b *bench) update(id string, task uuid.UUID) error {
	err := b.ask(id, task)
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == "AcceptedUpdateCompletedWorkflow" {
		err = b.ask(id, task)
	}
	return err
}

func (b *bench) ask(id string, task uuid.UUID) error {
	h, err := b.temporal.UpdateWorkflow(context.Background(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: "act", Args: []any{task}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return h.Get(context.Background(), nil)
}

// insert is the least that keeps a time entry.
func (b *bench) insert(task uuid.UUID) error {
	return pgx.BeginFunc(context.Background(), b.store.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `INSERT INTO time_entry (id, task_id, project_id, person_id, work_date, minutes, description) VALUES ($1, $2, $3, $4, '2026-03-02', 7, 'bench')`,
			b.store.NewID(), task, b.firm.Project, b.firm.AM)
		return err
	})
}

// The task queues of the least of workflows: with a worker tuned as steward's,
// and with one whose pollers are as many as the SDK begins with.
const bare, untuned = "bare", "untuned"

func sdkPollers() worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{})
}

// bareWorker runs the least of workflows.
func (b *bench) bareWorker(t *testing.T, queue string, pollers worker.PollerBehavior) {
	t.Helper()
	w := worker.New(b.temporal, queue, worker.Options{StickyScheduleToStartTimeout: time.Second, WorkflowTaskPollerBehavior: pollers})
	handler := func(name string, act func(workflow.Context, uuid.UUID) error) func(workflow.Context) error {
		return func(ctx workflow.Context) error {
			if err := workflow.SetUpdateHandler(ctx, "act", act); err != nil {
				return err
			}
			err := workflow.Await(ctx, func() bool { // no process takes more than 2,000 updates without beginning anew
				return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && workflow.AllHandlersFinished(ctx)
			})
			if err != nil {
				return err
			}
			return workflow.NewContinueAsNewError(ctx, name)
		}
	}
	w.RegisterWorkflowWithOptions(handler("BareUpdate", func(workflow.Context, uuid.UUID) error { return nil }), workflow.RegisterOptions{Name: "BareUpdate"})
	w.RegisterWorkflowWithOptions(handler("BareCommit", func(ctx workflow.Context, task uuid.UUID) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 2 * time.Second})
		return workflow.ExecuteLocalActivity(ctx, b.bareCommit, task).Get(ctx, nil)
	}), workflow.RegisterOptions{Name: "BareCommit"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

// bareCommit is the least that an action on a task does in Postgres.
func (b *bench) bareCommit(ctx context.Context, task uuid.UUID) error {
	return pgx.BeginFunc(ctx, b.store.Pool, func(tx pgx.Tx) error {
		var version int
		if err := tx.QueryRow(ctx, `SELECT version FROM task WHERE id = $1 FOR UPDATE`, task).Scan(&version); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE task SET version = version + 1, assigned_at = now() WHERE id = $1`, task); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO audit_event (id, entity_kind, entity_id, verb, version) VALUES ($1, 'task', $2, 'bare', $3)`, b.store.NewID(), task, version)
		return err
	})
}
