package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// NotRendered is the code for what has no PDF or e-invoice: a draft has no
// e-invoice before it is complete, a status report that was not sent and a
// reminder that will not go have no PDF.
const NotRendered fault.Code = "not_rendered"

func (s *Server) pdfRoutes() {
	read(s, answersPDF(op(http.MethodGet, "/invoices/{id}/pdf", "get-invoice-pdf", "An invoice's PDF, to the staff also that of a draft, marked as one; /invoices/{id}.pdf is the same", http.StatusOK)), s.invoicePDF)
}

// answersPDF describes an operation that answers a PDF.
func answersPDF(o huma.Operation) huma.Operation { return answersAs(o, "application/pdf", "The PDF") }

func answersAs(o huma.Operation, kind, what string) huma.Operation {
	o.Responses = map[string]*huma.Response{"200": {Description: what, Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}}}
	return o
}

func (s *Server) invoicePDF(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	if err := s.seeInvoice(ctx, in.ID); err != nil {
		return nil, err
	}
	var inv db.InvoiceRow
	err := rendered(ctx, func() (done bool, err error) {
		inv, err = s.store.Invoice(ctx, in.ID)
		return inv.Number == nil || inv.PDFFileID != nil, err
	})
	if err != nil {
		return nil, err
	}
	if inv.Number == nil {
		return s.draftPDF(ctx, inv)
	}
	return s.storedPDF(ctx, postgres.InvoiceKey(in.ID), *inv.Number)
}

// rendered waits up to three seconds for a PDF that its process is making, and
// looks once more after each wait: whoever has completed an invoice asks for it at
// once.
func rendered(ctx context.Context, is func() (bool, error)) error {
	wait, waited := 50*time.Millisecond, time.Duration(0)
	for {
		if done, err := is(); done || err != nil {
			return err
		}
		if waited += wait; waited > 3*time.Second {
			return fault.New(fault.Unavailable, "the PDF is being made; try again in a moment")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 400*time.Millisecond)
	}
}

// draftPDF answers a draft as it is now, for the staff alone: to clients it is
// not there (S1.77).
func (s *Server) draftPDF(ctx context.Context, inv db.InvoiceRow) (*huma.StreamResponse, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	if s.draft == nil {
		return nil, fault.New(fault.NotAvailable, "drafts are not rendered here")
	}
	var pdf bytes.Buffer
	if err := s.draft(ctx, &pdf, inv.ID); err != nil {
		return nil, err
	}
	return madePDF(pdf.Bytes(), "draft-"+inv.Through.String()), nil
}

// seeInvoice lets who may see money, and the client's manager, have an invoice
// as it went out (S1.05).
func (s *Server) seeInvoice(ctx context.Context, id uuid.UUID) error {
	if outside(ctx) {
		_, err := s.clientInvoice(ctx, id)
		return err
	}
	return seeMoney(ctx)
}

// storedPDF answers a PDF that was rendered before.
func (s *Server) storedPDF(ctx context.Context, key, number string) (*huma.StreamResponse, error) {
	body, err := s.files.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("the PDF of %s: %w", number, err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer body.Close()
		c.SetHeader("Content-Type", "application/pdf")
		c.SetHeader("Content-Disposition", "inline; filename="+strconv.Quote(number+".pdf"))
		if _, err := io.Copy(c.BodyWriter(), body); err != nil {
			s.log.WarnContext(ctx, "a PDF was not read to its end", "document", number, "error", err)
		}
	}}, nil
}

// madePDF answers a PDF that was rendered for this answer.
func madePDF(pdf []byte, name string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/pdf")
		c.SetHeader("Content-Disposition", "inline; filename="+strconv.Quote(name+".pdf"))
		_, _ = c.BodyWriter().Write(pdf) // what cannot be written here nobody reads any more
	}}
}

func explained(r db.LineEntriesRow, increment int16) ExplainedEntry {
	return ExplainedEntry{
		ID: r.ID, UserID: r.PersonID, UserName: r.PersonName, WorkDate: r.WorkDate, Minutes: r.Minutes,
		BilledMinutes: billing.RoundUp(int64(r.Minutes), int64(increment)), Description: r.Description, Corrected: r.Corrected,
	}
}

// dotPDF lets /invoices/{id}.pdf stand for /invoices/{id}/pdf, .xml for
// /xml and .csv for /csv.
func dotPDF(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, kind := range []string{"pdf", "xml", "csv"} {
			if id, ok := strings.CutSuffix(r.URL.Path, "."+kind); ok && strings.HasPrefix(id, base+"/") {
				r.URL.Path = id + "/" + kind
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Explanation is a line of time, entry by entry (N.03).
type Explanation struct {
	Line             postgres.LineSource `json:"line"`
	Rule             string              `json:"rule" doc:"How the amount came about, in words"`
	IncrementMinutes int16               `json:"increment_minutes" doc:"Each entry was rounded up to a multiple of this; 0: exact"`
	Entries          []ExplainedEntry    `json:"entries"`
	NextCursor       *string             `json:"next_cursor" doc:"Null on the last page"`
}

// ExplainedEntry is one entry on a line.
type ExplainedEntry struct {
	ID            uuid.UUID  `json:"id"`
	UserID        uuid.UUID  `json:"user_id"`
	UserName      string     `json:"user_name"`
	WorkDate      civil.Date `json:"work_date" format:"date"`
	Minutes       int32      `json:"minutes" doc:"As recorded"`
	BilledMinutes int64      `json:"billed_minutes" doc:"After the increment"`
	Description   string     `json:"description"`
	Corrected     string     `json:"corrected,omitempty" enum:"release,write_off" doc:"Released since, by a credit note or because the invoice was made void; or written off"`
}

type explainInput struct {
	ByID
	PageInput
	Line uuid.UUID `path:"line"`
}

func (s *Server) explain(ctx context.Context, in *explainInput) (*struct{ Body Explanation }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	l, err := s.store.InvoiceLine(ctx, in.Line, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.LineEntries(ctx, db.LineEntriesParams{LineID: &l.ID, After: c.ID, Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	p := page(in.PageInput, rows, func(r db.LineEntriesRow) cursor { return cursor{ID: r.ID} },
		func(r db.LineEntriesRow) ExplainedEntry { return explained(r, l.IncrementMinutes) })
	return &struct{ Body Explanation }{Explanation{
		Line: postgres.SourceOf(l), Rule: ruleText(l), IncrementMinutes: l.IncrementMinutes, Entries: p.Body.Items, NextCursor: p.Body.NextCursor,
	}}, nil
}

// sourceWords say where a rate came from.
var sourceWords = map[string]string{
	"project_person": "the rate agreed for the person on the project",
	"work_statement": "the rate of the project's work statement",
	"entry":          "a rate set for the session alone",
	"person_default": "the person's default rate",
	"no_charge":      "no charge",
}

func ruleText(l db.InvoiceLineRow) string {
	c := money.Currency(l.Currency)
	if l.Minutes == nil {
		price := l.UnitPrice
		if l.Kind == string(billing.Discount) {
			price = price.Neg() // as it is printed
		}
		return fmt.Sprintf("%s × %s = %s %s, rounded half up", l.Quantity, postgres.PrintedPrice(price, c), c, c.Format(l.Amount))
	}
	return fmt.Sprintf("%d minutes × %s / 60 = %s %s, rounded half up once; %s", *l.Minutes, postgres.PrintedPrice(l.UnitPrice, c), c, c.Format(l.Amount), sourceWords[*l.RateSource])
}
