package billing

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

// Treatment is what becomes of what is credited.
type Treatment string

// What is released is billable again; what is written off is not.
const (
	Release  Treatment = "release"
	WriteOff Treatment = "write_off"
)

// CreditAsk is what is to be credited of one line: of time by entry, never by
// quantity; of an item all that is left or an amount.
type CreditAsk struct {
	LineID    uuid.UUID
	Treatment Treatment
	Entries   []uuid.UUID // none: all that are left
	Amount    *decimal.Decimal
}

// CreditBase is a line of the invoice as credit notes left it.
type CreditBase struct {
	ID         uuid.UUID
	Time       bool
	Claimed    bool  // not time, and billed from a record of its own: a milestone, an expense
	Minutes    int64 // of time, after the increment
	Rate       decimal.Decimal
	Increment  int64
	Amount     decimal.Decimal
	TaxPercent decimal.Decimal
	// what credit notes took before
	BeforeMinutes int64
	BeforeAmount  decimal.Decimal
	// what is left of its time: the recorded minutes by entry
	Entries map[uuid.UUID]int64
}

// CreditLine is a line of a credit note.
type CreditLine struct {
	LineID     uuid.UUID
	Treatment  Treatment
	Entries    []uuid.UUID
	Minutes    int64
	Amount     decimal.Decimal
	TaxPercent decimal.Decimal
}

// CreditNote prices what is taken back of an invoice. Whatever was credited
// before counts: the last entry of a line takes what rounding left, and the tax
// of all credit notes together is what the invoice's lines would have, so that
// an invoice credited in parts is credited exactly. It refuses with
// [AlreadyCredited], [NothingToCredit] and [ExceedsInvoice]. A milestone or an
// expense is released whole; of another item there is nothing to release. What was
// given up of the invoice before, by credit notes or written off, is not credited
// again. Rule: billing, "Void and credit"; N.04.
func CreditNote(asks []CreditAsk, lines []CreditBase, total, givenUp decimal.Decimal, c money.Currency) ([]CreditLine, Totals, error) {
	lines = slices.Clone(lines)
	var out []CreditLine
	before := taxedBefore(lines)
	for _, a := range asks {
		i := slices.IndexFunc(lines, func(l CreditBase) bool { return l.ID == a.LineID })
		if i < 0 {
			return nil, Totals{}, fault.Wrong("lines", "%s is not a line of this invoice", a.LineID)
		}
		l, err := lines[i].credit(a, c)
		if err != nil {
			return nil, Totals{}, err
		}
		if slices.ContainsFunc(out, func(o CreditLine) bool { return o.LineID == l.LineID && o.Treatment == l.Treatment }) {
			return nil, Totals{}, fault.Wrong("lines", "%s is named twice with %s", l.LineID, l.Treatment)
		}
		lines[i].take(l)
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil, Totals{}, fault.New(NothingToCredit, "name the lines to be credited")
	}
	t, err := creditTotals(out, before, c)
	switch {
	case err != nil:
		return nil, t, err
	case t.Total.Sign() < 0:
		return nil, t, fault.New(NothingToCredit, "the lines come to %s: less than nothing cannot be credited", c.Format(t.Total))
	case t.Total.Add(givenUp).GreaterThan(total):
		return nil, t, fault.New(ExceedsInvoice, "%s and the %s credited or written off before are more than the invoice's %s; credit its discounts with it",
			c.Format(t.Total), c.Format(givenUp), c.Format(total))
	}
	return out, t, nil
}

func (l *CreditBase) credit(a CreditAsk, c money.Currency) (CreditLine, error) {
	if a.Treatment != Release && a.Treatment != WriteOff {
		return CreditLine{}, fault.Wrong("lines", "say release or write_off for each line")
	}
	if l.Time {
		return l.creditTime(a, c)
	}
	return l.creditItem(a, c)
}

func (l *CreditBase) creditTime(a CreditAsk, c money.Currency) (CreditLine, error) {
	if a.Amount != nil {
		return CreditLine{}, fault.Wrong("lines", "time is credited by entry, not by amount")
	}
	out := CreditLine{LineID: l.ID, Treatment: a.Treatment, Entries: a.Entries, TaxPercent: l.TaxPercent}
	if len(out.Entries) == 0 {
		for id := range l.Entries {
			out.Entries = append(out.Entries, id)
		}
	}
	out.Entries = unique(out.Entries)
	for _, id := range out.Entries {
		minutes, ok := l.Entries[id]
		if !ok {
			return out, fault.New(AlreadyCredited, "the time entry %s is not on this line, or was credited before", id)
		}
		out.Minutes += RoundUp(minutes, l.Increment)
	}
	if len(out.Entries) == 0 {
		return out, fault.New(AlreadyCredited, "all of the line was credited before")
	}
	upTo, err := money.ForTime(l.BeforeMinutes+out.Minutes, l.Rate, c)
	out.Amount = upTo.Sub(l.BeforeAmount)
	return out, err
}

func (l *CreditBase) creditItem(a CreditAsk, c money.Currency) (CreditLine, error) {
	left := l.Amount.Sub(l.BeforeAmount)
	out := CreditLine{LineID: l.ID, Treatment: a.Treatment, Amount: left, TaxPercent: l.TaxPercent}
	switch {
	case len(a.Entries) > 0:
		return out, fault.Wrong("lines", "an item has no entries")
	case left.IsZero():
		return out, fault.New(AlreadyCredited, "all of the item was credited before")
	case a.Treatment == Release && !l.Claimed:
		return out, fault.Wrong("lines", "of this item there is nothing to be billed again: write it off")
	case a.Treatment == Release && (!l.BeforeAmount.IsZero() || a.Amount != nil && !a.Amount.Equal(left)):
		return out, fault.Wrong("lines", "a milestone or an expense is released whole: write off a part of it")
	case a.Amount == nil:
		return out, nil
	case !c.Fits(*a.Amount) || a.Amount.Sign() != left.Sign():
		return out, fault.Wrong("lines", "%s is no amount of this item", a.Amount)
	case a.Amount.Abs().GreaterThan(left.Abs()):
		return out, fault.New(AlreadyCredited, "%s of the item is left to be credited", c.Format(left))
	}
	out.Amount = *a.Amount
	return out, nil
}

// take leaves of the line what the next credit may have.
func (l *CreditBase) take(x CreditLine) {
	l.BeforeAmount, l.BeforeMinutes = l.BeforeAmount.Add(x.Amount), l.BeforeMinutes+x.Minutes
	left := map[uuid.UUID]int64{}
	for id, minutes := range l.Entries {
		if !slices.Contains(x.Entries, id) {
			left[id] = minutes
		}
	}
	l.Entries = left
}

func taxedBefore(lines []CreditBase) []Taxed {
	var all []Taxed
	for _, l := range lines {
		all = append(all, Taxed{l.BeforeAmount, l.TaxPercent})
	}
	return all
}

// creditTotals adds up a credit note: its tax is what the tax of all credit
// notes grows by.
func creditTotals(lines []CreditLine, before []Taxed, c money.Currency) (Totals, error) {
	var own []Taxed
	for _, l := range lines {
		own = append(own, Taxed{l.Amount, l.TaxPercent})
	}
	t, err := Sum(own, c)
	if err != nil {
		return t, err
	}
	was, err := Sum(before, c)
	if err != nil {
		return t, err
	}
	all, err := Sum(append(slices.Clone(before), own...), c)
	t.Tax = decimal.Zero
	for i := range t.Taxes {
		p := t.Taxes[i].Percent
		t.Taxes[i].Amount = taxAt(all, p).Sub(taxAt(was, p))
		t.Tax = t.Tax.Add(t.Taxes[i].Amount)
	}
	t.Total = t.Subtotal.Add(t.Tax)
	return t, err
}

func taxAt(t Totals, percent decimal.Decimal) decimal.Decimal {
	for _, x := range t.Taxes {
		if x.Percent.Equal(percent) {
			return x.Amount
		}
	}
	return decimal.Zero
}

func unique(ids []uuid.UUID) []uuid.UUID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// CreditVoidable refuses to make a credit note void a second time, with
// [CreditVoid]; one of which something went to other invoices or was given back,
// with [CreditUsed]; and one that another followed, whose amounts go on from it,
// with [CreditedSince]. Rule: billing, "Void and credit".
func CreditVoidable(void bool, went, later string) error {
	switch {
	case void:
		return fault.New(CreditVoid, "the credit note is void")
	case went != "":
		return fault.New(CreditUsed, "some of the credit note was used: %s; reverse its refunds first, or invoice anew what another invoice was settled with", went)
	case later != "":
		return fault.New(CreditedSince, "%s took more of the invoice since; make that void first", later)
	}
	return nil
}

// PutBack refuses time of a void credit note that is not what its line says any
// more, with [BilledAgain]: it was billed again, on an invoice or, without a
// number, on a draft, or changed.
func PutBack(day civil.Date, billed bool, number string, same bool) error {
	switch {
	case billed && number == "":
		return fault.New(BilledAgain, "time of %s that it released is on a draft; take it off first", day)
	case billed:
		return fault.New(BilledAgain, "time of %s that it released is on %s", day, number)
	case !same:
		return fault.New(BilledAgain, "time of %s that it released was changed since", day)
	}
	return nil
}

// ItemsGone is why an item of a void credit note cannot be put back.
func ItemsGone() error {
	return fault.New(BilledAgain, "a milestone, an expense or prepaid hours that it released were billed again, used or changed since")
}
