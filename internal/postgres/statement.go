package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/money"
	"steward/internal/postgres/db"
)

// Aged is what is owed on a day, by client and currency; of one client where
// one is named.
func Aged(ctx context.Context, q *db.Queries, asOf civil.Date, client *uuid.UUID) ([]billing.Receivables, error) {
	open, err := q.OpenAsOf(ctx, asOf, client)
	if err != nil {
		return nil, err
	}
	left, err := q.CreditAsOf(ctx, asOf, client)
	if err != nil {
		return nil, err
	}
	all := []billing.Receivables{}
	find := func(id uuid.UUID, name, currency string) *billing.Receivables {
		i := slices.IndexFunc(all, func(r billing.Receivables) bool { return r.ClientID == id && string(r.Currency) == currency })
		if i < 0 {
			all = append(all, billing.Receivables{ClientID: id, ClientName: name, Currency: money.Currency(currency)})
			i = len(all) - 1
		}
		return &all[i]
	}
	var last *billing.Receivables
	for _, r := range open { // by client and currency
		if last == nil || last.ClientID != r.ClientID || string(last.Currency) != r.Currency {
			all = append(all, billing.Receivables{ClientID: r.ClientID, ClientName: r.ClientName, Currency: money.Currency(r.Currency)})
			last = &all[len(all)-1]
		}
		last.Add(r.Balance, r.DueOn, asOf)
	}
	for _, r := range left {
		find(r.ClientID, r.ClientName, r.Currency).Credit = r.Credit
	}
	slices.SortStableFunc(all, func(a, b billing.Receivables) int {
		return cmp.Or(cmp.Compare(a.ClientName, b.ClientName), slices.Compare(a.ClientID[:], b.ClientID[:]), cmp.Compare(a.Currency, b.Currency))
	})
	return all, nil
}

// AllAged is what is owed on a day by all clients, as it is printed on another.
func AllAged(ctx context.Context, q *db.Queries, asOf, on civil.Date) (billing.AgedReceivables, error) {
	p, err := q.Provider(ctx)
	if err != nil {
		return billing.AgedReceivables{}, err
	}
	all, err := Aged(ctx, q, asOf, nil)
	return billing.AgedReceivables{
		On: on, AsOf: asOf, Clients: all,
		Firm: FirmParty(p),
	}, err
}

// StatementOf is a client's statement of account from a day to a day, both
// included (N.13).
func StatementOf(ctx context.Context, q *db.Queries, client uuid.UUID, from, to, on civil.Date) (billing.Statement, error) {
	p, err := q.StatementParties(ctx, client)
	if err != nil {
		return billing.Statement{}, Refusal(err)
	}
	s := billing.Statement{
		On: on, From: from, To: to,
		Firm: billing.Party{
			Name: p.Name, Address: p.Address, Street: p.Street, City: p.City, PostalCode: p.PostalCode, Country: p.CountryCode, Email: p.Email, Phone: p.Phone, Web: p.Website,
			TaxID: p.TaxID, VATID: p.VATID, Bank: p.BankDetails, IBAN: p.IBAN, BIC: p.BIC, Footer: p.Footer,
		},
		Client: billing.Party{
			Name: p.ClientName, Address: p.BillingAddress, Street: p.ClientStreet, City: p.ClientCity, PostalCode: p.ClientPostalCode, Country: p.ClientCountryCode,
			Email: p.ClientEmail, TaxID: p.ClientTaxID, VATID: p.ClientVATID,
		},
		Language: p.Language,
	}
	rows, err := q.Movements(ctx, to, client)
	if err != nil {
		return s, err
	}
	s.Accounts = accountsOf(rows, from, to)
	if len(s.Accounts) == 0 {
		s.Accounts = []billing.Account{{Currency: money.Currency(p.Currency), From: from, To: to}}
	}
	aged, err := Aged(ctx, q, to, &client)
	for _, r := range aged {
		for i := range s.Accounts {
			if s.Accounts[i].Currency == r.Currency {
				s.Accounts[i].Aging = r.Aging
			}
		}
	}
	return s, err
}

func accountsOf(rows []db.MovementsRow, from, to civil.Date) []billing.Account {
	var all []billing.Account
	for _, r := range rows { // by currency
		if n := len(all); n == 0 || string(all[n-1].Currency) != r.Currency {
			all = append(all, billing.Account{Currency: money.Currency(r.Currency), From: from, To: to, Opening: decimal.Zero})
		}
		a := &all[len(all)-1]
		if r.OnDay.Before(from) {
			a.Opening = a.Opening.Add(r.Amount)
			continue
		}
		a.Movements = append(a.Movements, billing.Movement{On: r.OnDay, Kind: billing.LedgerKind(r.Kind), Number: deref(r.Number), Text: r.Text, DueOn: r.DueOn, Amount: r.Amount})
	}
	for i := range all {
		all[i].Run()
	}
	return all
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
