package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const rateKind flow.Kind = "rate"

func (s *Server) rateRoutes() {
	write[Rate](s, op(http.MethodPost, "/users/{id}/rates", "set-default-rate", "A person's default rate from a date on", http.StatusCreated), s.setPersonRate)
	read(s, op(http.MethodGet, "/users/{id}/rates", "list-person-rates", "A person's rates", http.StatusOK), s.personRates)
	write[Rate](s, op(http.MethodPost, "/projects/{id}/rates", "set-project-rate", "A rate on a project from a date on, for a person or for everybody", http.StatusCreated), s.setProjectRate)
	read(s, op(http.MethodGet, "/projects/{id}/rates", "list-project-rates", "The rates agreed for a project", http.StatusOK), s.projectRates)
}

// Rate is an hourly price from a date on (S1.12, S1.13).
type Rate struct {
	ID        uuid.UUID  `json:"id"`
	UserID    *uuid.UUID `json:"user_id" doc:"Null: everybody on the project"`
	UserName  *string    `json:"user_name,omitempty"`
	ProjectID *uuid.UUID `json:"project_id" doc:"Null: the person's default"`
	Code      *string    `json:"project_code,omitempty"`
	Rate      string     `json:"rate" doc:"An hour"`
	Currency  string     `json:"currency"`
	From      civil.Date `json:"from" format:"date"`
	To        civil.Date `json:"to" format:"date" nullable:"true" doc:"The first day it is no longer good for"`
}

// PersonRateBody is a person's default rate.
type PersonRateBody struct {
	Rate     decimal.Decimal `json:"rate" doc:"An hour"`
	Currency string          `json:"currency" maxLength:"10"`
	From     civil.Date      `json:"from" format:"date"`
}

// ProjectRateBody is a rate agreed for a project, in its currency.
type ProjectRateBody struct {
	UserID *uuid.UUID      `json:"user_id,omitempty" doc:"Everybody on the project if left out"`
	Rate   decimal.Decimal `json:"rate" doc:"An hour"`
	From   civil.Date      `json:"from" format:"date"`
}

func (s *Server) setPersonRate(ctx context.Context, in *oneInput[PersonRateBody]) (*Done, error) {
	body := struct {
		UserID uuid.UUID `json:"user_id"`
		PersonRateBody
	}{in.ID, in.Body}
	r, err := s.content(ctx, in.WriteHeaders, rateKind, s.store.NewID(), "create", body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockPerson(ctx, in.ID); err != nil { // one rate after the other
			return nil, err
		}
		if err := staffOnly(ctx, q, in.ID); err != nil {
			return nil, err
		}
		currency, err := currencyOf(in.Body.Currency)
		if err != nil {
			return nil, err
		}
		return s.setRate(ctx, q, r, Rate{UserID: &in.ID, Currency: currency, From: in.Body.From}, in.Body.Rate)
	})
}

func (s *Server) setProjectRate(ctx context.Context, in *oneInput[ProjectRateBody]) (*Done, error) {
	body := struct {
		ProjectID uuid.UUID `json:"project_id"`
		ProjectRateBody
	}{in.ID, in.Body}
	r, err := s.newRequest(ctx, in.WriteHeaders, rateKind, s.store.NewID(), "create", body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		p, err := q.LockProject(ctx, in.ID) // one rate after the other
		if err == nil {
			err = access.Can(r.actor, access.EditProject, amOf(p.AccountManagerID, r.actor))
		}
		if err != nil {
			return nil, err
		}
		if in.Body.UserID != nil {
			if err := staffOnly(ctx, q, *in.Body.UserID); err != nil {
				return nil, err
			}
		}
		return s.setRate(ctx, q, r, Rate{UserID: in.Body.UserID, ProjectID: &in.ID, Currency: p.Currency, From: in.Body.From}, in.Body.Rate)
	})
}

// staffOnly refuses a rate for somebody whose work is not billed.
func staffOnly(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	p, err := q.Person(ctx, id)
	if err == nil && p.Kind != "staff" {
		err = fault.Wrong("user_id", "only staff have a rate")
	}
	return notThere(err, "user_id", "there is no such person")
}

func amOf(manager uuid.UUID, a access.Actor) access.Relation {
	if manager == a.ID {
		return access.ProjectAM
	}
	return 0
}

// mayPrice refuses a rate beside other things where the token used sets none by
// itself (N.15).
func mayPrice(ctx context.Context, w postgres.WorkStatement) error {
	if w.HourlyRate == nil || actorOf(ctx).Reaches(access.Rates, access.Write) {
		return nil
	}
	return fault.New(fault.Forbidden, "an hourly_rate takes a token with the scope %[1]s or %[2]s:%[1]s", access.Write, access.Rates)
}

// setRate lets a rate begin: the one that runs ends there, and it ends where
// the next one begins. One from the same date is replaced.
func (s *Server) setRate(ctx context.Context, q *db.Queries, r request, v Rate, hourly decimal.Decimal) (any, error) {
	if err := figure("rate", hourly, 6); err != nil {
		return nil, err
	}
	if v.From.IsZero() {
		return nil, fault.Wrong("from", "is required")
	}
	if err := q.DeleteRatesFrom(ctx, db.DeleteRatesFromParams{PersonID: v.UserID, ProjectID: v.ProjectID, Currency: v.Currency, FromOn: v.From}); err != nil {
		return nil, err
	}
	if err := q.CloseRate(ctx, db.CloseRateParams{PersonID: v.UserID, ProjectID: v.ProjectID, Currency: v.Currency, FromOn: v.From}); err != nil {
		return nil, err
	}
	next, err := q.NextRateFrom(ctx, db.NextRateFromParams{PersonID: v.UserID, ProjectID: v.ProjectID, Currency: v.Currency, FromOn: v.From})
	if err != nil {
		return nil, err
	}
	v.ID, v.To, v.Rate = r.id, next, postgres.PrintedPrice(hourly, money.Currency(v.Currency))
	err = q.InsertRate(ctx, db.InsertRateParams{ID: v.ID, PersonID: v.UserID, ProjectID: v.ProjectID, Hourly: hourly, Currency: v.Currency, FromOn: v.From, ToOn: v.To})
	if err != nil {
		return nil, err
	}
	if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, v), ""); err != nil {
		return nil, err
	}
	return v.named(ctx, q)
}

// named is the rate with what its ids are called.
func (v Rate) named(ctx context.Context, q *db.Queries) (Rate, error) {
	if v.UserID != nil {
		p, err := q.Person(ctx, *v.UserID)
		if err != nil {
			return v, err
		}
		v.UserName = &p.Name
	}
	if v.ProjectID == nil {
		return v, nil
	}
	p, err := q.Project(ctx, *v.ProjectID)
	v.Code = &p.Code
	return v, err
}

func (s *Server) personRates(ctx context.Context, in *ByID) (*PageOutput[Rate], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Person(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.RatesOfPerson(ctx, &in.ID)
	return all(rows, rateOf), err
}

func (s *Server) projectRates(ctx context.Context, in *ByID) (*PageOutput[Rate], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if _, err := s.store.Project(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.RatesOfProject(ctx, &in.ID)
	return all(rows, func(r db.RatesOfProjectRow) Rate { return rateOf(db.RatesOfPersonRow(r)) }), err
}

func rateOf(r db.RatesOfPersonRow) Rate {
	return Rate{ID: r.ID, UserID: r.PersonID, UserName: r.PersonName, ProjectID: r.ProjectID, Code: r.ProjectCode, Rate: postgres.PrintedPrice(r.Hourly, money.Currency(r.Currency)), Currency: r.Currency, From: r.FromOn, To: r.ToOn}
}
