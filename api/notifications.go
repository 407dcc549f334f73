package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const notificationKind flow.Kind = "notification"

func (s *Server) notificationRoutes() {
	read(s, op(http.MethodGet, "/notifications", "list-notifications", "What you are told, the newest first", http.StatusOK), s.listNotifications)
	write[Notification](s, op(http.MethodPost, "/notifications/{id}/read", "read-notification", "Mark one as read", http.StatusOK), s.readNotification)
	write[Unread](s, op(http.MethodPost, "/notifications/read", "read-notifications", "Mark all as read, or those up to one", http.StatusOK), s.readNotifications)
	write[Told](s, op(http.MethodPut, "/me/notifications", "set-notifications", "How you are told by mail", http.StatusOK), s.setNotifications)
}

// Notification is what a person is told (N.21).
type Notification struct {
	ID         uuid.UUID  `json:"id"`
	Kind       string     `json:"kind" doc:"What happened, for programs: task_assigned, record_time …"`
	EntityKind string     `json:"entity_kind,omitempty" doc:"Of what it is about: task, project, request, invoice, status_report, user, timesheet (by the person: with the week it is /timesheets/{entity_id}/{week})"`
	EntityID   *uuid.UUID `json:"entity_id"`
	ActorID    *uuid.UUID `json:"actor_id" doc:"Who did it; null: steward itself"`
	Subject    string     `json:"subject"`
	Body       string     `json:"body"`
	AboutOn    civil.Date `json:"about_on,omitzero" required:"false" format:"date" doc:"The day that a reminder is about"`
	Week       civil.Date `json:"week,omitzero" required:"false" format:"date" doc:"Of a timesheet: its Monday"`
	CreatedAt  time.Time  `json:"created_at"`
	ReadAt     *time.Time `json:"read_at"`
}

// Inbox is a page of what a person is told.
type Inbox struct {
	Page[Notification]
	Unread int64 `json:"unread" doc:"How many have not been read, on this page or not"`
}

// Unread is how many notifications have not been read.
type Unread struct {
	Unread int64 `json:"unread"`
}

// Told is how a person is told.
type Told struct {
	Mail   string `json:"mail" enum:"at_once,daily,never"`
	Unread int64  `json:"unread"`
}

// ReadUpTo says which notifications were read.
type ReadUpTo struct {
	UpTo *uuid.UUID `json:"up_to,omitempty" doc:"This one and those before it; all if left out"`
}

// NotifyBody says how a person wants to be told.
type NotifyBody struct {
	Mail   string `json:"mail" enum:"at_once,daily,never" doc:"daily: at eight in the morning of your time zone, if there is something to tell"`
	Unread int64  `json:"unread,omitempty" readOnly:"true" doc:"Not looked at: what was read may be sent back"`
}

func notificationOf(r db.NotificationRow) Notification { return Notification(r) }

func toldHow(ctx context.Context, q *db.Queries, person uuid.UUID) (Told, error) {
	mail, err := q.NotifyOf(ctx, person)
	if err != nil {
		return Told{}, err
	}
	unread, err := q.CountUnread(ctx, person)
	return Told{Mail: mail, Unread: unread}, err
}

// before is where a list that begins with the newest goes on.
func (p PageInput) before() (uuid.UUID, error) {
	c, err := p.after()
	if c.ID == uuid.Nil {
		return uuid.Max, err
	}
	return c.ID, err
}

type listNotificationsInput struct {
	PageInput
	Unread bool `query:"unread" doc:"Only those that have not been read"`
}

func (s *Server) listNotifications(ctx context.Context, in *listNotificationsInput) (*struct{ Body Inbox }, error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	me := actorOf(ctx).ID
	rows, err := s.store.Lists.Notifications(ctx, db.NotificationsParams{PersonID: me, Before: before, Unread: in.Unread, Page: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	list := page(in.PageInput, rows, func(r db.NotificationsRow) cursor { return cursor{ID: r.ID} }, func(r db.NotificationsRow) Notification { return Notification(r) })
	unread, err := s.store.CountUnread(ctx, me)
	return &struct{ Body Inbox }{Inbox{Page: list.Body, Unread: unread}}, err
}

func (s *Server) readNotification(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, notificationKind, in.ID, "read", struct{}{})
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.ReadNotification(ctx, db.ReadNotificationParams{Now: ptr(s.store.Now()), ID: in.ID, PersonID: r.actor.ID}); err != nil {
			return nil, err
		}
		n, err := q.Notification(ctx, in.ID, r.actor.ID)
		return notificationOf(n), err
	})
}

func (s *Server) readNotifications(ctx context.Context, in *struct {
	WriteHeaders
	Body *ReadUpTo
}) (*Done, error) {
	var upTo ReadUpTo
	if in.Body != nil {
		upTo = *in.Body
	}
	r, err := s.newRequest(ctx, in.WriteHeaders, notificationKind, actorOf(ctx).ID, "read-all", upTo)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.ReadNotifications(ctx, db.ReadNotificationsParams{Now: ptr(s.store.Now()), PersonID: r.actor.ID, UpTo: upTo.UpTo}); err != nil {
			return nil, err
		}
		n, err := q.CountUnread(ctx, r.actor.ID)
		return Unread{n}, err
	})
}

func (s *Server) setNotifications(ctx context.Context, in *newInput[NotifyBody]) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, userKind, actorOf(ctx).ID, "notifications", in.Body)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if _, err := q.LockPerson(ctx, r.id); err != nil {
			return nil, err
		}
		now, err := toldHow(ctx, q, r.id)
		if err != nil || now.Mail == in.Body.Mail {
			return now, err
		}
		version, err := q.SetNotify(ctx, in.Body.Mail, r.id)
		if err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, version, map[string]postgres.Change{"mail": {now.Mail, in.Body.Mail}}, ""); err != nil {
			return nil, err
		}
		now.Mail = in.Body.Mail
		return now, nil
	})
}
