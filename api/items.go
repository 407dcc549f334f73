package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

func (s *Server) itemRoutes() {
	write[postgres.Invoice](s, op(http.MethodPost, "/invoices/{id}/items", "add-item", "Add an expense, fixed price, charge or discount to a draft", http.StatusCreated), s.addItem)
	write[postgres.Invoice](s, op(http.MethodPatch, "/invoices/{id}/items/{item}", "change-item", "Change an item of a draft", http.StatusOK), s.changeItem)
	write[postgres.Invoice](s, op(http.MethodDelete, "/invoices/{id}/items/{item}", "remove-item", "Remove an item from a draft", http.StatusOK), s.removeItem)
}

// ItemBody is a line made by hand (S1.76).
type ItemBody struct {
	Kind        billing.ItemKind `json:"kind" enum:"expense,fixed,charge,discount"`
	Description string           `json:"description" minLength:"1" maxLength:"1000"`
	ProjectID   *uuid.UUID       `json:"project_id,omitempty" doc:"Which of the invoice's projects it is for; of a single one all are"`
	Quantity    *decimal.Decimal `json:"quantity,omitempty" doc:"Above zero; 1 if left out"`
	UnitPrice   decimal.Decimal  `json:"unit_price" doc:"Not negative; a discount is subtracted"`
	TaxPercent  *decimal.Decimal `json:"tax_percent,omitempty" doc:"If left out that of its project, or of the invoice's projects, where they agree, or else the client's, as of the day that the invoice goes through"`
}

type addItemInput struct {
	ByID
	WriteHeaders
	Body ItemBody
}

func (s *Server) addItem(ctx context.Context, in *addItemInput) (*Done, error) {
	d, err := s.change(ctx, in.WriteHeaders, in.ID, "add-item", in.Body, func(r request, q *db.Queries, _ pgx.Tx) (map[string]postgres.Change, error) {
		inv, err := s.onDraft(ctx, r, q)
		if err != nil {
			return nil, err
		}
		line, err := priced(ctx, q, inv, in.Body)
		if err != nil {
			return nil, err
		}
		line.ID = s.store.NewID()
		if err := q.InsertLine(ctx, line); err != nil {
			return nil, err
		}
		return map[string]postgres.Change{"item": {nil, in.Body}, "total": {inv.Total, nil}}, s.store.Total(ctx, q, inv.ID, money.Currency(inv.Currency), inv.Through)
	})
	if d != nil {
		d.Status = http.StatusCreated
	}
	return d, err
}

// priced is an item as a line of an invoice.
func priced(ctx context.Context, q *db.Queries, inv db.LockInvoiceRow, b ItemBody) (db.InsertLineParams, error) {
	line := db.InsertLineParams{InvoiceID: inv.ID, Kind: string(b.Kind), ProjectID: b.ProjectID, Description: b.Description, Quantity: decimal.NewFromInt(1), UnitPrice: b.UnitPrice}
	if b.Quantity != nil {
		line.Quantity = *b.Quantity
	}
	amount, err := billing.Item{Kind: b.Kind, Quantity: line.Quantity, UnitPrice: line.UnitPrice}.Amount(money.Currency(inv.Currency))
	if err != nil {
		return line, err
	}
	if err := figure("quantity", line.Quantity, 6); err != nil {
		return line, err
	}
	if err := figure("unit_price", line.UnitPrice, 6); err != nil {
		return line, err
	}
	line.Amount = amount
	projects, err := q.LineHeadings(ctx, inv.ID)
	if err != nil {
		return line, err
	}
	if b.ProjectID != nil && !slices.ContainsFunc(projects, func(p db.LineHeadingsRow) bool { return p.ID == *b.ProjectID }) {
		return line, fault.Wrong("project_id", "is none of the invoice's projects")
	}
	if b.TaxPercent != nil {
		line.TaxPercent = *b.TaxPercent
		return line, percent("tax_percent", b.TaxPercent)
	}
	tax, err := postgres.ItemTax(ctx, q, inv.ID, projects, b.ProjectID, inv.Through)
	line.TaxPercent, line.TaxFollows = tax.On(inv.Through), true
	return line, err
}

// ItemPatch changes the given fields of an item.
type ItemPatch struct {
	Kind        *billing.ItemKind     `json:"kind,omitempty" enum:"expense,fixed,charge,discount"`
	Description *string               `json:"description,omitempty" minLength:"1" maxLength:"1000"`
	ProjectID   work.Maybe[uuid.UUID] `json:"project_id,omitzero" required:"false" doc:"Null: none"`
	Quantity    *decimal.Decimal      `json:"quantity,omitempty"`
	UnitPrice   *decimal.Decimal      `json:"unit_price,omitempty"`
	TaxPercent  *decimal.Decimal      `json:"tax_percent,omitempty"`
}

// over puts the given fields over an item as it is.
func (p ItemPatch) over(l db.InvoiceLineRow) ItemBody {
	b := ItemBody{Kind: billing.ItemKind(l.Kind), Description: l.Description, ProjectID: p.ProjectID.Over(l.ProjectID), Quantity: &l.Quantity, UnitPrice: l.UnitPrice, TaxPercent: &l.TaxPercent}
	if p.Kind != nil {
		b.Kind = *p.Kind
	}
	if p.Description != nil {
		b.Description = *p.Description
	}
	if p.Quantity != nil {
		b.Quantity = p.Quantity
	}
	if p.UnitPrice != nil {
		b.UnitPrice = *p.UnitPrice
	}
	if p.TaxPercent != nil || l.TaxFollows {
		b.TaxPercent = p.TaxPercent
	}
	return b
}

// ItemID names an item of an invoice in the path.
type ItemID struct {
	ByID
	Item uuid.UUID `path:"item"`
}

type changeItemInput struct {
	ItemID
	WriteHeaders
	patched[ItemPatch]
}

// item reads an item of a draft; a line of time is collected, not written.
func item(ctx context.Context, q *db.Queries, invoice, line uuid.UUID) (db.InvoiceLineRow, error) {
	l, err := q.InvoiceLine(ctx, line, invoice)
	if err == nil && l.Kind == "time" {
		return l, fault.New("time_line", "a line of time follows its entries; change them instead")
	}
	if err == nil && l.MadeOf != nil {
		return l, fault.New("made_line", "this line was made of a %s; change that instead", *l.MadeOf)
	}
	return l, err
}

func (s *Server) changeItem(ctx context.Context, in *changeItemInput) (*Done, error) {
	return s.change(ctx, in.WriteHeaders, in.ID, "change-item "+in.Item.String(), in.Body, func(r request, q *db.Queries, _ pgx.Tx) (map[string]postgres.Change, error) {
		inv, err := s.onDraft(ctx, r, q)
		if err != nil {
			return nil, err
		}
		before, err := item(ctx, q, inv.ID, in.Item)
		if err != nil {
			return nil, err
		}
		body := in.Body.over(before)
		l, err := priced(ctx, q, inv, body)
		if err != nil {
			return nil, err
		}
		_, err = q.UpdateItem(ctx, db.UpdateItemParams{
			ID: in.Item, InvoiceID: inv.ID, Kind: l.Kind, ProjectID: l.ProjectID, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Amount: l.Amount, TaxPercent: l.TaxPercent, TaxFollows: l.TaxFollows,
		})
		if err != nil {
			return nil, err
		}
		return map[string]postgres.Change{"item": {before, body}, "total": {inv.Total, nil}}, s.store.Total(ctx, q, inv.ID, money.Currency(inv.Currency), inv.Through)
	})
}

type removeItemInput struct {
	ItemID
	WriteHeaders
}

func (s *Server) removeItem(ctx context.Context, in *removeItemInput) (*Done, error) {
	return s.change(ctx, in.WriteHeaders, in.ID, "remove-item "+in.Item.String(), struct{}{}, func(r request, q *db.Queries, _ pgx.Tx) (map[string]postgres.Change, error) {
		inv, err := s.onDraft(ctx, r, q)
		if err != nil {
			return nil, err
		}
		before, err := item(ctx, q, inv.ID, in.Item)
		if err != nil {
			return nil, err
		}
		if _, err := q.DeleteItem(ctx, in.Item, inv.ID); err != nil {
			return nil, err
		}
		return map[string]postgres.Change{"item": {before, nil}, "total": {inv.Total, nil}}, s.store.Total(ctx, q, inv.ID, money.Currency(inv.Currency), inv.Through)
	})
}
