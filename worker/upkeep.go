package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"steward/internal/postgres"
)

// Upkeep sees that Temporal has what processes stand on: search attributes and
// schedules. A Temporal that was emptied while workers ran gets them again, and
// a changed time zone of the firm is taken over.
type Upkeep struct {
	Store      *postgres.Store
	Temporal   client.Client
	Attributes func(context.Context) error // adds the search attributes that are missing; nil: somebody else does
	Log        *slog.Logger
	Every      time.Duration
}

// Run looks after them until ctx ends, by and large each Every, so that workers
// that were started together do not do so together.
func (u *Upkeep) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(u.Every/2 + rand.N(u.Every)):
		}
		if err := u.Mend(ctx, true); err != nil && ctx.Err() == nil {
			u.Log.Warn("what Temporal may have lost is looked after later", "error", err)
		}
	}
}

// Mend adds what Temporal lacks, and moves what runs by the firm's clocks to its
// time zone. What is there otherwise stays: an operator may have paused it, and
// a worker of another version may want it otherwise. A new schedule of
// reconciling has all processes started at once where lost is true.
func (u *Upkeep) Mend(ctx context.Context, lost bool) error {
	if err := u.attributes(ctx); err != nil {
		return err
	}
	zone, err := u.zone(ctx)
	if err != nil {
		return err
	}
	for _, s := range wanted(zone) {
		s.atOnce = s.atOnce && lost
		if err := u.mend(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (u *Upkeep) mend(ctx context.Context, s scheduled) error {
	d, err := u.Temporal.ScheduleClient().GetHandle(ctx, s.id).Describe(ctx)
	var none *serviceerror.NotFound
	switch {
	case errors.As(err, &none):
		u.Log.Warn("a schedule was missing in Temporal and is made again", "schedule", s.id)
	case err != nil:
		return fmt.Errorf("look at the schedule %s: %w", s.id, err)
	case s.want.Spec.TimeZoneName == "" || d.Schedule.Spec.TimeZoneName == s.want.Spec.TimeZoneName:
		return nil
	}
	return put(ctx, u.Temporal.ScheduleClient(), s)
}

// begin makes the schedules, or brings them to what this version wants.
func (u *Upkeep) begin(ctx context.Context) error {
	zone, err := u.zone(ctx)
	if err != nil {
		return err
	}
	return schedule(ctx, u.Temporal.ScheduleClient(), zone)
}

func (u *Upkeep) attributes(ctx context.Context) error {
	if u.Attributes == nil {
		return nil
	}
	return u.Attributes(ctx)
}

// zone is the firm's.
func (u *Upkeep) zone(ctx context.Context) (string, error) {
	firm, err := u.Store.Provider(ctx)
	if err != nil {
		return "", fmt.Errorf("read the firm's time zone: %w", err)
	}
	return postgres.Zone(firm.TimeZone).String(), nil
}
