package chaos_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	. "steward/internal/chaos"
)

func done(value string, asked, answered int64) Write {
	return Write{Register: "r", Value: value, Asked: asked, Answered: answered, Outcome: Done}
}

func unknown(value string, asked int64) Write {
	return Write{Register: "r", Value: value, Asked: asked, Outcome: Unknown}
}

func refused(value string, asked, answered int64) Write {
	return Write{Register: "r", Value: value, Asked: asked, Answered: answered, Outcome: Refused}
}

func saw(value string, asked, answered int64) Read {
	return Read{Register: "r", Value: value, Asked: asked, Answered: answered}
}

func TestEveryKindOfViolationIsFound(t *testing.T) { // N.31
	for _, c := range []struct {
		name   string
		writes []Write
		reads  []Read
		kept   []string
		want   []Kind
	}{
		{"one after the other", []Write{done("a", 1, 2), done("b", 3, 4)}, nil, []string{"a", "b"}, nil},
		{"two at once, either way", []Write{done("a", 1, 4), done("b", 2, 3)}, nil, []string{"b", "a"}, nil},
		{"a lost one", []Write{done("a", 1, 2), done("b", 3, 4)}, nil, []string{"b"}, []Kind{Lost}},
		{"a doubled one", []Write{done("a", 1, 2)}, nil, []string{"a", "a"}, []Kind{Doubled}},
		{"a doubled one that was not answered", []Write{unknown("a", 1)}, nil, []string{"a", "a"}, []Kind{Doubled}},
		{"not answered, not there", []Write{unknown("a", 1)}, nil, nil, nil},
		{"not answered, there", []Write{unknown("a", 1)}, nil, []string{"a"}, nil},
		{"not answered, there much later", []Write{unknown("a", 1), done("b", 3, 4)}, nil, []string{"b", "a"}, nil},
		{"refused, and there", []Write{refused("a", 1, 2)}, nil, []string{"a"}, []Kind{Undead}},
		{"refused", []Write{refused("a", 1, 2)}, nil, nil, nil},
		{"from nowhere", nil, nil, []string{"a"}, []Kind{Invented}},
		{"out of order", []Write{done("a", 1, 2), done("b", 3, 4)}, nil, []string{"b", "a"}, []Kind{Disordered}},
		{"out of order over a third", []Write{done("a", 1, 2), done("b", 1, 9), done("c", 3, 4)}, nil, []string{"c", "b", "a"}, []Kind{Disordered}},
		{"not answered, yet before it was asked for", []Write{done("a", 1, 2), unknown("b", 3)}, nil, []string{"b", "a"}, []Kind{Disordered}},
		{"a read of the last", []Write{done("a", 1, 2)}, []Read{saw("a", 3, 4)}, []string{"a"}, nil},
		{"a read beside a write", []Write{done("a", 1, 5)}, []Read{saw("a", 2, 3), saw("", 2, 3)}, []string{"a"}, nil},
		{"a stale read", []Write{done("a", 1, 2), done("b", 3, 4)}, []Read{saw("a", 5, 6)}, []string{"a", "b"}, []Kind{Stale}},
		{"a stale read of the beginning", []Write{done("a", 1, 2)}, []Read{saw("", 5, 6)}, []string{"a"}, []Kind{Stale}},
		{"a read of what is not answered", []Write{unknown("a", 1)}, []Read{saw("", 5, 6), saw("a", 7, 8)}, []string{"a"}, nil},
		{"a read of what was rolled back", []Write{unknown("a", 1)}, []Read{saw("a", 5, 6)}, nil, []Kind{Early}},
		{"a read of the future", []Write{done("a", 5, 6)}, []Read{saw("a", 1, 2)}, []string{"a"}, []Kind{Early}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []Kind
			for _, v := range Judge(c.writes, c.reads, map[Register]Kept{"r": {Values: c.kept, Ordered: true}}) {
				got = append(got, v.Kind)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestWhereThereIsNoOrderNoneIsAskedFor(t *testing.T) {
	kept := map[Register]Kept{"r": {Values: []string{"b", "a"}}}
	if got := Judge([]Write{done("a", 1, 2), done("b", 3, 4)}, nil, kept); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// A register that takes one write after the other, each at some moment between
// question and answer, is never found guilty; one of whose writes is moved to
// before another that was over is.
func TestAnHonestRegisterIsNeverGuilty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "writes")
		var writes []Write
		var reads []Read
		kept := []string{}
		for i := range n {
			// The effect is at 10i; question and answer lie around it.
			at := int64(10 * (i + 1))
			w := done(fmt.Sprint(i), at-int64(rapid.IntRange(1, 30).Draw(t, "before")), at+int64(rapid.IntRange(1, 30).Draw(t, "after")))
			if rapid.Bool().Draw(t, "unknown") {
				w.Outcome = Unknown
			}
			writes, kept = append(writes, w), append(kept, w.Value)
			reads = append(reads, saw(w.Value, at+1-int64(rapid.IntRange(0, 30).Draw(t, "early")), at+1+int64(rapid.IntRange(0, 30).Draw(t, "late"))))
		}
		if got := Judge(writes, reads, map[Register]Kept{"r": {Values: kept, Ordered: true}}); len(got) > 0 {
			t.Fatalf("got %v", got)
		}
	})
}
