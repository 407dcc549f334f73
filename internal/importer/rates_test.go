package importer

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres"
)

var ann = uuid.New()

func annRate(c money.Currency, from civil.Date) postgres.ImportRate {
	return postgres.ImportRate{ID: uuid.New(), PersonID: ann, Currency: c, From: from}
}

// spans shows rates in order: "GBP [2026-01-01,)".
func spans(list []postgres.ImportRate) string {
	slices.SortFunc(list, func(a, b postgres.ImportRate) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), a.From.Compare(b.From))
	})
	var all []string
	for _, t := range list {
		all = append(all, string(t.Currency)+" ["+t.From.String()+","+t.Until.String()+")")
	}
	return strings.Join(all, " ")
}

func TestARateEndsWhereTheNextBegins(t *testing.T) { // S1.12, S1.13
	b, r := newRateBook(nil), &row{book: &book{layout: layoutOf(ratesFile)}}
	b.take(r, annRate("GBP", civil.Of(2027, 1, 1)))
	b.take(r, annRate("GBP", civil.Of(2026, 1, 1)))
	b.take(r, annRate("EUR", civil.Of(2026, 6, 1)))
	fresh, ended := b.settle()
	if got, want := spans(fresh), "EUR [2026-06-01,) GBP [2026-01-01,2027-01-01) GBP [2027-01-01,)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(ended) > 0 {
		t.Errorf("ended: %v", ended)
	}
}

func TestANewRateEndsAStoredOne(t *testing.T) { // S1.12, S1.13
	b := newRateBook([]postgres.ImportRate{annRate("GBP", civil.Of(2026, 1, 1)), annRate("GBP", civil.Of(2020, 1, 1))})
	r := &row{book: &book{layout: layoutOf(ratesFile)}}
	if !b.take(r, annRate("GBP", civil.Of(2023, 1, 1))) {
		t.Error("a new rate was taken for a stored one")
	}
	if b.take(r, annRate("GBP", civil.Of(2026, 1, 1))) || r.bad {
		t.Error("a stored rate was taken for a new one")
	}
	fresh, ended := b.settle()
	if got, want := spans(fresh), "GBP [2023-01-01,2026-01-01)"; got != want {
		t.Errorf("fresh: got %s, want %s", got, want)
	}
	if got, want := spans(ended), "GBP [2020-01-01,2023-01-01)"; got != want {
		t.Errorf("ended: got %s, want %s", got, want)
	}
}
