package worker

import (
	"context"
	"errors"
	"testing"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/worker"
)

// A worker whose polling has ended for good would live on and serve nothing.
func TestAWorkerThatIsGivenNothingSaysSo(t *testing.T) { // N.31
	t.Parallel()
	failed := make(failure, 1)
	gone := serviceerror.NewNamespaceNotFound("default")
	for range 3 { // each of its queues
		options(1, failed).OnFatalError(gone)
	}
	w := &Worker{failed: failed}
	select {
	case err := <-w.Failed():
		if !errors.Is(err, gone) {
			t.Errorf("it says %v", err)
		}
	default:
		t.Error("it says nothing")
	}
}

// queue is one that may fail to start.
type queue struct {
	worker.Worker
	fails error
	runs  bool
}

func (q *queue) Start() error { q.runs = q.fails == nil; return q.fails }
func (q *queue) Stop()        { q.runs = false }

func TestAWorkerThatCannotStartDoesNothing(t *testing.T) { // N.31
	t.Parallel()
	first, second := &queue{}, &queue{fails: errors.New("the server does not answer")}
	w := &Worker{workers: []worker.Worker{first, second}, upkeep: &Upkeep{Attributes: func(context.Context) error { return nil }}}
	if err := w.Start(t.Context()); !errors.Is(err, second.fails) || first.runs {
		t.Errorf("got %v; the first queue is served: %v", err, first.runs)
	}
}
