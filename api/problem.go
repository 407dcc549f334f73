package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"steward/internal/bank"
	"steward/internal/billing"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/money"
	"steward/internal/postgres"
	"steward/internal/secret"
	"steward/internal/work"
)

// Problem is how a request is refused: RFC 9457 with a stable code.
type Problem struct {
	Type   string        `json:"type" doc:"Names the code" example:"urn:steward:problem:not_owner"`
	Title  string        `json:"title" example:"Forbidden"`
	Status int           `json:"status" example:"403"`
	Detail string        `json:"detail" doc:"What is wrong, for people"`
	Code   fault.Code    `json:"code" doc:"What is wrong, for programs; never renamed" example:"not_owner"`
	Errors []fault.Field `json:"errors,omitempty" doc:"The fields that are wrong"`
	retry  string
	cause  error // what is behind it and only logged
}

// log logs what is behind it, once.
func (p *Problem) log(ctx context.Context, log *slog.Logger) {
	cause := p.cause
	p.cause = nil
	switch {
	case cause == nil:
	case ctx.Err() != nil: // nobody waits for the answer any more
		log.InfoContext(ctx, "a request was given up", "error", cause)
	case files.Away(cause):
		log.ErrorContext(ctx, "the file store is away", "error", cause)
	case postgres.Away(cause):
		log.WarnContext(ctx, "the database is away", "error", cause)
	default:
		log.ErrorContext(ctx, "a request failed", "error", cause)
	}
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType marks the body as a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells when to come back, and how to sign in (RFC 9110, 11.6.1).
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.retry != "" {
		h.Set("Retry-After", p.retry)
	}
	return h
}

// statuses maps codes to HTTP statuses; a code that is not here is a conflict
// with the state: 409.
var statuses = map[fault.Code]int{
	fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Unauthorized: 401, fault.Stale: 412,
	fault.TooLarge: 413, fault.TooMany: 429, fault.Unavailable: 503, fault.Overflow: 422, fault.NotAvailable: 422,
	"not_owner": 403, "not_author": 403, "not_a_member": 403, "not_a_manager": 403, "method_not_allowed": 405, "malformed": 400,
	"unsupported_media_type": 415, "not_acceptable": 406, "internal": 500, "bad_cursor": 422, "command_lost": 503,
	civil.BadDate: 422, civil.BadCalendar: 422, money.UnknownCurrency: 422, money.CurrencyMismatch: 422, billing.MissingRate: 409,
	GivenUp: statusGivenUp, FileRemoved: 410, NoSuchRange: 416,
	SecondFactorNeeded: 401, OpenIDOnly: 403, WrongPassword: 403, LimitedToken: 403, ResetOver: 410, secret.WeakPassword: 422,
	billing.NothingToCredit: 422, bank.BadFile: 422,
	work.SelfClearance: 403, SelfApproval: 403, work.NoManager: 422, FutureDate: 422,
}

// GivenUp refuses a request whose client has hung up: nobody reads it, but it is
// counted, and not among the failures of the server.
const GivenUp fault.Code = "given_up"

// statusGivenUp is what proxies note of a client that has hung up; RFC 9110 has
// no status that nobody reads.
const statusGivenUp = 499

func problem(f *fault.Fault) *Problem {
	status, ok := statuses[f.Code]
	if !ok {
		status = http.StatusConflict
	}
	p := &Problem{
		Type: "urn:steward:problem:" + string(f.Code), Title: http.StatusText(status), Status: status,
		Detail: f.Message, Code: f.Code, Errors: f.Fields,
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		p.retry = "2"
	}
	return p
}

// refuse turns any error of a handler into a problem. What is not a refusal is
// shown as nothing but "internal", and logged whole when the problem is sent.
func (s *Server) refuse(err error) error {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	err = postgres.Refusal(err)
	if f, ok := fault.From(err); ok {
		return problem(f)
	}
	if errors.Is(err, context.Canceled) {
		return behind(err, fault.New(GivenUp, "the request was given up before it was answered; it may have had its effect"))
	}
	if files.Away(err) {
		return behind(err, fault.New(fault.Unavailable, "the file store cannot do this just now; try again"))
	}
	if postgres.Away(err) {
		return behind(err, fault.New(fault.Unavailable, "the database cannot be reached just now; try again"))
	}
	return behind(err, fault.New("internal", "something went wrong on our side; it has been logged"))
}

func behind(cause error, f *fault.Fault) *Problem {
	p := problem(f)
	p.cause = cause
	return p
}

var humaErrors sync.Once

// useProblems makes Huma's own refusals ours too, also of fields in other letters:
// what is read of those was not looked at.
func useProblems(log *slog.Logger) {
	humaErrors.Do(func() {
		huma.ValidateStrictCasing = true
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return fromHuma(context.Background(), log, status, msg, errs)
		}
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			return fromHuma(ctx.Context(), log, status, msg, errs)
		}
	})
}

// humaCodes are the codes for what Huma refuses by itself.
var humaCodes = map[int]fault.Code{
	400: "malformed", 401: fault.Unauthorized, 403: fault.Forbidden, 404: fault.NotFound, 405: "method_not_allowed", 406: "not_acceptable",
	408: fault.Unavailable, 413: fault.TooLarge, 415: "unsupported_media_type", 422: fault.Invalid, 429: fault.TooMany,
}

// unreadable is what Huma says of a body that does not come as HTTP has it.
const unreadable = "cannot read request body"

func fromHuma(ctx context.Context, log *slog.Logger, status int, msg string, errs []error) huma.StatusError {
	if status == 0 { // Huma asks what a refusal looks like
		return &Problem{}
	}
	if msg == unreadable { // it is the client's: a wrong chunk, or less than was promised
		status = http.StatusBadRequest
	}
	code, ok := humaCodes[status]
	if !ok {
		log.ErrorContext(ctx, "a request failed", "status", status, "message", msg, "errors", errs)
		return problem(fault.New("internal", "something went wrong on our side; it has been logged"))
	}
	f := fault.New(code, "%s", msg)
	var details []string
	for _, err := range errs {
		if err == nil {
			continue
		}
		var d *huma.ErrorDetail
		if !errors.As(err, &d) {
			details = append(details, err.Error())
			continue
		}
		if d.Message == validation.MsgExpectedMatchAtLeastOneSchema {
			d.Message = notADecimal // only decimals may be two things, and the start of a session
			if d.Location == "body.start" {
				d.Message = notAStart
			}
		}
		f.Fields = append(f.Fields, fault.Field{Location: d.Location, Message: d.Message, Value: shown(d.Location, d.Value)})
		details = append(details, d.Location+": "+d.Message)
	}
	if len(details) > 0 {
		f.Message = msg + ": " + strings.Join(details, "; ")
	}
	p := problem(f)
	p.Status, p.Title = status, http.StatusText(status)
	return p
}

// unshown are fields whose value goes nowhere but to where it is checked.
var unshown = []string{"password", "current", "new", "secret"}

// shown is a wrong value as it may be sent back: a long or structured one is not,
// nor one that may be a secret, or have one in it as a whole body may.
func shown(location string, v any) any {
	if location == "body" || slices.Contains(unshown, location[strings.LastIndexByte(location, '.')+1:]) {
		return nil
	}
	switch v := v.(type) {
	case string:
		if len(v) > 200 {
			return nil
		}
		return v
	case float64, bool:
		return v
	}
	return nil
}
