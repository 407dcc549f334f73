package api

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) searchRoutes() {
	read(s, op(http.MethodGet, "/search", "search", "Find projects, tasks, requests and notes by their words, or a task or request by its key", http.StatusOK), s.search)
}

// searches are what is searched, in the order of a page whose finds are equally
// good. A new kind is a row here and a value of kind below.
var searches = []struct {
	kind string
	find func(context.Context, *Server, searching) ([]Found, error)
}{
	{"project", findProjects},
	{"task", findTasks},
	{"request", findRequests},
	{"note", findNotes},
}

type searchInput struct {
	Query string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Words, or how they begin; all of them must be there. Or the key of a task or request"`
	Kind  string `query:"kind" enum:"project,task,request,note," doc:"Everything if left out"`
	Limit int32  `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"How many at most; there are no further pages"`
}

// Found is something that was found.
type Found struct {
	Kind      string     `json:"kind" enum:"project,task,request,note"`
	ID        uuid.UUID  `json:"id"`
	Key       string     `json:"key" doc:"The project's code, or the task's or request's key; of a note, that of its task or request" example:"ACME-12"`
	Title     string     `json:"title" doc:"What it is called; of a note, its task or request"`
	ProjectID *uuid.UUID `json:"project_id,omitempty" doc:"A request may be on none"`
	TaskID    *uuid.UUID `json:"task_id,omitempty" doc:"Of a note"`
	RequestID *uuid.UUID `json:"request_id,omitempty" doc:"Of a note on a request"`
	Fragment  string     `json:"fragment" doc:"HTML: where the words are, each in mark, all else escaped" example:"a new &lt;h1&gt; for the &lt;mark&gt;shop&lt;/mark&gt;"`

	rank float32
}

// keyRank is above all ranks of words.
const keyRank = 1000

// searching is a search on its way: what for, and who looks.
type searching struct {
	words  []string
	query  string
	text   string
	limit  int32
	viewer db.TaskIDsParams    // as for lists of tasks
	asked  db.RequestIDsParams // as for lists of requests
}

func (s *Server) search(ctx context.Context, in *searchInput) (*PageOutput[Found], error) {
	if err := see(ctx); err != nil {
		return nil, err
	}
	words := postgres.Words(in.Query)
	if len(words) == 0 {
		return nil, wrongFilter("q", "holds no word")
	}
	q := searching{words: words, query: postgres.Query(words), text: strings.TrimSpace(in.Query), limit: in.Limit}
	if err := s.seenBy(ctx, actorOf(ctx), &q.viewer); err != nil {
		return nil, err
	}
	if err := s.requestsSeenBy(ctx, actorOf(ctx), &q.asked); err != nil {
		return nil, err
	}
	found := []Found{}
	for _, search := range searches {
		if in.Kind != "" && in.Kind != search.kind {
			continue
		}
		some, err := search.find(ctx, s, q)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.rank, a.rank) })
	return all(found[:min(len(found), int(in.Limit))], func(f Found) Found { return f }), nil
}

func findProjects(ctx context.Context, s *Server, q searching) ([]Found, error) {
	rows, err := s.store.Lists.SearchProjects(ctx, q.query, q.limit)
	var found []Found
	for _, r := range rows {
		fragment, _ := postgres.Fragment(r.Code+" "+r.Name+" · "+r.ClientName, q.words)
		f := Found{Kind: "project", ID: r.ID, Key: r.Code, Title: r.Name, ProjectID: &r.ID, Fragment: fragment, rank: r.Rank}
		if strings.EqualFold(r.Code, q.text) {
			f.rank = keyRank
		}
		found = append(found, f)
	}
	return found, err
}

func findTasks(ctx context.Context, s *Server, q searching) ([]Found, error) {
	found, err := findKey(ctx, s, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.SearchTasks(ctx, db.SearchTasksParams{Words: q.query, Page: q.limit,
		ViewerID: q.viewer.ViewerID, ViewerPeople: q.viewer.ViewerPeople, ViewerGroups: q.viewer.ViewerGroups})
	for _, r := range rows {
		if len(found) == 0 || found[0].ID != r.ID { // not again what its key found
			found = append(found, foundTask(r, q.words))
		}
	}
	return found, err
}

func foundTask(r db.SearchTasksRow, words []string) Found {
	return Found{Kind: "task", ID: r.ID, Key: postgres.TaskKey(r.Code, r.Number), Title: r.Title, ProjectID: &r.ProjectID, Fragment: where(r.Title, r.Description, words), rank: r.Rank}
}

// where is the part of a description in which words are, else of the title.
func where(title, description string, words []string) string {
	fragment, hit := postgres.Fragment(description, words)
	if !hit {
		fragment, _ = postgres.Fragment(title, words)
	}
	return fragment
}

var taskKey = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{0,9})-([0-9]{1,9})$`)

// findKey finds the task that is called so.
func findKey(ctx context.Context, s *Server, q searching) ([]Found, error) {
	m := taskKey.FindStringSubmatch(q.text)
	if m == nil {
		return nil, nil
	}
	number, err := strconv.ParseInt(m[2], 10, 32)
	if err != nil {
		return nil, err
	}
	r, err := s.store.TaskByKey(ctx, db.TaskByKeyParams{Code: strings.ToUpper(m[1]), Number: int32(number),
		ViewerID: q.viewer.ViewerID, ViewerPeople: q.viewer.ViewerPeople, ViewerGroups: q.viewer.ViewerGroups})
	if fault.Is(postgres.Refusal(err), fault.NotFound) {
		return nil, nil
	}
	return []Found{foundTask(db.SearchTasksRow{ID: r.ID, ProjectID: r.ProjectID, Code: r.Code, Number: r.Number, Title: r.Title, Description: r.Description, Rank: keyRank}, nil)}, err
}

// findRequests finds those that the list of requests shows, asks among them.
func findRequests(ctx context.Context, s *Server, q searching) ([]Found, error) {
	found, err := findRequestKey(ctx, s, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.SearchRequests(ctx, db.SearchRequestsParams{Words: q.query, Page: q.limit,
		ViewerID: q.asked.ViewerID, ViewerPeople: orNone(q.asked.ViewerPeople), ViewerGroups: orNone(q.asked.ViewerGroups)})
	for _, r := range rows {
		if len(found) == 0 || found[0].ID != r.ID { // not again what its key found
			found = append(found, foundRequest(r, q.words))
		}
	}
	return found, err
}

func foundRequest(r db.SearchRequestsRow, words []string) Found {
	return Found{Kind: "request", ID: r.ID, Key: postgres.RequestKey(r.Number), Title: r.Title, ProjectID: r.ProjectID, Fragment: where(r.Title, r.Description, words), rank: r.Rank}
}

// findRequestKey finds the request that is called so.
func findRequestKey(ctx context.Context, s *Server, q searching) ([]Found, error) {
	m := taskKey.FindStringSubmatch(q.text)
	if m == nil || !strings.EqualFold(m[1], "REQ") {
		return nil, nil
	}
	number, err := strconv.ParseInt(m[2], 10, 32)
	if err != nil {
		return nil, err
	}
	r, err := s.store.RequestByNumber(ctx, db.RequestByNumberParams{Number: int32(number),
		ViewerID: q.asked.ViewerID, ViewerPeople: orNone(q.asked.ViewerPeople), ViewerGroups: orNone(q.asked.ViewerGroups)})
	if fault.Is(postgres.Refusal(err), fault.NotFound) {
		return nil, nil
	}
	return []Found{foundRequest(db.SearchRequestsRow{ID: r.ID, ProjectID: r.ProjectID, Number: r.Number, Title: r.Title, Description: r.Description, Rank: keyRank}, nil)}, err
}

// findNotes finds notes for whoever may see their tasks or requests. All of them
// are staff: a note for the client only is found like an internal one.
func findNotes(ctx context.Context, s *Server, q searching) ([]Found, error) {
	rows, err := s.store.Lists.SearchNotes(ctx, db.SearchNotesParams{Words: q.query, Page: q.limit,
		ViewerID: q.viewer.ViewerID, ViewerPeople: q.viewer.ViewerPeople, ViewerGroups: q.viewer.ViewerGroups})
	var found []Found
	for _, r := range rows {
		fragment, _ := postgres.Fragment(r.Body, q.words)
		found = append(found, Found{Kind: "note", ID: r.ID, Key: postgres.TaskKey(r.Code, r.Number), Title: r.Title, ProjectID: &r.ProjectID, TaskID: r.TaskID, Fragment: fragment, rank: r.Rank})
	}
	if err != nil {
		return nil, err
	}
	more, err := findRequestNotes(ctx, s, q)
	return append(found, more...), err
}

func findRequestNotes(ctx context.Context, s *Server, q searching) ([]Found, error) {
	rows, err := s.store.Lists.SearchRequestNotes(ctx, db.SearchRequestNotesParams{Words: q.query, Page: q.limit,
		ViewerID: q.asked.ViewerID, ViewerPeople: orNone(q.asked.ViewerPeople), ViewerGroups: orNone(q.asked.ViewerGroups)})
	var found []Found
	for _, r := range rows {
		fragment, _ := postgres.Fragment(r.Body, q.words)
		found = append(found, Found{Kind: "note", ID: r.ID, Key: postgres.RequestKey(r.Number), Title: r.Title, ProjectID: r.ProjectID, RequestID: r.RequestID, Fragment: fragment, rank: r.Rank})
	}
	return found, err
}
