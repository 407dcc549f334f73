package api

import (
	"context"

	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// handOverRequests gives the open requests on a project, or of a client on no
// project, to whoever manages it from now on (S1.07, S1.52): nobody else can
// close them (S1.61). Requests that were given to another account manager stay
// with them while they are there.
func (s *Server) handOverRequests(ctx context.Context, q *db.Queries, r request, of db.RequestsToHandOverParams) error {
	for { // until there are none: what was asked meanwhile about one goes along
		ids, err := q.RequestsToHandOver(ctx, of)
		if err != nil || len(ids) == 0 {
			return err
		}
		all, err := postgres.Requests(ctx, q, ids)
		if err != nil {
			return err
		}
		for _, v := range all {
			before := postgres.RequestMachine(v.Facts)
			after := before.Edit(work.RequestEdit{AccountManagerID: &of.ToID}, work.Facts{Now: s.store.Now(), ActorID: r.actor.ID})
			if err := s.handOverRequest(ctx, q, r, v, before, after); err != nil {
				return err
			}
		}
	}
}

func (s *Server) handOverRequest(ctx context.Context, q *db.Queries, r request, v postgres.Request, before, after work.Request) error {
	if err := q.WriteRequest(ctx, postgres.RequestColumns(after)); err != nil {
		return err
	}
	changes := map[string]postgres.Change{"account_manager_id": {before.AccountManagerID, after.AccountManagerID}}
	if before.Assignee != after.Assignee {
		changes["assignee"] = postgres.Change{before.Assignee, after.Assignee}
	}
	err := s.store.Audit(ctx, q, postgres.Event{
		Actor: &r.actor.ID, Kind: string(flow.Request), ID: v.ID, Verb: "edit", Version: v.Version + 1, Changes: changes, Source: r.source,
	})
	if err != nil {
		return err
	}
	told := work.RequestHandedOver(before, after, r.actor.ID)
	if err := s.store.Tell(ctx, q, r.actor, postgres.News{About: string(flow.Request), ID: v.ID, Name: v.Key + " " + v.Title, Told: told}); err != nil {
		return err
	}
	return q.InsertOutbox(ctx, string(flow.Request), v.ID)
}
