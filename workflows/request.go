package workflows

import (
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Request is the process of a request: it takes the actions on it, and tells
// people in time of what the client was promised, until its account manager
// closes it (S1.61, N.20).
func Request(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitRequest, load: acts.LoadRequest}
	return p.live(ctx, Request, flow.Updates[flow.Request], p.requestStep)
}

// requestStep takes the step that is the process's own, or waits.
func (p *process) requestStep(ctx workflow.Context) error {
	return p.own(ctx, flow.Warn, "tell people how much of the promised time is over", acts.WarnOfRequest)
}
