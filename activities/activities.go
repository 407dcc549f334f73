// Package activities is what the workflows do to the world: each commit is one
// transaction in which the row is locked, the command looked up, the rule asked
// and the result written with its audit.
//
// Every activity can be run again: a command is answered once, a document has
// the same bytes, a bill is drafted once for each run and project.
package activities

import (
	"go.temporal.io/sdk/temporal"

	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/postgres"
)

// Activities holds what the activities need.
type Activities struct {
	store *postgres.Store
	files *files.Store
	link  string // where people open steward: "http://127.0.0.1:8080"
}

// New makes the activities over a database and a file store. Link is the
// address that operators are pointed to.
func New(store *postgres.Store, files *files.Store, link string) *Activities {
	return &Activities{store: store, files: files, link: link}
}

// refuse makes a refusal that Temporal neither retries nor counts as a failure;
// anything else is ours to log and Temporal's to retry.
func refuse(err error) error {
	f, ok := fault.From(err)
	if !ok {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Code), temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
