// Package api is the HTTP contract: Gin and Huma, one file for each aggregate,
// sign-in, problems. What changes a lifecycle goes through its workflow; what
// adds content is one transaction.
package api

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/shopspring/decimal"
	"github.com/swaggest/swgui/v5emb"
	"go.opentelemetry.io/otel/trace"

	"steward/internal/billing"
	"steward/internal/files"
	"steward/internal/openid"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/internal/trail"
)

// base is where the contract begins.
const base = "/api/v1"

// bodyLimit is the largest JSON body that is read, in bytes.
const bodyLimit = 1 << 20

// Server answers the HTTP contract.
type Server struct {
	store     *postgres.Store
	later     *db.Queries // writes that do not wait for the disk: see logCommand
	engine    Engine
	files     *files.Store
	maxFile   int64
	log       *slog.Logger
	tracer    trace.Tracer
	byOne     *buckets // by person
	fromOne   *buckets // by address
	acting    *crowd
	api       huma.API
	handler   http.Handler
	metrics   *metrics
	actors    actors
	public    string
	key       secret.Key
	cookies   cookies
	openID    *openid.Provider // nil: there is none
	only      Only
	proxies   []netip.Prefix
	receivers []netip.Prefix // networks of the firm's own that webhooks may reach
	life      time.Duration  // of a session
	idle      time.Duration
	statement func(io.Writer, billing.Statement) error
	aged      func(io.Writer, billing.AgedReceivables) error
	reminder  func(context.Context, io.Writer, uuid.UUID) error
	draft     func(context.Context, io.Writer, uuid.UUID) error
	views     map[string]view // by path: how what is changed there is read
	migrated  func(context.Context) error
	unready   trail.Spell // what is away
}

// Options is what a server needs.
type Options struct {
	Store   *postgres.Store
	Later   *postgres.Store // a pool with synchronous_commit off; see [postgres.OpenLater]
	Engine  Engine
	Files   *files.Store
	MaxFile int64 // bytes of an attached file; 0: 100 MiB
	Log     *slog.Logger
	Version string
	Metrics *prometheus.Registry // nil: a registry of its own
	Tracer  trace.Tracer         // nil: there are no traces
	// PublicURL is where people reach this server, for addresses that it gives
	// out; without it they begin with the path.
	PublicURL string
	// Aged renders what all clients owe as a PDF; without it there is none.
	Aged func(io.Writer, billing.AgedReceivables) error
	// Statement renders a statement of account as a PDF; without it there is none.
	Statement func(io.Writer, billing.Statement) error

	// Reminder renders a letter that has not gone yet; without it there is none
	// before it goes.
	Reminder func(ctx context.Context, w io.Writer, letter uuid.UUID) error

	// Draft renders an invoice that is not complete yet; without it there is none
	// before it is.
	Draft func(ctx context.Context, w io.Writer, invoice uuid.UUID) error

	// Migrated refuses a database that lacks migrations of this version; nil: it
	// lacks none.
	Migrated func(context.Context) error

	MailServer bool // whether there is one; for the metrics

	Limits Limits

	Key         secret.Key       // seals second factors and knows devices again; without it neither is done
	Proxies     []netip.Prefix   // whose X-Forwarded-For is believed
	Receivers   []netip.Prefix   // networks of the firm's own that webhooks may reach
	OpenID      *openid.Provider // the firm's identity provider; nil: there is none. It takes a Key
	OpenIDOnly  Only             // who signs in with it alone
	SessionLife time.Duration    // 0: 12 hours
	SessionIdle time.Duration    // 0: 2 hours
}

// New makes a server; it serves with [Server.ServeHTTP].
func New(o Options) *Server {
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.MaxFile <= 0 {
		o.MaxFile = 100 << 20
	}
	s := &Server{store: o.Store, later: o.Later.Queries, engine: o.Engine, files: o.Files, maxFile: o.MaxFile, log: o.Log, public: o.PublicURL, statement: o.Statement, aged: o.Aged, reminder: o.Reminder, draft: o.Draft}
	s.tracer, s.acting, s.views = o.Tracer, newCrowd(), map[string]view{}
	s.metrics = newMetrics(o.Metrics, o.Store, o.Later, s.acting)
	s.byOne, s.fromOne = newBuckets(o.Limits.Person), newBuckets(o.Limits.Address)
	s.key, s.proxies, s.life, s.idle = o.Key, o.Proxies, cmp.Or(o.SessionLife, sessionLife), cmp.Or(o.SessionIdle, sessionIdle)
	s.receivers, s.only, s.migrated = o.Receivers, o.OpenIDOnly, o.Migrated
	if o.Key.Is() {
		s.openID = o.OpenID
	}
	s.cookies = cookies{secure: strings.HasPrefix(o.PublicURL, "https://")}
	o.Metrics.MustRegister(newMailMetrics(o.Store, o.MailServer))
	o.Metrics.MustRegister(newPeriodMetrics(o.Store))
	o.Metrics.MustRegister(newWebhookMetrics(o.Store))
	o.Metrics.MustRegister(newStepMetrics(o.Store))
	useProblems(o.Log)
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.HandleMethodNotAllowed = true
	g.RedirectTrailingSlash = false // it would answer before all that is used below, with a header of anybody's
	g.Use(s.metrics.measure, s.trail, s.recoverPanics, secure, s.strict, s.limitAddress, crossOrigin(o.PublicURL))
	g.NoRoute(s.noRoute)
	g.NoMethod(s.noMethod)
	settings := config(o.Version, s.cookies)
	settings.Transformers = append(settings.Transformers, s.tellCause, lookLater)
	s.api = humagin.New(g, settings)
	s.api.UseMiddleware(s.authenticate, s.knownQuery, s.wholePatch)
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(typeOf[decimal.Decimal](), typeOf[decimals]())
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(typeOf[uuid.UUID](), typeOf[identifiers]())
	maybes(s.api.OpenAPI().Components.Schemas)
	s.routes()
	nulls(s.api.OpenAPI().Components.Schemas)
	asJSON(s.api.OpenAPI())
	g.GET("/metrics", gin.WrapH(promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{})))
	g.GET("/healthz", s.healthz)
	g.GET("/readyz", s.readyz)
	pageRoutes(g)
	s.openIDRoutes(g)
	docs := gin.WrapH(v5emb.New("steward", "/openapi.json", "/docs/"))
	g.GET("/docs", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/docs/") })
	g.GET("/docs/*any", docs)
	// Around the router: what is left of a body that was refused must not be
	// read as the next request, and only net/http's own writer can see to that.
	s.handler = s.limited(plain(dotPDF(g)))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// limited refuses to read more than a body may hold: of all else little, of a
// file twice what it may hold, so that one that is too large is told so rather
// than cut off.
func (s *Server) limited(next http.Handler) http.Handler {
	little, much := http.MaxBytesHandler(next, 2*bodyLimit), http.MaxBytesHandler(next, 2*s.maxFile+bodyLimit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isUpload(r) {
			much.ServeHTTP(w, r)
			return
		}
		little.ServeHTTP(w, r)
	})
}

// OpenAPI is the contract as a document, version 3.1, in JSON.
func (s *Server) OpenAPI() ([]byte, error) { return s.api.OpenAPI().MarshalJSON() }

// lookLater says with each 202 when it is worth looking for what becomes of it.
func lookLater(c huma.Context, status string, body any) (any, error) {
	if status == strconv.Itoa(http.StatusAccepted) {
		c.SetHeader("Retry-After", "1")
	}
	return body, nil
}

func config(version string, kept cookies) huma.Config {
	c := huma.DefaultConfig("steward", version)
	c.Info.Description = "A services firm's client work, from request to paid invoice."
	c.Tags = described()
	c.Servers = []*huma.Server{{URL: "/", Description: "Where this document was read"}}
	c.OpenAPIPath = "/openapi"
	c.DocsPath = ""
	c.SchemasPath = ""
	c.CreateHooks = nil // no $schema links in bodies
	c.Formats = map[string]huma.Format{"application/json": utf8JSON, "json": utf8JSON}
	c.DefaultFormat = "application/json"
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "A token made with POST /tokens or `steward token create`."},
		"cookie": {Type: "apiKey", In: "cookie", Name: kept.name(cookieName), Description: "Set by POST /sessions."},
	}
	return c
}

func (s *Server) routes() {
	s.sessionRoutes()
	s.clientRoutes()
	s.peopleRoutes()
	s.groupRoutes()
	s.projectRoutes()
	s.projectContactRoutes()
	s.templateRoutes()
	s.searchRoutes()
	s.rateRoutes()
	s.taskRoutes()
	s.timeRoutes()
	s.noteRoutes()
	s.fileRoutes()
	s.invoiceRoutes()
	s.runRoutes()
	s.paymentRoutes()
	s.accountRoutes()
	s.reportRoutes()
	s.importRoutes()
	s.periodRoutes()
	s.milestoneRoutes()
	s.timesheetRoutes()
	s.reminderRoutes()
	s.statusRoutes()
	s.auditRoutes()
	s.calendarRoutes()
	s.planRoutes()
	s.notificationRoutes()
	s.mailRoutes()
	s.webhookRoutes()
	s.requestRoutes()
	s.targetRoutes()
}

// op describes an operation with what all share: who may call it, how large it
// may be, how it can be refused.
func op(method, path, id, summary string, status int) huma.Operation {
	return huma.Operation{
		Method: method, Path: base + path, OperationID: id, Summary: summary, DefaultStatus: status, MaxBodyBytes: bodyLimit,
		Tags:     []string{strings.Split(path, "/")[1]}, // "/tasks/{id}/assign" is read under tasks
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Errors:   []int{400, 401, 403, 404, 409, 422, 429, 503}, BodyReadTimeout: 10 * time.Second,
	}
}

// write registers a write whose answer is kept as JSON of type T.
func write[T, In any](s *Server, o huma.Operation, f func(context.Context, *In) (*Done, error)) {
	statuses := []int{o.DefaultStatus}
	if o.Metadata["acts"] == true {
		statuses = append(statuses, http.StatusAccepted)
	}
	answers[T](s.api, &o, statuses...)
	o.Errors = append(o.Errors, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge)
	huma.Register(s.api, o, f)
}

// acts marks an operation that goes through a process and may be answered 202.
func acts(o huma.Operation) huma.Operation {
	o.Metadata = map[string]any{"acts": true}
	return o
}

// read registers an operation that changes nothing.
func read[In, Out any](s *Server, o huma.Operation, f func(context.Context, *In) (*Out, error)) {
	keepView(s, o, f)
	huma.Register(s.api, o, func(ctx context.Context, in *In) (*Out, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, s.refuse(err)
		}
		return out, nil
	})
}
