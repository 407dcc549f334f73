package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) clientRoutes() {
	write[Client](s, op(http.MethodPost, "/clients", "create-client", "Add a client", http.StatusCreated), s.createClient)
	read(s, op(http.MethodGet, "/clients", "list-clients", "List clients, the oldest first", http.StatusOK), s.listClients)
	read(s, op(http.MethodGet, "/clients/{id}", "get-client", "One client", http.StatusOK), s.getClient)
	write[Client](s, op(http.MethodPatch, "/clients/{id}", "edit-client", "Change a client", http.StatusOK), s.editClient)
	s.providerRoutes()
	s.partnerRoutes()
	s.taxCodeRoutes()
}

// Client is a customer organisation (S1.01).
type Client struct {
	ID                uuid.UUID        `json:"id"`
	ExternalKey       *string          `json:"external_key,omitempty" doc:"The importer's own key"`
	Name              string           `json:"name"`
	Currency          string           `json:"currency" doc:"Of its new projects" example:"GBP"`
	Email             string           `json:"email" doc:"Where invoices go"`
	BillingCC         []string         `json:"billing_cc" doc:"Who gets copies of invoices, credit notes and reminders that go by mail"`
	BillingAddress    string           `json:"billing_address"`
	TaxID             string           `json:"tax_id"`
	PaymentTermsDays  int32            `json:"payment_terms_days"`
	TaxPercent        *decimal.Decimal `json:"tax_percent" doc:"Null where a tax code says it"`
	TaxCodeID         *uuid.UUID       `json:"tax_code_id" doc:"Taxed as this tax code says for the day of each supply"`
	TimeZone          string           `json:"time_zone"`
	Language          string           `json:"language" enum:"en,de,fr,es" doc:"Of what is sent to it"`
	Street            string           `json:"street"`
	City              string           `json:"city"`
	PostalCode        string           `json:"postal_code"`
	CountryCode       string           `json:"country_code" doc:"ISO 3166-1" example:"DE"`
	VATID             string           `json:"vat_id" doc:"With its country's prefix" example:"DE123456789"`
	Registration      string           `json:"registration" doc:"Its number in the register of companies"`
	ElectronicAddress string           `json:"electronic_address" doc:"Where e-invoices go: a scheme of the list EAS, a colon, the address" example:"0192:987654325"`
	BuyerReference    string           `json:"buyer_reference" doc:"What it asks to be quoted on invoices: a department, a routing id"`
	EInvoice          string           `json:"einvoice" enum:",en16931,peppol,xrechnung" doc:"Which e-invoice it insists on: an invoice is only completed with all that this one needs"`
	TaxCategory       string           `json:"tax_category" enum:"standard,zero,exempt,reverse_charge,out_of_scope" doc:"All but standard are at 0 %"`
	TaxNote           string           `json:"tax_note" doc:"Why no tax is charged, in the words of the law; printed on invoices"`
	CreatedAt         time.Time        `json:"created_at"`
	Version           int32            `json:"version"`
	AccountManagerID  *uuid.UUID       `json:"account_manager_id" doc:"Who answers for the client, where no project of it has another"`
	Calendar          *civil.Calendar  `json:"calendar" doc:"The hours that count for its requests, by its clocks; null: as is usual"`
	GatherInvoices    bool             `json:"gather_invoices" doc:"The clock puts all its projects of a period on one invoice"`
}

// ClientBody describes a new client.
type ClientBody struct {
	Name              string           `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Currency          string           `json:"currency" maxLength:"10" doc:"ISO 4217; of its new projects" example:"GBP"`
	Email             string           `json:"email,omitempty" maxLength:"320" doc:"Where invoices go"`
	BillingCC         []string         `json:"billing_cc,omitempty" maxItems:"10" maxLength:"320" doc:"Who gets copies of invoices, credit notes and reminders that go by mail"`
	BillingAddress    string           `json:"billing_address,omitempty" maxLength:"2000"`
	TaxID             string           `json:"tax_id,omitempty" maxLength:"100"`
	PaymentTermsDays  *int32           `json:"payment_terms_days,omitempty" minimum:"0" maximum:"365" default:"30"`
	TaxPercent        *decimal.Decimal `json:"tax_percent,omitempty" doc:"0 if neither this nor a tax_code_id is given"`
	TaxCodeID         *uuid.UUID       `json:"tax_code_id,omitempty" doc:"Instead of tax_percent: taxed as this tax code says for the day of each supply"`
	TimeZone          string           `json:"time_zone,omitempty" maxLength:"100" default:"UTC" doc:"Which day it is for the client"`
	Language          string           `json:"language,omitempty" enum:"en,de,fr,es" default:"en" doc:"Of invoices, reminders and the mail they go with, and of their figures"`
	Street            string           `json:"street,omitempty" maxLength:"200"`
	City              string           `json:"city,omitempty" maxLength:"100"`
	PostalCode        string           `json:"postal_code,omitempty" maxLength:"20"`
	CountryCode       string           `json:"country_code,omitempty" maxLength:"2" doc:"ISO 3166-1" example:"DE"`
	VATID             string           `json:"vat_id,omitempty" maxLength:"30" doc:"With its country's prefix" example:"DE123456789"`
	Registration      string           `json:"registration,omitempty" maxLength:"100" doc:"Its number in the register of companies"`
	ElectronicAddress string           `json:"electronic_address,omitempty" maxLength:"200" doc:"Where e-invoices go: a scheme of the list EAS, a colon, the address" example:"0192:987654325"`
	BuyerReference    string           `json:"buyer_reference,omitempty" maxLength:"200" doc:"What it asks to be quoted on invoices: a department, a routing id"`
	EInvoice          string           `json:"einvoice,omitempty" enum:",en16931,peppol,xrechnung" doc:"Which e-invoice it insists on"`
	TaxCategory       string           `json:"tax_category,omitempty" enum:"standard,zero,exempt,reverse_charge,out_of_scope" default:"standard" doc:"All but standard are at 0 %"`
	TaxNote           string           `json:"tax_note,omitempty" maxLength:"500" doc:"Why no tax is charged, in the words of the law; printed on invoices"`
	AccountManagerID  *uuid.UUID       `json:"account_manager_id,omitempty" doc:"Who answers for the client; the account manager who adds it, if left out"`
	Calendar          *civil.Calendar  `json:"calendar,omitempty" doc:"The hours that count for its requests; as is usual if left out"`
	GatherInvoices    bool             `json:"gather_invoices,omitempty" doc:"Whether the clock puts all its projects of a period on one invoice"`
}

// ClientPatch changes the given fields of a client.
type ClientPatch struct {
	Name              *string                    `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	Currency          *string                    `json:"currency,omitempty" maxLength:"10"`
	Email             *string                    `json:"email,omitempty" maxLength:"320"`
	BillingCC         *[]string                  `json:"billing_cc,omitempty" maxItems:"10" maxLength:"320"`
	BillingAddress    *string                    `json:"billing_address,omitempty" maxLength:"2000"`
	TaxID             *string                    `json:"tax_id,omitempty" maxLength:"100"`
	PaymentTermsDays  *int32                     `json:"payment_terms_days,omitempty" minimum:"0" maximum:"365"`
	TaxPercent        *decimal.Decimal           `json:"tax_percent,omitempty" doc:"Takes the place of a tax code"`
	TaxCodeID         *uuid.UUID                 `json:"tax_code_id,omitempty" doc:"Takes the place of the tax_percent"`
	TimeZone          *string                    `json:"time_zone,omitempty" maxLength:"100"`
	Language          *string                    `json:"language,omitempty" enum:"en,de,fr,es"`
	Street            *string                    `json:"street,omitempty" maxLength:"200"`
	City              *string                    `json:"city,omitempty" maxLength:"100"`
	PostalCode        *string                    `json:"postal_code,omitempty" maxLength:"20"`
	CountryCode       *string                    `json:"country_code,omitempty" maxLength:"2" doc:"ISO 3166-1" example:"DE"`
	VATID             *string                    `json:"vat_id,omitempty" maxLength:"30" doc:"With its country's prefix" example:"DE123456789"`
	Registration      *string                    `json:"registration,omitempty" maxLength:"100" doc:"Its number in the register of companies"`
	ElectronicAddress *string                    `json:"electronic_address,omitempty" maxLength:"200" doc:"Where e-invoices go: a scheme of the list EAS, a colon, the address" example:"0192:987654325"`
	BuyerReference    *string                    `json:"buyer_reference,omitempty" maxLength:"200" doc:"What it asks to be quoted on invoices: a department, a routing id"`
	EInvoice          *string                    `json:"einvoice,omitempty" enum:",en16931,peppol,xrechnung"`
	TaxCategory       *string                    `json:"tax_category,omitempty" enum:"standard,zero,exempt,reverse_charge,out_of_scope"`
	TaxNote           *string                    `json:"tax_note,omitempty" maxLength:"500"`
	AccountManagerID  *uuid.UUID                 `json:"account_manager_id,omitempty"`
	Calendar          work.Maybe[civil.Calendar] `json:"calendar,omitzero" required:"false" doc:"Null: as is usual"`
	GatherInvoices    *bool                      `json:"gather_invoices,omitempty"`
}

// over puts the given fields over a client as it is.
func (p ClientPatch) over(c Client) Client {
	set(&c.Name, p.Name)
	set(&c.Currency, p.Currency)
	set(&c.Email, p.Email)
	set(&c.BillingCC, p.BillingCC)
	set(&c.BillingAddress, p.BillingAddress)
	set(&c.TaxID, p.TaxID)
	set(&c.PaymentTermsDays, p.PaymentTermsDays)
	if p.TaxPercent != nil || p.TaxCodeID != nil {
		c.TaxPercent, c.TaxCodeID = p.TaxPercent, p.TaxCodeID
	}
	set(&c.TimeZone, p.TimeZone)
	set(&c.Language, p.Language)
	if p.AccountManagerID != nil {
		c.AccountManagerID = p.AccountManagerID
	}
	c.Calendar = p.Calendar.Over(c.Calendar)
	set(&c.Street, p.Street)
	set(&c.City, p.City)
	set(&c.PostalCode, p.PostalCode)
	set(&c.CountryCode, p.CountryCode)
	set(&c.VATID, p.VATID)
	set(&c.Registration, p.Registration)
	set(&c.ElectronicAddress, p.ElectronicAddress)
	set(&c.BuyerReference, p.BuyerReference)
	set(&c.EInvoice, p.EInvoice)
	set(&c.TaxCategory, p.TaxCategory)
	set(&c.TaxNote, p.TaxNote)
	set(&c.GatherInvoices, p.GatherInvoices)
	return c
}

// checked is the client as it is stored, if it can be.
func (c Client) checked() (Client, error) {
	var err error
	if c.Currency, err = currencyOf(c.Currency); err != nil {
		return c, err
	}
	if c.Email != "" {
		if c.Email, err = emailOf("email", c.Email); err != nil {
			return c, err
		}
	}
	if c.BillingCC, err = copiesOf("billing_cc", c.Email, c.BillingCC); err != nil {
		return c, err
	}
	if err := checkTax("", c.TaxCategory, c.TaxPercent, c.TaxCodeID); err != nil {
		return c, err
	}
	if err := partyCodes(&c.CountryCode, &c.VATID, &c.ElectronicAddress); err != nil {
		return c, err
	}
	if c.Calendar != nil {
		if err := checkHours(*c.Calendar); err != nil {
			return c, err
		}
	}
	return c, checkZone("time_zone", c.TimeZone)
}

// kept is the calendar as it is stored.
func (c Client) kept() json.RawMessage {
	if c.Calendar == nil {
		return nil
	}
	return postgres.JSON(c.Calendar)
}

func (s *Server) createClient(ctx context.Context, in *newInput[ClientBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, clientKind, s.store.NewID(), "create", in.Body, access.ManageClients)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		b := in.Body
		if b.AccountManagerID == nil && r.actor.Is(access.AccountManager) {
			b.AccountManagerID = &r.actor.ID
		}
		patch := ClientPatch{&b.Name, &b.Currency, &b.Email, &b.BillingCC, &b.BillingAddress, &b.TaxID, b.PaymentTermsDays, b.TaxPercent, b.TaxCodeID, &b.TimeZone, &b.Language,
			&b.Street, &b.City, &b.PostalCode, &b.CountryCode, &b.VATID, &b.Registration, &b.ElectronicAddress, &b.BuyerReference, &b.EInvoice, &b.TaxCategory, &b.TaxNote, b.AccountManagerID, work.Maybe[civil.Calendar]{Said: b.Calendar != nil, Value: b.Calendar}, &b.GatherInvoices}
		c, err := patch.over(Client{ID: r.id, TaxPercent: new(decimal.Decimal)}).checked()
		if err == nil && c.AccountManagerID != nil {
			err = mayManage(ctx, q, *c.AccountManagerID)
		}
		if err != nil {
			return nil, err
		}
		tax, err := s.taxNow(ctx, q, c.TaxPercent, c.TaxCodeID, "")
		if err != nil {
			return nil, err
		}
		err = q.InsertClient(ctx, db.InsertClientParams{
			ID: c.ID, Name: c.Name, Currency: c.Currency, Email: c.Email, BillingCC: c.BillingCC, BillingAddress: c.BillingAddress, TaxID: c.TaxID,
			PaymentTermsDays: c.PaymentTermsDays, TaxPercent: *tax, TaxCodeID: c.TaxCodeID, TimeZone: c.TimeZone, Language: c.Language, GatherInvoices: c.GatherInvoices,
			AccountManagerID: c.AccountManagerID, Calendar: c.kept(),
			Street: c.Street, City: c.City, PostalCode: c.PostalCode, CountryCode: c.CountryCode, VATID: c.VATID, Registration: c.Registration,
			ElectronicAddress: c.ElectronicAddress, BuyerReference: c.BuyerReference, EInvoice: c.EInvoice, TaxCategory: c.TaxCategory, TaxNote: c.TaxNote,
		})
		if err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, b), ""); err != nil {
			return nil, err
		}
		return oneClient(ctx, q, r.id)
	})
}

func (s *Server) editClient(ctx context.Context, in *patchInput[ClientPatch]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, clientKind, in.ID, "edit", in.Body, access.ManageClients)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockClient(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := oneClient(ctx, q, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err != nil {
			return nil, err
		}
		c, err := in.Body.over(before).checked()
		if err == nil && in.Body.AccountManagerID != nil {
			err = mayManage(ctx, q, *c.AccountManagerID)
		}
		changes := postgres.Diff(before, c)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		tax, err := s.taxNow(ctx, q, c.TaxPercent, c.TaxCodeID, "")
		if err != nil {
			return nil, err
		}
		_, err = q.UpdateClient(ctx, db.UpdateClientParams{
			ID: c.ID, Version: c.Version, Name: c.Name, Currency: c.Currency, Email: c.Email, BillingCC: c.BillingCC, BillingAddress: c.BillingAddress, TaxID: c.TaxID,
			PaymentTermsDays: c.PaymentTermsDays, TaxPercent: *tax, TaxCodeID: c.TaxCodeID, TimeZone: c.TimeZone, Language: c.Language, GatherInvoices: c.GatherInvoices,
			AccountManagerID: c.AccountManagerID, Calendar: c.kept(),
			Street: c.Street, City: c.City, PostalCode: c.PostalCode, CountryCode: c.CountryCode, VATID: c.VATID, Registration: c.Registration,
			ElectronicAddress: c.ElectronicAddress, BuyerReference: c.BuyerReference, EInvoice: c.EInvoice, TaxCategory: c.TaxCategory, TaxNote: c.TaxNote,
		})
		if err == nil { // what they were promised may be due at another time
			err = q.TellRequestsOfClient(ctx, c.ID)
		}
		if _, other := changes["account_manager_id"]; err == nil && other {
			err = s.handOverRequests(ctx, q, r, db.RequestsToHandOverParams{ClientID: c.ID, FromID: before.AccountManagerID, ToID: *c.AccountManagerID})
		}
		if err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, c.Version+1, changes, ""); err != nil {
			return nil, err
		}
		return oneClient(ctx, q, r.id)
	})
}

func oneClient(ctx context.Context, q *db.Queries, id uuid.UUID) (Client, error) {
	r, err := q.Client(ctx, id)
	return clientOf(r), err
}

func clientOf(r db.Client) Client {
	c := Client{
		ID: r.ID, ExternalKey: r.ExternalKey, Name: r.Name, Currency: r.Currency, Email: r.Email, BillingCC: r.BillingCC, BillingAddress: r.BillingAddress, TaxID: r.TaxID,
		PaymentTermsDays: r.PaymentTermsDays, TaxPercent: &r.TaxPercent, TaxCodeID: r.TaxCodeID, TimeZone: r.TimeZone, Language: r.Language, GatherInvoices: r.GatherInvoices, CreatedAt: r.CreatedAt, Version: r.Version,
		AccountManagerID: r.AccountManagerID,
		Street:           r.Street, City: r.City, PostalCode: r.PostalCode, CountryCode: r.CountryCode, VATID: r.VATID, Registration: r.Registration,
		ElectronicAddress: r.ElectronicAddress, BuyerReference: r.BuyerReference, EInvoice: r.EInvoice, TaxCategory: r.TaxCategory, TaxNote: r.TaxNote,
	}
	if r.TaxCodeID != nil {
		c.TaxPercent = nil // it says what the code was on the day it was given
	}
	if r.Calendar != nil {
		c.Calendar = new(civil.Calendar)
		_ = json.Unmarshal(r.Calendar, c.Calendar) // it was checked when it was kept
	}
	return c
}

func (s *Server) getClient(ctx context.Context, in *ByID) (*One[Client], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := oneClient(ctx, s.store.Queries, in.ID)
	return one(c, c.Version), err
}

type listClientsInput struct {
	PageInput
	Search      string `query:"q" maxLength:"200" doc:"Part of the name"`
	ExternalKey string `query:"external_key"`
}

func (s *Server) listClients(ctx context.Context, in *listClientsInput) (*PageOutput[Client], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Clients(ctx, db.ClientsParams{After: c.ID, Page: in.Limit + 1, Search: searchText(in.Search), ExternalKey: optionalText(in.ExternalKey)})
	return page(in.PageInput, rows, func(r db.Client) cursor { return cursor{ID: r.ID} }, clientOf), err
}
