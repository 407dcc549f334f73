package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// SearchAttributes are what operators find workflows by, with their types.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		"Client":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Project":    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"State":      enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"WaitingFor": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Assignee":   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"DueAt":      enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// RegisterSearchAttributes adds those of [SearchAttributes] that the namespace
// lacks; several may do so at once. An attribute that is there with another
// type is an error.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("the search attributes of namespace %s cannot be read: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range SearchAttributes() {
		found, there := have.CustomAttributes[name]
		if there && found != kind {
			return fmt.Errorf("the search attribute %s of namespace %s is a %s, but steward needs a %s", name, namespace, found, kind)
		}
		if !there {
			missing[name] = kind
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	if known := (*serviceerror.AlreadyExists)(nil); err != nil && !errors.As(err, &known) {
		return fmt.Errorf("search attributes cannot be added to namespace %s: %w", namespace, err)
	}
	return nil
}

// DialTemporal connects to a frontend, given as host:port, and sees that it
// has the namespace. The client logs nothing.
func DialTemporal(ctx context.Context, address, namespace string) (client.Client, error) {
	quiet := log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: namespace, Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("no Temporal answers at %s: %w", address, err)
	}
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("the Temporal at %s has no usable namespace %s: %w", address, namespace, err)
	}
	return c, nil
}
