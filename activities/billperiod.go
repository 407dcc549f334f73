package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// BillPeriod bills a period of a work statement in one transaction, once for
// good: its row says what came of it. Where the client wants one invoice, all
// its projects whose period ends on that day go on it. What is refused, such as
// a missing rate, or fails again and again, is parked with its reason, and the
// others are billed.
func (a *Activities) BillPeriod(ctx context.Context, in flow.Period) (flow.Billed, error) {
	out, err := a.billPeriod(ctx, in, (*periodBill).run)
	if why := givenUp(ctx, err); why != nil {
		out, err = a.billPeriod(ctx, in, func(b *periodBill, ctx context.Context, row db.LockPeriodRow) error {
			return b.park(ctx, row.ProjectID, why)
		})
	}
	if fault.Is(err, fault.NotFound) {
		return flow.Billed{}, refuse(err)
	}
	return out, err // a conflict too: somebody else is at the same time; again
}

// billPeriod runs a period that is due.
func (a *Activities) billPeriod(ctx context.Context, in flow.Period, run func(*periodBill, context.Context, db.LockPeriodRow) error) (out flow.Billed, err error) {
	err = a.store.Tx(ctx, func(q *db.Queries, tx pgx.Tx) error {
		p, err := q.PeriodProject(ctx, in.ProjectID)
		if err != nil {
			return err
		}
		b := &periodBill{store: a.store, q: q, tx: tx, project: p, end: in.End}
		if err := b.lock(ctx); err != nil {
			return err
		}
		row, err := q.LockPeriod(ctx, p.ID, in.End)
		if err != nil {
			return err
		}
		if row.Outcome == "due" {
			if err := caught(func() error { return run(b, ctx, row) }); err != nil {
				return err
			}
		}
		out, err = b.outcome(ctx)
		return err
	})
	return out, err
}

// periodBill is one period, and those that go on an invoice with it.
type periodBill struct {
	store   *postgres.Store
	q       *db.Queries
	tx      pgx.Tx
	project db.PeriodProjectRow
	end     civil.Date
}

// lock lets one billing of the period go on at a time. Projects are locked by
// collecting, after the client, so that nobody waits in a circle.
func (b *periodBill) lock(ctx context.Context) error {
	if b.project.GatherInvoices {
		return b.q.GatherLock(ctx, b.project.ClientID.String()+b.project.Currency+b.end.String())
	}
	return b.q.BillProjectLocks(ctx, []uuid.UUID{b.project.ID})
}

// outcome is what came of the period, now or before.
func (b *periodBill) outcome(ctx context.Context) (flow.Billed, error) {
	row, err := b.q.LockPeriod(ctx, b.project.ID, b.end)
	out := flow.Billed{Outcome: row.Outcome, Code: row.Code}
	if err != nil || row.InvoiceID == nil {
		return out, err
	}
	out.InvoiceID = *row.InvoiceID
	agreed, err := b.q.AutoComplete(ctx, *row.InvoiceID)
	out.Complete = agreed.Complete
	return out, err
}

// run bills what is due: the project, or all of the client's.
func (b *periodBill) run(ctx context.Context, row db.LockPeriodRow) error {
	projects := []uuid.UUID{row.ProjectID}
	if b.project.GatherInvoices {
		due, err := b.q.DueTogether(ctx, db.DueTogetherParams{PeriodEnd: b.end, ClientID: b.project.ClientID, Currency: b.project.Currency})
		if err != nil {
			return err
		}
		projects = projects[:0]
		for _, d := range due {
			projects = append(projects, d.ProjectID)
		}
	}
	draft, err := b.gathered(ctx)
	if err != nil {
		return err
	}
	refused, err := b.try(ctx, draft, projects)
	if err != nil || refused == nil {
		return err
	}
	if len(projects) > 1 { // find out who is refused: all others are billed
		if projects, err = b.sound(ctx, draft, projects); err != nil || len(projects) == 0 {
			return err
		}
		if refused, err = b.try(ctx, draft, projects); err != nil || refused == nil {
			return err
		}
	}
	for _, id := range projects {
		if err := b.park(ctx, id, refused); err != nil {
			return err
		}
	}
	return nil
}

// gathered is the draft that others of the client's period are on already.
func (b *periodBill) gathered(ctx context.Context) (uuid.UUID, error) {
	if !b.project.GatherInvoices {
		return uuid.Nil, nil
	}
	ids, err := b.q.GatheredDraft(ctx, db.GatheredDraftParams{PeriodEnd: b.end, ClientID: b.project.ClientID, Currency: b.project.Currency})
	if err != nil || len(ids) == 0 {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// sound are the projects that would be billed by themselves; the others are
// parked, each with its own reason.
func (b *periodBill) sound(ctx context.Context, draft uuid.UUID, projects []uuid.UUID) ([]uuid.UUID, error) {
	var sound []uuid.UUID
	for _, id := range projects {
		err := pgx.BeginFunc(ctx, b.tx, func(tx pgx.Tx) error { // a savepoint
			trial := *b
			trial.q, trial.tx = b.store.WithTx(tx), tx
			if _, err := trial.draft(ctx, draft, []uuid.UUID{id}); err != nil {
				return err
			}
			return errTrial
		})
		f, refused := fault.From(err)
		switch {
		case errors.Is(err, errTrial):
			sound = append(sound, id)
		case refused && f.Code != fault.Conflict:
			if err := b.park(ctx, id, f); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	return sound, nil
}

// errTrial undoes what was only tried.
var errTrial = errors.New("only a trial")

// try bills the projects on one invoice, or tells why not and leaves nothing.
func (b *periodBill) try(ctx context.Context, draft uuid.UUID, projects []uuid.UUID) (*fault.Fault, error) {
	err := pgx.BeginFunc(ctx, b.tx, func(tx pgx.Tx) error { // a savepoint
		t := *b
		t.q, t.tx = b.store.WithTx(tx), tx
		id, err := t.draft(ctx, draft, projects)
		if err != nil {
			return err
		}
		return t.settle(ctx, id, projects, draft == uuid.Nil)
	})
	if f, ok := fault.From(err); ok && f.Code != fault.Conflict {
		return f, nil
	}
	return nil, err // a conflict too: somebody else is at the same time; again
}

// draft puts the time of the projects on a new invoice, or on a draft that is
// there, which is rebuilt with theirs; items made by hand stay on it.
func (b *periodBill) draft(ctx context.Context, draft uuid.UUID, projects []uuid.UUID) (uuid.UUID, error) {
	if draft == uuid.Nil {
		id := b.store.NewID()
		return id, b.store.DraftInvoice(ctx, b.tx, postgres.Draft{ID: id, ClientID: b.project.ClientID, ProjectIDs: projects, Through: b.end})
	}
	err := b.q.InsertInvoiceProjects(ctx, draft, projects)
	gone := fault.Is(postgres.Refusal(err), fault.NotFound)
	if err == nil {
		err = b.store.Collect(ctx, b.tx, draft, b.end)
	}
	if gone || fault.Is(err, billing.AlreadyComplete) {
		err = fault.New(fault.Conflict, "the draft of the client's other projects was completed or thrown away in the meantime; try again")
	}
	return draft, err
}

// settle writes what came of each project, and tells who looks after it. An
// invoice that nothing is on is not kept.
func (b *periodBill) settle(ctx context.Context, invoice uuid.UUID, projects []uuid.UUID, fresh bool) error {
	lines, err := b.q.InvoiceLines(ctx, invoice)
	if err != nil {
		return err
	}
	idle := slices.DeleteFunc(slices.Clone(projects), func(id uuid.UUID) bool {
		return slices.ContainsFunc(lines, func(l db.InvoiceLinesRow) bool { return l.ProjectID != nil && *l.ProjectID == id })
	})
	for _, id := range projects {
		outcome, on := "invoiced", &invoice
		if slices.Contains(idle, id) {
			outcome, on = "nothing_to_bill", nil
		}
		if err := b.set(ctx, db.SetPeriodParams{ProjectID: id, Outcome: outcome, InvoiceID: on}); err != nil {
			return err
		}
	}
	if len(lines) == 0 && fresh {
		_, err := b.q.DeleteInvoice(ctx, invoice)
		return err
	}
	if err := b.q.DropIdleProjects(ctx, invoice, idle); err != nil || len(idle) == len(projects) {
		return err
	}
	inv, err := b.q.Invoice(ctx, invoice)
	if err != nil {
		return err
	}
	if err := b.audit(ctx, inv, fresh); err != nil {
		return err
	}
	agreed, err := b.q.AutoComplete(ctx, inv.ID)
	if err == nil {
		err = b.q.SetToComplete(ctx, agreed.Complete, &inv.ID)
	}
	if err != nil {
		return err
	}
	return b.tellReady(ctx, inv, agreed)
}

func (b *periodBill) set(ctx context.Context, p db.SetPeriodParams) error {
	p.PeriodEnd, p.RunAt = b.end, ptr(b.store.Now())
	return b.q.SetPeriod(ctx, p)
}

func (b *periodBill) audit(ctx context.Context, inv db.InvoiceRow, fresh bool) error {
	verb := "collect"
	if fresh {
		verb = "draft"
	}
	return b.store.Audit(ctx, b.q, postgres.Event{
		Kind: string(flow.Invoice), ID: inv.ID, Verb: verb, Version: inv.Version, Source: "billing through " + b.end.String(),
		Changes: map[string]postgres.Change{"through": {nil, b.end}, "total": {nil, inv.Total}},
	})
}

// tellReady tells the account managers of an invoice that it is there to be
// looked at.
func (b *periodBill) tellReady(ctx context.Context, inv db.InvoiceRow, agreed db.AutoCompleteRow) error {
	managers, err := managersOf(ctx, b.q, inv)
	if err != nil {
		return err
	}
	next := "It is a draft: look at it and complete it."
	switch {
	case agreed.SendTo != "":
		next = "It is completed and mailed by itself, as the work statement says."
	case agreed.Complete:
		next = "It is completed by itself, as the work statement says. Send it to the client."
	}
	return b.store.Tell(ctx, b.q, access.Actor{}, postgres.News{
		About: string(flow.Invoice), ID: inv.ID, Name: fmt.Sprintf("%s through %s", inv.ClientName, b.end), Note: next, Told: work.InvoiceDrafted(managers),
		Where: document.Money("en", inv.Total, money.Currency(inv.Currency)),
	})
}

// managersOf are the account managers of an invoice's projects.
func managersOf(ctx context.Context, q *db.Queries, inv db.InvoiceRow) ([]uuid.UUID, error) {
	plans, err := q.BillableProjects(ctx, inv.ProjectIds)
	managers := make([]uuid.UUID, len(plans))
	for i, p := range plans {
		managers[i] = p.AccountManagerID
	}
	return managers, err
}

// park leaves a project of the period for an operator, and tells who looks
// after it.
func (b *periodBill) park(ctx context.Context, project uuid.UUID, why *fault.Fault) error {
	p, err := b.q.PeriodProject(ctx, project)
	if err != nil {
		return err
	}
	if err := b.set(ctx, db.SetPeriodParams{ProjectID: project, Outcome: "parked", Code: string(why.Code), Reason: why.Message}); err != nil {
		return err
	}
	return b.store.Tell(ctx, b.q, access.Actor{}, postgres.News{
		About: string(flow.Project), ID: project, Name: p.Code, Where: b.end.String() + ": " + why.Message, Note: "Put it right, then run the period again.",
		Told: work.PeriodNotBilled(p.AccountManagerID),
	})
}

// CompletePeriod completes what the clock drafted, and has it mailed, where the
// work statements of all its projects say so. Run again, it finds nothing left to
// complete. A refusal leaves it to a person, and its account managers are told.
func (a *Activities) CompletePeriod(ctx context.Context, id uuid.UUID) error {
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		return caught(func() error { return a.completePeriod(ctx, q, id) })
	})
	return a.left(ctx, id, err, uuid.Nil, func(q *db.Queries, why *fault.Fault) (int64, error) {
		return q.RefusePeriods(ctx, db.RefusePeriodsParams{Code: string(why.Code), Reason: why.Message, InvoiceID: &id})
	})
}

func (a *Activities) completePeriod(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	inv, err := q.LockInvoice(ctx, id)
	if err != nil || inv.State != "draft" {
		return err
	}
	agreed, err := q.AutoComplete(ctx, id)
	if err != nil || !agreed.Complete {
		return err
	}
	if err := q.SetToComplete(ctx, false, &id); err != nil {
		return err
	}
	if err := (completion{store: a.store, q: q, source: "billing through " + inv.Through.String()}).run(ctx, inv); err != nil || agreed.SendTo == "" {
		return err
	}
	_, err = q.InsertSending(ctx, db.InsertSendingParams{ID: a.store.NewID(), InvoiceID: id, By: "email", ToAddress: agreed.SendTo, CC: agreed.SendCC, AskedAt: a.store.Now()})
	return err
}

// left writes why a draft that was to be completed stays one, and tells its
// account managers and who asked for it, once; then the refusal is the answer. A
// draft that was thrown away is nobody's.
func (a *Activities) left(ctx context.Context, id uuid.UUID, err error, by uuid.UUID, write func(*db.Queries, *fault.Fault) (int64, error)) error {
	if given := givenUp(ctx, err); given != nil {
		err = given
	}
	why, ok := fault.From(err)
	if !ok || why.Code == fault.NotFound {
		return refuse(err)
	}
	failed := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		n, err := write(q, why)
		if err != nil || n == 0 {
			return err
		}
		inv, err := q.Invoice(ctx, id)
		if err != nil {
			return err
		}
		managers, err := managersOf(ctx, q, inv)
		if err != nil {
			return err
		}
		return a.store.Tell(ctx, q, access.Actor{}, postgres.News{
			About: string(flow.Invoice), ID: id, Name: fmt.Sprintf("%s through %s", inv.ClientName, inv.Through), Where: why.Message,
			Note: "It stays a draft: put it right and complete it.", Told: work.InvoiceNotCompleted(append(managers, by)),
		})
	})
	if failed != nil {
		return failed
	}
	return refuse(err)
}
