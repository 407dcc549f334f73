package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// HeldAlready is the code for what nobody has to hold back any more.
const HeldAlready fault.Code = "held_already"

// onReport changes a report before it goes, by somebody who looks after the
// client; its process is told.
func (s *Server) onReport(ctx context.Context, h WriteHeaders, id uuid.UUID, verb string, body any, note string, change func(to *db.SetStatusReportParams, by uuid.UUID, now time.Time) error) (*Done, error) {
	r, err := s.newRequest(ctx, h, flow.Status, id, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	row, err := s.store.StatusReport(ctx, id)
	if err == nil {
		err = s.looksAfter(ctx, row.ClientID, r.actor)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		l, err := q.LockStatusReport(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := r.fresh(l.Version); err != nil {
			return nil, err
		}
		if l.State != "review" && l.State != "held" {
			return nil, fault.New(NotInReview, "the report is %s already", l.State)
		}
		was := db.SetStatusReportParams{ID: l.ID, State: l.State, Reason: l.Reason, HoldUntil: l.HoldUntil, Comment: l.Comment, CommentBy: l.CommentBy, DecidedBy: l.DecidedBy}
		now := was
		if err := change(&now, r.actor.ID, s.store.Now()); err != nil {
			return nil, err
		}
		if err := q.SetStatusReport(ctx, now); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, l.Version+1, postgres.Diff(was, now), note); err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.Status), l.ID); err != nil {
			return nil, err
		}
		v, err := postgres.OneStatusReport(ctx, q, id)
		v.Report = nil // an answer is kept for ever; what it says is read from the report
		return v, err
	})
}

// ReportComment is a word to the client.
type ReportComment struct {
	Comment string `json:"comment" maxLength:"4000" doc:"Stands above the figures and in the mail; empty takes it back"`
}

func (s *Server) commentReport(ctx context.Context, in *oneInput[ReportComment]) (*Done, error) {
	return s.onReport(ctx, in.WriteHeaders, in.ID, "comment", in.Body, "", func(to *db.SetStatusReportParams, by uuid.UUID, _ time.Time) error {
		if to.Comment, to.CommentBy = strings.TrimSpace(in.Body.Comment), nil; to.Comment != "" {
			to.CommentBy = &by
		}
		return nil
	})
}

func (s *Server) holdReport(ctx context.Context, in *verbInput[flow.Noted]) (*Done, error) {
	body := in.said()
	return s.onReport(ctx, in.WriteHeaders, in.ID, "hold", body, body.Note, func(to *db.SetStatusReportParams, by uuid.UUID, _ time.Time) error {
		if to.State == "held" {
			return fault.New(HeldAlready, "the report is held already")
		}
		to.State, to.DecidedBy = "held", &by
		return nil
	})
}

func (s *Server) releaseReport(ctx context.Context, in *verbInput[flow.Noted]) (*Done, error) {
	body := in.said()
	return s.onReport(ctx, in.WriteHeaders, in.ID, "release", body, body.Note, func(to *db.SetStatusReportParams, by uuid.UUID, now time.Time) error {
		to.State, to.Reason, to.DecidedBy = "review", "", &by
		if now.Before(to.HoldUntil) {
			to.HoldUntil = now
		}
		return nil
	})
}

// StatusPolicyBody is when clients are told how their projects stand.
type StatusPolicyBody struct {
	Active    bool  `json:"active" doc:"Whether the clock makes reports"`
	Weekday   int16 `json:"weekday" minimum:"1" maximum:"7" doc:"1 is Monday"`
	Hour      int16 `json:"hour" minimum:"0" maximum:"23" doc:"By the firm's clock"`
	HoldHours int16 `json:"hold_hours" minimum:"0" maximum:"144" doc:"For review; then reports go by themselves"`
}

// StatusPolicy is the policy with its version.
type StatusPolicy struct {
	StatusPolicyBody
	Version int32 `json:"version"`
}

// StatusPolicySet is the policy as it is to be.
type StatusPolicySet struct {
	StatusPolicyBody
	AsRead
}

func statusPolicyOf(r db.StatusPolicyRow) StatusPolicy {
	return StatusPolicy{StatusPolicyBody{Active: r.Active, Weekday: r.Weekday, Hour: r.Hour, HoldHours: r.HoldHours}, r.Version}
}

func (s *Server) getStatusPolicy(ctx context.Context, _ *struct{}) (*One[StatusPolicy], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	r, err := s.store.StatusPolicy(ctx)
	p := statusPolicyOf(r)
	return one(p, p.Version), err
}

func (s *Server) setStatusPolicy(ctx context.Context, in *newInput[StatusPolicySet]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, statusPolicyKind, uuid.Nil, "edit", in.Body, access.RunBilling)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		row, err := q.StatusPolicy(ctx)
		if err != nil {
			return nil, err
		}
		if err := r.fresh(row.Version); err != nil {
			return nil, err
		}
		b, was := in.Body.StatusPolicyBody, statusPolicyOf(row).StatusPolicyBody
		n, err := q.SetStatusPolicy(ctx, db.SetStatusPolicyParams{Active: b.Active, Weekday: b.Weekday, Hour: b.Hour, HoldHours: b.HoldHours, Now: s.store.Now(), Version: row.Version})
		if err != nil || n == 0 {
			return nil, orConflict(err, "it was changed at the same time")
		}
		return StatusPolicy{b, row.Version + 1}, r.audited(ctx, s, q, row.Version+1, postgres.Diff(was, b), "")
	})
}

// statusPolicyKind is what the audit calls the policy.
const statusPolicyKind flow.Kind = "status_policy"
