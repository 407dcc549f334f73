package api

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"steward/internal/fault"
)

// knownQuery refuses what a list or report cannot heed: a filter that it does
// not have, as by a slip of the keyboard, would show everything, and of one that
// is given twice all but the first would be left out. What takes no parameters
// is left alone, and so is a feed: whatever calendars and mail programs add to
// an address that they were given misleads nobody.
func (s *Server) knownQuery(ctx huma.Context, next func(huma.Context)) {
	u, o := ctx.URL(), ctx.Operation()
	if err := heeded(u.RawQuery, o); err != nil && o.Metadata["secret"] != true {
		var p *Problem
		if errors.As(s.refuse(err), &p) {
			sayProblem(humagin.Unwrap(ctx), p)
		}
		return
	}
	next(ctx)
}

// heeded says whether all of a query is heeded by an operation.
func heeded(query string, o *huma.Operation) error {
	if query == "" {
		return nil
	}
	known := map[string]*huma.Param{}
	for _, p := range o.Parameters {
		if p.In == "query" {
			known[p.Name] = p
		}
	}
	if len(known) == 0 {
		return nil
	}
	given, err := url.ParseQuery(query)
	if err != nil {
		return fault.New("malformed", "the query cannot be read: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		p := known[name]
		if p == nil {
			return wrongFilter(name, "there is no such parameter; there are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if len(given[name]) > 1 && p.Schema.Type != huma.TypeArray {
			return wrongFilter(name, "is given more than once, and takes one value")
		}
	}
	return nil
}

// chosen are the values of a filter that takes several; none: all.
func chosen(values []string) []string {
	return orNone(slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" }))
}
