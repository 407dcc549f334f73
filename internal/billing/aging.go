package billing

import (
	"github.com/shopspring/decimal"

	"steward/internal/civil"
)

// Bucket is how long something has been owed.
type Bucket int

// The buckets of receivables by age (N.13). What is due on the day is current.
const (
	Current Bucket = iota
	To30
	To60
	To90
	Over90
	buckets
)

// Age is the bucket of what was due on a day, as of another.
func Age(due, asOf civil.Date) Bucket {
	switch days := asOf.DaysSince(due); {
	case days <= 0:
		return Current
	case days <= 30:
		return To30
	case days <= 60:
		return To60
	case days <= 90:
		return To90
	}
	return Over90
}

// Aging is what is owed, by age; Total is what all buckets come to, and Owed is
// that less the credit left over: what the client's ledger says.
type Aging struct {
	Buckets       [buckets]decimal.Decimal
	Total, Credit decimal.Decimal
}

// Add adds what is owed on an invoice.
func (a *Aging) Add(balance decimal.Decimal, due, asOf civil.Date) {
	b := Age(due, asOf)
	a.Buckets[b] = a.Buckets[b].Add(balance)
	a.Total = a.Total.Add(balance)
}

// Owed is what is owed less the credit left over.
func (a *Aging) Owed() decimal.Decimal { return a.Total.Sub(a.Credit) }
