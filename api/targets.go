package api

import (
	"context"
	"net/http"
	"slices"

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
	read(s, op(http.MethodGet, "/provider/targets", "get-firm-targets", "How soon the requests of clients without targets of their own are to be answered and settled", http.StatusOK), s.getFirmTargets)
	write[ServiceTargets](s, op(http.MethodPut, "/provider/targets", "set-firm-targets", "Promise all clients without targets of their own how soon requests are answered and settled; requests that are there keep their targets", http.StatusOK), s.setFirmTargets)
}

// ServiceTargets are what a client is promised (N.20).
type ServiceTargets struct {
	Targets []ServiceTarget `json:"targets" doc:"One for each priority"`
	Version int32           `json:"version" doc:"Of the client, or of the firm"`
}

// ServiceTarget is what is promised for a priority, in the client's working time.
type ServiceTarget struct {
	Priority          int16 `json:"priority"`
	ResponseMinutes   int32 `json:"response_minutes" doc:"Until the first word to the client"`
	ResolutionMinutes int32 `json:"resolution_minutes" doc:"Until the request is closed"`
	Own               bool  `json:"own" doc:"Agreed with this client, rather than what the firm promises everybody"`
}

// ServiceTargetsBody sets the targets of a client, or the firm's.
type ServiceTargetsBody struct {
	Targets []struct {
		Priority          int16 `json:"priority" minimum:"1" maximum:"5"`
		ResponseMinutes   int32 `json:"response_minutes" minimum:"1" maximum:"1000000"`
		ResolutionMinutes int32 `json:"resolution_minutes" minimum:"1" maximum:"1000000"`
		Own               *bool `json:"own,omitempty" doc:"As it was read: with false, and the figures that the firm promises everybody, it is as if left out"`
	} `json:"targets" maxItems:"5" doc:"Those agreed with the client; for a priority left out it is what the firm promises everybody, and of the firm's own nothing is promised"`
	AsRead
}

// targetsOf are the targets of a client; of nil, those that hold for all others.
func targetsOf(ctx context.Context, q *db.Queries, client *uuid.UUID) (ServiceTargets, error) {
	all := ServiceTargets{Targets: []ServiceTarget{}}
	if client == nil {
		p, err := q.Provider(ctx)
		if all.Version = p.Version; err != nil {
			return all, err
		}
	} else {
		c, err := q.Client(ctx, *client)
		if all.Version = c.Version; err != nil {
			return all, err
		}
	}
	rows, err := q.Targets(ctx, client)
	for _, r := range rows {
		all.Targets = append(all.Targets, ServiceTarget(r))
	}
	return all, err
}

func (s *Server) getTargets(ctx context.Context, in *ByID) (*One[ServiceTargets], error) {
	return s.readTargets(ctx, &in.ID)
}

func (s *Server) getFirmTargets(ctx context.Context, _ *struct{}) (*One[ServiceTargets], error) {
	return s.readTargets(ctx, nil)
}

func (s *Server) readTargets(ctx context.Context, client *uuid.UUID) (*One[ServiceTargets], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	t, err := targetsOf(ctx, s.store.Queries, client)
	return one(t, t.Version), err
}

func (s *Server) setTargets(ctx context.Context, in *oneInput[ServiceTargetsBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, clientKind, in.ID, "targets", in.Body, access.ManageClients)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.promise(ctx, r, &in.ID, in.Body)
}

func (s *Server) setFirmTargets(ctx context.Context, in *newInput[ServiceTargetsBody]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, providerKind, uuid.Nil, "targets", in.Body, access.ManagePeople)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.promise(ctx, r, nil, in.Body)
}

// promise replaces the targets of a client, or the firm's.
func (s *Server) promise(ctx context.Context, r request, client *uuid.UUID, b ServiceTargetsBody) (*Done, error) {
	if err := b.check(); err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if err := lockPromise(ctx, q, client); err != nil {
			return nil, err
		}
		before, err := targetsOf(ctx, q, client)
		if err == nil {
			err = r.fresh(before.Version)
		}
		if err == nil {
			err = q.ClearTargets(ctx, client)
		}
		for _, t := range b.Targets {
			everybodys := client != nil && t.Own != nil && !*t.Own && slices.Contains(before.Targets, ServiceTarget{t.Priority, t.ResponseMinutes, t.ResolutionMinutes, false})
			if err == nil && !everybodys {
				err = q.InsertTarget(ctx, db.InsertTargetParams{ClientID: client, Priority: t.Priority, ResponseMinutes: t.ResponseMinutes, ResolutionMinutes: t.ResolutionMinutes})
			}
		}
		if err != nil {
			return nil, err
		}
		after, err := targetsOf(ctx, q, client)
		changes := postgres.Diff(before, after)
		if err != nil || len(changes) == 0 {
			return before, err
		}
		if err := touchPromise(ctx, q, client); err != nil {
			return nil, err
		}
		after.Version++
		return after, r.audited(ctx, s, q, after.Version, changes, "")
	})
}

func lockPromise(ctx context.Context, q *db.Queries, client *uuid.UUID) error {
	if client == nil {
		return q.LockProvider(ctx)
	}
	_, err := q.LockClient(ctx, *client)
	return err
}

func touchPromise(ctx context.Context, q *db.Queries, client *uuid.UUID) error {
	if client == nil {
		return q.TouchProvider(ctx)
	}
	return q.TouchClient(ctx, *client)
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
