package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres"
)

// csvPage is how many things of a list are read at a time.
const csvPage = 1000

// listCSV answers all of a list as CSV, page by page as it is read: what the
// list shows to who asks, and nothing else (N.18). What cannot be read on the
// way breaks the connection, so that nobody takes a part for the whole.
func listCSV[T any](s *Server, ctx context.Context, t table, list func(PageInput) (*PageOutput[T], error), show func([]T) ([][]string, error)) (*huma.StreamResponse, error) {
	next := func(cursor string) (rows [][]string, after string, err error) {
		p, err := list(PageInput{Limit: csvPage, Cursor: cursor})
		if err != nil {
			return nil, "", err
		}
		rows, err = show(p.Body.Items)
		return rows, or(p.Body.NextCursor), err
	}
	rows, after, err := next("")
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		w := csvHead(c, t)
		for {
			csvRows(w, rows)
			if w.Flush(); after == "" || w.Error() != nil {
				return // what cannot be written here nobody reads any more
			}
			if rows, after, err = next(after); err != nil {
				s.log.WarnContext(ctx, "a list was not read to its end", "list", t.name, "error", err)
				panic(http.ErrAbortHandler)
			}
		}
	}}, nil
}

// csvHead begins a table (RFC 4180).
func csvHead(c huma.Context, t table) *csv.Writer {
	c.SetHeader("Content-Type", "text/csv; charset=utf-8")
	c.SetHeader("Content-Disposition", disposition(t.name+".csv", false))
	w := csv.NewWriter(c.BodyWriter())
	w.UseCRLF = true
	_ = w.Write(t.head) // its error is there when it is flushed
	return w
}

func csvRows(w *csv.Writer, rows [][]string) {
	for _, r := range rows {
		safe := make([]string, len(r))
		for i := range r {
			safe[i] = cell(r[i])
		}
		_ = w.Write(safe)
	}
}

var timeTable = table{name: "time-entries", head: []string{"id", "work_date", "start", "minutes", "billing", "person", "project", "task", "title", "description", "remaining_minutes",
	"user_id", "project_id", "task_id", "invoice_id"}}

func (s *Server) timeCSV(ctx context.Context, in *struct{ TimeFilter }) (*huma.StreamResponse, error) {
	list := func(p PageInput) (*PageOutput[TimeEntry], error) {
		return s.listTime(ctx, &listTimeInput{p, in.TimeFilter})
	}
	return listCSV(s, ctx, timeTable, list, timeRows)
}

// timeRows are time entries with what people call the things they are of.
func timeRows(all []TimeEntry) ([][]string, error) {
	rows := make([][]string, len(all))
	for i, e := range all {
		rows[i] = []string{e.ID.String(), e.WorkDate.String(), instantText(e.Start), strconv.Itoa(int(e.Minutes)), e.Billing, e.UserName, e.ProjectCode, e.TaskKey, e.TaskTitle,
			e.Description, numberText(e.RemainingMinutes), e.UserID.String(), e.ProjectID.String(), e.TaskID.String(), idText(e.InvoiceID)}
	}
	return rows, nil
}

var invoiceTable = table{name: "invoices", head: []string{"id", "number", "state", "past_due", "client", "currency", "issued_on", "due_on", "through", "subtotal", "tax", "total",
	"paid", "credited", "balance", "sent_at", "client_id", "written_off"}}

func (s *Server) invoicesCSV(ctx context.Context, in *struct{ InvoiceFilter }) (*huma.StreamResponse, error) {
	list := func(p PageInput) (*PageOutput[postgres.Invoice], error) {
		return s.listInvoices(ctx, &listInvoicesInput{p, in.InvoiceFilter})
	}
	return listCSV(s, ctx, invoiceTable, list, func(all []postgres.Invoice) ([][]string, error) {
		rows := make([][]string, len(all))
		for i, v := range all {
			number := ""
			set(&number, v.Number)
			rows[i] = []string{v.ID.String(), number, v.State, strconv.FormatBool(v.PastDue), v.ClientName, v.Currency, dayText(v.IssuedOn), dayText(v.DueOn), dayText(v.Through),
				v.Subtotal, v.Tax, v.Total, v.Paid, v.Credited, v.Balance, instantText(v.SentAt), v.ClientID.String(), v.WrittenOff}
		}
		return rows, nil
	})
}

func instantText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func idText(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func numberText(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}
