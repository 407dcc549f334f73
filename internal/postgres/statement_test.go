package postgres_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"steward/internal/fixture"
)

func TestEveryVersionOfAWorkStatementSaysAllOfIt(t *testing.T) { // S1.11
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	if missing := fixture.One[string](t, s.Pool, `SELECT coalesce(string_agg(c.column_name, ', '), '') FROM information_schema.columns c
		WHERE c.table_schema = current_schema() AND c.table_name = 'work_statement' AND NOT EXISTS (SELECT FROM information_schema.columns v
			WHERE v.table_schema = c.table_schema AND v.table_name = 'work_statement_version' AND v.column_name = c.column_name)`); missing != "" {
		t.Errorf("earlier versions do not keep %s", missing)
	}
	f.Exec(t, `UPDATE work_statement SET tax_category = 'exempt', tax_percent = 0, billing_from = '2026-02-03', auto_complete = true, needs_approval = true, over_budget = 'hold',
		retainer_amount = 500, retainer_minutes = 600, retainer_rollover = true, purchase_order = 'PO 1'`)
	f.Exec(t, `UPDATE work_statement SET tax_category = NULL, tax_percent = NULL, billing_from = '2026-03-04', auto_complete = false, needs_approval = false, over_budget = 'bill',
		retainer_amount = NULL, retainer_minutes = NULL, retainer_rollover = false, purchase_order = 'PO 2'`)
	all, err := s.WorkStatementVersions(t.Context(), f.Project, 0, 10)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	w := all[1].WorkStatement
	if w.TaxCategory == nil || *w.TaxCategory != "exempt" || w.BillingFrom.String() != "2026-02-03" || !w.AutoComplete || !w.NeedsApproval || w.OverBudget != "hold" ||
		w.RetainerAmount == nil || !w.RetainerAmount.Equal(decimal.NewFromInt(500)) || *w.RetainerMinutes != 600 || !w.RetainerRollover || w.PurchaseOrder != "PO 1" {
		t.Errorf("the version before is %+v", w)
	}
	if !all[1].Until.Equal(all[0].From) || all[1].Version != all[0].Version-1 {
		t.Errorf("it was until %s, the next one from %s", all[1].Until, all[0].From)
	}
}
