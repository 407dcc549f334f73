//go:build crash

package worker

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// crashing kills this process before or after an activity, as a power cut
// would: STEWARD_CRASH=BillProject/after/2 is the second time that BillProject
// has done its work and not yet said so.
func crashing() []interceptor.WorkerInterceptor {
	name, rest, ok := strings.Cut(os.Getenv("STEWARD_CRASH"), "/")
	if !ok {
		return nil
	}
	c := &crash{activity: name}
	if _, err := fmt.Sscanf(strings.Replace(rest, "/", " ", 1), "%s %d", &c.when, &c.nth); err != nil {
		panic("STEWARD_CRASH is not like BillProject/after/2")
	}
	return []interceptor.WorkerInterceptor{c}
}

type crash struct {
	interceptor.WorkerInterceptorBase
	activity, when string
	nth            int64
	seen           atomic.Int64
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (c *crash) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &crashActivity{crash: c}
	i.Next = next
	return i
}

type crashActivity struct {
	interceptor.ActivityInboundInterceptorBase
	crash *crash
}

// ExecuteActivity runs the activity, unless this is the moment to die.
func (i *crashActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	now := activity.GetInfo(ctx).ActivityType.Name == i.crash.activity && i.crash.seen.Add(1) == i.crash.nth
	if now && i.crash.when == "before" {
		die()
	}
	out, err := i.Next.ExecuteActivity(ctx, in)
	if now && i.crash.when == "after" {
		die()
	}
	return out, err
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal has arrived
}
