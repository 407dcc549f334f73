package worker

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"steward/internal/embedded"
	"steward/internal/fixture"
)

// Temporal's database is lost under workers that go on running: what processes
// stand on is there again, and what an operator paused stays so. A firm that
// moves takes its clocks along.
func TestWhatTemporalHasLostIsMadeAgainAndTheFirmsZoneTakenOver(t *testing.T) { // S1.82, N.31, N.32, N.33
	t.Parallel()
	store := fixture.Store(t)
	c, name := named(t)
	u := &Upkeep{Store: store, Temporal: c, Log: slog.New(slog.DiscardHandler), Attributes: func(ctx context.Context) error {
		return embedded.RegisterSearchAttributes(ctx, c, name)
	}}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-tick.C { // a new namespace is known after a moment
		err := u.Mend(t.Context(), true)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	have, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: name})
	if err != nil {
		t.Fatal(err)
	}
	for attribute := range embedded.SearchAttributes() {
		if _, ok := have.CustomAttributes[attribute]; !ok {
			t.Errorf("the search attribute %s is missing", attribute)
		}
	}
	if n := described(t, c, reconcileSchedule).Info.NumActions; n != 1 {
		t.Errorf("processes were brought back %d times", n)
	}
	if err := c.ScheduleClient().GetHandle(t.Context(), billingSchedule).Pause(t.Context(), client.SchedulePauseOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Pool.Exec(t.Context(), `UPDATE provider SET time_zone = 'Asia/Tokyo'`); err != nil {
		t.Fatal(err)
	}
	if err := u.Mend(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{billingSchedule, reconcileSchedule} {
		d := described(t, c, id)
		if zone := d.Schedule.Spec.TimeZoneName; zone != "Asia/Tokyo" || d.Schedule.State.Paused != (id == billingSchedule) {
			t.Errorf("%s goes by the clocks of %s, paused: %v", id, zone, d.Schedule.State.Paused)
		}
	}
}

func described(t *testing.T, c client.Client, id string) *client.ScheduleDescription {
	t.Helper()
	d, err := c.ScheduleClient().GetHandle(t.Context(), id).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
