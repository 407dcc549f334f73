package api

import (
	"context"
	"crypto/subtle"
	_ "embed" // the page
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
	"steward/internal/openid"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// OpenIDOnly is the code for the right password of somebody who signs in with
// the firm's identity provider alone (N.24).
const OpenIDOnly fault.Code = "openid_only"

// openIDPath is the page where it begins; [openid.Callback] is where it ends.
const openIDPath = "/sign-in"

// attemptName is the cookie of somebody on their way to the provider and back.
const attemptName = "steward_attempt"

// attemptAge is how long that may take.
const attemptAge = 10 * time.Minute

// attempt is what the browser keeps of it, sealed.
type attempt struct {
	openid.Attempt
	To   string    `json:"to"` // where they wanted to go
	Over time.Time `json:"over"`
}

// openIDRoutes are pages, not of the contract: a browser goes from one to the
// next by itself.
func (s *Server) openIDRoutes(g *gin.Engine) {
	g.GET(openIDPath, s.beginOpenID)
	g.GET(openid.Callback, s.endOpenID)
}

// beginOpenID sends the browser to the provider.
func (s *Server) beginOpenID(c *gin.Context) {
	if s.openID == nil {
		s.sayPage(c, fault.New(fault.NotFound, "This installation has no identity provider to sign in with."))
		return
	}
	address, a, err := s.openID.Begin(c.Request.Context(), c.Query("afresh") != "")
	if err != nil {
		s.sayPage(c, s.unproven(c, err))
		return
	}
	text := postgres.JSON(attempt{Attempt: a, To: inside(c.Query("to")), Over: s.store.Now().Add(attemptAge)})
	s.keepAttempt(c, base64.RawURLEncoding.EncodeToString(s.key.Seal(text, attemptName)))
	c.Redirect(http.StatusFound, address)
}

// inside is a path of this server's own, else its beginning: nobody is sent
// elsewhere from here.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return u.String()
}

// keepAttempt gives the browser the cookie, or takes it back. The provider's
// site sends the browser here, so that it is Lax; all others are Strict.
func (s *Server) keepAttempt(c *gin.Context, value string) {
	cookie := s.cookies.make(attemptName, value, attemptAge)
	cookie.SameSite = http.SameSiteLaxMode
	http.SetCookie(c.Writer, &cookie)
}

// endOpenID takes the browser back from the provider, and signs in whom that
// vouches for.
func (s *Server) endOpenID(c *gin.Context) {
	a, err := s.attemptOf(c)
	s.keepAttempt(c, "") // it is good for one answer
	if err == nil {
		err = said(c)
	}
	if err != nil {
		s.sayPage(c, err)
		return
	}
	ctx := c.Request.Context()
	id, err := s.openID.Finish(ctx, a.Attempt, c.Query("state"), c.Query("code"), s.store.Now)
	if err != nil {
		s.sayPage(c, s.unproven(c, err))
		return
	}
	token, err := s.enter(context.WithValue(ctx, whoKey{}, s.stranger(c.Request)), id)
	if err != nil {
		s.sayPage(c, err)
		return
	}
	cookie := s.cookies.make(cookieName, token, s.life)
	http.SetCookie(c.Writer, &cookie)
	// A page, and no redirect: the browser comes from the provider's site, and
	// would not send the cookie along yet.
	showPage(c, http.StatusOK, leaf{Title: "Signed in", Text: "You are signed in.", Next: a.To})
}

// attemptOf is the try that the answer belongs to.
func (s *Server) attemptOf(c *gin.Context) (attempt, error) {
	var a attempt
	over := fault.New("malformed", "This is not the answer to a try of this browser, or it came too late.")
	if s.openID == nil {
		return a, fault.New(fault.NotFound, "This installation has no identity provider to sign in with.")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(s.cookies.read(c.Request, attemptName))
	if err != nil {
		return a, over
	}
	text, err := s.key.Open(sealed, attemptName)
	if err != nil || json.Unmarshal(text, &a) != nil || !s.store.Now().Before(a.Over) || subtle.ConstantTimeCompare([]byte(a.State), []byte(c.Query("state"))) == 0 {
		return attempt{}, over
	}
	return a, nil
}

// said is the provider's own refusal, in its words.
func said(c *gin.Context) error {
	code := line(c.Query("error"))
	if code == "" {
		return nil
	}
	words := code
	if more := line(c.Query("error_description")); more != "" {
		words += ": " + more
	}
	return fault.New(fault.Forbidden, "The identity provider did not sign you in. It says: %.300s", words)
}

// enter begins a session for whom the provider vouches for. From the second time
// on they are known by the provider's name for them, and not by their address,
// which may be somebody else's by then.
func (s *Server) enter(ctx context.Context, id openid.Identity) (string, error) {
	token, hash := secret.NewToken()
	err := s.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		p, err := q.PersonByIdentity(ctx, id.Issuer, id.Subject)
		if errors.Is(err, pgx.ErrNoRows) {
			p, err = s.meet(ctx, q, id)
		}
		if err != nil {
			return err
		}
		if !p.Active {
			return noAccount(id)
		}
		if err := q.UseIdentity(ctx, db.UseIdentityParams{ID: p.IdentityID, Now: s.store.Now(), Email: id.Email}); err != nil {
			return err
		}
		return s.newSession(ctx, q, p.ID, p.Version, hash, "with OpenID Connect, by "+id.Issuer)
	})
	return token, err
}

// meet finds whose account it is by their address, the first time.
func (s *Server) meet(ctx context.Context, q *db.Queries, id openid.Identity) (db.PersonByIdentityRow, error) {
	var none db.PersonByIdentityRow
	if !id.Verified || id.Email == "" {
		return none, fault.New(fault.Forbidden, "The identity provider does not say that it has verified your e-mail address. Whoever runs it can change that.")
	}
	p, err := q.PersonByEmail(ctx, id.Email)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !p.Active {
		return none, noAccount(id)
	}
	if err != nil {
		return none, err
	}
	n, err := q.InsertIdentity(ctx, db.InsertIdentityParams{ID: s.store.NewID(), PersonID: p.ID, Issuer: id.Issuer, Subject: id.Subject, Email: id.Email, Now: s.store.Now()})
	if err != nil {
		return none, err
	}
	met, err := q.PersonByIdentity(ctx, id.Issuer, id.Subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return none, fault.New(fault.Forbidden, "Another account of the identity provider signs in as %s. An admin can part the two.", id.Email)
	}
	if err != nil || n == 0 { // the same, at the same time
		return met, err
	}
	if err := s.tellChange(ctx, q, p.ID, p.Name, p.Email, identityLinked, id.Issuer); err != nil {
		return none, err
	}
	return met, s.store.Audit(ctx, q, postgres.Event{
		Actor: &p.ID, Kind: string(userKind), ID: p.ID, Verb: "link-identity", Version: p.Version, Source: sourceOf(ctx),
		Changes: map[string]postgres.Change{"identity": {nil, id.Issuer + " " + id.Subject}},
	})
}

func noAccount(id openid.Identity) error {
	return fault.New(fault.Forbidden, "There is no account for %s here, or it is not active. Ask whoever invites people.", id.Email)
}

// unproven is what a person is told when the provider's answer is of no use.
// What is behind it is logged.
func (s *Server) unproven(c *gin.Context, err error) error {
	if ctx := c.Request.Context(); ctx.Err() == nil {
		s.log.WarnContext(ctx, "the identity provider did not sign somebody in", "error", err)
	}
	if errors.Is(err, openid.ErrUnproven) {
		return fault.New(fault.Unauthorized, "The identity provider's answer did not prove who you are.")
	}
	return fault.New(fault.Unavailable, "The identity provider cannot be reached just now.")
}

// leaf is what a browser is shown on the way.
type leaf struct{ Title, Text, Next, Again string }

//go:embed pages/openid.html
var openIDHTML string

var openIDPage = template.Must(template.New("").Parse(openIDHTML))

var openIDPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src '" + digest(openIDHTML, "style") + "'"

// sayPage shows a refusal to a person, with the status that it has everywhere.
func (s *Server) sayPage(c *gin.Context, err error) {
	var p *Problem
	errors.As(s.refuse(err), &p)
	p.log(c.Request.Context(), s.log)
	if p.retry != "" {
		c.Header("Retry-After", p.retry)
	}
	out := leaf{Title: "Not signed in", Text: p.Detail, Again: openIDPath + "?afresh=1"}
	if s.openID == nil {
		out.Again = ""
	}
	showPage(c, p.Status, out)
}

func showPage(c *gin.Context, status int, p leaf) {
	c.Header("Content-Security-Policy", openIDPolicy)
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Status(status)
	_ = openIDPage.Execute(c.Writer, p) // to a browser that is there or not
}
