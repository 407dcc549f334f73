package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/fault"
)

// PageInput is what every list takes.
type PageInput struct {
	Limit  int32  `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"300" doc:"next_cursor of the page before"`

	list uint32 // which list with which filters
}

// Resolve notes which list is read and by which filters: its cursors say so.
func (p *PageInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	filters := u.Query()
	filters.Del("limit")
	filters.Del("cursor")
	h := fnv.New32a()
	_, _ = io.WriteString(h, u.Path)
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		for _, value := range slices.Sorted(slices.Values(chosen(filters[name]))) {
			_, _ = fmt.Fprintf(h, "&%q=%q", name, value)
		}
	}
	p.list = max(h.Sum32(), 1)
	return nil
}

// Page is a part of a list.
type Page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"Null on the last page"`
}

// PageOutput answers a page.
type PageOutput[T any] struct{ Body Page[T] }

// cursor is the place after which the next page begins.
type cursor struct {
	ID    uuid.UUID `json:"i"`
	Order int32     `json:"o,omitempty"`
	List  uint32    `json:"l,omitempty"` // 0: of the release before this was said, or of a list for ourselves
}

// BadCursor is the code for a cursor that was not given out.
const BadCursor fault.Code = "bad_cursor"

// after reads the cursor; without one the list begins. One of another list, or
// of the same with other filters, is refused: it would leave things out.
func (p PageInput) after() (cursor, error) {
	var c cursor
	if p.Cursor == "" {
		return c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.ID == uuid.Nil {
		return c, badCursor()
	}
	if c.List != 0 && c.List != p.list {
		return c, fault.New(BadCursor, "the cursor is of another list, or of other filters; begin the list again")
	}
	return c, nil
}

func badCursor() error {
	return fault.New(BadCursor, "the cursor is not one that was given out; begin the list again")
}

// afterDay is [PageInput.after] for a list in the order of days.
func (p PageInput) afterDay() (cursor, civil.Date, error) {
	c, err := p.after()
	on := civil.First.AddDays(int(c.Order))
	if err == nil && (c.Order < 0 || on.After(civil.Last)) {
		err = badCursor()
	}
	return c, on, err
}

// byDay is the cursor after a thing of a day.
func byDay(id uuid.UUID, on civil.Date) cursor {
	return cursor{ID: id, Order: int32(on.DaysSince(civil.First))}
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// page cuts the rows of a query that asked for one more than the limit.
func page[R, T any](p PageInput, rows []R, at func(R) cursor, show func(R) T) *PageOutput[T] {
	out := &PageOutput[T]{Body: Page[T]{Items: []T{}}}
	if len(rows) > int(p.Limit) {
		rows = rows[:p.Limit]
		next := at(rows[len(rows)-1])
		next.List = p.list
		out.Body.NextCursor = ptr(next.String())
	}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	return out
}

// all shows a list that is short by nature: it has one page.
func all[R, T any](rows []R, show func(R) T) *PageOutput[T] {
	return page(PageInput{Limit: int32(len(rows))}, rows, nil, show)
}

// One answers one thing with its version.
type One[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

func one[T any](v T, version int32) *One[T] { return &One[T]{ETag: etag(version), Body: v} }

func etag(version int32) string {
	if version == 0 {
		return ""
	}
	return `"` + strconv.Itoa(int(version)) + `"`
}

// matchVersion reads If-Match; "*" and nothing match any version.
func matchVersion(h string) (int32, error) {
	if h == "" || h == "*" {
		return 0, nil
	}
	v, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(h, "W/"), `"`), 10, 32)
	if err != nil || v < 1 {
		return 0, fault.New(fault.Stale, "If-Match %s is not an ETag that was given out", h)
	}
	return int32(v), nil
}

// ByID names a thing in the path.
type ByID struct {
	ID uuid.UUID `path:"id"`
}

// optional reads filters that may be absent.
func optionalID(name, s string) (*uuid.UUID, error) {
	if s == "" {
		return nil, nil
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return nil, wrongFilter(name, "%q is not an id", s)
	}
	return &id, nil
}

// wrongFilter refuses a parameter of the query.
func wrongFilter(name, format string, args ...any) *fault.Fault {
	f := fault.Wrong(name, format, args...)
	f.Fields[0].Location = "query." + name
	return f
}

// forStaff refuses filters, given as name and value, by what a client's contact
// is not shown: an answer would tell it, and all of a list would look like one.
func forStaff(filters ...string) error {
	for i := 0; i < len(filters); i += 2 {
		if filters[i+1] != "" {
			return wrongFilter(filters[i], "is for the staff")
		}
	}
	return nil
}

func optionalText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func optionalDate(name, s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	d, err := civil.Parse(s)
	if err != nil {
		return d, wrongFilter(name, "%s", err)
	}
	return d, nil
}

// notThere says which field names something that does not exist.
func notThere(err error, field, sentence string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrong(field, "%s", sentence)
	}
	return err
}

func ignoreNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}
