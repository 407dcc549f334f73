package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"steward/internal/dispatch"
	"steward/internal/flow"
	"steward/internal/postgres/db"
)

// HoldBack is what comes before anything runs on a database that was restored
// to an earlier moment: mail that has gone out since does not go again by
// itself, and no number that was given since is given again. It asks Temporal
// what it knows, and needs no worker. Done again, it finds the rest.
func (r *Reconciler) HoldBack(ctx context.Context, in flow.Reconcile) error {
	l := lookingBack{Reconciler: r, in: in, mailed: map[string]time.Time{}}
	for _, kind := range []flow.Kind{flow.Reminder, flow.Status, flow.Invoice} {
		if err := l.look(ctx, kind); err != nil {
			return err
		}
	}
	return r.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error { return l.write(ctx, q) })
}

// lookingBack gathers what Temporal knows to have been done since a moment.
type lookingBack struct {
	*Reconciler
	in flow.Reconcile

	mu      sync.Mutex
	mailed  map[string]time.Time // when processes last wrote mail
	numbers []flow.Number
	found   map[flow.Kind][]finding
}

// look reads what the processes of a kind know: those that run, of which one may
// have written its mail and not come to its end, and those that have ended since.
func (l *lookingBack) look(ctx context.Context, kind flow.Kind) error {
	var all []dispatch.Process
	keep := func(p dispatch.Process) error {
		all = append(all, p)
		return nil
	}
	if err := l.processes.Running(ctx, kind, keep); err != nil {
		return err
	}
	if err := l.processes.Ended(ctx, kind, *l.in.AsOf, keep); err != nil {
		return err
	}
	return each(ctx, all, func(ctx context.Context, p dispatch.Process) error {
		known, err := l.processes.Known(ctx, p.ID, p.Run)
		if err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if known.Mailed.After(*l.in.AsOf) {
			l.mailed[p.ID] = known.Mailed
		}
		l.numbers = append(l.numbers, known.Numbers...)
		return nil
	})
}

// write keeps it, in one transaction.
func (l *lookingBack) write(ctx context.Context, q *db.Queries) error {
	l.found = map[flow.Kind][]finding{}
	if err := q.BeginReconciliation(ctx, db.BeginReconciliationParams{ID: l.in.ID, Mode: l.in.Mode, AsOf: l.in.AsOf, BeganAt: l.store.Now()}); err != nil {
		return err
	}
	if err := l.writeMail(ctx, q); err != nil {
		return err
	}
	if err := l.writeNumbers(ctx, q); err != nil {
		return err
	}
	for kind, found := range l.found {
		if err := l.insert(ctx, q, l.in, kind, found); err != nil {
			return err
		}
	}
	return nil
}

// writeMail holds what waited then, and what would be written again.
func (l *lookingBack) writeMail(ctx context.Context, q *db.Queries) error {
	held, err := q.HoldMail(ctx, "it waited when the database was as it was restored, and may have gone out since")
	if err != nil {
		return err
	}
	for _, key := range held {
		l.note("mail", finding{flow.HeldMail, key, "it may have gone out: look before you send it again"})
	}
	out := db.InsertWentOutParams{RunID: l.in.ID}
	for process, at := range l.mailed {
		out.Processes, out.Times = append(out.Processes, process), append(out.Times, at)
		l.note("mail", finding{flow.SentOut, process, "mail was written at " + at.UTC().Format(time.RFC3339)})
	}
	return q.InsertWentOut(ctx, out)
}

// writeNumbers has no number given again that Temporal knows and Postgres does
// not: two invoices of one number are worse than a number without an invoice.
func (l *lookingBack) writeNumbers(ctx context.Context, q *db.Queries) error {
	texts := make([]string, len(l.numbers))
	for i, n := range l.numbers {
		texts[i] = n.Text
	}
	known, err := q.KnownNumbers(ctx, texts)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, text := range known {
		there[text] = true
	}
	for _, n := range l.numbers {
		if there[n.Text] {
			continue
		}
		if _, err := q.NumberGiven(ctx, db.NumberGivenParams{Series: n.Series, Year: int32(n.Year), Sequence: int32(n.Sequence)}); err != nil {
			return err
		}
		l.note(flow.Invoice, finding{flow.Numbered, n.Text, fmt.Sprintf("it was given, and is not given again: number %d of %s in %d", n.Sequence, n.Series, n.Year)})
	}
	return nil
}

func (l *lookingBack) note(kind flow.Kind, f finding) { l.found[kind] = append(l.found[kind], f) }
