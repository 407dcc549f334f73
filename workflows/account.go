package workflows

import (
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Account is the process of a client's account: payments, what they are applied
// to, and credit, one after the other. It waits for as long as something is
// owed or left over (S1.79–S1.81, N.05).
func Account(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitAccount, load: acts.LoadAccount}
	return p.live(ctx, Account, flow.Updates[flow.Account], p.wait)
}
