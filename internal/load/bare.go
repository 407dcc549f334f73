package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"steward/internal/dispatch"
)

// Bare is the least of what steward stands on: a row inserted in a transaction,
// and an update of a workflow that does nothing.
type Bare struct {
	pool     *pgxpool.Pool
	temporal client.Client
	worker   worker.Worker
}

// How many bare workflows there are, and what shows them apart from steward's.
const (
	bareProcesses = 32
	bareQueue     = "bare"
	bareWorkflow  = "Bare"
)

// OpenBare makes its table and workflows, and works for them in this process.
func OpenBare(ctx context.Context, in *Installation) (*Bare, error) {
	b := &Bare{}
	if err := b.open(ctx, in); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bare) open(ctx context.Context, in *Installation) (err error) {
	if b.pool, err = pgxpool.New(ctx, in.Database); err != nil {
		return err
	}
	if _, err := b.pool.Exec(ctx, `CREATE SCHEMA bare CREATE TABLE entry (id uuid PRIMARY KEY, at date NOT NULL, minutes int NOT NULL, description text NOT NULL)`); err != nil {
		return err
	}
	if b.temporal, err = client.DialContext(ctx, dispatch.Connection(dispatch.Link{Address: in.Temporal, Namespace: "default", Log: silent()})); err != nil {
		return err
	}
	b.worker = worker.New(b.temporal, bareQueue, worker.Options{StickyScheduleToStartTimeout: time.Second})
	b.worker.RegisterWorkflowWithOptions(bareProcess, workflow.RegisterOptions{Name: bareWorkflow})
	if err := b.worker.Start(); err != nil {
		return err
	}
	for i := range bareProcesses {
		if _, err := b.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: bareID(i), TaskQueue: bareQueue}, bareWorkflow); err != nil {
			return err
		}
	}
	return nil
}

func bareID(i int) string { return fmt.Sprint("bare/", i) }

// bareProcess takes updates, and begins anew before its history is too long.
func bareProcess(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandler(ctx, "act", func(workflow.Context) error { return nil }); err != nil {
		return err
	}
	full := func() bool {
		return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && workflow.AllHandlersFinished(ctx)
	}
	if err := workflow.Await(ctx, full); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, bareProcess)
}

// Close stops working for them.
func (b *Bare) Close() {
	if b.worker != nil {
		b.worker.Stop()
	}
	if b.temporal != nil {
		b.temporal.Close()
	}
	if b.pool != nil {
		b.pool.Close()
	}
}

// The names of what is beside steward.
const (
	bareInsert = "bare INSERT"
	bareUpdate = "bare Temporal update"
)

func (b *Bare) operations() []operation {
	return []operation{{bareInsert, 25, b.insert}, {bareUpdate, 25, b.update}}
}

func (b *Bare) insert(_ *Firm, ctx context.Context) error {
	return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO bare.entry VALUES ($1, current_date, 7, 'what was done')`, uuid.Must(uuid.NewV7()))
		return err
	})
}

func (b *Bare) update(_ *Firm, ctx context.Context) error {
	h, err := b.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: bareID(rand.IntN(bareProcesses)), UpdateName: "act", WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return h.Get(ctx, nil)
}
