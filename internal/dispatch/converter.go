package dispatch

import (
	"context"
	"errors"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// hide has a connection encrypt with the keys all that travels in payloads:
// arguments and results, summaries and details, and the words of failures. It
// is there without keys too, so that what others encrypted is refused by name.
func hide(k Keys) (converter.DataConverter, converter.FailureConverter) {
	c := hiding{converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), k)}
	return c, temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: c, EncodeCommonAttributes: k.Encrypt()})
}

// hiding encrypts and decrypts. Within a workflow, what cannot be decrypted
// stops the workflow's task, which is tried again, perhaps by a worker that has
// the key; an error would end the workflow for good.
type hiding struct{ converter.DataConverter }

// WithWorkflowContext makes a converter for the body of a workflow.
func (h hiding) WithWorkflowContext(converter.WorkflowContext) converter.DataConverter {
	return blocking{h.DataConverter}
}

// WithContext is for everything else.
func (h hiding) WithContext(context.Context) converter.DataConverter { return h }

type blocking struct{ converter.DataConverter }

// FromPayload panics where a key is missing.
func (b blocking) FromPayload(p *common.Payload, into any) error {
	return orStop(b.DataConverter.FromPayload(p, into))
}

// FromPayloads panics where a key is missing.
func (b blocking) FromPayloads(p *common.Payloads, into ...any) error {
	return orStop(b.DataConverter.FromPayloads(p, into...))
}

// WithWorkflowContext is this converter again.
func (b blocking) WithWorkflowContext(converter.WorkflowContext) converter.DataConverter { return b }

// WithContext is the converter without the panic.
func (b blocking) WithContext(context.Context) converter.DataConverter {
	return hiding{b.DataConverter}
}

func orStop(err error) error {
	if errors.Is(err, ErrKey) {
		panic(err)
	}
	return err
}
