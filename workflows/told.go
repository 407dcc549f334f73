package workflows

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/workflow"

	"steward/internal/flow"
)

// Digest makes the mail of those who are told once a day and for whom it is
// eight o'clock or later. Whom it is for is found out from their rows: a run
// that was missed is made good by the next.
func Digest(ctx workflow.Context) error {
	return tellAll(ctx, acts.MakeDigests, "make the next digests", "%d people got their digest of today.")
}

// TimeReminder reminds those who have work to do and recorded no time on their
// last day of work (S1.82).
func TimeReminder(ctx workflow.Context) error {
	return tellAll(ctx, acts.RemindOfTime, "remind the next people", "%d people were reminded to record their time.")
}

// tellAll goes through all people, page by page.
func tellAll(ctx workflow.Context, activity any, summary, details string) error {
	return pages(ctx, activity, summary, details, func(after uuid.UUID) any { return flow.After{ID: after} })
}

// pages asks an activity for one page after the other, and says how many things
// it did.
func pages(ctx workflow.Context, activity any, summary, details string, next func(after uuid.UUID) any) error {
	told, after := 0, uuid.Nil
	for {
		var page flow.Told
		if err := workflow.ExecuteActivity(runs(ctx, summary), activity, next(after)).Get(ctx, &page); err != nil {
			return err
		}
		told += page.Told
		workflow.SetCurrentDetails(ctx, fmt.Sprintf(details, told))
		if !page.More {
			return nil
		}
		after = page.Last
	}
}
