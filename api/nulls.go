package api

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/work"
)

// nulls says in the document which fields may be null: of answers those that are
// pointers and are never left out, of changes those that null takes away. Huma
// says so of plain numbers and texts alone, and not of ids or of objects.
func nulls(schemas huma.Registry) {
	for name, s := range schemas.Map() {
		if t := schemas.TypeFromRef("#/components/schemas/" + name); t != nil && t.Kind() == reflect.Struct {
			nullFields(schemas, t, s)
		}
	}
}

func nullFields(schemas huma.Registry, t reflect.Type, s *huma.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil || !clears(f) && (f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omit")) {
			continue
		}
		switch {
		case p.Type != "":
			p.Nullable = true
		case p.Ref != "" && clears(f): // the same with null: its faults are told one by one
			whole := *schemas.SchemaFromRef(p.Ref)
			whole.Description, whole.Nullable = p.Description, true
			s.Properties[name] = &whole
		case p.Ref != "": // a property of its own: the same schema may stand elsewhere
			s.Properties[name] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
		default:
			p.AnyOf = append(p.AnyOf, &huma.Schema{Type: "null", Enum: []any{nil}}) // without the Enum Huma takes anything for it
		}
	}
}

// asJSON takes out of the document that changes come as bytes too: those are read
// to look for null.
func asJSON(doc *huma.OpenAPI) {
	for _, p := range doc.Paths {
		if p.Patch != nil {
			delete(p.Patch.RequestBody.Content, "application/octet-stream")
		}
	}
}

// clears tells whether null takes a field of a change away.
func clears(f reflect.StructField) bool {
	_, ok := reflect.Zero(f.Type).Interface().(interface{ Clears() })
	return ok
}

// maybes has what may be taken away described as what it is.
func maybes(schemas huma.Registry) {
	schemas.RegisterTypeAlias(typeOf[work.Maybe[int]](), typeOf[int]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[int32]](), typeOf[int32]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[sessionStart]](), typeOf[sessionStart]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[civil.Date]](), typeOf[civil.Date]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[civil.Calendar]](), typeOf[civil.Calendar]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[uuid.UUID]](), typeOf[identifiers]())
	schemas.RegisterTypeAlias(typeOf[work.Maybe[decimal.Decimal]](), typeOf[decimals]())
}

// nullsIn finds null in a change where it takes nothing away.
func nullsIn[B any](body []byte) (found []error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil // which is refused elsewhere
	}
	for _, f := range reflect.VisibleFields(typeOf[B]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if v, ok := fields[name]; ok && string(v) == "null" && !clears(f) {
			found = append(found, &huma.ErrorDetail{Location: "body." + name, Message: "must not be null: leave it out, or give a value"})
		}
	}
	return found
}
