package trail

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Traces are where traces go; the zero Traces go nowhere and cost nothing.
type Traces struct{ provider *sdktrace.TracerProvider }

// Open sends traces to a collector by OTLP over HTTP; without an endpoint there
// are none. What else the standard variables OTEL_… say is heeded: headers,
// sampling, the service's name.
func Open(ctx context.Context, endpoint, version string, log *slog.Logger) (Traces, error) {
	if endpoint == "" {
		return Traces{}, nil
	}
	out, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return Traces{}, fmt.Errorf("export traces to %s: %w", endpoint, err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "steward"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return Traces{}, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are not exported", "error", err) }))
	return To(sdktrace.WithBatcher(out), sdktrace.WithResource(about)), nil
}

// To makes traces of options, for tests that look at them.
func To(o ...sdktrace.TracerProviderOption) Traces {
	return Traces{sdktrace.NewTracerProvider(o...)}
}

// Tracer begins spans; nil, if traces go nowhere.
func (t Traces) Tracer() trace.Tracer {
	if t.provider == nil {
		return nil
	}
	return t.provider.Tracer("steward")
}

// patience is how long the last spans are waited for.
const patience = 2 * time.Second

// Close sends what is left.
func (t Traces) Close() {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // what could not be sent was logged
}
