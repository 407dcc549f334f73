package postgres

import (
	"strings"

	"github.com/google/uuid"
)

// Attachments is what the keys of attached files begin with in the file store.
const Attachments = "attachments/"

// AttachmentKey is where an attached file is in the file store.
func AttachmentKey(id uuid.UUID) string { return Attachments + id.String() }

// AttachmentOf is the file that a key is for, if it is one.
func AttachmentOf(key string) (uuid.UUID, bool) {
	id, err := uuid.Parse(strings.TrimPrefix(key, Attachments))
	return id, err == nil && AttachmentKey(id) == key
}
