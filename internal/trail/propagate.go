package trail

import (
	"context"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// header is where a request's id travels through Temporal.
const header = "steward-request"

// Propagator carries a request's id from the API to the workflow that its
// command is brought to, and on to the activities that carry it out.
func Propagator() workflow.ContextPropagator { return propagator{} }

type propagator struct{}

// Inject writes the id beside what is sent.
func (propagator) Inject(ctx context.Context, w workflow.HeaderWriter) error {
	return write(Request(ctx), w)
}

// Extract reads the id beside what an activity is given.
func (propagator) Extract(ctx context.Context, r workflow.HeaderReader) (context.Context, error) {
	return With(ctx, read(r)), nil
}

// InjectFromWorkflow writes the id beside what a workflow asks for.
func (propagator) InjectFromWorkflow(ctx workflow.Context, w workflow.HeaderWriter) error {
	return write(of(ctx), w)
}

// ExtractToWorkflow reads the id beside what a workflow is given. That there is
// none is kept too: an update that nobody's request brought does not belong to
// the one that once started the workflow.
func (propagator) ExtractToWorkflow(ctx workflow.Context, r workflow.HeaderReader) (workflow.Context, error) {
	return within(ctx, read(r)), nil
}

func within(ctx workflow.Context, request string) workflow.Context {
	return workflow.WithValue(ctx, requestKey{}, request)
}

// of is the id of the request that a workflow is carrying out.
func of(ctx workflow.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func write(request string, w workflow.HeaderWriter) error {
	if request == "" {
		return nil
	}
	p, err := converter.GetDefaultDataConverter().ToPayload(request)
	if err == nil {
		w.Set(header, p)
	}
	return err
}

// read is the id of a header; one that cannot be read is none, since no command
// is to fail for it.
func read(r workflow.HeaderReader) (request string) {
	if p, ok := r.Get(header); ok {
		_ = converter.GetDefaultDataConverter().FromPayload(p, &request)
	}
	return request
}
