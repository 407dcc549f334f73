package document

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rowsOf makes rows 10 high outside a table; those marked stay with the next.
func rowsOf(keep ...bool) []row {
	var rows []row
	for _, k := range keep {
		rows = append(rows, row{block: block{height: 10}, keep: k, section: outside})
	}
	return rows
}

// deal counts the blocks on each page of a frame for four rows, then five.
func deal(rows []row) []int {
	head := func(row) block { return block{height: 10} }
	var counts []int
	for _, p := range paginate(rows, frame{first: 10, next: 0, bottom: 50}, head) {
		counts = append(counts, len(p))
	}
	return counts
}

func TestPagesAreFilledInOrder(t *testing.T) { // S1.77
	t.Parallel()
	const o, k = false, true
	table := rowsOf(o, o, o, o, o, o)
	for i := range table {
		table[i].section = 0
	}
	tall := rowsOf(o, o)
	tall[0].block.height = 90
	gaps := rowsOf(o, o, o, o)
	for i := range gaps {
		gaps[i].gap = 5
	}
	for name, c := range map[string]struct {
		rows []row
		want []int
	}{
		"nothing":                          {nil, []int{0}},
		"one page full":                    {rowsOf(o, o, o, o), []int{4}},
		"one row more":                     {rowsOf(o, o, o, o, o), []int{4, 1}},
		"kept together on the next page":   {rowsOf(o, o, k, k, o), []int{2, 3}},
		"kept together all to the end":     {rowsOf(o, o, o, k, k), []int{3, 2}},
		"too many to be together":          {rowsOf(o, k, k, k, k, k, k), []int{4, 3}},
		"a head on each page of a table":   {table, []int{4, 4}},
		"a row higher than any page":       {tall, []int{0, 1, 1}},
		"no gap above the first of a page": {gaps, []int{3, 1}},
	} {
		if diff := cmp.Diff(c.want, deal(c.rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFirstAndLastTwoOfManyStayTogether(t *testing.T) { // S1.77
	t.Parallel()
	rows := rowsOf(make([]bool, 5)...)
	together(rows, 4)
	var got []bool
	for _, r := range rows {
		got = append(got, r.keep)
	}
	if diff := cmp.Diff([]bool{true, false, false, true, false}, got); diff != "" {
		t.Error(diff)
	}
}
