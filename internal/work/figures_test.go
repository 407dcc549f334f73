package work_test

import (
	"math/rand"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/work"
)

// grove grows trees of tasks by name.
type grove struct {
	ids    map[string]uuid.UUID
	pieces []work.Piece
}

// add adds a task below another; -1 is not said.
func (g *grove) add(name, above string, s work.Status, estimate, worked, remaining int) *grove {
	if g.ids == nil {
		g.ids = map[string]uuid.UUID{}
	}
	g.ids[name] = uuid.New()
	p := work.Piece{ID: g.ids[name], Status: s, Worked: worked}
	if estimate >= 0 {
		p.Estimate = &estimate
	}
	if remaining >= 0 {
		p.Remaining = &remaining
	}
	if above != "" {
		id := g.ids[above]
		p.ParentID = &id
	}
	g.pieces = append(g.pieces, p)
	return g
}

func TestFiguresRollUpAtAnyDepth(t *testing.T) { // S1.23, S1.64
	t.Parallel()
	open, planned, complete, cancelled := work.Open, work.Planned, work.Complete, work.Cancelled
	for name, c := range map[string]struct {
		g    *grove
		want work.Figures
	}{
		"nothing":                   {new(grove), work.Figures{}},
		"one":                       {new(grove).add("a", "", open, 100, 30, -1), work.Figures{100, 30, 70}},
		"more than estimated":       {new(grove).add("a", "", open, 100, 130, -1), work.Figures{100, 130, 0}},
		"as said, be it nothing":    {new(grove).add("a", "", open, 100, 30, 0), work.Figures{100, 30, 0}},
		"not estimated":             {new(grove).add("a", "", planned, -1, 30, -1), work.Figures{0, 30, 0}},
		"complete":                  {new(grove).add("a", "", complete, 100, 30, 50), work.Figures{100, 30, 0}},
		"cancelled":                 {new(grove).add("a", "", cancelled, 100, 30, 50), work.Figures{0, 30, 0}},
		"sub-tasks are what counts": {new(grove).add("a", "", open, 999, 5, -1).add("b", "a", open, 60, 20, -1).add("c", "a", complete, 40, 50, -1), work.Figures{100, 75, 40}},
		"three levels deep":         {new(grove).add("a", "", open, 999, 1, -1).add("b", "a", open, 888, 2, -1).add("c", "b", open, 60, 4, -1).add("d", "b", planned, 40, 0, -1), work.Figures{100, 7, 96}},
		"said above and below":      {new(grove).add("a", "", open, 999, 0, 10).add("b", "a", open, 60, 20, -1), work.Figures{60, 20, 50}},
		"not broken down fully": { // the whole was estimated, one part is not yet
			new(grove).add("a", "", open, 100, 0, -1).add("b", "a", open, 30, 10, -1).add("c", "a", planned, -1, 0, -1), work.Figures{100, 10, 90}},
		"parts are more than the whole": {new(grove).add("a", "", open, 20, 0, -1).add("b", "a", open, 30, 10, -1).add("c", "a", planned, -1, 0, -1), work.Figures{30, 10, 20}},
		"not broken down two levels above": {
			new(grove).add("a", "", open, 200, 0, -1).add("b", "a", open, -1, 0, -1).add("c", "b", planned, -1, 15, -1), work.Figures{200, 15, 185}},
		"only cancelled sub-tasks": {new(grove).add("a", "", open, 100, 10, -1).add("b", "a", cancelled, 60, 5, -1), work.Figures{100, 15, 90}},
	} {
		if got, _ := work.RollUp(c.g.pieces); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestEachTaskHasTheFiguresOfAllBelow(t *testing.T) { // S1.67
	t.Parallel()
	g := new(grove).add("a", "", work.Open, 999, 1, -1).add("b", "a", work.Open, -1, 2, -1).add("c", "b", work.Open, 60, 4, -1)
	_, each := work.RollUp(g.pieces)
	for name, want := range map[string]work.Figures{"a": {60, 7, 56}, "b": {60, 6, 56}, "c": {60, 4, 56}} {
		if got := each[g.ids[name]]; got != want {
			t.Errorf("%s has %+v, want %+v", name, got, want)
		}
	}
}

func TestFiguresDoNotDependOnTheOrderOfTasks(t *testing.T) { // S1.64
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var pieces []work.Piece
		worked := 0
		for range rapid.IntRange(0, 40).Draw(t, "tasks") {
			p := work.Piece{ID: uuid.New(), Status: rapid.SampledFrom([]work.Status{work.Planned, work.Open, work.Complete, work.Cancelled}).Draw(t, "status"), Worked: rapid.IntRange(0, 500).Draw(t, "worked")}
			worked += p.Worked
			if e := rapid.IntRange(-200, 500).Draw(t, "estimate"); e >= 0 {
				p.Estimate = &e
			}
			if r := rapid.IntRange(-900, 500).Draw(t, "remaining"); r >= 0 {
				p.Remaining = &r
			}
			if len(pieces) > 0 && rapid.Bool().Draw(t, "below") {
				p.ParentID = &pieces[rapid.IntRange(0, len(pieces)-1).Draw(t, "parent")].ID
			}
			pieces = append(pieces, p)
		}
		got, each := work.RollUp(pieces)
		if got.Worked != worked || got.Remaining < 0 || got.Estimated < 0 || len(each) != len(pieces) {
			t.Fatalf("%+v of %d worked", got, worked)
		}
		mixed := append([]work.Piece{}, pieces...)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if again, _ := work.RollUp(mixed); again != got {
			t.Fatalf("%+v in one order, %+v in another", got, again)
		}
	})
}

func TestProgressIsAllOnlyWhenNothingIsOpen(t *testing.T) { // S2.17
	t.Parallel()
	for _, c := range []struct {
		f              work.Figures
		open, complete int
		want           int
	}{
		{work.Figures{}, 0, 0, 0}, {work.Figures{}, 3, 0, 0}, {work.Figures{}, 0, 2, 100}, {work.Figures{Worked: 50, Remaining: 150}, 1, 0, 25},
		{work.Figures{Worked: 50}, 1, 4, 99}, {work.Figures{Worked: 50}, 0, 4, 100}, {work.Figures{Worked: 2, Remaining: 1}, 1, 0, 66},
	} {
		if got := c.f.Progress(c.open, c.complete); got != c.want {
			t.Errorf("%+v with %d open: %d %%, want %d", c.f, c.open, got, c.want)
		}
	}
}

func TestAnEndingIsThatOfTheTasksAskedFor(t *testing.T) { // S1.66
	t.Parallel()
	at := func(h int) time.Time { return time.Date(2026, time.March, 20, h, 0, 0, 0, time.UTC) }
	a, b, c, d := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	plan := work.Plan{
		Tasks:     []work.Projection{{TaskID: a, End: at(9)}, {TaskID: b, End: at(17)}, {TaskID: c, Start: at(12), Cut: 30}, {TaskID: d}},
		Unplanned: []work.Unplanned{{d, work.NoEstimate}},
	}
	for _, x := range []struct {
		of   []uuid.UUID
		want work.Ending
	}{
		{nil, work.Ending{}}, {[]uuid.UUID{a}, work.Ending{Last: at(9)}}, {[]uuid.UUID{a, d}, work.Ending{Last: at(9), Unplaced: 1}},
		{[]uuid.UUID{b, c}, work.Ending{Last: at(17), Unplaced: 1, Beyond: true}},
	} {
		got := plan.Ending(func(id uuid.UUID) bool {
			for _, o := range x.of {
				if o == id {
					return true
				}
			}
			return false
		})
		if got != x.want {
			t.Errorf("got %+v, want %+v", got, x.want)
		}
	}
}
