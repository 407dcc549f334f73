package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/fault"
)

// view is a thing as GET of it answers the caller.
type view func(ctx context.Context, id uuid.UUID) (any, error)

// answered is what a GET of one thing answers.
func (o *One[T]) answered() any { return o.Body }

// keepView keeps how the thing at a path is read, for changes of it.
func keepView[In, Out any](s *Server, o huma.Operation, f func(context.Context, *In) (*Out, error)) {
	if _, one := any(new(Out)).(interface{ answered() any }); !one || o.Method != http.MethodGet {
		return
	}
	s.views[o.Path] = func(ctx context.Context, id uuid.UUID) (any, error) {
		in := new(In)
		if by, ok := any(in).(*ByID); ok {
			by.ID = id
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return any(out).(interface{ answered() any }).answered(), nil
	}
}

// wholePatch takes a change that has the whole thing as GET answered it, as
// programs send that change one field of it: what cannot be changed goes, where
// it is as it is now, and is refused where it is not.
func (s *Server) wholePatch(ctx huma.Context, next func(huma.Context)) {
	o := ctx.Operation()
	if look := s.views[o.Path]; look != nil && o.Method == http.MethodPatch {
		c := humagin.Unwrap(ctx)
		_ = ctx.SetReadDeadline(time.Now().Add(o.BodyReadTimeout))
		read, broken := io.ReadAll(io.LimitReader(c.Request.Body, bodyLimit))
		sent, err := read, error(nil)
		if broken == nil { // else it breaks again, and is refused as elsewhere
			sent, err = s.withoutAsRead(ctx, look, read)
		}
		var p *Problem
		if errors.As(s.refuse(err), &p) {
			p.log(ctx.Context(), s.log)
			sayProblem(c, p)
			return
		}
		rest := c.Request.Body // what is too much is refused as elsewhere
		c.Request.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(sent), rest), rest}
	}
	next(ctx)
}

// withoutAsRead is a change without what it cannot change. A body that has
// nothing of the kind, or cannot be read, stays as it is.
func (s *Server) withoutAsRead(ctx huma.Context, look view, sent []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(sent, &fields) != nil {
		return sent, nil
	}
	may := s.changeable(ctx.Operation())
	fixed := func(name string) bool { return may[name] == nil }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(fields)), fixed) {
		return sent, nil
	}
	now, err := s.viewed(ctx, look)
	if now == nil || err != nil {
		return sent, err
	}
	again, err := s.cameBefore(ctx)
	if err != nil {
		return sent, err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		is, there := now[name]
		switch {
		case fixed(name) && there && !again && !sameJSON(fields[name], is):
			return sent, fault.Wrong(name, "is not changed here: it is %s now; leave it out", brief(is))
		case fixed(name) && there, string(fields[name]) == "null" && string(is) == "null" && !mayBeNull(may[name]):
			delete(fields, name)
		}
	}
	return json.Marshal(fields)
}

// changeable are the fields of an operation's body.
func (s *Server) changeable(o *huma.Operation) map[string]*huma.Schema {
	return s.api.OpenAPI().Components.Schemas.SchemaFromRef(o.RequestBody.Content["application/json"].Schema.Ref).Properties
}

// viewed is the thing as the caller reads it; nil: they do not.
func (s *Server) viewed(ctx huma.Context, look view) (map[string]json.RawMessage, error) {
	get := s.api.OpenAPI().Paths[ctx.Operation().Path].Get
	id, _ := uuid.Parse(ctx.Param("id"))
	if reaches(actorOf(ctx.Context()), get) != nil {
		return nil, nil
	}
	thing, err := look(ctx.Context(), id)
	if err != nil {
		return nil, nil // why is said by the change itself
	}
	data, err := json.Marshal(thing)
	if err != nil {
		return nil, err
	}
	var now map[string]json.RawMessage
	return now, json.Unmarshal(data, &now)
}

// cameBefore tells whether the request was made under its key before: what it
// changed is another than it was read then.
func (s *Server) cameBefore(ctx huma.Context) (bool, error) {
	key := ctx.Header("Idempotency-Key")
	if key == "" {
		return false, nil
	}
	_, err := s.store.CommandByKey(ctx.Context(), actorOf(ctx.Context()).ID, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// mayBeNull tells whether null takes a field away.
func mayBeNull(s *huma.Schema) bool {
	return s != nil && (s.Nullable || slices.ContainsFunc(s.AnyOf, func(a *huma.Schema) bool { return a.Type == "null" }))
}

// sameJSON tells whether two values are the same, however they are written.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// brief is a value as a sentence can hold it.
func brief(v json.RawMessage) string {
	if len(v) > 80 {
		return "another"
	}
	return string(v)
}
