package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// mostPreviewed is how many projects a preview shows.
const mostPreviewed = 500

// RunPreview is what a billing run would come to (N.02).
type RunPreview struct {
	Through  civil.Date       `json:"through" format:"date"`
	Projects []ProjectPreview `json:"projects"`
}

// ProjectPreview is what would become of one project. Amounts are text with the
// currency's decimals.
type ProjectPreview struct {
	ProjectID   uuid.UUID              `json:"project_id"`
	ProjectCode string                 `json:"project_code"`
	ClientID    uuid.UUID              `json:"client_id"`
	Outcome     string                 `json:"outcome" enum:"invoiced,nothing_to_bill,parked"`
	Currency    string                 `json:"currency"`
	Lines       []postgres.InvoiceLine `json:"lines,omitempty" doc:"The first 200"`
	Subtotal    string                 `json:"subtotal,omitempty"`
	Tax         string                 `json:"tax,omitempty"`
	Total       string                 `json:"total,omitempty"`
	Code        string                 `json:"code,omitempty" doc:"Why it would be parked, for programs"`
	Reason      string                 `json:"reason,omitempty" doc:"Why it would be parked, for people"`
	LeftOut     postgres.LeftOut       `json:"left_out" doc:"Billable time that would not be billed yet"`
}

// preview bills each project by the code that bills it, and undoes it.
func (s *Server) preview(ctx context.Context, b RunBody) (*Done, error) {
	ids := b.ProjectIDs
	if ids == nil { // as a run without them
		var err error
		if ids, err = s.store.ProjectsToPreview(ctx, b.Through, mostPreviewed+1); err != nil {
			return nil, s.refuse(err)
		}
	}
	if len(ids) > mostPreviewed {
		return nil, s.refuse(fault.Wrong("project_ids", "are more than a preview shows; name %d at most", mostPreviewed))
	}
	plans, err := s.store.BillableProjects(ctx, ids)
	if err != nil {
		return nil, s.refuse(err)
	}
	out := RunPreview{Through: b.Through, Projects: []ProjectPreview{}}
	for _, p := range plans {
		one, err := s.previewOne(ctx, p, b.Through)
		if err != nil {
			return nil, s.refuse(err)
		}
		out.Projects = append(out.Projects, one)
	}
	return done(http.StatusOK, postgres.JSON(out)), nil
}

// errPreview undoes what was only looked at.
var errPreview = errors.New("only a preview")

func (s *Server) previewOne(ctx context.Context, p db.BillableProjectsRow, through civil.Date) (ProjectPreview, error) {
	out := ProjectPreview{ProjectID: p.ID, ProjectCode: p.Code, ClientID: p.ClientID, Currency: p.Currency, Outcome: "nothing_to_bill"}
	err := s.store.Tx(ctx, func(q *db.Queries, tx pgx.Tx) error {
		made, err := s.store.DraftForRun(ctx, tx, postgres.Draft{ID: s.store.NewID(), ClientID: p.ClientID, ProjectIDs: []uuid.UUID{p.ID}, Through: through})
		if err != nil {
			return err
		}
		if inv := made.Invoice; len(inv.Lines) > 0 {
			out.Outcome, out.Subtotal, out.Tax, out.Total = "invoiced", inv.Subtotal, inv.Tax, inv.Total
			out.Lines = inv.Lines[:min(len(inv.Lines), keptLines)]
		}
		if out.LeftOut, err = postgres.LeftOutOf(ctx, q, p.ID, through); err != nil {
			return err
		}
		return errPreview
	})
	if f, ok := fault.From(err); ok && f.Code != fault.Conflict {
		out.Outcome, out.Code, out.Reason = "parked", string(f.Code), f.Message
		return out, nil
	}
	if errors.Is(err, errPreview) {
		return out, nil
	}
	return out, err
}
