package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Reasons why a client is left out of a run that are not rules of billing.
const (
	letterWaits = "letter_waiting" // one of an earlier run has not gone yet
	noEmail     = postgres.NoEmail
)

// remindHour is when the reminders of a month are made, by the firm's clock.
const remindHour = 8

// remindersApart is how many days there are at least between reminders that are
// made late and those of the next month.
const remindersApart = 14

// clientsPage is how many clients are taken in hand at a time.
const clientsPage = 100

// reminding is what all letters of a run have in common.
type reminding struct {
	firm   db.ProviderRow
	zone   *time.Location
	row    db.ReminderPolicyRow
	policy billing.ReminderPolicy
}

func (a *Activities) reminding(ctx context.Context, q *db.Queries) (r reminding, err error) {
	if r.firm, err = q.Provider(ctx); err != nil {
		return r, err
	}
	r.zone = postgres.Zone(r.firm.TimeZone)
	if r.row, err = q.ReminderPolicy(ctx); err != nil {
		return r, err
	}
	r.policy, err = postgres.PolicyOf(r.row)
	return r, err
}

// OpenReminderRun makes the run of this month, where its day has come and it is
// not there yet, or that of the month before, where nothing ran from its day on;
// and returns it; or one that was left half made; or no id.
func (a *Activities) OpenReminderRun(ctx context.Context) (uuid.UUID, error) {
	half, err := a.store.PlanningReminderRun(ctx)
	if !errors.Is(err, pgx.ErrNoRows) {
		return half, err
	}
	r, err := a.reminding(ctx, a.store.Queries)
	if err != nil {
		return uuid.Nil, err
	}
	asOf, err := a.remindAsOf(ctx, r)
	if err != nil || asOf.IsZero() {
		return uuid.Nil, err
	}
	id, now := a.store.NewID(), a.store.Now()
	n, err := a.store.InsertReminderRun(ctx, db.InsertReminderRunParams{
		ID: id, Month: civil.Of(asOf.Year, asOf.Month, 1), AsOf: asOf, HoldUntil: postgres.HoldUntil(now, r.row.HoldDays, asOf, r.zone), CreatedAt: now,
	})
	if err != nil || n == 0 {
		return uuid.Nil, err
	}
	return id, nil
}

// remindAsOf is the day as of which clients are to be reminded now, in the month
// whose reminders they are; none: they are not.
func (a *Activities) remindAsOf(ctx context.Context, r reminding) (civil.Date, error) {
	now := a.store.Now()
	today, hour, day := civil.In(now, r.zone), now.In(r.zone).Hour(), int(r.row.DayOfMonth)
	switch {
	case !r.row.Active || today.Day <= day && hour < remindHour:
		return civil.Date{}, nil
	case today.Day >= day:
		return today, nil
	}
	before := civil.Of(today.Year, today.Month, 0) // the last day of the month before
	since := civil.Of(before.Year, before.Month, day).At(remindHour*60, r.zone)
	missed, err := a.store.RemindersMissed(ctx, civil.Of(before.Year, before.Month, 1), since)
	switch {
	case err != nil || !missed:
		return civil.Date{}, err
	case day-today.Day <= remindersApart:
		return today, nil // early, rather than late and soon again
	}
	return before, nil
}

// PlanReminders writes the letters of the next clients that owe something, each
// once, with why for those who get none. That one cannot be made keeps none of
// the others.
func (a *Activities) PlanReminders(ctx context.Context, in flow.RunPage) (flow.Told, error) {
	run, err := a.store.ReminderRun(ctx, in.RunID)
	if err != nil || run.State != "planning" {
		return flow.Told{}, err
	}
	clients, err := a.store.ClientsOwing(ctx, in.After, clientsPage)
	if err != nil || len(clients) == 0 {
		return flow.Told{}, err
	}
	r, err := a.reminding(ctx, a.store.Queries)
	if err != nil {
		return flow.Told{}, err
	}
	out := flow.Told{Last: clients[len(clients)-1], More: len(clients) == clientsPage}
	return page(ctx, out, clients, func(c uuid.UUID) string { return "the reminder of client " + c.String() }, func(c uuid.UUID) (int, error) {
		n, err := counted(a.planReminder(ctx, run, r, c))
		if givenUp(ctx, err) != nil {
			err = errors.Join(a.holdFailed(ctx, run, c), err)
		}
		return n, err
	})
}

// holdFailed lists a client whose letter cannot be made as held: whoever reviews
// the run sees it.
func (a *Activities) holdFailed(ctx context.Context, run db.ReminderRun, client uuid.UUID) error {
	_, err := a.store.InsertReminderLetter(ctx, db.InsertReminderLetterParams{
		ID: a.store.NewID(), RunID: run.ID, ClientID: client, State: "held", Reason: string(Failed), HoldUntil: run.HoldUntil,
		Content: postgres.JSON(postgres.ContentOf(billing.Reminder{}, run.AsOf)),
	})
	return err
}

// planReminder writes the letter of one client, and tells whether it will go.
func (a *Activities) planReminder(ctx context.Context, run db.ReminderRun, r reminding, client uuid.UUID) (goes bool, err error) {
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		facts, err := postgres.ReminderFacts(ctx, q, client, run.AsOf, r.zone)
		if err != nil {
			return err
		}
		due := billing.Remind(r.policy, facts)
		l := db.InsertReminderLetterParams{
			ID: a.store.NewID(), RunID: run.ID, ClientID: client, State: "review", Level: int16(due.Level), HoldUntil: run.HoldUntil,
			Content: postgres.JSON(postgres.ContentOf(due, run.AsOf)),
		}
		if l.Reason, err = a.hindrance(ctx, q, run.ID, client, due); err != nil {
			return err
		}
		if l.Reason != "" {
			l.State = "held"
		}
		n, err := q.InsertReminderLetter(ctx, l)
		if goes = n == 1 && l.State == "review"; err != nil || !goes {
			return err
		}
		return q.InsertOutbox(ctx, string(flow.Reminder), l.ID)
	})
	return goes, err
}

// hindrance is why a client gets no letter in a run, if so.
func (a *Activities) hindrance(ctx context.Context, q *db.Queries, run, client uuid.UUID, due billing.Reminder) (string, error) {
	if due.Level == 0 {
		return string(due.Reason), nil
	}
	waits, err := q.ReminderWaits(ctx, client, run)
	if err != nil || waits {
		return letterWaits, err
	}
	c, err := q.Client(ctx, client)
	if err == nil && c.Email == "" {
		return noEmail, nil
	}
	return "", err
}

// FinishReminderRun asks each account manager to look at the list, once. Until
// then no letter goes.
func (a *Activities) FinishReminderRun(ctx context.Context, id uuid.UUID) error {
	return a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if n, err := q.ReminderRunPlanned(ctx, id); err != nil || n == 0 {
			return err
		}
		run, err := q.ReminderRun(ctx, id)
		if err == nil && a.store.Now().Sub(run.CreatedAt) > planningTakes {
			run.HoldUntil, err = a.holdAnew(ctx, q, run)
		}
		if err != nil {
			return err
		}
		rows, err := q.ReminderReviews(ctx, id)
		if err != nil {
			return err
		}
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].PersonID == rows[0].PersonID {
				n++
			}
			if err := a.askForReview(ctx, q, run, rows[:n]); err != nil {
				return err
			}
			rows = rows[n:]
		}
		return nil
	})
}

// planningTakes is for how long the letters of a run may be made before the days
// of their review are counted anew.
const planningTakes = time.Hour

// holdAnew gives whoever is asked late, as after an outage, all of the days that
// they have for their review (S1.70).
func (a *Activities) holdAnew(ctx context.Context, q *db.Queries, run db.ReminderRun) (until time.Time, err error) {
	r, err := a.reminding(ctx, q)
	if err != nil {
		return until, err
	}
	until = postgres.HoldUntil(a.store.Now(), r.row.HoldDays, run.AsOf, r.zone)
	return until, q.HoldReminders(ctx, until, run.ID)
}

// namedClients is how many clients a notification names.
const namedClients = 20

func (a *Activities) askForReview(ctx context.Context, q *db.Queries, run db.ReminderRun, rows []db.ReminderReviewsRow) error {
	var b strings.Builder
	going := 0
	for i, r := range rows {
		says := fmt.Sprintf("level %d", r.Level)
		switch {
		case r.State == "review":
			going++
		case r.Reason == noEmail:
			says += ", no e-mail address: print and post it"
		default:
			says = "not reminded: " + strings.ReplaceAll(r.Reason, "_", " ")
		}
		if i < namedClients {
			fmt.Fprintf(&b, "%s: %s\n", line(r.ClientName), says)
		}
	}
	if more := len(rows) - namedClients; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	news, err := postgres.ByTheirClocks(ctx, q, run.HoldUntil, postgres.News{
		About: "reminder_run", ID: run.ID, Name: postgres.MonthOf(run.Month), Told: work.RemindersMade(rows[0].PersonID),
		Where: fmt.Sprintf("%d will go, of %d clients that owe something", going, len(rows)),
	}, func(n *postgres.News, at string) {
		n.Note = b.String() + "What you do not skip goes out by itself on " + at + "."
	})
	if err != nil {
		return err
	}
	return a.store.Tell(ctx, q, access.Actor{}, news...)
}

// unasked tells whether nobody was asked to look at a letter yet, and nobody did
// of themselves (S1.70).
func unasked(run string, decidedBy *uuid.UUID) bool { return run == "planning" && decidedBy == nil }

// LoadReminder reads what the process of a letter needs to know.
func (a *Activities) LoadReminder(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.reminderSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) reminderSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	l, err := q.ReminderLetter(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(l.Version), State: l.State, WaitingFor: "nobody", Closed: true, Client: l.ClientID.String()}
	if l.State == "review" {
		snap.Closed, snap.WaitingFor, snap.DueAt, snap.Deadline = false, "review", &l.HoldUntil, &l.HoldUntil
		switch over := !a.store.Now().Before(l.HoldUntil); {
		case over && unasked(l.RunState, l.DecidedBy):
			snap.Deadline = ptr(a.store.Now().Add(time.Minute))
		case over:
			snap.Next = flow.Send
		}
	}
	snap.Details = fmt.Sprintf("### Reminder %s, level %d\n\n- **State:** %s\n- **Waits for:** %s\n%s- **Until:** %s\n- **Client:** %s\n",
		postgres.MonthOf(l.Month), l.Level, stateFor(l.State, l.Reason), waitWords[snap.WaitingFor], next(snap.WaitingFor), when(l.HoldUntil), escape(l.ClientName)) + a.foundAt("reminders/runs", l.RunID)
	return snap, nil
}
