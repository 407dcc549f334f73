package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/mail"
	"steward/internal/money"
)

// newInput is a write that makes something.
type newInput[B any] struct {
	WriteHeaders
	Body B
}

// oneInput is a write to what the path names.
type oneInput[B any] struct {
	ByID
	WriteHeaders
	Body B
}

// patched is the body of a change: the given fields. Null is for those alone that
// need not be there, and takes them away.
type patched[B any] struct {
	Body    B
	RawBody []byte
}

// Resolve refuses null for what has to be there: it would say nothing.
func (p *patched[B]) Resolve(huma.Context) []error { return nullsIn[B](p.RawBody) }

// patchInput changes what the path names.
type patchInput[B any] struct {
	ByID
	WriteHeaders
	patched[B]
}

// AsRead is what a thing has besides what is put, so that what was read may be
// sent back.
type AsRead struct {
	Version int32 `json:"version,omitempty" readOnly:"true" doc:"Not looked at: what was read may be sent back. If-Match is"`
}

// verbInput is an action on what the path names, which may come without a body.
type verbInput[B any] struct {
	ByID
	WriteHeaders
	Body *B
}

// said is the body, empty where none came.
func (in *verbInput[B]) said() B {
	if in.Body == nil {
		return *new(B)
	}
	return *in.Body
}

// Nothing is an empty object.
type Nothing struct{}

// noBody is a write to what the path names, with nothing more to say.
type noBody struct {
	ByID
	WriteHeaders
}

// content is [Server.newRequest] for a write of content by somebody who has a
// right that depends on nothing but the caller.
func (s *Server) content(ctx context.Context, h WriteHeaders, kind flow.Kind, id uuid.UUID, verb string, body any, act access.Action) (request, error) {
	r, err := s.newRequest(ctx, h, kind, id, verb, body)
	if err == nil {
		err = see(ctx)
	}
	if err == nil {
		err = can(ctx, act)
	}
	return r, err
}

// set changes a field for which a value was given.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// orNone is a list that is stored as empty, never as NULL.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// searchText is a filter for ILIKE that matches what was typed, signs and all.
func searchText(s string) *string {
	return optionalText(strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(s)))
}

// checkZone refuses what is not a zone of the IANA database.
func checkZone(field, name string) error {
	if _, ok := civil.ZoneNamed(name); !ok {
		return fault.Wrong(field, "%q is not a time zone such as Europe/London", name)
	}
	return nil
}

// currencyOf is a currency of the input as it is kept.
func currencyOf(s string) (string, error) {
	c, err := money.ParseCurrency(s)
	if f, ok := fault.From(err); ok {
		return "", &fault.Fault{Code: f.Code, Message: f.Message, Fields: []fault.Field{{Location: "body.currency", Message: f.Message}}}
	}
	return string(c), err
}

// emailOf is an address as it is kept: without a name, in small letters.
func emailOf(field, s string) (string, error) {
	address, ok := mail.Address(s)
	if !ok {
		return "", fault.Wrong(field, "%q is not an e-mail address such as ann@firm.example", s)
	}
	return address, nil
}

// copiesOf are the addresses that get copies of what goes to the main one: each
// once, and not the main one again.
func copiesOf(field, main string, addresses []string) ([]string, error) {
	all := []string{}
	for i, a := range addresses {
		at := fmt.Sprintf("%s[%d]", field, i)
		address, err := emailOf(at, a)
		if err != nil {
			return nil, err
		}
		if address == main || slices.Contains(all, address) {
			return nil, fault.Wrong(at, "%s gets it already; name each address once", address)
		}
		all = append(all, address)
	}
	return all, nil
}
