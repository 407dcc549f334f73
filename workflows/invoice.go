package workflows

import (
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Invoice is the process of an invoice: it is completed, its PDF is rendered,
// it is sent, and it waits to be paid or voided (S1.77, S1.78).
func Invoice(ctx workflow.Context, in flow.Input) error {
	p := &process{in: in, commit: acts.CommitInvoice, load: acts.LoadInvoice}
	if err := p.listen(ctx, flow.Updates[flow.Invoice]); err != nil {
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	for !p.done(ctx) {
		if err := p.invoiceStep(ctx); err != nil {
			return err
		}
	}
	return p.leave(ctx, Invoice)
}

// invoiceStep takes the step that is the process's own, or waits.
func (p *process) invoiceStep(ctx workflow.Context) error {
	switch p.snap.Next {
	case flow.Render:
		return p.step(ctx, "render the PDF and store it", acts.RenderInvoice)
	case flow.Send:
		return p.step(ctx, "write its mail", acts.SendInvoice)
	}
	return p.wait(ctx)
}

// step takes a step that makes a document or a mail.
func (p *process) step(ctx workflow.Context, summary string, activity any) error {
	opts := workflow.GetActivityOptions(patient(ctx, flow.Documents))
	opts.Summary = summary
	var snap flow.Snapshot
	if err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, opts), activity, p.in.ID).Get(ctx, &snap); err != nil {
		return err
	}
	p.take(ctx, snap)
	return nil
}
