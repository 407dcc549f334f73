package trail

import (
	"context"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// header is where a request's id travels through Temporal.
const header = "steward-request"

// Propagator carries a request's id from the API to the workflow that its
// command is brought to, and on to the activities that carry it out. It is
// written as the converter has it, since whoever sends a request may choose it.
func Propagator(c converter.DataConverter) workflow.ContextPropagator { return propagator{c} }

type propagator struct{ converter converter.DataConverter }

// Inject writes the id beside what is sent.
func (p propagator) Inject(ctx context.Context, w workflow.HeaderWriter) error {
	return p.write(Request(ctx), w)
}

// Extract reads the id beside what an activity is given.
func (p propagator) Extract(ctx context.Context, r workflow.HeaderReader) (context.Context, error) {
	return With(ctx, p.read(r)), nil
}

// InjectFromWorkflow writes the id beside what a workflow asks for.
func (p propagator) InjectFromWorkflow(ctx workflow.Context, w workflow.HeaderWriter) error {
	return p.write(of(ctx), w)
}

// ExtractToWorkflow reads the id beside what a workflow is given. That there is
// none is kept too: an update that nobody's request brought does not belong to
// the one that once started the workflow.
func (p propagator) ExtractToWorkflow(ctx workflow.Context, r workflow.HeaderReader) (workflow.Context, error) {
	return within(ctx, p.read(r)), nil
}

func within(ctx workflow.Context, request string) workflow.Context {
	return workflow.WithValue(ctx, requestKey{}, request)
}

// of is the id of the request that a workflow is carrying out.
func of(ctx workflow.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func (p propagator) write(request string, w workflow.HeaderWriter) error {
	if request == "" {
		return nil
	}
	text, err := p.converter.ToPayload(request)
	if err == nil {
		w.Set(header, text)
	}
	return err
}

// read is the id of a header; one that cannot be read is none, since no command
// is to fail for it.
func (p propagator) read(r workflow.HeaderReader) (request string) {
	if text, ok := r.Get(header); ok {
		_ = p.converter.FromPayload(text, &request)
	}
	return request
}
