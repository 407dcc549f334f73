package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/story"
	"steward/internal/webhook"
)

// WebhookOff is the code for sending to a webhook that is paused or disabled.
const WebhookOff fault.Code = "webhook_off"

func (s *Server) deliveryRoutes() {
	write[Delivery](s, op(http.MethodPost, "/webhooks/{id}/test", "test-webhook", "Send a webhook a message that says nothing", http.StatusOK), s.testWebhook)
	read(s, op(http.MethodGet, "/webhooks/{id}/deliveries", "list-deliveries", "What a webhook was told, and is to be, the newest first; kept for 30 days", http.StatusOK), s.listDeliveries)
	write[Delivery](s, op(http.MethodPost, "/webhooks/{id}/deliveries/{delivery}/retry", "retry-delivery", "Send a message again, whatever became of it, under the same id", http.StatusOK), s.retryDelivery)
}

// Delivery is a message to a webhook, and what became of it.
type Delivery struct {
	ID          uuid.UUID  `json:"id" doc:"Also the webhook-id of the message, each time that it is sent"`
	WebhookID   uuid.UUID  `json:"webhook_id"`
	Type        string     `json:"type" example:"task.completed"`
	Body        string     `json:"body" doc:"The JSON that is sent"`
	State       string     `json:"state" enum:"pending,delivered,failed" doc:"failed: it was tried for three days"`
	Attempts    int32      `json:"attempts"`
	NextAt      *time.Time `json:"next_at,omitempty" doc:"A pending one is not tried before"`
	Status      *int32     `json:"status" doc:"What the receiver answered last; null: nothing"`
	Answer      string     `json:"answer,omitempty" doc:"How that began"`
	Error       string     `json:"error,omitempty" doc:"Why the last attempt was in vain"`
	AttemptedAt *time.Time `json:"attempted_at"`
	DeliveredAt *time.Time `json:"delivered_at"`
	CreatedAt   time.Time  `json:"created_at"`
}

func deliveryOf(r db.DeliveryRow) Delivery {
	d := Delivery{ID: r.ID, WebhookID: r.WebhookID, Type: r.Type, Body: r.Body, State: r.State, Attempts: r.Attempts, Status: r.Status, Answer: r.Answer, Error: r.Error, AttemptedAt: r.AttemptedAt, DeliveredAt: r.DeliveredAt, CreatedAt: r.CreatedAt}
	if r.State == "pending" {
		d.NextAt = &r.NextAt
	}
	return d
}

type listDeliveriesInput struct {
	ByID
	PageInput
	State string `query:"state" enum:"pending,delivered,failed,"`
}

func (s *Server) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*PageOutput[Delivery], error) {
	if err := manageHooks(ctx); err != nil {
		return nil, err
	}
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Webhook(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Deliveries(ctx, db.DeliveriesParams{WebhookID: in.ID, Before: before, State: optionalText(in.State), Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.DeliveriesRow) cursor { return cursor{ID: r.ID} }, func(r db.DeliveriesRow) Delivery { return deliveryOf(db.DeliveryRow(r)) }), err
}

// listening refuses to send to a webhook that is not active.
func listening(w db.LockWebhookRow) error {
	if w.State != "active" {
		return fault.New(WebhookOff, "the webhook is %s; make it active first", w.State)
	}
	return nil
}

func (s *Server) testWebhook(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, in.ID, "test", struct{}{}, access.ManageHooks)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		w, err := q.LockWebhook(ctx, in.ID)
		if err == nil {
			err = listening(w)
		}
		if err != nil {
			return nil, err
		}
		id, now := s.store.NewID(), s.store.Now()
		body := postgres.JSON(webhook.Event[map[string]any]{Type: story.Tested, Timestamp: now.UTC(), Data: map[string]any{"id": in.ID, "kind": webhookKind}})
		if err := q.InsertTestDelivery(ctx, db.InsertTestDeliveryParams{ID: id, WebhookID: in.ID, Type: story.Tested, Body: string(body), Now: now}); err != nil {
			return nil, err
		}
		return s.toBeSent(ctx, q, r, w, id)
	})
}

func (s *Server) retryDelivery(ctx context.Context, in *struct {
	ByID
	WriteHeaders
	Delivery uuid.UUID `path:"delivery"`
}) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, webhookKind, in.ID, "retry", map[string]any{"delivery": in.Delivery}, access.ManageHooks)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		w, err := q.LockWebhook(ctx, in.ID)
		if err == nil {
			err = listening(w)
		}
		if err != nil {
			return nil, err
		}
		n, err := q.RetryDelivery(ctx, db.RetryDeliveryParams{ID: in.Delivery, WebhookID: in.ID, Now: s.store.Now()})
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "the webhook has no such delivery")
		}
		if err != nil {
			return nil, err
		}
		return s.toBeSent(ctx, q, r, w, in.Delivery)
	})
}

// toBeSent has a message sent now, however long its receiver was to rest.
func (s *Server) toBeSent(ctx context.Context, q *db.Queries, r request, w db.LockWebhookRow, id uuid.UUID) (any, error) {
	if err := q.WakeWebhook(ctx, s.store.Now(), w.ID); err != nil {
		return nil, err
	}
	if err := r.audited(ctx, s, q, w.Version, map[string]postgres.Change{"delivery": {nil, id}}, ""); err != nil {
		return nil, err
	}
	d, err := q.Delivery(ctx, id, w.ID)
	return deliveryOf(d), err
}

// webhookMetrics are read from Postgres when Prometheus asks.
type webhookMetrics struct {
	store                     *postgres.Store
	hooks, deliveries, oldest *prometheus.Desc
}

func newWebhookMetrics(store *postgres.Store) *webhookMetrics {
	return &webhookMetrics{
		store:      store,
		hooks:      prometheus.NewDesc("steward_webhooks", "Webhooks, by state.", []string{"state"}, nil),
		deliveries: prometheus.NewDesc("steward_webhook_deliveries", "Messages to webhooks that have not been delivered, by state.", []string{"state"}, nil),
		oldest:     prometheus.NewDesc("steward_webhook_oldest_pending_seconds", "How long the oldest message to an active webhook has waited.", nil, nil),
	}
}

// Describe implements [prometheus.Collector].
func (m *webhookMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.hooks
	ch <- m.deliveries
	ch <- m.oldest
}

// Collect implements [prometheus.Collector]. Without Postgres it tells nothing.
func (m *webhookMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	hooks, err := m.store.CountWebhooks(ctx)
	if err != nil {
		return
	}
	rows, err := m.store.CountDeliveries(ctx)
	if err != nil {
		return
	}
	states, open, oldest := map[string]float64{"active": 0, "paused": 0, "disabled": 0}, map[string]float64{"pending": 0, "failed": 0}, 0.0
	for _, h := range hooks {
		states[h.State] = float64(h.Webhooks)
	}
	for _, d := range rows {
		open[d.State] = float64(d.Deliveries)
		if d.State == "pending" {
			oldest = m.store.Now().Sub(d.Oldest).Seconds()
		}
	}
	for state, n := range states {
		ch <- prometheus.MustNewConstMetric(m.hooks, prometheus.GaugeValue, n, state)
	}
	for state, n := range open {
		ch <- prometheus.MustNewConstMetric(m.deliveries, prometheus.GaugeValue, n, state)
	}
	ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, oldest)
}
