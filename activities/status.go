package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// OpenStatusRun makes the run of the last week whose hour has come, where it is
// not there yet, and returns it unless it is done. Weeks before it that were
// missed are not made: this one's reports tell all since those before (N.33).
func (a *Activities) OpenStatusRun(ctx context.Context) (uuid.UUID, error) {
	day, due, err := a.reportDay(ctx)
	if err != nil || !due {
		return uuid.Nil, err
	}
	week, now := work.Week(day), a.store.Now()
	var run db.StatusRunByClockRow
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.CloseStatusRuns(ctx, now, week); err != nil {
			return err
		}
		_, err := q.InsertStatusRun(ctx, db.InsertStatusRunParams{ID: a.store.NewID(), Week: week, WeekEnding: day, Now: now})
		if err != nil {
			return err
		}
		run, err = q.StatusRunByClock(ctx, week)
		return err
	})
	if err != nil || run.State != "running" {
		return uuid.Nil, err
	}
	return run.ID, nil
}

// reportDay is the last day on which reports were to be made, and whether the
// clock makes them.
func (a *Activities) reportDay(ctx context.Context) (civil.Date, bool, error) {
	p, err := a.store.StatusPolicy(ctx)
	if err != nil {
		return civil.Date{}, false, err
	}
	firm, err := a.store.Provider(ctx)
	if err != nil {
		return civil.Date{}, false, err
	}
	day, at := work.LastReportDay(a.store.Now(), postgres.Zone(firm.TimeZone), int(p.Weekday), int(p.Hour))
	return day, p.Active && !at.Before(p.Since), nil
}

// MakeReports makes the reports of the next clients with an active project,
// each once. That one cannot be made keeps none of the others: the run stays
// open, and is gone through again.
func (a *Activities) MakeReports(ctx context.Context, in flow.RunPage) (flow.Told, error) {
	run, err := a.store.StatusRun(ctx, in.RunID)
	if err != nil || run.State != "running" {
		return flow.Told{}, err
	}
	if late, err := a.overtaken(ctx, run); late || err != nil {
		return flow.Told{}, err
	}
	clients, err := a.store.ClientsToReport(ctx, in.After, clientsPage)
	if err != nil || len(clients) == 0 {
		return flow.Told{}, err
	}
	out := flow.Told{Last: clients[len(clients)-1], More: len(clients) == clientsPage}
	return page(ctx, out, clients, func(c uuid.UUID) string { return "the status report of client " + c.String() },
		func(c uuid.UUID) (int, error) { return counted(a.makeReport(ctx, run, c)) })
}

// overtaken tells whether a run of the clock is of a week before the last one:
// it was interrupted for so long that the reports of two weeks would come
// together.
func (a *Activities) overtaken(ctx context.Context, run db.StatusRun) (bool, error) {
	if run.CreatedBy != nil {
		return false, nil
	}
	day, due, err := a.reportDay(ctx)
	return due && work.Week(day) != run.Week, err
}

// FinishStatusRun marks a run as done, unless a client still has no report.
func (a *Activities) FinishStatusRun(ctx context.Context, run uuid.UUID) error {
	return a.store.FinishStatusRun(ctx, a.store.Now(), run)
}

// makeReport makes the report of one client for the week of a run, unless it
// has one or no project of it is active any more. Its process is told, and so
// are the account managers.
func (a *Activities) makeReport(ctx context.Context, run db.StatusRun, client uuid.UUID) (made bool, err error) {
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		made = false
		if _, err := q.LockClient(ctx, client); err != nil { // one after the other: each tells what is new since the one before
			return err
		}
		has, err := q.HasStatusReport(ctx, client, run.Week)
		if err != nil || has {
			return err
		}
		d, err := a.statusContent(ctx, q, client, run.WeekEnding)
		if err != nil || len(d.Report.Projects) == 0 {
			return err
		}
		made = true
		return a.writeReport(ctx, q, client, d)
	})
	return made, err
}

// statusContent is all that a report prints, as it is now.
func (a *Activities) statusContent(ctx context.Context, q *db.Queries, client uuid.UUID, ending civil.Date) (document.StatusData, error) {
	c, err := q.Client(ctx, client)
	if err != nil {
		return document.StatusData{}, err
	}
	f, err := q.Provider(ctx)
	if err != nil {
		return document.StatusData{}, err
	}
	addressee := postgres.ClientParty(c)
	addressee.TaxID, addressee.VATID, addressee.Email = "", "", "" // no invoice
	report, err := a.store.MakeStatusReport(ctx, q, c, ending, postgres.Zone(f.TimeZone))
	return document.StatusData{
		Language: c.Language, Report: report,
		Seller: sellerOf(f),
		Buyer:  document.BuyerOf(addressee, f.CountryCode, c.Language),
	}, err
}

func (a *Activities) writeReport(ctx context.Context, q *db.Queries, client uuid.UUID, d document.StatusData) error {
	p, err := q.StatusPolicy(ctx)
	if err != nil {
		return err
	}
	id, now := a.store.NewID(), a.store.Now()
	goes := now.Add(time.Duration(p.HoldHours) * time.Hour)
	n, err := q.InsertStatusReport(ctx, db.InsertStatusReportParams{
		ID: id, ClientID: client, Week: d.Report.Week, WeekEnding: d.Report.WeekEnding, HoldUntil: goes, Content: postgres.JSON(d), Now: now,
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("there is a report of %s already", d.Report.Week)
	}
	if err != nil {
		return err
	}
	if err := a.statusEvent(ctx, q, id, "create", 1, nil, d.Report.Week); err != nil {
		return err
	}
	if err := a.supersede(ctx, q, client, id, d.Report.Week); err != nil {
		return err
	}
	managers, err := q.StatusManagers(ctx, client)
	if err != nil {
		return err
	}
	news, err := postgres.ByTheirClocks(ctx, q, goes, postgres.News{
		About: "status_report", ID: id, Name: line(d.Report.Client), Told: work.ReportMade(managers),
		Note: "Add a word, hold it back or let it go before; left alone, it goes by itself.",
	}, func(n *postgres.News, at string) { n.Where = at })
	if err == nil {
		err = a.store.Tell(ctx, q, access.Actor{}, news...)
	}
	if err != nil {
		return err
	}
	return q.InsertOutbox(ctx, string(flow.Status), id)
}

// supersede ends what was held still: the report that was just made tells it
// all.
func (a *Activities) supersede(ctx context.Context, q *db.Queries, client, by uuid.UUID, week string) error {
	held, err := q.SupersedeStatusReports(ctx, client, by)
	if err != nil {
		return err
	}
	for _, h := range held {
		err := a.statusEvent(ctx, q, h.ID, "supersede", h.Version, map[string]postgres.Change{"state": {"held", "superseded"}}, week)
		if err == nil {
			err = q.InsertOutbox(ctx, string(flow.Status), h.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Activities) statusEvent(ctx context.Context, q *db.Queries, id uuid.UUID, verb string, version int32, changes map[string]postgres.Change, week string) error {
	return a.store.Audit(ctx, q, postgres.Event{Kind: string(flow.Status), ID: id, Verb: verb, Version: version, Changes: changes, Source: "status reports of " + week})
}

// LoadStatus reads what the process of a report needs to know.
func (a *Activities) LoadStatus(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	return a.statusSnapshot(ctx, a.store.Queries, id)
}

func (a *Activities) statusSnapshot(ctx context.Context, q *db.Queries, id uuid.UUID) (flow.Snapshot, error) {
	r, err := q.StatusReport(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return flow.None(), nil
	}
	if err != nil {
		return flow.Snapshot{}, err
	}
	snap := flow.Snapshot{Version: int(r.Version), State: r.State, WaitingFor: "nobody", Closed: true, Client: r.ClientID.String()}
	until := "no limit: it was sent or superseded"
	switch r.State {
	case "review":
		snap.Closed, snap.WaitingFor, snap.DueAt, snap.Deadline = false, "review", &r.HoldUntil, &r.HoldUntil
		if until = when(r.HoldUntil); !a.store.Now().Before(r.HoldUntil) {
			snap.Next = flow.Send
		}
	case "held":
		snap.Closed, snap.WaitingFor, until = false, "release", "no limit, or until the next report takes its place"
	}
	snap.Details = fmt.Sprintf("### Status report %s\n\n- **State:** %s\n- **Made:** %s\n- **Waits for:** %s\n%s- **Until:** %s\n- **Client:** %s\n",
		r.Week, stateFor(r.State, r.Reason), when(r.CreatedAt), waitWords[snap.WaitingFor], next(snap.WaitingFor), until, escape(r.ClientName)) + a.foundAt("status-reports", r.ID)
	return snap, nil
}
