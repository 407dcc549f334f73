package api

import (
	"context"

	"github.com/google/uuid"

	"steward/internal/dispatch"
	"steward/internal/flow"
)

// Engine is what the API asks of Temporal; [dispatch.Temporal] is it in earnest.
type Engine interface {
	// Act brings a command to the process of a thing and waits until it is
	// carried out or refused, or until ctx ends.
	Act(ctx context.Context, a dispatch.Action) error
	// Run starts a billing run; one that runs already goes on.
	Run(ctx context.Context, id uuid.UUID, summary string) error
	// Bill starts the billing of a period; one that runs already goes on.
	Bill(ctx context.Context, p flow.Period) error
	// Check refuses with unavailable when Temporal is away.
	Check(ctx context.Context) error
}
