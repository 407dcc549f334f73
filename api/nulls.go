package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// nulls says in the document which fields of answers may be null: those that
// are pointers and are never left out. Huma says so of plain numbers and texts
// alone, and not of ids or of objects.
func nulls(schemas huma.Registry) {
	for name, s := range schemas.Map() {
		if t := schemas.TypeFromRef("#/components/schemas/" + name); t != nil && t.Kind() == reflect.Struct {
			nullFields(t, s)
		}
	}
}

func nullFields(t reflect.Type, s *huma.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil || f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omit") {
			continue
		}
		switch {
		case p.Type != "":
			p.Nullable = true
		case p.Ref != "": // a property of its own: the same schema may stand elsewhere
			s.Properties[name] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
		default:
			p.AnyOf = append(p.AnyOf, &huma.Schema{Type: "null"})
		}
	}
}
