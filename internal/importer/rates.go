package importer

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"steward/internal/money"
	"steward/internal/postgres"
)

// A rateBook holds the rates that are stored and those of the files.
type rateBook struct {
	of    map[rateKey][]postgres.ImportRate
	lines map[uuid.UUID]origin // of the new ones
}

// rateKey is whose rate it is: of one key only one is valid on a day.
type rateKey struct {
	person, project uuid.UUID
	currency        money.Currency
}

type origin struct {
	file string
	line int
}

func newRateBook(stored []postgres.ImportRate) *rateBook {
	b := &rateBook{map[rateKey][]postgres.ImportRate{}, map[uuid.UUID]origin{}}
	for _, s := range stored {
		b.of[keyOf(s)] = append(b.of[keyOf(s)], s)
	}
	return b
}

func keyOf(t postgres.ImportRate) rateKey { return rateKey{t.PersonID, t.ProjectID, t.Currency} }

// take adds the rate of a row. It is not fresh if one from the same day on is
// stored; another one of the files is a problem.
func (b *rateBook) take(r *row, t postgres.ImportRate) (fresh bool) {
	for _, o := range b.of[keyOf(t)] {
		if o.From != t.From {
			continue
		}
		if first, isNew := b.lines[o.ID]; isNew {
			r.problem("from", OverlappingRates, "%s, line %d, has a rate in %s from %s on already",
				first.file, first.line, t.Currency, t.From)
		}
		return false
	}
	b.of[keyOf(t)] = append(b.of[keyOf(t)], t)
	b.lines[t.ID] = origin{r.book.file, r.line}
	return true
}

// settle gives every rate its end, the day on which the next begins. It returns
// the new rates, and the stored ones that a new one follows.
func (b *rateBook) settle() (fresh, ended []postgres.ImportRate) {
	for _, list := range b.of {
		slices.SortFunc(list, func(x, y postgres.ImportRate) int { return x.From.Compare(y.From) })
		for i, t := range list {
			followed := i+1 < len(list)
			if followed {
				t.Until = list[i+1].From
			}
			switch {
			case b.isNew(t):
				fresh = append(fresh, t)
			case followed && b.isNew(list[i+1]):
				ended = append(ended, t)
			}
		}
	}
	return fresh, ended
}

func (b *rateBook) isNew(t postgres.ImportRate) bool {
	_, ok := b.lines[t.ID]
	return ok
}

func (f *firm) readRates(ctx context.Context) error {
	return f.eachRow(ctx, checking+ratesFile, ratesFile, func(r *row) error {
		if r.bad {
			return nil
		}
		t := f.rate(r)
		if r.bad {
			return nil
		}
		if fresh := f.rates.take(r, t); !fresh && !r.bad {
			f.counts[ratesFile].There++
		}
		return nil
	})
}

func (f *firm) rate(r *row) postgres.ImportRate {
	t := postgres.ImportRate{
		ID:       f.opts.newID(),
		Hourly:   r.hourly("rate"),
		Currency: r.currency("currency"),
		From:     r.needDay("from"),
	}
	if r.cell("person") == "" && r.cell("project") == "" {
		r.problem("person", Missing, "a rate is a person's, a project's or both's")
	}
	if p := f.people.refer(r, "person"); p != nil {
		t.PersonID = p.ID
	}
	if p := f.projects.refer(r, "project"); p != nil {
		t.ProjectID = p.ID
	}
	return t
}
