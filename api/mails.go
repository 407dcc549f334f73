package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/access"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

const mailKind flow.Kind = "mail"

func (s *Server) mailRoutes() {
	read(s, op(http.MethodGet, "/mails", "list-mails", "What goes out by mail, the newest first; for operators", http.StatusOK), s.listMails)
	write[Mail](s, op(http.MethodPost, "/mails/{id}/resend", "resend-mail", "Send again what failed, or what nobody knows to have arrived", http.StatusOK), s.resendMail)
	write[Mail](s, op(http.MethodPost, "/mails/{id}/arrived", "arrived-mail", "Note that a mail of which that was unknown has arrived", http.StatusOK), s.arrivedMail)
}

// Arrived says how somebody knows that a mail has arrived.
type Arrived struct {
	Note string `json:"note,omitempty" maxLength:"2000" example:"the client has it; asked on the phone"`
}

// Mail is what went out or will, without what it says: that is for who gets it.
type Mail struct {
	ID        uuid.UUID  `json:"id"`
	Key       string     `json:"key" doc:"What makes it the same mail; its Message-ID follows from it"`
	To        string     `json:"to"`
	CC        []string   `json:"cc,omitempty" doc:"Who gets a copy"`
	Subject   string     `json:"subject"`
	State     string     `json:"state" enum:"pending,sending,sent,failed,unknown" doc:"unknown: the server was given all of it and did not answer"`
	Attempts  int32      `json:"attempts"`
	NextAt    *time.Time `json:"next_at,omitempty" doc:"When a pending one is tried"`
	SentAt    *time.Time `json:"sent_at"`
	Error     string     `json:"error,omitempty" doc:"How the last attempt came out; of one that was sent, whom the server refused a copy"`
	CreatedAt time.Time  `json:"created_at"`
}

func mailOf(r db.MailRow) Mail {
	m := Mail{ID: r.ID, Key: r.Key, To: r.ToAddress, CC: r.CC, Subject: r.Subject, State: r.State, Attempts: r.Attempts, SentAt: r.SentAt, Error: r.Error, CreatedAt: r.CreatedAt}
	if r.State == "pending" {
		m.NextAt = &r.NextAt
	}
	return m
}

type listMailsInput struct {
	PageInput
	State string `query:"state" enum:"pending,sending,sent,failed,unknown,"`
}

func (s *Server) listMails(ctx context.Context, in *listMailsInput) (*PageOutput[Mail], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	if err := can(ctx, access.OperateMail); err != nil {
		return nil, err
	}
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.Mails(ctx, db.MailsParams{Before: before, State: optionalText(in.State), Page: in.Limit + 1})
	return page(in.PageInput, rows, func(r db.MailsRow) cursor { return cursor{ID: r.ID} }, func(r db.MailsRow) Mail { return mailOf(db.MailRow(r)) }), err
}

func (s *Server) resendMail(ctx context.Context, in *noBody) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, mailKind, in.ID, "resend", struct{}{}, access.OperateMail)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		was, err := q.Mail(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		n, err := q.ResendMail(ctx, s.store.Now(), in.ID)
		if err != nil || n == 0 {
			return nil, orConflict(err, "the mail is "+was.State+"; only what failed or is unknown is sent again")
		}
		changes := map[string]postgres.Change{"state": {was.State, "pending"}, "error": {was.Error, ""}}
		if err := r.audited(ctx, s, q, 0, changes, ""); err != nil {
			return nil, err
		}
		m, err := q.Mail(ctx, in.ID)
		return mailOf(m), err
	})
}

// arrivedMail settles what the server did not answer, by the word of a person.
func (s *Server) arrivedMail(ctx context.Context, in *verbInput[Arrived]) (*Done, error) {
	r, err := s.content(ctx, in.WriteHeaders, mailKind, in.ID, "arrived", in.said(), access.OperateMail)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		was, err := q.Mail(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		n, err := q.ArrivedMail(ctx, ptr(s.store.Now()), in.ID)
		if err != nil || n == 0 {
			return nil, orConflict(err, "the mail is "+was.State+"; only of what is unknown a person knows better")
		}
		if err := r.audited(ctx, s, q, 0, map[string]postgres.Change{"state": {was.State, "sent"}}, in.said().Note); err != nil {
			return nil, err
		}
		m, err := q.Mail(ctx, in.ID)
		return mailOf(m), err
	})
}

// mailMetrics are read from Postgres when Prometheus asks.
type mailMetrics struct {
	store         *postgres.Store
	server        float64
	mails, oldest *prometheus.Desc
	set           *prometheus.Desc
}

func newMailMetrics(store *postgres.Store, server bool) *mailMetrics {
	m := &mailMetrics{
		store:  store,
		mails:  prometheus.NewDesc("steward_mails", "Mails that have not been sent, by state.", []string{"state"}, nil),
		oldest: prometheus.NewDesc("steward_mail_oldest_pending_seconds", "How long the oldest mail that waits has waited.", nil, nil),
		set:    prometheus.NewDesc("steward_mail_server", "1 if a mail server is set, 0 if mail waits for one.", nil, nil),
	}
	if server {
		m.server = 1
	}
	return m
}

// Describe implements [prometheus.Collector].
func (m *mailMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.mails
	ch <- m.oldest
	ch <- m.set
}

// Collect implements [prometheus.Collector]. Without Postgres it tells nothing.
func (m *mailMetrics) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(m.set, prometheus.GaugeValue, m.server)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	rows, err := m.store.OpenMails(ctx)
	if err != nil {
		return
	}
	mails, oldest := map[string]float64{"pending": 0, "sending": 0, "failed": 0, "unknown": 0}, 0.0
	for _, r := range rows {
		mails[r.State] = float64(r.Mails)
		if r.State == "pending" {
			oldest = m.store.Now().Sub(r.Oldest).Seconds()
		}
	}
	for state, n := range mails {
		ch <- prometheus.MustNewConstMetric(m.mails, prometheus.GaugeValue, n, state)
	}
	ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, oldest)
}
