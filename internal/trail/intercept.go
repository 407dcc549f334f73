package trail

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"
)

// Interceptors follow requests through the workers of a connection: what is
// done for them is logged at the level debug, and is in their traces, if there
// is a tracer.
func Interceptors(l *slog.Logger, t trace.Tracer) ([]interceptor.ClientInterceptor, error) {
	lines := &lines{log: l}
	if t == nil {
		return []interceptor.ClientInterceptor{lines}, nil
	}
	spans, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{Tracer: t, DisableBaggage: true, AllowInvalidParentSpans: true})
	return []interceptor.ClientInterceptor{spans, lines}, err
}

// lines logs updates and activities.
type lines struct {
	interceptor.InterceptorBase
	log *slog.Logger
}

// InterceptWorkflow implements [interceptor.WorkerInterceptor].
func (l *lines) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &workflowLines{log: l.log}
	i.Next = next
	return i
}

type workflowLines struct {
	interceptor.WorkflowInboundInterceptorBase
	log *slog.Logger
}

// Init hands out loggers that name the request.
func (i *workflowLines) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &workflowLogger{}
	o.Next = out
	return i.Next.Init(o)
}

// ExecuteWorkflow forgets the request that started the workflow: what it does
// by the clock, days later, does not belong to that.
func (i *workflowLines) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	return i.Next.ExecuteWorkflow(within(ctx, ""), in)
}

// ExecuteUpdate logs a command that was brought, unless it is replayed.
func (i *workflowLines) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	out, err := i.Next.ExecuteUpdate(ctx, in)
	if workflow.IsReplaying(ctx) {
		return out, err
	}
	span, _ := opentelemetry.SpanFromWorkflowContext(ctx)
	outside := trace.ContextWithSpan(With(context.Background(), of(ctx)), span)
	if !i.log.Enabled(outside, slog.LevelDebug) {
		return out, err
	}
	info := workflow.GetInfo(ctx)
	i.log.DebugContext(outside, "a process was brought a command", "process", info.WorkflowExecution.ID, "verb", in.Name, "command", workflow.GetCurrentUpdateInfo(ctx).ID, "error", err)
	return out, err
}

type workflowLogger struct {
	interceptor.WorkflowOutboundInterceptorBase
}

// GetLogger is the logger of a workflow.
func (o *workflowLogger) GetLogger(ctx workflow.Context) log.Logger {
	return named(o.Next.GetLogger(ctx), of(ctx))
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (l *lines) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &activityLines{log: l.log}
	i.Next = next
	return i
}

type activityLines struct {
	interceptor.ActivityInboundInterceptorBase
	log *slog.Logger
}

// Init hands out loggers that name the request.
func (i *activityLines) Init(out interceptor.ActivityOutboundInterceptor) error {
	o := &activityLogger{}
	o.Next = out
	return i.Next.Init(o)
}

// ExecuteActivity logs what was done.
func (i *activityLines) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	began := time.Now()
	out, err := i.Next.ExecuteActivity(ctx, in)
	if i.log.Enabled(ctx, slog.LevelDebug) {
		info := activity.GetInfo(ctx)
		i.log.DebugContext(ctx, "an activity has ended", "process", info.WorkflowExecution.ID, "activity", info.ActivityType.Name, "attempt", info.Attempt, "took", time.Since(began), "error", err)
	}
	return out, err
}

type activityLogger struct {
	interceptor.ActivityOutboundInterceptorBase
}

// GetLogger is the logger of an activity.
func (o *activityLogger) GetLogger(ctx context.Context) log.Logger {
	return named(o.Next.GetLogger(ctx), Request(ctx))
}

func named(l log.Logger, request string) log.Logger {
	if request == "" {
		return l
	}
	return log.With(l, "request", request)
}
