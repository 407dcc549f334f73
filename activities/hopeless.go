package activities

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.temporal.io/sdk/activity"

	"steward/internal/fault"
	"steward/internal/flow"
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

// page does something for each of a page. What is given up on is logged and left
// out: the others, and those on the pages after it, need not wait for it. Where
// anything else fails, or panics, the page is to be gone through again.
func page[T any](ctx context.Context, out flow.Told, all []T, name func(T) string, do func(T) (told int, err error)) (flow.Told, error) {
	var failed error
	for _, one := range all {
		n, err := caughtOver(one, do)
		switch {
		case postgres.Passing(err):
			return flow.Told{}, err
		case givenUp(ctx, err) != nil:
			activity.GetLogger(ctx).Error("it fails again and again, and is left out", "what", name(one), "error", err)
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name(one), err))
		}
		out.Told += n
	}
	if failed != nil {
		return flow.Told{}, failed
	}
	return out, nil
}

// counted is 1 for what was done.
func counted(done bool, err error) (int, error) {
	if done {
		return 1, err
	}
	return 0, err
}

// caughtOver is [caught] for what is done for one of many, and says what came of it.
func caughtOver[T, N any](one T, do func(T) (N, error)) (n N, err error) {
	err = caught(func() (err error) {
		n, err = do(one)
		return err
	})
	return n, err
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
