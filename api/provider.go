package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) providerRoutes() {
	read(s, op(http.MethodGet, "/provider", "get-provider", "The firm's letterhead and habits", http.StatusOK), s.getProvider)
	write[Provider](s, op(http.MethodPatch, "/provider", "edit-provider", "Change the firm's letterhead and habits", http.StatusOK), s.editProvider)
}

// Provider is the firm that runs the software (S1.01).
type Provider struct {
	Name         string `json:"name"`
	Address      string `json:"address"`
	Email        string `json:"email"`
	Phone        string `json:"phone"`
	Website      string `json:"website"`
	TaxID        string `json:"tax_id"`
	BankDetails  string `json:"bank_details"`
	Footer       string `json:"footer" doc:"Printed below every document"`
	TimeZone     string `json:"time_zone" doc:"Which day an invoice is issued on"`
	NumberSeries string `json:"number_series" doc:"What invoice numbers begin with" example:"INV"`

	StatusWeekday   int16 `json:"status_weekday" minimum:"1" maximum:"7" doc:"The day that clients' status reports are made; 1 is Monday"`
	StatusHour      int16 `json:"status_hour" minimum:"0" maximum:"23" doc:"And the hour, in the firm's zone"`
	StatusHoldHours int16 `json:"status_hold_hours" minimum:"0" maximum:"168" doc:"How long account managers have before they go"`

	Version int32 `json:"version"`
}

// ProviderPatch changes the given fields of the letterhead.
type ProviderPatch struct {
	Name         *string `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	Address      *string `json:"address,omitempty" maxLength:"2000"`
	Email        *string `json:"email,omitempty" maxLength:"320"`
	Phone        *string `json:"phone,omitempty" maxLength:"100"`
	Website      *string `json:"website,omitempty" maxLength:"200"`
	TaxID        *string `json:"tax_id,omitempty" maxLength:"100"`
	BankDetails  *string `json:"bank_details,omitempty" maxLength:"2000"`
	Footer       *string `json:"footer,omitempty" maxLength:"2000"`
	TimeZone     *string `json:"time_zone,omitempty" maxLength:"100"`
	NumberSeries *string `json:"number_series,omitempty" pattern:"^[A-Z0-9]{1,8}$" doc:"A new series begins at 1"`

	StatusWeekday   *int16 `json:"status_weekday,omitempty" minimum:"1" maximum:"7"`
	StatusHour      *int16 `json:"status_hour,omitempty" minimum:"0" maximum:"23"`
	StatusHoldHours *int16 `json:"status_hold_hours,omitempty" minimum:"0" maximum:"168"`
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
	set(&p.StatusWeekday, b.StatusWeekday)
	set(&p.StatusHour, b.StatusHour)
	set(&p.StatusHoldHours, b.StatusHoldHours)
	if b.Email != nil && *b.Email != "" {
		var err error
		if p.Email, err = emailOf("email", *b.Email); err != nil {
			return p, err
		}
	}
	return p, checkZone("time_zone", p.TimeZone)
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

func (s *Server) editProvider(ctx context.Context, in *newInput[ProviderPatch]) (*Done, error) {
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
