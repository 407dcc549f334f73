package api

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// setWorkStatement replaces what was agreed with the client (S1.11). A rate in
// it is from then on everybody's on the project, from its start. Prices are part
// of it, and whoever does not see them would lose them.
func (s *Server) setWorkStatement(ctx context.Context, in *oneInput[postgres.WorkStatement]) (*Done, error) {
	err := seeMoney(ctx)
	if err == nil {
		err = mayPrice(ctx, in.Body)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.changeProject(ctx, in.WriteHeaders, in.ID, "work-statement", in.Body, func(q *db.Queries, r request, p *postgres.Project) (map[string]postgres.Change, error) {
		if err := checkStatement(in.Body, "", money.Currency(p.Currency)); err != nil {
			return nil, err
		}
		changes := postgres.Diff(p.WorkStatement, unpriced(in.Body))
		notePrice(changes, in.Body)
		if len(changes) == 0 {
			return nil, nil
		}
		w, err := s.statementRow(ctx, q, p.ID, in.Body, "")
		if err != nil {
			return nil, err
		}
		_, err = q.UpdateWorkStatement(ctx, db.UpdateWorkStatementParams{
			ProjectID: w.ProjectID, BillingKind: w.BillingKind, BillingPeriod: w.BillingPeriod, AnchorDay: w.AnchorDay, PaymentTermsDays: w.PaymentTermsDays,
			TermsFromMonthEnd: w.TermsFromMonthEnd, TaxPercent: w.TaxPercent, TaxCodeID: w.TaxCodeID, TaxCategory: w.TaxCategory, LineGrouping: w.LineGrouping, IncrementMinutes: w.IncrementMinutes,
			PurchaseOrder: w.PurchaseOrder, BudgetMinutes: w.BudgetMinutes, BudgetAmount: w.BudgetAmount, Description: w.Description, ChangedBy: &r.actor.ID,
			BillingFrom: w.BillingFrom, AutoComplete: w.AutoComplete, AutoSend: w.AutoSend, NeedsApproval: w.NeedsApproval, OverBudget: w.OverBudget,
			RetainerAmount: w.RetainerAmount, RetainerMinutes: w.RetainerMinutes, RetainerRollover: w.RetainerRollover, RetainerChanges: w.RetainerChanges,
		})
		if err != nil {
			return nil, err
		}
		return changes, s.setHourly(ctx, q, r, p.Currency, p.StartsOn, in.Body)
	})
}

// unpriced is a work statement as the project's history has it, which all the
// staff may read: what an hour costs is told where rates are.
func unpriced(w postgres.WorkStatement) postgres.WorkStatement {
	w.HourlyRate = nil
	return w
}

// notePrice says among changes that a rate was agreed, and not which.
func notePrice(changes map[string]postgres.Change, w postgres.WorkStatement) {
	if w.HourlyRate != nil {
		changes["hourly_rate"] = postgres.Change{nil, "set"}
	}
}

// hidePrices shows a work statement to the caller: its prices to those alone who
// may see money.
func hidePrices(ctx context.Context, w *postgres.WorkStatement) {
	if can(ctx, access.ReadMoney) != nil {
		w.HidePrices()
	}
}

// hideChangedPrices is hidePrices for what happened to a project: that a price
// was agreed is told, and not which.
func hideChangedPrices(ctx context.Context, rows []db.AuditEventsRow) {
	if can(ctx, access.ReadMoney) == nil {
		return
	}
	for i, r := range rows {
		var changes map[string][2]json.RawMessage
		if json.Unmarshal(r.Changes, &changes) != nil {
			changes = nil // what cannot be read cannot be cleared of prices
		}
		for name, c := range changes {
			switch name {
			case "budget_amount", "retainer_amount", "retainer_changes":
				changes[name] = [2]json.RawMessage{nil, postgres.JSON("set")}
			case "work_statement": // of a project that was made with one
				var w postgres.WorkStatement
				changes[name] = [2]json.RawMessage{nil, postgres.JSON("set")}
				if json.Unmarshal(c[1], &w) == nil {
					hidePrices(ctx, &w)
					changes[name] = [2]json.RawMessage{nil, postgres.JSON(w)}
				}
			}
		}
		rows[i].Changes = postgres.JSON(changes)
	}
}

// workStatements reads what was agreed, and what before (S1.11).
func (s *Server) workStatements(ctx context.Context, in *projectPage) (*PageOutput[postgres.WorkStatementVersion], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	versions, err := s.store.WorkStatementVersions(ctx, in.ID, c.Order, in.Limit)
	return page(in.PageInput, versions, func(v postgres.WorkStatementVersion) cursor { return cursor{ID: in.ID, Order: v.Version} },
		func(v postgres.WorkStatementVersion) postgres.WorkStatementVersion {
			hidePrices(ctx, &v.WorkStatement)
			return v
		}), err
}

// statementRow is a work statement as it is stored; at is where it stands in the
// body. It refuses a tax code that is not there.
func (s *Server) statementRow(ctx context.Context, q *db.Queries, project uuid.UUID, w postgres.WorkStatement, at string) (db.InsertWorkStatementParams, error) {
	tax, err := s.taxNow(ctx, q, w.TaxPercent, w.TaxCodeID, at)
	return db.InsertWorkStatementParams{
		ProjectID: project, BillingKind: w.BillingKind, BillingPeriod: w.BillingPeriod, AnchorDay: w.AnchorDay, PaymentTermsDays: w.PaymentTermsDays,
		TermsFromMonthEnd: w.TermsFromMonthEnd, TaxPercent: tax, TaxCodeID: w.TaxCodeID, TaxCategory: w.TaxCategory, LineGrouping: w.LineGrouping, IncrementMinutes: w.IncrementMinutes,
		PurchaseOrder: w.PurchaseOrder, BudgetMinutes: w.BudgetMinutes, BudgetAmount: w.BudgetAmount, Description: w.Description,
		BillingFrom: w.BillingFrom, AutoComplete: w.AutoComplete, AutoSend: w.AutoSend, NeedsApproval: w.NeedsApproval, OverBudget: cmp.Or(w.OverBudget, "bill"),
		RetainerAmount: w.RetainerAmount, RetainerMinutes: w.RetainerMinutes, RetainerRollover: w.RetainerRollover, RetainerChanges: postgres.JSON(orNone(w.RetainerChanges)),
	}, err
}

// checkStatement checks the figures of a work statement of a project in a
// currency; at is where it stands in the body.
func checkStatement(w postgres.WorkStatement, at string, c money.Currency) error {
	category := ""
	set(&category, w.TaxCategory)
	if err := checkTax(at, category, w.TaxPercent, w.TaxCodeID); err != nil {
		return err
	}
	if err := optionalFigure(at+"hourly_rate", w.HourlyRate, 6); err != nil {
		return err
	}
	if w.AutoSend && !w.AutoComplete {
		return fault.Wrong(at+"auto_send", "comes with auto_complete: only what is completed is sent")
	}
	if w.BudgetAmount != nil && w.BudgetAmount.IsZero() {
		return fault.Wrong(at+"budget_amount", "must be above zero")
	}
	if err := checkRetainer(w, at, c); err != nil {
		return err
	}
	return optionalFigure(at+"budget_amount", w.BudgetAmount, 3)
}

// checkRetainer refuses a fee for hours that nobody named, or without periods
// (N.08).
func checkRetainer(w postgres.WorkStatement, at string, c money.Currency) error {
	switch {
	case (w.RetainerAmount == nil) != (w.RetainerMinutes == nil):
		return fault.Wrong(at+"retainer_amount", "comes with retainer_minutes, and the other way round")
	case w.RetainerAmount == nil && len(w.RetainerChanges) > 0:
		return fault.Wrong(at+"retainer_changes", "take the place of a fee, and there is none")
	case w.RetainerAmount == nil:
		return nil
	case w.BillingFrom.IsZero():
		return fault.Wrong(at+"billing_from", "is missing: a retainer's fee is due from this day on")
	case !billing.Cycle(w.BillingPeriod).Periods():
		return fault.Wrong(at+"billing_period", "has no periods that a fee could be for")
	case w.BillingKind == "fixed_price":
		return fault.Wrong(at+"billing_kind", "is a fixed price: it has no hours that a fee could include")
	}
	for _, fee := range w.RetainerChanges {
		if err := price(at+"retainer_changes", fee.Amount, c); err != nil {
			return err
		}
	}
	if err := w.Fees().Check(at + "retainer_changes"); err != nil {
		return err
	}
	return price(at+"retainer_amount", *w.RetainerAmount, c)
}

// setHourly makes the rate of a work statement, if it has one, everybody's on
// the project.
func (s *Server) setHourly(ctx context.Context, q *db.Queries, r request, currency string, from civil.Date, w postgres.WorkStatement) error {
	if w.HourlyRate == nil {
		return nil
	}
	if from.IsZero() {
		from = civil.First // an imported project without a start
	}
	project := r.id
	r.kind, r.id, r.verb = rateKind, s.store.NewID(), "create"
	_, err := s.setRate(ctx, q, r, Rate{ProjectID: &project, Currency: currency, From: from}, *w.HourlyRate)
	return err
}
