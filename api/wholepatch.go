package api

import (
	"bytes"
	"cmp"
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
	may, read := s.changeable(ctx.Operation()), s.readable(ctx.Operation())
	fixed := func(name string) bool { return may[name] == nil && read[name] != nil }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(fields)), fixed) {
		return sent, nil
	}
	now, unseen := s.viewed(ctx, look)
	again, err := s.cameBefore(ctx) // then: what it changed is seen only with its key
	if err == nil && !again {
		err = cmp.Or(unseen, fresh(ctx, now))
	}
	if err != nil {
		return sent, err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		is, there := now[name]
		switch {
		case read[name] == nil || s.takes(may[name], fields[name]):
		case again || there && sameJSON(fields[name], is):
			delete(fields, name)
		case fixed(name) && there:
			return sent, fault.Wrong(name, "is not changed here: it is %s now; leave it out", brief(is))
		}
	}
	return json.Marshal(fields)
}

// fresh refuses a change of an older version, before what else has changed with it.
func fresh(ctx huma.Context, now map[string]json.RawMessage) error {
	match, err := matchVersion(ctx.Header("If-Match"))
	var version int32
	if err != nil || json.Unmarshal(now["version"], &version) != nil {
		return err
	}
	return request{match: match}.fresh(version)
}

// takes tells whether a change can set a field to a value. Some are no more than
// read: a webhook that was disabled, null of what is not there yet.
func (s *Server) takes(field *huma.Schema, v json.RawMessage) bool {
	var value any
	if field == nil || json.Unmarshal(v, &value) != nil {
		return false
	}
	var found huma.ValidateResult
	huma.Validate(s.api.OpenAPI().Components.Schemas, field, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &found)
	return len(found.Errors) == 0
}

// changeable are the fields of an operation's body.
func (s *Server) changeable(o *huma.Operation) map[string]*huma.Schema {
	return s.fields(o.RequestBody.Content)
}

// readable are the fields of what GET of the same address answers.
func (s *Server) readable(o *huma.Operation) map[string]*huma.Schema {
	return s.fields(s.api.OpenAPI().Paths[o.Path].Get.Responses["200"].Content)
}

func (s *Server) fields(content map[string]*huma.MediaType) map[string]*huma.Schema {
	return s.api.OpenAPI().Components.Schemas.SchemaFromRef(content["application/json"].Schema.Ref).Properties
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
		return nil, err
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
