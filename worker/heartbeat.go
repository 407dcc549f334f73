package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// beating lets every activity that has a heartbeat timeout say that it lives,
// so that the work of a dead worker is taken over within seconds.
type beating struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (*beating) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &beatingActivity{}
	i.Next = next
	return i
}

type beatingActivity struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity runs the activity and beats three times in each timeout.
func (i *beatingActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	roomy(0)
	timeout := activity.GetInfo(ctx).HeartbeatTimeout
	if timeout == 0 {
		return i.Next.ExecuteActivity(ctx, in)
	}
	beats, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		tick := time.NewTicker(timeout / 3)
		defer tick.Stop()
		for {
			select {
			case <-beats.Done():
				return
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return i.Next.ExecuteActivity(ctx, in)
}

// room is the stack that an action takes at its deepest, about: in JSON under
// the driver under the rules.
const room = 12 << 10

// roomy makes the stack of its goroutine large while little lies on it. The SDK
// runs each local activity on a new goroutine, whose stack would else be moved
// three times, the deeper the dearer.
//
//go:noinline
func roomy(at int) byte {
	var stack [room]byte
	stack[at] = 1
	return stack[room-1-at]
}
