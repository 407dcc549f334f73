package api

import (
	"context"
	"encoding/json"
	"net/http"

	"steward/internal/fault"
	"steward/internal/postgres"
)

// keptLines is how many lines of a draft an answer is kept with at most, and how
// many a preview shows; of a completed invoice none is kept, since they are
// there for good.
const keptLines = 200

// withLines gives an answer that is kept without lines those of its invoice, as
// GET does. Without Postgres it has none: what was done is done.
func (s *Server) withLines(ctx context.Context, d *Done, err error) (*Done, error) {
	if err != nil || d.Status == http.StatusAccepted {
		return d, err
	}
	whole, err := s.lined(ctx, d.Body)
	if err != nil {
		s.log.WarnContext(ctx, "an invoice is answered without its lines", "error", err)
		return d, nil
	}
	d.Body = whole
	return d, nil
}

// lined is the answer with the lines of its invoice. A draft that has changed
// since has others than it had, or is gone, so that it is left as it was kept.
func (s *Server) lined(ctx context.Context, answer json.RawMessage) (json.RawMessage, error) {
	var inv postgres.Invoice
	if err := json.Unmarshal(answer, &inv); err != nil || inv.Lines != nil {
		return answer, err
	}
	now, err := postgres.OneInvoice(ctx, s.store.Queries, inv.ID, s.store.Now())
	if f, ok := fault.From(err); ok && f.Code == fault.NotFound || err == nil && inv.Number == nil && now.Version != inv.Version {
		return answer, nil
	}
	inv.Lines = now.Lines
	return postgres.JSON(inv), err
}
