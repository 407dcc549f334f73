package api

import (
	"context"

	"github.com/google/uuid"

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
		if err := s.handOver(ctx, q, r, all, of.ToID); err != nil {
			return err
		}
	}
}

// handOver writes that somebody else answers for requests, however many, and
// lets both and the histories know.
func (s *Server) handOver(ctx context.Context, q *db.Queries, r request, all []postgres.Request, to uuid.UUID) error {
	w := db.HandOverRequestsParams{ToID: to, Now: s.store.Now()}
	var events []postgres.Event
	var news []postgres.News
	for _, v := range all {
		before := postgres.RequestMachine(v.Facts)
		after := before.Edit(work.RequestEdit{AccountManagerID: &to}, work.Facts{Now: w.Now, ActorID: r.actor.ID})
		changes := map[string]postgres.Change{"account_manager_id": {before.AccountManagerID, after.AccountManagerID}}
		moves := before.Assignee != after.Assignee
		if moves {
			changes["assignee"] = postgres.Change{before.Assignee, after.Assignee}
		}
		w.Ids, w.Moves = append(w.Ids, v.ID), append(w.Moves, moves)
		events = append(events, postgres.Event{Actor: &r.actor.ID, Kind: string(flow.Request), ID: v.ID, Verb: "edit", Version: v.Version + 1, Changes: changes, Source: r.source})
		news = append(news, postgres.News{About: string(flow.Request), ID: v.ID, Name: v.Key + " " + v.Title, Told: work.RequestHandedOver(before, after, r.actor.ID)})
	}
	if err := q.HandOverRequests(ctx, w); err != nil {
		return err
	}
	if err := s.store.Audits(ctx, q, events); err != nil {
		return err
	}
	return s.store.Tell(ctx, q, r.actor, news...)
}
