package importer

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/fault"
)

// sheets are the cells of the files, the header first.
type sheets map[string][][]string

func (s sheets) files() files {
	f := files{}
	for name, rows := range s {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			panic(err)
		}
		f[name] = b.String()
	}
	return f
}

// made is a good firm of some size. Its keys and addresses begin with prefix,
// so that many firms find room in one database.
func made(t *rapid.T, prefix string) sheets {
	key := func(kind string, n int) string { return prefix + kind + strconv.Itoa(n) }
	some := func(kind string, n int) string { return key(kind, rapid.IntRange(0, n-1).Draw(t, kind)) }
	s := sheets{
		clientsFile:  {{"client", "name", "currency", "payment_terms_days", "tax_percent"}},
		peopleFile:   {{"person", "name", "email", "roles", "groups", "default_rate", "currency", "time_zone"}},
		projectsFile: {{"project", "client", "name", "account_manager", "status", "starts_on"}},
		ratesFile:    {{"person", "project", "rate", "currency", "from"}},
		tasksFile:    {{"task", "project", "parent", "title", "status", "priority", "assignee", "depends_on", "created_on"}},
		timeFile:     {{"entry", "task", "person", "work_date", "start", "minutes", "description", "billable", "remaining_minutes"}},
	}
	add := func(file string, cells ...string) { s[file] = append(s[file], cells) }
	for i := range 3 {
		add(clientsFile, key("C", i), "Client", "GBP", "30", "20")
		add(peopleFile, key("P", i), "Person", key("p", i)+"@firm.example", "contributor", "Crew;Night", "80.5", "GBP", "Europe/London")
		add(projectsFile, key("J", i), some("C", 3), "Project", key("P", 0), "active", "2026-01-01")
		add(ratesFile, key("P", i), some("J", i+1), "99", "GBP", "2026-01-01")
	}
	var tops [9]int
	for i := range 9 { // a task's project is that of its number, its parent an earlier one there; it waits for those there below earlier tops
		parent, before := "", ""
		if tops[i] = i; i > 2 && rapid.Bool().Draw(t, "sub-task") {
			parent, tops[i] = key("T", i-3), tops[i-3]
		}
		if tops[i] > 0 && rapid.Bool().Draw(t, "waits") {
			for n, top := range tops[:i] {
				if n%3 == i%3 && top < tops[i] && rapid.Bool().Draw(t, "for it") {
					before += key("T", n) + ";"
				}
			}
		}
		add(tasksFile, key("T", i), key("J", i%3), parent, "Title", "open", "3", some("P", 3), before, "2026-01-02")
		add(timeFile, key("E", i), some("T", i+1), some("P", 3), "2026-01-05", "09:00", "60", "Work", "true", "0")
	}
	return s
}

// shuffled has the rows of every file in another order.
func (s sheets) shuffled(t *rapid.T) sheets {
	m := sheets{}
	for _, l := range layouts {
		rows := s[l.file]
		m[l.file] = append([][]string{rows[0]}, rapid.Permutation(rows[1:]).Draw(t, l.file)...)
	}
	return m
}

var nasty = []string{"", " ", ";", "0", "-1", "1e9", "99999999999999999999", "NaN", "0016-01-01", "2026-02-30", "9999-12-31",
	"\x00", "\xff", "é\u0301\u202e", "'; DROP TABLE task; --", "{\"a\":1}", "\\N", "\\.", "a\r\nb", "true", "P0", "\"", "Local", "../etc", "25:00"}

// spoiled has up to three cells replaced, or rows doubled or cut.
func (s sheets) spoiled(t *rapid.T) sheets {
	for range rapid.IntRange(0, 3).Draw(t, "spoils") {
		file := layouts[rapid.IntRange(0, len(layouts)-1).Draw(t, "file")].file
		n := rapid.IntRange(1, len(s[file])-1).Draw(t, "row")
		row := append([]string(nil), s[file][n]...)
		at := rapid.IntRange(0, len(row)-1).Draw(t, "cell")
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			s[file] = append(s[file], row)
		case 1:
			s[file][n] = row[:at+1]
		case 2:
			row[at] = rapid.String().Draw(t, "text")
			s[file][n] = row
		default:
			row[at] = rapid.SampledFrom(nasty).Draw(t, "nasty")
			s[file][n] = row
		}
	}
	return s
}

func TestTheOrderOfRowsDoesNotMatter(t *testing.T) { // N.18
	rapid.Check(t, func(t *rapid.T) {
		x := newFirm(made(t, "x").shuffled(t).files().fs(), nothing, filled(Options{}, time.Now, uuid.New))
		if err := x.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := x.report().Problems; len(got) > 0 || len(x.add.tasks) != 9 {
			t.Fatalf("%v", got)
		}
	})
}

func TestGarbageIsRefused(t *testing.T) { // N.18
	rapid.Check(t, func(t *rapid.T) {
		f := made(t, "x").files()
		file := layouts[rapid.IntRange(0, len(layouts)-1).Draw(t, "file")].file
		text := []byte(f[file])
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		junk := rapid.SliceOfN(rapid.SampledFrom([]byte("\x00\xff\xef\xbb\xbf\r\n\",;a1 ")), 0, 12).Draw(t, "junk")
		f[file] = string(text[:at]) + string(junk) + string(text[at:])
		x := newFirm(f.fs(), nothing, filled(Options{}, time.Now, uuid.New))
		if err := x.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if refused := x.refusal() != nil; refused != (x.problems.total() > 0) {
			t.Fatalf("refused %v, problems %v", refused, x.report().Problems)
		}
	})
}

// Whatever the cells hold, the database never has to refuse anything: what the
// checks let through is stored, and what they refuse leaves no trace.
func TestAllOrNothingWhateverTheCells(t *testing.T) { // N.18
	t.Parallel()
	pool, firms := database(t), 0
	rapid.Check(t, func(r *rapid.T) {
		firms++
		s := made(r, fmt.Sprintf("F%d-", firms)).spoiled(r).shuffled(r)
		before := ask(t, pool, everything)
		o := Options{Partial: rapid.Bool().Draw(r, "partial")}
		got, err := run(r.Context(), pool, s.files().fs(), o)
		after := ask(t, pool, everything)
		switch {
		case err != nil && !fault.Is(err, Refused):
			r.Fatal(err)
		case err != nil && (before != after || len(got.Problems) == 0):
			r.Fatalf("%s rows before, %s after: %v", before, after, got.Problems)
		case err == nil && !o.Partial && len(got.Problems) > 0:
			r.Fatal(got.Problems)
		case err == nil:
			addsUp(r, got)
		}
	})
}

func addsUp(t *rapid.T, r Report) {
	for _, c := range []Count{r.Clients, r.People, r.Projects, r.Rates, r.Tasks, r.Time} {
		if c.New+c.There+c.Refused != c.Read {
			t.Fatalf("%+v does not add up", c)
		}
	}
}

func FuzzTime(f *testing.F) { // N.18
	f.Add([]byte(small()[timeFile]))
	f.Add([]byte("\xef\xbb\xbfentry,task\r\n\"a\nb"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := small().fs()
		dir[timeFile] = &fstest.MapFile{Data: text}
		if err := newFirm(dir, nothing, filled(Options{}, time.Now, uuid.New)).read(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
