package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/access"
	"steward/internal/bank"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) importRoutes() {
	o := op(http.MethodPost, "/payments/import", "import-payments", "Record payments from a statement of the bank: CSV, CAMT.053 or CAMT.054", http.StatusOK)
	o.MaxBodyBytes = 2 * bodyLimit
	o.Errors = append(o.Errors, http.StatusRequestEntityTooLarge)
	read(s, o, s.importPayments)
}

type importInput struct {
	RawBody []byte `contentType:"text/csv" doc:"text/csv with the columns date, amount, currency, text, reference, payer, key; or application/xml, a CAMT.053 statement or a CAMT.054 notification; at most 2 MiB"`
}

// Imported is what became of a statement of the bank.
type Imported struct {
	Recorded  []ImportedLine `json:"recorded"`
	Known     []ImportedLine `json:"known" doc:"Recorded by an import before"`
	Unmatched []ImportedLine `json:"unmatched" doc:"Left for a person to record"`
}

// ImportedLine is a line of a statement of the bank.
type ImportedLine struct {
	Line      int        `json:"line" doc:"In the file; of CAMT the entry"`
	Date      civil.Date `json:"date" format:"date"`
	Amount    string     `json:"amount"`
	Currency  string     `json:"currency"`
	Reference string     `json:"reference,omitempty"`
	Payer     string     `json:"payer,omitempty"`
	Text      string     `json:"text,omitempty"`
	Invoices  []string   `json:"invoices,omitempty" doc:"Whose numbers it names"`
	PaymentID *uuid.UUID `json:"payment_id,omitempty"`
	Code      string     `json:"code,omitempty" enum:"no_invoice,together,several_clients,other_currency,other_amount,refused" doc:"Why it is not recorded"`
	Reason    string     `json:"reason,omitempty"`
}

func (s *Server) importPayments(ctx context.Context, in *importInput) (*struct{ Body Imported }, error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := can(ctx, access.ReceiveMoney); err != nil {
		return nil, err
	}
	parse := bank.CSV
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(in.RawBody, []byte("\xEF\xBB\xBF")), " \r\n\t"), []byte("<")) {
		parse = bank.CAMT
	}
	lines, err := parse(in.RawBody)
	if err != nil {
		return nil, err
	}
	out := Imported{Recorded: []ImportedLine{}, Known: []ImportedLine{}, Unmatched: []ImportedLine{}}
	for _, l := range lines {
		if err := s.importLine(ctx, l, &out); err != nil {
			return nil, err
		}
	}
	return &struct{ Body Imported }{out}, nil
}

// importLine records one line, unless it was before or nobody can tell what
// it is for.
func (s *Server) importLine(ctx context.Context, l bank.Line, out *Imported) error {
	v := ImportedLine{Line: l.Place, Date: l.On, Amount: postgres.PrintedPrice(l.Amount, money.Currency(l.Currency)), Currency: l.Currency, Reference: l.Reference, Payer: l.Payer, Text: l.Text}
	was, err := s.store.PaymentByImports(ctx, append([]string{l.Key}, l.Also...))
	if err == nil {
		v.PaymentID = &was
		out.Known = append(out.Known, v)
		return nil
	}
	if ignoreNoRows(err) != nil {
		return err
	}
	found, err := s.payable(ctx, l)
	if err != nil {
		return err
	}
	for _, f := range found {
		v.Invoices = append(v.Invoices, *f.Number)
	}
	to, code, reason := match(l, found)
	if code == "" {
		code, reason, err = s.recordLine(ctx, l, found[0].ClientID, to, &v)
	}
	if err != nil {
		return err
	}
	if code == string(billing.AlreadyImported) { // at the same moment, for another client
		was, err := s.store.PaymentByImport(ctx, &l.Key)
		v.PaymentID = &was.ID
		out.Known = append(out.Known, v)
		return err
	}
	if v.Code, v.Reason = code, reason; code != "" {
		out.Unmatched = append(out.Unmatched, v)
		return nil
	}
	out.Recorded = append(out.Recorded, v)
	return nil
}

// payable are the invoices that a line pays: those whose references the payer gave,
// or else those whose numbers stand in its text.
func (s *Server) payable(ctx context.Context, l bank.Line) ([]db.PayableByNumberRow, error) {
	for _, numbers := range [][]string{l.Quoted(), l.Numbers()} {
		if len(numbers) == 0 {
			continue
		}
		if found, err := s.store.PayableByNumber(ctx, numbers); err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// match tells which invoices a line pays: all that it names, of one client,
// when it comes to what is owed on them. Anything else is for a person.
func match(l bank.Line, found []db.PayableByNumberRow) (to []billing.Application, code, reason string) {
	open, sum := slices.DeleteFunc(slices.Clone(found), func(r db.PayableByNumberRow) bool { return r.State != "complete" || r.Balance.Sign() <= 0 }), decimal.Zero
	if len(open) == 0 && l.Together > 1 {
		return nil, "together", fmt.Sprintf("it is %d payments together, which a notification (CAMT.054) has one by one", l.Together)
	}
	if len(open) == 0 {
		return nil, "no_invoice", "it names no invoice on which something is owed"
	}
	for _, r := range open {
		switch {
		case r.ClientID != found[0].ClientID:
			return nil, "several_clients", "it names invoices of several clients"
		case r.Currency != l.Currency:
			return nil, "other_currency", "the invoice is in " + r.Currency
		}
		sum = sum.Add(r.Balance)
		to = append(to, billing.Application{InvoiceID: r.ID, Amount: r.Balance})
	}
	if !sum.Equal(l.Amount) {
		return nil, "other_amount", "what is owed comes to " + money.Currency(l.Currency).Format(sum)
	}
	return to, "", ""
}

// recordLine sends the payment through the client's account, once for its key.
func (s *Server) recordLine(ctx context.Context, l bank.Line, client uuid.UUID, to []billing.Application, v *ImportedLine) (code, reason string, err error) {
	note := []rune(l.Text)
	body := flow.RecordPayment{ClientID: client, Amount: l.Amount, Currency: l.Currency, ReceivedOn: l.On, Method: "bank statement", Reference: short(l.Reference, 200),
		Note: string(note[:min(len(note), 2000)]), Applications: to, ImportKey: l.Key}
	r, err := s.onAccount(ctx, WriteHeaders{}, client, "record-payment", body)
	if err != nil {
		return "", "", err
	}
	_, pending, err := s.act(ctx, r)
	if f, ok := fault.From(postgres.Refusal(err)); ok && f.Code != fault.Unavailable {
		if f.Code == billing.AlreadyImported {
			return string(f.Code), f.Message, nil
		}
		return "refused", f.Message, nil
	}
	if err != nil || pending != nil {
		return "", "", errorsOr(err, fault.New(fault.Unavailable, "the payments take longer to be recorded; send the file again: what was recorded is known"))
	}
	p, err := s.store.PaymentByImport(ctx, &l.Key)
	v.PaymentID = &p.ID
	return "", "", err
}

func errorsOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func short(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}
