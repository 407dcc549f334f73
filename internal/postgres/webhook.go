package postgres

import "github.com/google/uuid"

// WebhookOwner is what the secret of a webhook is sealed for.
func WebhookOwner(id uuid.UUID) string { return "webhook/" + id.String() }
