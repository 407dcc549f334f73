package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// Draft is a new invoice to be.
type Draft struct {
	ID         uuid.UUID
	ClientID   uuid.UUID
	ProjectIDs []uuid.UUID
	Through    civil.Date
	RunID      *uuid.UUID
	By         *uuid.UUID
}

// DraftInvoice makes a draft and collects the billable time of its projects up
// to a date, in the transaction of tx. It refuses projects of another client
// or of several currencies, and time without a rate. Rule: S1.72.
func (s *Store) DraftInvoice(ctx context.Context, tx pgx.Tx, d Draft) error {
	q := s.WithTx(tx)
	currency, err := s.draftCurrency(ctx, q, d)
	if err != nil {
		return err
	}
	err = q.InsertInvoice(ctx, db.InsertInvoiceParams{
		ID: d.ID, ClientID: d.ClientID, Currency: currency, Through: d.Through, BillingRunID: d.RunID, CreatedBy: d.By,
	})
	if err != nil {
		return err
	}
	if err := q.InsertInvoiceProjects(ctx, d.ID, d.ProjectIDs); err != nil {
		return err
	}
	return s.Collect(ctx, tx, d.ID, d.Through)
}

func (s *Store) draftCurrency(ctx context.Context, q *db.Queries, d Draft) (string, error) {
	projects, err := q.BillableProjects(ctx, d.ProjectIDs)
	if err != nil {
		return "", err
	}
	if len(projects) != len(d.ProjectIDs) {
		return "", fault.Wrong("project_ids", "one of them does not exist or is named twice")
	}
	if len(projects) == 0 {
		c, err := q.Client(ctx, d.ClientID)
		return c.Currency, err
	}
	for _, p := range projects {
		if p.ClientID != d.ClientID {
			return "", fault.Wrong("project_ids", "project %s is another client's", p.Code)
		}
		if p.Currency != projects[0].Currency {
			return "", fault.New(money.CurrencyMismatch, "project %s is in %s, project %s in %s: one invoice has one currency",
				projects[0].Code, projects[0].Currency, p.Code, p.Currency)
		}
	}
	return projects[0].Currency, nil
}

// LockDraft locks the projects of a draft and then the draft, in one order for
// everybody, and tells what is locked. A completed invoice is refused.
func LockDraft(ctx context.Context, q *db.Queries, invoice uuid.UUID) (db.LockInvoiceRow, []uuid.UUID, error) {
	projects, err := q.InvoiceProjects(ctx, invoice)
	if err != nil {
		return db.LockInvoiceRow{}, nil, err
	}
	if err := q.BillProjectLocks(ctx, projects); err != nil {
		return db.LockInvoiceRow{}, nil, err
	}
	inv, err := q.LockInvoice(ctx, invoice)
	if err != nil {
		return inv, nil, err
	}
	if inv.State != "draft" {
		return inv, projects, fault.New(billing.AlreadyComplete, "the invoice is completed already")
	}
	now, err := q.InvoiceProjects(ctx, invoice)
	if err == nil && !slices.Equal(now, projects) {
		err = errMoved
	}
	return inv, projects, err
}

// Collect rebuilds the lines of time of a draft: all billable time of its
// projects up to a date, rated afresh; without one up to the date it was made
// for. Items made by hand stay, taxed afresh unless they have a percent of their
// own. Selecting and claiming happen in the transaction of tx. Rule: billing,
// "Which time is billed".
func (s *Store) Collect(ctx context.Context, tx pgx.Tx, invoice uuid.UUID, through civil.Date) error {
	q := s.WithTx(tx)
	inv, projects, err := LockDraft(ctx, q, invoice)
	if err != nil {
		return err
	}
	if through.IsZero() {
		through = inv.Through
	}
	if _, err := q.ReleaseTime(ctx, invoice); err != nil {
		return err
	}
	if _, err := q.DeleteTimeLines(ctx, invoice); err != nil {
		return err
	}
	plans, err := q.BillableProjects(ctx, projects)
	if err != nil {
		return err
	}
	firm, err := q.Provider(ctx)
	if err != nil {
		return err
	}
	taxes, err := projectTaxes(ctx, q, plans)
	if err != nil {
		return err
	}
	position := 0
	for i, p := range plans {
		c := collector{store: s, q: q, invoice: inv, project: p, tax: taxes[i], through: through, zone: Zone(firm.TimeZone)}
		if position, err = c.run(ctx, position); err != nil {
			return err
		}
		if err := q.SetCollectedThrough(ctx, db.SetCollectedThroughParams{InvoiceID: invoice, ProjectID: p.ID, Through: c.through}); err != nil {
			return err
		}
	}
	if err := taxItems(ctx, q, invoice, plans, taxes, through); err != nil {
		return err
	}
	return s.Total(ctx, q, invoice, money.Currency(inv.Currency), through)
}

// Total adds an invoice up again after its lines changed.
func (s *Store) Total(ctx context.Context, q *db.Queries, invoice uuid.UUID, c money.Currency, through civil.Date) error {
	lines, err := q.InvoiceLines(ctx, invoice)
	if err != nil {
		return err
	}
	taxed := make([]billing.Taxed, len(lines))
	for i, l := range lines {
		taxed[i] = billing.Taxed{Amount: l.Amount, TaxPercent: l.TaxPercent}
	}
	t, err := billing.Sum(taxed, c)
	if err != nil {
		return err
	}
	return q.SetInvoiceTotals(ctx, db.SetInvoiceTotalsParams{ID: invoice, Subtotal: t.Subtotal, Tax: t.Tax, Total: t.Total, Through: through})
}

// collector turns the time of one project into lines of one invoice.
type collector struct {
	store   *Store
	q       *db.Queries
	invoice db.LockInvoiceRow
	project db.BillableProjectsRow
	tax     billing.Taxation
	through civil.Date
	zone    *time.Location // the firm's
	// one place for each entry
	ids      []uuid.UUID
	versions []int32
	worked   []billing.Worked

	foresees bool            // the period that goes on counts too: nothing is billed
	each     billing.Fees    // of a retainer
	shares   []billing.Share // of the periods whose fee is due
	billed   []billing.Share // of those whose fee is on an invoice
	prepaid  []billing.Prepaid
	toCome   int64 // minutes of hours whose price is not due yet
	extra    extras
}

func (c *collector) run(ctx context.Context, position int) (int, error) {
	if err := c.retained(ctx); err != nil {
		return position, err
	}
	if err := c.prepaidHours(ctx); err != nil {
		return position, err
	}
	lines, err := c.gather(ctx)
	if err != nil {
		return position, err
	}
	rows, lineIDs, err := c.rows(ctx, lines, position)
	if err != nil {
		return position, err
	}
	if err := c.extras(ctx, lines, position+len(rows)); err != nil {
		return position, err
	}
	rows = append(rows, c.extra.rows...)
	if len(rows) == 0 {
		return position, nil
	}
	if _, err := c.q.InsertTimeLines(ctx, rows); err != nil {
		return position, err
	}
	if err := c.claim(ctx, lineIDs); err != nil {
		return position, err
	}
	return position + len(rows), c.claimExtras(ctx)
}

func (c *collector) gather(ctx context.Context) ([]billing.Line, error) {
	if c.project.BillingKind == "fixed_price" {
		return nil, nil // its time is covered by the price
	}
	rates, err := c.rates(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := c.q.UnbilledTime(ctx, db.UnbilledTimeParams{ProjectID: c.project.ID, Through: c.through, NeedsApproval: c.project.NeedsApproval})
	if err != nil {
		return nil, err
	}
	if entries, err = c.held(ctx, rates, entries); err != nil {
		return nil, err
	}
	return c.price(ctx, rates, entries)
}

// price puts entries on lines, as the project's work statement wants them.
func (c *collector) price(ctx context.Context, rates []billing.Rate, entries []db.UnbilledTimeRow) ([]billing.Line, error) {
	g := billing.NewGatherer(billing.Plan{
		Currency: money.Currency(c.invoice.Currency), Grouping: billing.Grouping(c.project.LineGrouping),
		Increment: int64(c.project.IncrementMinutes), BilledThrough: c.project.BilledThrough, Tax: c.tax,
	}, billing.NewBook(rates))
	for _, e := range entries {
		c.ids, c.versions = append(c.ids, e.ID), append(c.versions, e.Version)
		entry := entryOf(e)
		if c.includes() {
			c.worked = append(c.worked, c.session(entry))
		}
		err := g.Add(entry)
		if fault.Is(err, billing.MissingRate) {
			return nil, c.missing(ctx, e)
		}
		if err != nil {
			return nil, err
		}
	}
	return g.Lines()
}

func (c *collector) rates(ctx context.Context) ([]billing.Rate, error) {
	rows, err := c.q.RatesForBilling(ctx, db.RatesForBillingParams{Currency: c.invoice.Currency, ProjectID: &c.project.ID, Through: c.through})
	if err != nil {
		return nil, err
	}
	rates := make([]billing.Rate, len(rows))
	for i, r := range rows {
		rates[i] = billing.Rate{PersonID: r.PersonID, ProjectID: r.ProjectID, Hourly: r.Hourly, From: r.FromOn, To: r.ToOn}
	}
	return rates, nil
}

// missing names person, project and date (S1.13).
func (c *collector) missing(ctx context.Context, e db.UnbilledTimeRow) error {
	p, err := c.q.Person(ctx, e.PersonID)
	return errors.Join(err, fault.New(billing.MissingRate, "no rate in %s for %s on project %s on %s", c.invoice.Currency, p.Name, c.project.Code, e.WorkDate))
}

// rows are the lines to store, and for each entry the line it goes on.
func (c *collector) rows(ctx context.Context, lines []billing.Line, position int) ([]db.InsertTimeLinesParams, []uuid.UUID, error) {
	names, err := c.names(ctx, lines)
	if err != nil {
		return nil, nil, err
	}
	rows, lineIDs := make([]db.InsertTimeLinesParams, len(lines)), make([]uuid.UUID, len(c.ids))
	names.sort(lines)
	for i, l := range lines {
		id := c.store.NewID()
		for _, place := range l.Entries {
			lineIDs[place] = id
		}
		source, minutes := string(l.Source), l.Minutes
		rows[i] = db.InsertTimeLinesParams{
			ID: id, InvoiceID: c.invoice.ID, Position: int32(position + i + 1), Kind: "time", ProjectID: &c.project.ID,
			TaskID: orNil(l.TaskID), PersonID: orNil(l.PersonID), Description: names.describe(l), Minutes: &minutes,
			Quantity: hours(l.Minutes), UnitPrice: l.Rate, Amount: l.Amount, TaxPercent: l.Tax, RateSource: &source,
			IncrementMinutes: c.project.IncrementMinutes, Late: l.Late, FirstDate: l.First, LastDate: l.Last,
		}
	}
	return rows, lineIDs, nil
}

func entryOf(e db.UnbilledTimeRow) billing.Entry {
	return billing.Entry{ID: e.ID, TaskID: e.TaskID, PersonID: e.PersonID, WorkDate: e.WorkDate, Minutes: int64(e.Minutes), NoCharge: e.Billing == "no_charge", Rate: e.RateOverride}
}

// claim links the entries to their lines; somebody else's claim or change in
// between rolls all back.
func (c *collector) claim(ctx context.Context, lineIDs []uuid.UUID) error {
	if len(c.ids) == 0 {
		return nil
	}
	n, err := c.q.ClaimTime(ctx, db.ClaimTimeParams{Ids: c.ids, Versions: c.versions, LineIds: lineIDs})
	if err != nil {
		return err
	}
	if n != int64(len(c.ids)) {
		return fault.New(fault.Conflict, "time of project %s changed while it was being billed; try again", c.project.Code)
	}
	return nil
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// hours is minutes as a decimal for reading; amounts are priced from minutes.
func hours(minutes int64) decimal.Decimal {
	return decimal.NewFromInt(minutes).DivRound(decimal.NewFromInt(60), 6)
}
