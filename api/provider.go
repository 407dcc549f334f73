package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/einvoice"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) providerRoutes() {
	read(s, op(http.MethodGet, "/provider", "get-provider", "The firm's letterhead and habits", http.StatusOK), s.getProvider)
	write[Provider](s, op(http.MethodPatch, "/provider", "edit-provider", "Change the firm's letterhead and habits", http.StatusOK), s.editProvider)
}

// Provider is the firm that runs the software (S1.01).
type Provider struct {
	Name              string `json:"name"`
	Address           string `json:"address"`
	Email             string `json:"email"`
	Phone             string `json:"phone"`
	Website           string `json:"website"`
	TaxID             string `json:"tax_id"`
	BankDetails       string `json:"bank_details"`
	Footer            string `json:"footer" doc:"Printed below every document"`
	TimeZone          string `json:"time_zone" doc:"Which day an invoice is issued on"`
	NumberSeries      string `json:"number_series" doc:"What invoice numbers begin with" example:"INV"`
	CreditSeries      string `json:"credit_series" doc:"What the numbers of credit notes begin with" example:"CN"`
	Street            string `json:"street"`
	City              string `json:"city"`
	PostalCode        string `json:"postal_code"`
	CountryCode       string `json:"country_code" doc:"ISO 3166-1" example:"DE"`
	VATID             string `json:"vat_id" doc:"With its country's prefix" example:"DE123456789"`
	Registration      string `json:"registration" doc:"Its number in the register of companies"`
	ElectronicAddress string `json:"electronic_address" doc:"Where e-invoices go: a scheme of the list EAS, a colon, the address" example:"0192:987654325"`
	IBAN              string `json:"iban" doc:"The account that is paid to"`
	BIC               string `json:"bic"`
	CreditorReference bool   `json:"creditor_reference" doc:"Whether invoices ask for a creditor reference (ISO 11649) instead of their number; where iban is a QR-IBAN they have a QR reference in any case"`
	PaymentCode       bool   `json:"payment_code" doc:"Whether invoices print a code to pay by, where the account has one: the QR code of the EPC (GiroCode) on those in euros, the payment part of a QR-bill for an account in Switzerland or Liechtenstein"`
	Version           int32  `json:"version"`
}

// ProviderPatch changes the given fields of the letterhead.
type ProviderPatch struct {
	Name              *string `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	Address           *string `json:"address,omitempty" maxLength:"2000"`
	Email             *string `json:"email,omitempty" maxLength:"320"`
	Phone             *string `json:"phone,omitempty" maxLength:"100"`
	Website           *string `json:"website,omitempty" maxLength:"200"`
	TaxID             *string `json:"tax_id,omitempty" maxLength:"100"`
	BankDetails       *string `json:"bank_details,omitempty" maxLength:"2000"`
	Footer            *string `json:"footer,omitempty" maxLength:"2000"`
	TimeZone          *string `json:"time_zone,omitempty" maxLength:"100"`
	NumberSeries      *string `json:"number_series,omitempty" pattern:"^[A-Z0-9]{1,8}$" doc:"A new series begins at 1"`
	CreditSeries      *string `json:"credit_series,omitempty" pattern:"^[A-Z0-9]{1,8}$" doc:"Another than number_series"`
	Street            *string `json:"street,omitempty" maxLength:"200"`
	City              *string `json:"city,omitempty" maxLength:"100"`
	PostalCode        *string `json:"postal_code,omitempty" maxLength:"20"`
	CountryCode       *string `json:"country_code,omitempty" maxLength:"2" doc:"ISO 3166-1" example:"DE"`
	VATID             *string `json:"vat_id,omitempty" maxLength:"30" doc:"With its country's prefix" example:"DE123456789"`
	Registration      *string `json:"registration,omitempty" maxLength:"100" doc:"Its number in the register of companies"`
	ElectronicAddress *string `json:"electronic_address,omitempty" maxLength:"200" doc:"Where e-invoices go: a scheme of the list EAS, a colon, the address" example:"0192:987654325"`
	IBAN              *string `json:"iban,omitempty" maxLength:"40" doc:"The account that is paid to"`
	BIC               *string `json:"bic,omitempty" maxLength:"11"`
	CreditorReference *bool   `json:"creditor_reference,omitempty" doc:"Whether invoices ask for a creditor reference (ISO 11649) instead of their number"`
	PaymentCode       *bool   `json:"payment_code,omitempty" doc:"Whether invoices print a code to pay by"`
}

// over puts the given fields over the letterhead as it is, if it can be stored.
func (b ProviderPatch) over(p Provider) (Provider, error) {
	set(&p.Name, b.Name)
	set(&p.Address, b.Address)
	set(&p.Email, b.Email)
	set(&p.Phone, b.Phone)
	set(&p.Website, b.Website)
	set(&p.TaxID, b.TaxID)
	set(&p.BankDetails, b.BankDetails)
	set(&p.Footer, b.Footer)
	set(&p.TimeZone, b.TimeZone)
	set(&p.NumberSeries, b.NumberSeries)
	set(&p.CreditSeries, b.CreditSeries)
	if p.CreditSeries == p.NumberSeries {
		return p, fault.Wrong("credit_series", "invoices and credit notes have a series each")
	}
	set(&p.Street, b.Street)
	set(&p.City, b.City)
	set(&p.PostalCode, b.PostalCode)
	set(&p.CountryCode, b.CountryCode)
	set(&p.VATID, b.VATID)
	set(&p.Registration, b.Registration)
	set(&p.ElectronicAddress, b.ElectronicAddress)
	set(&p.IBAN, b.IBAN)
	set(&p.BIC, b.BIC)
	set(&p.CreditorReference, b.CreditorReference)
	set(&p.PaymentCode, b.PaymentCode)
	if b.Email != nil && *b.Email != "" {
		var err error
		if p.Email, err = emailOf("email", *b.Email); err != nil {
			return p, err
		}
	}
	if err := p.codes(); err != nil {
		return p, err
	}
	return p, checkZone("time_zone", p.TimeZone)
}

// codes puts the codes of e-invoices as they are stored, if they are sound.
func (p *Provider) codes() error {
	if err := partyCodes(&p.CountryCode, &p.VATID, &p.ElectronicAddress); err != nil {
		return err
	}
	var err error
	if p.IBAN, err = einvoice.ParseIBAN("iban", p.IBAN); err != nil {
		return err
	}
	p.BIC, err = einvoice.ParseBIC("bic", p.BIC)
	return err
}

func provider(ctx context.Context, q *db.Queries) (Provider, error) {
	r, err := q.Provider(ctx)
	return Provider(r), err
}

func (s *Server) getProvider(ctx context.Context, _ *struct{}) (*One[Provider], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	p, err := provider(ctx, s.store.Queries)
	return one(p, p.Version), err
}

func (s *Server) editProvider(ctx context.Context, in *struct {
	WriteHeaders
	patched[ProviderPatch]
}) (*Done, error) {
	// There is one provider: its id is none.
	r, err := s.content(ctx, in.WriteHeaders, providerKind, uuid.Nil, "edit", in.Body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if err := q.LockProvider(ctx); err != nil {
			return nil, err
		}
		before, err := provider(ctx, q)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		p, err := in.Body.over(before)
		changes := postgres.Diff(before, p)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if _, err := q.UpdateProvider(ctx, db.UpdateProviderParams(p)); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, p.Version+1, changes, ""); err != nil {
			return nil, err
		}
		return provider(ctx, q)
	})
}
