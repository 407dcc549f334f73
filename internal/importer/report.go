package importer

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Count says what became of the rows of one file.
type Count struct {
	Read    int `json:"read"`
	New     int `json:"new"`     // 0 if nothing was stored
	There   int `json:"there"`   // stored by an earlier import, and left as they are; 0 if nothing was stored
	Refused int `json:"refused"` // bad, or depending on a bad one
}

// Report says what an import did, or why it did nothing.
type Report struct {
	Stored   bool  `json:"stored"` // the import took place
	Clients  Count `json:"clients"`
	People   Count `json:"people"`
	Projects Count `json:"projects"`
	Rates    Count `json:"rates"` // of rates.csv; a default rate in people.csv belongs to its person
	Tasks    Count `json:"tasks"`
	Time     Count `json:"time"`
	// Problems are in the order of the files and their lines. MoreProblems says
	// how many there are beyond the 10,000 that are kept.
	Problems     []Problem `json:"problems"`
	MoreProblems int       `json:"more_problems"`
	// Notes are about rows that came in otherwise than they were written.
	Notes     []Problem `json:"notes"`
	MoreNotes int       `json:"more_notes"`
}

func (f *firm) report() Report {
	r := Report{Stored: f.stored}
	for file, into := range map[string]*Count{
		clientsFile: &r.Clients, peopleFile: &r.People, projectsFile: &r.Projects,
		ratesFile: &r.Rates, tasksFile: &r.Tasks, timeFile: &r.Time,
	} {
		if *into = *f.counts[file]; !f.stored {
			into.New, into.There = 0, 0
		}
	}
	r.Problems, r.MoreProblems = f.problems.sorted()
	r.Notes, r.MoreNotes = f.notes.sorted()
	return r
}

// Print writes the problems and notes, at most so many of each, and the counts.
func (r Report) Print(w io.Writer, most int) error {
	var b strings.Builder
	printSome(&b, r.Problems, r.MoreProblems, most, "problem", "problems")
	printSome(&b, r.Notes, r.MoreNotes, most, "note", "notes")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tread\tnew\talready there\trefused\t")
	for _, line := range []struct {
		kind string
		Count
	}{{"clients", r.Clients}, {"people", r.People}, {"projects", r.Projects},
		{"rates", r.Rates}, {"tasks", r.Tasks}, {"time entries", r.Time}} {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t\n", line.kind, line.Read, line.New, line.There, line.Refused)
	}
	t.Flush() // into memory: it cannot go wrong
	_, err := io.WriteString(w, b.String())
	return err
}

func printSome(b *strings.Builder, list []Problem, more, most int, singular, several string) {
	if len(list) == 0 {
		return
	}
	shown := list[:min(most, len(list))]
	for _, p := range shown {
		fmt.Fprintln(b, p)
	}
	if rest := len(list) - len(shown) + more; rest > 0 {
		fmt.Fprintf(b, "and %s\n", plural(rest, "more "+singular, "more "+several))
	}
	fmt.Fprintln(b)
}

func plural(n int, singular, several string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %s", n, several)
}
