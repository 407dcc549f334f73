package activities

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"steward/internal/fault"
	"steward/internal/postgres"
)

// Failed is the code for what was tried again and again and fails for a reason
// that nobody has thought of.
const Failed fault.Code = "failed"

// hopeless is how often one of many is tried before it is left to an operator,
// so that the others need not wait for it longer than a minute and a quarter.
const hopeless = 10

// givenUp tells whether what an activity does for one of many has failed so
// often, and why. That something it needs is away, that others were at the same
// time, or that this version and the database do not fit, says nothing about the
// one.
func givenUp(ctx context.Context, err error) *fault.Fault {
	if err == nil || fault.Is(err, fault.Conflict) || postgres.Passing(err) || !activity.IsActivity(ctx) {
		return nil
	}
	attempt := activity.GetInfo(ctx).Attempt
	if attempt < hopeless {
		return nil
	}
	return fault.New(Failed, "it was tried %d times, and it is not known how to go on: %s", attempt, line(err.Error()))
}

// leftOut is what is left of an error with one of a page: nothing, where it was
// given up on, which is logged. The others of the page and those after it need
// not wait for it.
func leftOut(ctx context.Context, what string, id uuid.UUID, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s %s: %w", what, id, err)
	if givenUp(ctx, err) == nil {
		return err
	}
	activity.GetLogger(ctx).Error("it fails again and again, and is left out", "error", err)
	return nil
}

// caught does something, and gives a panic back as an error.
func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
