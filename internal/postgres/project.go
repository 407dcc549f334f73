package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Project is a project as staff sees it.
type Project struct {
	ID               uuid.UUID          `json:"id"`
	ExternalKey      *string            `json:"external_key,omitempty"`
	ClientID         uuid.UUID          `json:"client_id"`
	ClientName       string             `json:"client_name"`
	Code             string             `json:"code" doc:"What its tasks' keys begin with" example:"ACME"`
	Name             string             `json:"name"`
	Status           work.ProjectStatus `json:"status" enum:"draft,awaiting_clearance,active,on_hold,complete,cancelled"`
	AccountManagerID uuid.UUID          `json:"account_manager_id"`
	ManagerName      string             `json:"account_manager_name"`
	AccountManager   string             `json:"account_manager,omitempty" doc:"The same, to the client's contacts"`
	Currency         string             `json:"currency"`
	StartsOn         civil.Date         `json:"starts_on" format:"date" nullable:"true"`
	EndsOn           civil.Date         `json:"ends_on" format:"date" nullable:"true"`
	ProgressPercent  *int               `json:"progress_percent,omitempty" doc:"In lists that ask for it: what was worked, of that and what remains"`
	WorkStatement    *WorkStatement     `json:"work_statement,omitempty" doc:"In the answer for one project"`
	CreatedAt        time.Time          `json:"created_at"`
	Version          int32              `json:"version"`
}

// WorkStatement is what was agreed with the client about a project (S1.11).
type WorkStatement struct {
	BillingKind       string           `json:"billing_kind,omitempty" enum:"time_and_materials,fixed_price,both" default:"time_and_materials"`
	BillingPeriod     string           `json:"billing_period,omitempty" enum:"weekly,biweekly,semimonthly,monthly,quarterly,on_completion,none" default:"monthly"`
	AnchorDay         int16            `json:"anchor_day,omitempty" minimum:"1" maximum:"31" default:"31" doc:"The day a period ends; 31 is the last of any month"`
	PaymentTermsDays  *int32           `json:"payment_terms_days,omitempty" minimum:"0" maximum:"365" doc:"The client's, if left out"`
	TermsFromMonthEnd bool             `json:"terms_from_month_end,omitempty" doc:"Count the days from the end of the month"`
	TaxPercent        *decimal.Decimal `json:"tax_percent,omitempty" doc:"The client's, if left out"`
	TaxCodeID         *uuid.UUID       `json:"tax_code_id,omitempty" doc:"Instead of tax_percent: taxed as this tax code says for the day of each supply"`
	TaxCategory       *string          `json:"tax_category,omitempty" enum:"standard,zero,exempt,reverse_charge,out_of_scope" doc:"The client's, if left out; all but standard are at 0 %"`
	LineGrouping      string           `json:"line_grouping,omitempty" enum:"task_person,task,person,entry" default:"task_person"`
	IncrementMinutes  int16            `json:"increment_minutes,omitempty" minimum:"0" maximum:"480" doc:"Each entry is billed in steps of this; 0 is exact"`
	PurchaseOrder     string           `json:"purchase_order,omitempty" maxLength:"100"`
	BudgetMinutes     *int32           `json:"budget_minutes,omitempty" minimum:"1"`
	BudgetAmount      *decimal.Decimal `json:"budget_amount,omitempty" doc:"Told to those who may see money"`
	Description       string           `json:"description,omitempty" maxLength:"20000"`
	BillingFrom       civil.Date       `json:"billing_from,omitzero" required:"false" format:"date" doc:"The clock bills no period before it; the project's start, if left out"`
	AutoComplete      bool             `json:"auto_complete,omitempty" doc:"What the clock bills is completed too, not left as a draft"`
	AutoSend          bool             `json:"auto_send,omitempty" doc:"And it is mailed to the client; with auto_complete alone it is left to be sent"`
	NeedsApproval     bool             `json:"needs_approval,omitempty" doc:"Time is billed when its timesheet is approved"`
	OverBudget        string           `json:"over_budget,omitempty" enum:"bill,hold" default:"bill" doc:"Whether time above the budget is billed or held back"`
	RetainerAmount    *decimal.Decimal `json:"retainer_amount,omitempty" doc:"The fee of each period; told to those who may see money"`
	RetainerMinutes   *int32           `json:"retainer_minutes,omitempty" minimum:"1" doc:"What the fee includes; more is billed at its rates"`
	RetainerRollover  bool             `json:"retainer_rollover,omitempty" doc:"What is not used of it is there in the next period"`
	RetainerChanges   []RetainerChange `json:"retainer_changes,omitempty" maxItems:"100" doc:"Fees that take its place, in the order of their days; told to those who may see money"`
	HourlyRate        *decimal.Decimal `json:"hourly_rate,omitempty" doc:"One rate for everybody on the project, from its start on; written only, read it at /rates"`
}

// HidePrices takes out what is told to those alone who may see money: the budget
// and the fee. The rate of an hour is never in what is read.
func (w *WorkStatement) HidePrices() {
	w.BudgetAmount, w.RetainerAmount, w.RetainerChanges = nil, nil, nil
}

// RetainerChange is a fee that takes another's place (N.08).
type RetainerChange struct {
	From    civil.Date      `json:"from" format:"date" doc:"Of the periods that begin on this day or later"`
	Amount  decimal.Decimal `json:"retainer_amount"`
	Minutes int32           `json:"retainer_minutes" minimum:"1"`
}

// Fees are those of the retainer, whose first fee there is.
func (w WorkStatement) Fees() billing.Fees {
	fees := billing.Fees{{Amount: *w.RetainerAmount, Minutes: int64(*w.RetainerMinutes)}}
	for _, c := range w.RetainerChanges {
		fees = append(fees, billing.Fee{From: c.From, Amount: c.Amount, Minutes: int64(c.Minutes)})
	}
	return fees
}

// BeginningOn is the same for a project that begins on a day: it is billed from
// then on, at the fee of that day.
func (w WorkStatement) BeginningOn(day civil.Date) WorkStatement {
	if !w.BillingFrom.IsZero() {
		w.BillingFrom = day
	}
	if w.RetainerAmount == nil || w.RetainerMinutes == nil {
		return w
	}
	fees := w.Fees()
	now := fees.On(day)
	minutes := int32(now.Minutes)
	w.RetainerAmount, w.RetainerMinutes, w.RetainerChanges = &now.Amount, &minutes, nil
	for _, f := range fees.After(day) {
		w.RetainerChanges = append(w.RetainerChanges, RetainerChange{From: f.From, Amount: f.Amount, Minutes: int32(f.Minutes)})
	}
	return w
}

// feesOf are those of a project with a retainer.
func feesOf(p db.BillableProjectsRow) (billing.Fees, error) {
	w := WorkStatement{RetainerAmount: p.RetainerAmount, RetainerMinutes: p.RetainerMinutes}
	if err := json.Unmarshal(p.RetainerChanges, &w.RetainerChanges); err != nil {
		return nil, fmt.Errorf("the fees of project %s: %w", p.Code, err)
	}
	return w.Fees(), nil
}

// changedFees reads the fees that a work statement keeps beside its first.
func changedFees(kept json.RawMessage) (all []RetainerChange) {
	_ = json.Unmarshal(kept, &all) // our own writing
	return all
}

// OneProject reads a project with its work statement.
func OneProject(ctx context.Context, q *db.Queries, id uuid.UUID) (Project, error) {
	r, err := q.Project(ctx, id)
	if err != nil {
		return Project{}, Refusal(err)
	}
	p := ProjectOf(db.ProjectsRow(r))
	w, err := q.WorkStatement(ctx, id)
	p.WorkStatement = &versionOf(w).WorkStatement
	return p, Refusal(err)
}

// WorkStatementVersion is what was agreed for a while.
type WorkStatementVersion struct {
	Version       int32         `json:"version"`
	From          time.Time     `json:"from" doc:"When it was agreed so"`
	Until         *time.Time    `json:"until" doc:"When it was changed; null: it holds"`
	ChangedBy     *uuid.UUID    `json:"changed_by" doc:"Who said so; null: it came with the project"`
	WorkStatement WorkStatement `json:"work_statement"`
}

// versionOf is the version that holds.
func versionOf(w db.WorkStatement) *WorkStatementVersion {
	if w.TaxCodeID != nil {
		w.TaxPercent = nil // it says what the code was on the day it was given
	}
	return &WorkStatementVersion{Version: w.Version, From: w.Since, ChangedBy: w.ChangedBy, WorkStatement: WorkStatement{
		BillingKind: w.BillingKind, BillingPeriod: w.BillingPeriod, AnchorDay: w.AnchorDay, PaymentTermsDays: w.PaymentTermsDays,
		TermsFromMonthEnd: w.TermsFromMonthEnd, TaxPercent: w.TaxPercent, TaxCodeID: w.TaxCodeID, TaxCategory: w.TaxCategory, LineGrouping: w.LineGrouping, IncrementMinutes: w.IncrementMinutes,
		PurchaseOrder: w.PurchaseOrder, BudgetMinutes: w.BudgetMinutes, BudgetAmount: w.BudgetAmount, Description: w.Description,
		BillingFrom: w.BillingFrom, AutoComplete: w.AutoComplete, AutoSend: w.AutoSend, NeedsApproval: w.NeedsApproval, OverBudget: w.OverBudget,
		RetainerAmount: w.RetainerAmount, RetainerMinutes: w.RetainerMinutes, RetainerRollover: w.RetainerRollover, RetainerChanges: changedFees(w.RetainerChanges),
	}}
}

// WorkStatementVersions reads what was agreed for a project, the newest first,
// before a version; 0 begins with what holds. It reads one more than the limit.
func (s *Store) WorkStatementVersions(ctx context.Context, project uuid.UUID, before, limit int32) ([]WorkStatementVersion, error) {
	var all []WorkStatementVersion
	if before == 0 {
		w, err := s.WorkStatement(ctx, project)
		if err != nil {
			return nil, Refusal(err)
		}
		all, before = append(all, *versionOf(w)), w.Version
	}
	rows, err := s.EarlierWorkStatements(ctx, db.EarlierWorkStatementsParams{ProjectID: project, Before: before, Page: limit + 1})
	for _, r := range rows {
		v := versionOf(db.WorkStatement{
			ProjectID: project, BillingKind: r.BillingKind, BillingPeriod: r.BillingPeriod, AnchorDay: r.AnchorDay, PaymentTermsDays: r.PaymentTermsDays,
			TermsFromMonthEnd: r.TermsFromMonthEnd, TaxPercent: r.TaxPercent, TaxCodeID: r.TaxCodeID, TaxCategory: r.TaxCategory, LineGrouping: r.LineGrouping, IncrementMinutes: r.IncrementMinutes,
			PurchaseOrder: r.PurchaseOrder, BudgetMinutes: r.BudgetMinutes, BudgetAmount: r.BudgetAmount, Description: r.Description,
			BillingFrom: r.BillingFrom, AutoComplete: r.AutoComplete, AutoSend: r.AutoSend, NeedsApproval: r.NeedsApproval, OverBudget: r.OverBudget,
			RetainerAmount: r.RetainerAmount, RetainerMinutes: r.RetainerMinutes, RetainerRollover: r.RetainerRollover, RetainerChanges: r.RetainerChanges,
			Version: r.Version, Since: r.Since, ChangedBy: r.ChangedBy,
		})
		v.Until = &r.Until
		all = append(all, *v)
	}
	return all, err
}

// ProjectOf is a row of a list as staff sees it.
func ProjectOf(r db.ProjectsRow) Project {
	return Project{
		ID: r.ID, ExternalKey: r.ExternalKey, ClientID: r.ClientID, ClientName: r.ClientName, Code: r.Code, Name: r.Name,
		Status: work.ProjectStatus(r.Status), AccountManagerID: r.AccountManagerID, ManagerName: r.AccountManagerName, Currency: r.Currency,
		StartsOn: r.StartsOn, EndsOn: r.EndsOn, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}
