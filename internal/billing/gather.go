package billing

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

// Grouping is how a work statement wants its time on the invoice.
type Grouping string

// One line for each task and person is the default; a new rate, its source, tax
// or lateness always starts another line.
const (
	ByTaskPerson Grouping = "task_person"
	ByTask       Grouping = "task"
	ByPerson     Grouping = "person"
	ByEntry      Grouping = "entry"
)

// Entry is time to be billed.
type Entry struct {
	ID       uuid.UUID
	TaskID   uuid.UUID
	PersonID uuid.UUID
	WorkDate civil.Date
	Minutes  int64
	NoCharge bool
	Rate     *decimal.Decimal // set for this session alone
}

// Plan is what a work statement says about turning time into lines.
type Plan struct {
	Currency      money.Currency
	Grouping      Grouping
	Increment     int64      // minutes each entry is rounded up to; 0: exact
	BilledThrough civil.Date // the end of what was billed before; zero: nothing was
	Tax           Taxation   // by the work date
}

// Line is one line of time on an invoice.
type Line struct {
	TaskID   uuid.UUID // zero when grouped by person
	PersonID uuid.UUID // zero when grouped by task
	EntryID  uuid.UUID // set when each entry is shown
	Minutes  int64     // after the increment
	Rate     decimal.Decimal
	Source   Source
	Tax      decimal.Decimal // percent
	Amount   decimal.Decimal
	Late     bool // worked in a period that was billed before
	First    civil.Date
	Last     civil.Date
	Entries  []int // places of its entries, in the order they were added
}

// key is what makes two entries one line.
type key struct {
	task, person, entry uuid.UUID
	rate, tax           string
	source              Source
	late                bool
}

// Gatherer collects entries into lines. It keeps a line for each group and a
// number for each entry, so that its memory stays small for any project.
type Gatherer struct {
	plan  Plan
	book  Book
	lines map[key]*Line
	count int
}

// NewGatherer makes an empty one.
func NewGatherer(p Plan, b Book) *Gatherer {
	return &Gatherer{plan: p, book: b, lines: map[key]*Line{}}
}

// Add puts an entry on its line. It refuses an entry without a rate with
// [MissingRate].
func (g *Gatherer) Add(e Entry) error {
	hourly, source, err := g.book.Price(e)
	if err != nil {
		return err
	}
	tax := g.plan.Tax.On(e.WorkDate)
	k := key{rate: hourly.String(), tax: tax.String(), source: source, late: !g.plan.BilledThrough.IsZero() && !e.WorkDate.After(g.plan.BilledThrough)}
	switch g.plan.Grouping {
	case ByTask:
		k.task = e.TaskID
	case ByPerson:
		k.person = e.PersonID
	case ByEntry:
		k.task, k.person, k.entry = e.TaskID, e.PersonID, e.ID
	default:
		k.task, k.person = e.TaskID, e.PersonID
	}
	l := g.lines[k]
	if l == nil {
		l = &Line{TaskID: k.task, PersonID: k.person, EntryID: k.entry, Rate: hourly, Source: source, Tax: tax, Late: k.late, First: e.WorkDate, Last: e.WorkDate}
		g.lines[k] = l
	}
	l.add(e, g.plan.Increment, g.count)
	g.count++
	return nil
}

func (l *Line) add(e Entry, increment int64, place int) {
	l.Minutes += RoundUp(e.Minutes, increment)
	l.Entries = append(l.Entries, place)
	if e.WorkDate.Before(l.First) {
		l.First = e.WorkDate
	}
	if e.WorkDate.After(l.Last) {
		l.Last = e.WorkDate
	}
}

// RoundUp raises minutes to a multiple of the increment; 0 and 1 leave them.
func RoundUp(minutes, increment int64) int64 {
	if increment < 2 {
		return minutes
	}
	return (minutes + increment - 1) / increment * increment
}

// Lines prices what was gathered, in an order that is always the same.
func (g *Gatherer) Lines() ([]Line, error) {
	lines := make([]Line, 0, len(g.lines))
	for _, l := range g.lines {
		amount, err := money.ForTime(l.Minutes, l.Rate, g.plan.Currency)
		if err != nil {
			return nil, err
		}
		l.Amount = amount
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, compareLines)
	return lines, nil
}

// compareLines needs no look at what is late: its first day says so.
func compareLines(a, b Line) int {
	return cmp.Or(
		bytes.Compare(a.TaskID[:], b.TaskID[:]),
		bytes.Compare(a.PersonID[:], b.PersonID[:]),
		a.First.Compare(b.First),
		a.Rate.Cmp(b.Rate),
		cmp.Compare(a.Source, b.Source),
		a.Tax.Cmp(b.Tax),
		bytes.Compare(a.EntryID[:], b.EntryID[:]),
	)
}

// ItemKind is what a line made by hand is for (S1.76).
type ItemKind string

// The kinds of items; a discount lowers the total.
const (
	Expense  ItemKind = "expense"
	Fixed    ItemKind = "fixed"
	Charge   ItemKind = "charge"
	Discount ItemKind = "discount"
)

// Item is a line made by hand.
type Item struct {
	Kind      ItemKind
	Quantity  decimal.Decimal
	UnitPrice decimal.Decimal
}

// Amount prices an item: quantity × unit price, rounded half up to the
// currency's decimals, below zero for a discount. It refuses a quantity that is
// not above zero, and a negative price: a discount is a kind of its own.
func (i Item) Amount(c money.Currency) (decimal.Decimal, error) {
	if i.Quantity.Sign() <= 0 {
		return decimal.Zero, fault.Wrong("quantity", "must be above zero")
	}
	if i.UnitPrice.Sign() < 0 {
		return decimal.Zero, fault.Wrong("unit_price", "must not be negative; use the kind discount to lower the total")
	}
	amount := c.Round(i.Quantity.Mul(i.UnitPrice))
	if i.Kind == Discount {
		amount = amount.Neg()
	}
	return money.Check(amount)
}
