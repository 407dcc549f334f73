package postgres

import (
	"steward/internal/billing"
	"steward/internal/postgres/db"
)

// MostCopies is how many addresses get copies of what is mailed to a client at
// most.
const MostCopies = 10

// FirmParty is the firm as its documents need it.
func FirmParty(p db.ProviderRow) billing.Party {
	return billing.Party{
		Name: p.Name, Address: p.Address, Street: p.Street, City: p.City, PostalCode: p.PostalCode, Country: p.CountryCode,
		Email: p.Email, Phone: p.Phone, Web: p.Website, TaxID: p.TaxID, VATID: p.VATID, Bank: p.BankDetails, IBAN: p.IBAN, BIC: p.BIC, Footer: p.Footer,
	}
}

// ClientParty is a client as its documents need it.
func ClientParty(c db.Client) billing.Party {
	return billing.Party{
		Name: c.Name, Address: c.BillingAddress, Street: c.Street, City: c.City, PostalCode: c.PostalCode, Country: c.CountryCode,
		Email: c.Email, TaxID: c.TaxID, VATID: c.VATID,
	}
}
