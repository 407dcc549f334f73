package worker

import (
	"errors"
	"testing"

	"go.temporal.io/api/serviceerror"
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
