package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) accountRoutes() {
	read(s, op(http.MethodGet, "/clients/{id}/statement", "get-statement", "A client's statement of account", http.StatusOK), s.getStatement)
	read(s, answersPDF(op(http.MethodGet, "/clients/{id}/statement/pdf", "get-statement-pdf", "A client's statement of account as a PDF; /clients/{id}/statement.pdf is the same", http.StatusOK)), s.statementPDF)
	read(s, answersAs(op(http.MethodGet, "/clients/{id}/statement/csv", "get-statement-csv", "A client's statement of account as CSV; /clients/{id}/statement.csv is the same", http.StatusOK), "text/csv", "The CSV"), s.statementCSV)
}

// Statement is a client's statement of account (N.13).
type Statement struct {
	ClientID   uuid.UUID  `json:"client_id"`
	ClientName string     `json:"client_name"`
	From       civil.Date `json:"from" format:"date"`
	To         civil.Date `json:"to" format:"date"`
	Accounts   []Account  `json:"accounts" doc:"One for each currency"`
}

// Account is the ledger of a client in a currency.
type Account struct {
	Currency       string     `json:"currency"`
	OpeningBalance string     `json:"opening_balance" doc:"What was owed before the first day"`
	Entries        []Movement `json:"entries"`
	ClosingBalance string     `json:"closing_balance" doc:"What was owed at the end of the last day; below zero is in the client's favour"`
	Aging          Buckets    `json:"aging" doc:"Of what was owed at the end of the last day"`
}

// Movement is a line of a statement of account.
type Movement struct {
	Date    civil.Date         `json:"date" format:"date"`
	Kind    billing.LedgerKind `json:"kind" enum:"invoice,void,credit_note,credit_note_void,payment,reversal,refund,refund_reversal,write_off,write_off_reversal"`
	Number  string             `json:"number" doc:"Of the invoice or credit note; the reference of a payment or refund"`
	Text    string             `json:"text,omitempty"`
	DueOn   civil.Date         `json:"due_on,omitzero" format:"date"`
	Amount  string             `json:"amount" doc:"Above zero is owed more, below zero less"`
	Balance string             `json:"balance"`
}

type statementInput struct {
	ByID
	From string `query:"from" format:"date" doc:"The first day of the year, if left out"`
	To   string `query:"to" format:"date" doc:"The last day; today, if left out"`
}

func (s *Server) readStatement(ctx context.Context, in *statementInput) (billing.Statement, error) {
	var none billing.Statement
	if err := seeAccount(ctx); err != nil {
		return none, err
	}
	today, err := s.firmToday(ctx)
	if err != nil {
		return none, err
	}
	to, err := s.asOf(ctx, "to", in.To)
	if err != nil {
		return none, err
	}
	from, err := optionalDate("from", in.From)
	if err != nil {
		return none, err
	}
	if from.IsZero() {
		from = civil.Of(to.Year, 1, 1)
	}
	if to.Before(from) {
		return none, wrongFilter("to", "is before from")
	}
	var st billing.Statement
	err = s.reading(ctx, func(q *db.Queries) (err error) {
		st, err = postgres.StatementOf(ctx, q, in.ID, from, to, today)
		return err
	})
	return st, err
}

func (s *Server) getStatement(ctx context.Context, in *statementInput) (*struct{ Body Statement }, error) {
	st, err := s.readStatement(ctx, in)
	if err != nil {
		return nil, err
	}
	out := Statement{ClientID: in.ID, ClientName: st.Client.Name, From: st.From, To: st.To, Accounts: []Account{}}
	for _, a := range st.Accounts {
		out.Accounts = append(out.Accounts, accountOf(a))
	}
	return &struct{ Body Statement }{out}, nil
}

func accountOf(a billing.Account) Account {
	c := a.Currency
	out := Account{Currency: string(c), OpeningBalance: c.Format(a.Opening), ClosingBalance: c.Format(a.Closing), Entries: []Movement{},
		Aging: bucketsOf(billing.Receivables{Currency: c, Aging: a.Aging})}
	for _, m := range a.Movements {
		out.Entries = append(out.Entries, Movement{m.On, m.Kind, m.Number, m.Text, m.DueOn, c.Format(m.Amount), c.Format(m.Balance)})
	}
	return out
}

func (s *Server) statementPDF(ctx context.Context, in *statementInput) (*huma.StreamResponse, error) {
	st, err := s.readStatement(ctx, in)
	if err != nil {
		return nil, err
	}
	if s.statement == nil {
		return nil, fault.New(fault.NotAvailable, "statements are not rendered here")
	}
	var pdf bytes.Buffer
	if err := s.statement(&pdf, st); err != nil {
		return nil, fmt.Errorf("the statement of %s: %w", in.ID, err)
	}
	return madePDF(pdf.Bytes(), "statement-"+st.To.String()), nil
}

func (s *Server) statementCSV(ctx context.Context, in *statementInput) (*huma.StreamResponse, error) {
	st, err := s.readStatement(ctx, in)
	if err != nil {
		return nil, err
	}
	t := table{name: "statement-" + st.To.String(), head: []string{"date", "kind", "number", "text", "due", "currency", "amount", "balance"}}
	for _, a := range st.Accounts {
		balance := func(on civil.Date, kind string, c money.Currency, at string) []string {
			return []string{on.String(), kind, "", "", "", string(c), "", at}
		}
		t.rows = append(t.rows, balance(a.From, "opening", a.Currency, a.Currency.Format(a.Opening)))
		for _, m := range a.Movements {
			due := ""
			if !m.DueOn.IsZero() {
				due = m.DueOn.String()
			}
			t.rows = append(t.rows, []string{m.On.String(), string(m.Kind), m.Number, m.Text, due, string(a.Currency), a.Currency.Format(m.Amount), a.Currency.Format(m.Balance)})
		}
		t.rows = append(t.rows, balance(a.To, "closing", a.Currency, a.Currency.Format(a.Closing)))
	}
	return asCSV(t), nil
}
