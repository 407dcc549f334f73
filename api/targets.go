package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) targetRoutes() {
	read(s, op(http.MethodGet, "/clients/{id}/targets", "get-targets", "How soon a client's requests are to be answered and settled", http.StatusOK), s.getTargets)
	write[ServiceTargets](s, op(http.MethodPut, "/clients/{id}/targets", "set-targets", "Promise a client how soon its requests are answered and settled; requests that are there keep their targets", http.StatusOK), s.setTargets)
}

// ServiceTargets are what a client is promised (N.20).
type ServiceTargets struct {
	Targets []ServiceTarget `json:"targets" doc:"One for each priority"`
	Version int32           `json:"version" doc:"Of the client"`
}

// ServiceTarget is what is promised for a priority, in the client's working time.
type ServiceTarget struct {
	Priority          int16 `json:"priority"`
	ResponseMinutes   int32 `json:"response_minutes" doc:"Until the first word to the client"`
	ResolutionMinutes int32 `json:"resolution_minutes" doc:"Until the request is closed"`
	Own               bool  `json:"own" doc:"Agreed with this client, rather than what the firm promises everybody"`
}

// ServiceTargetsBody sets the targets of a client.
type ServiceTargetsBody struct {
	Targets []struct {
		Priority          int16 `json:"priority" minimum:"1" maximum:"5"`
		ResponseMinutes   int32 `json:"response_minutes" minimum:"1" maximum:"1000000"`
		ResolutionMinutes int32 `json:"resolution_minutes" minimum:"1" maximum:"1000000"`
	} `json:"targets" maxItems:"5" doc:"Those agreed with the client; for a priority left out it is what the firm promises everybody"`
}

func targetsOf(ctx context.Context, q *db.Queries, client uuid.UUID) (ServiceTargets, error) {
	c, err := q.Client(ctx, client)
	if err != nil {
		return ServiceTargets{}, err
	}
	rows, err := q.Targets(ctx, &client)
	all := ServiceTargets{Targets: []ServiceTarget{}, Version: c.Version}
	for _, r := range rows {
		all.Targets = append(all.Targets, ServiceTarget(r))
	}
	return all, err
}

func (s *Server) getTargets(ctx context.Context, in *ByID) (*One[ServiceTargets], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	t, err := targetsOf(ctx, s.store.Queries, in.ID)
	return one(t, t.Version), err
}

func (s *Server) setTargets(ctx context.Context, in *oneInput[ServiceTargetsBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, clientKind, in.ID, "targets", in.Body, access.ManageClients)
	if err == nil {
		err = in.Body.check()
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockClient(ctx, r.id); err != nil {
			return nil, err
		}
		before, err := targetsOf(ctx, q, r.id)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err == nil {
			err = q.ClearTargets(ctx, r.id)
		}
		for _, t := range in.Body.Targets {
			if err == nil {
				err = q.InsertTarget(ctx, db.InsertTargetParams{ClientID: r.id, Priority: t.Priority, ResponseMinutes: t.ResponseMinutes, ResolutionMinutes: t.ResolutionMinutes})
			}
		}
		if err != nil {
			return nil, err
		}
		after, err := targetsOf(ctx, q, r.id)
		changes := postgres.Diff(before, after)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := q.TouchClient(ctx, r.id); err != nil {
			return nil, err
		}
		after.Version++
		return after, r.audited(ctx, s, q, after.Version, changes, "")
	})
}

// check refuses what cannot be promised.
func (b ServiceTargetsBody) check() error {
	seen := map[int16]bool{}
	for _, t := range b.Targets {
		if seen[t.Priority] {
			return fault.Wrong("targets", "name priority %d twice", t.Priority)
		}
		if seen[t.Priority] = true; t.ResolutionMinutes < t.ResponseMinutes {
			return fault.Wrong("targets", "settle priority %d before it is answered", t.Priority)
		}
	}
	return nil
}
