package activities_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/flow"
)

// half makes the letters of a run, and asks nobody to look at them.
func (b *bench) half(t *testing.T) uuid.UUID {
	t.Helper()
	b.tenOn(time.May, 1)
	run, err := b.acts.OpenReminderRun(t.Context())
	if err == nil {
		_, err = b.acts.PlanReminders(t.Context(), flow.RunPage{RunID: run})
	}
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestNoLetterGoesBeforeSomebodyWasAskedToLook(t *testing.T) { // S1.70
	t.Parallel()
	b, _ := lent(t)
	run := b.half(t)
	b.tenOn(time.May, 6) // nothing ran since, and the days of review are over
	letter := b.letter(t, run).ID
	if snap, err := b.acts.SendReminder(t.Context(), letter); err != nil || snap.Closed || snap.Next != "" || !snap.Deadline.Equal(b.Store.Now().Add(time.Minute)) {
		t.Fatalf("before anybody was asked it is %+v, %v", snap, err)
	}
	b.plan(t, run)
	if got := b.reviewers(t, "review_reminders"); got != "Olivia" {
		t.Errorf("%q are asked to look", got)
	}
	b.tenOn(time.May, 8)
	lettered{b.send(t, run)}.is(t, "review", "", 1)
	b.tenOn(time.May, 9)
	lettered{b.send(t, run)}.is(t, "sent", "", 1)
}

func TestALetterThatSomebodyLetGoDoesNotWaitForTheOthers(t *testing.T) { // S1.70
	t.Parallel()
	b, _ := lent(t)
	run := b.half(t)
	b.release(t, b.letter(t, run), "email")
	lettered{b.send(t, run)}.is(t, "sent", "", 1)
}
