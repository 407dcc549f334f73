package chart_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/chart"
	"steward/internal/civil"
	"steward/internal/work"
)

var update = flag.Bool("update", false, "write the golden pictures afresh")

// now is a Wednesday.
var now = time.Date(2026, time.November, 25, 11, 20, 0, 0, time.UTC)

var titles = []string{"Requirements workshop", "Data model", "Write the migration", "Review", "Portal: sign-in and the first page", "Fix the invoice's foot", "Test on the client's data", "Talk to the bank"}

// firm is people with work, planned as it really is.
func firm(t testing.TB, people int) chart.Chart {
	t.Helper()
	in := work.Plannable{AsOf: now, Until: now.Add(work.Ahead)}
	c := chart.Chart{Title: "Plan of Design & Build", AsOf: now, Until: in.Until, Zone: time.UTC}
	names := []string{"Ann Archer", "Bob Baker", "Chloé Durand-Lefèvre of the Second Floor", "Dmitri Orlov", "Eve Ito"}
	meta := map[uuid.UUID]chart.Bar{}
	hours := make([]civil.Hours, people)
	for n := range people {
		usual := civil.Usual()
		if n%5 == 1 {
			usual.Weekly.Fri = nil
			usual.Absences = []civil.Absence{{From: civil.Of(2026, 12, 1), To: civil.Of(2026, 12, 2)}}
		}
		h, err := usual.Hours(time.UTC, func(d civil.Date) bool { return n%5 == 4 && d == civil.Of(2026, 11, 26) })
		if err != nil {
			t.Fatal(err)
		}
		hours[n] = h
		in.Desks = append(in.Desks, work.Desk{PersonID: uuid.UUID{1, byte(n >> 8), byte(n)}, Hours: h.Spans(in.AsOf, in.Until)})
		for k := range 3 + (n*7)%9 {
			id := uuid.UUID{2, byte(n >> 8), byte(n), byte(k)}
			minutes := 45 * (1 + (n*5+k*3)%16)
			meta[id] = chart.Bar{Key: fmt.Sprintf("ACME-%d", n*10+k), Title: titles[(n+k)%len(titles)], Priority: 1 + (n+k)%5}
			in.Jobs = append(in.Jobs, work.Job{ID: id, Priority: meta[id].Priority, Estimate: &minutes, Assignee: work.Assignee{Kind: work.Person, ID: in.Desks[n].PersonID}})
		}
	}
	for n, d := range work.MakePlan(in).Desks {
		row := chart.Row{Name: names[n%len(names)], Free: map[civil.Date]civil.Why{}}
		for on := civil.In(now, time.UTC).AddDays(-1); on.DaysSince(civil.In(now, time.UTC)) <= 14; on = on.AddDays(1) {
			row.Free[on] = hours[n].Free(on)
		}
		morning := time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)
		row.Bars = append(row.Bars,
			chart.Bar{Key: "ACME-900", Title: "Analysis", Priority: 2, Start: morning, End: morning.Add(200 * time.Minute), Minutes: 200, Past: true},
			chart.Bar{Key: "ACME-901", Title: "Stand-up", Priority: 4, Start: morning.Add(24 * time.Hour), End: morning.Add(25 * time.Hour), Minutes: 60, Past: true})
		for _, b := range d.Blocks {
			bar := meta[b.TaskID]
			bar.Start, bar.End, bar.Minutes = b.Start, b.End, b.Minutes
			row.Bars = append(row.Bars, bar)
		}
		c.Rows = append(c.Rows, row)
	}
	for n := range 14 {
		c.Unplanned = append(c.Unplanned, chart.Left{Key: fmt.Sprintf("ACME-%d", 40+n), Reason: []work.Reason{work.NoEstimate, work.NobodyAssigned, work.NoEstimate}[n%3]})
	}
	return c
}

func TestThePictureIsTheGoldenOne(t *testing.T) { // S1.42
	for name, c := range map[string]chart.Chart{
		"plan":  firm(t, 5),
		"empty": {Title: "Plan of nobody", AsOf: now, Until: now.Add(work.Ahead), Zone: time.UTC},
	} {
		got, path := c.SVG(), "testdata/"+name+".svg"
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("the picture is not %s any more; write it afresh with -update, and look at it", path)
		}
		wellFormed(t, got)
	}
}

// wellFormed reads a picture as XML and gives back its elements and texts.
func wellFormed(t *testing.T, svg []byte) (elements map[string]int, text string) {
	t.Helper()
	elements = map[string]int{}
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return elements, all.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			elements[v.Name.Local]++
		case xml.CharData:
			all.Write(v)
		}
	}
}

func TestTitlesAreTextAndNothingElse(t *testing.T) { // S1.42
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><image href=x onerror=y>`, "two\nlines\r\tand a tab", "]]>&amp;<!--", "🚀 emoji 👩‍👩‍👧", "\x00\x1b\xff", strings.Repeat("long ", 10_000), "%s%d",
	} {
		c := chart.Chart{Title: hostile, AsOf: now, Until: now.Add(work.Ahead), Zone: time.UTC, Unplanned: []chart.Left{{Key: hostile, Reason: work.NoEstimate}}}
		c.Rows = []chart.Row{{Name: hostile, Free: map[civil.Date]civil.Why{civil.In(now, time.UTC): civil.Absent},
			Bars: []chart.Bar{{Key: hostile, Title: hostile, Priority: 77, Start: now, End: now.Add(5 * time.Hour), Minutes: 300}}}}
		elements, _ := wellFormed(t, c.SVG())
		if elements["script"]+elements["image"] > 0 {
			t.Errorf("%q is more than text", hostile)
		}
	}
	c := firm(t, 1)
	c.Rows[0].Name = "Ann <b>"
	if _, text := wellFormed(t, c.SVG()); !strings.Contains(text, "Ann <b>") {
		t.Error("what is escaped is still there to be read")
	}
}

func TestThePictureSaysWhatItShows(t *testing.T) { // S1.42
	svg := firm(t, 5).SVG()
	_, text := wellFormed(t, svg)
	for _, want := range []string{
		"Plan of Design & Build", "As of Wednesday 25 November 2026 11:20 UTC: 5 people", "14 tasks without a place in the plan",
		"recorded", "on leave, 2026-12-01", "public holiday, 2026-11-26", "without an estimate: ACME-40, ", " and 1 more",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, want := range []string{`role="img"`, `aria-labelledby="title desc"`, "prefers-color-scheme:dark"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("it has no %s", want)
		}
	}
}

// A picture within the picture cuts it off before when the plan was made.
func TestALongNameLeavesRoom(t *testing.T) { // S1.42
	svg := chart.Chart{Title: "Plan of " + strings.Repeat("W", 200), AsOf: now, Until: now.Add(work.Ahead), Zone: time.UTC}.SVG()
	m := regexp.MustCompile(`<svg x="20.0" width="([0-9]+).0" height="50.0"><text class="h1" y="34">Plan of W+</text></svg>\n<text class="dim" x="([0-9]+).0" y="34" text-anchor="end">`).FindSubmatch(svg)
	if m == nil {
		t.Fatalf("it is not cut off: %s", svg)
	}
	width, _ := strconv.Atoi(string(m[1]))
	right, _ := strconv.Atoi(string(m[2]))
	if right-20-width < 190 {
		t.Errorf("it ends %d before %d", right-20-width, right)
	}
}

func TestALargeFirmStillFits(t *testing.T) { // S1.42
	svg := firm(t, 500).SVG()
	if len(svg) > 4<<20 {
		t.Errorf("500 people take %d bytes", len(svg))
	}
	wellFormed(t, svg)
}

func TestNightShiftsAndOtherZonesAreDrawnWithinThePicture(t *testing.T) { // S1.45
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	c := firm(t, 2)
	c.Zone = apia
	c.Rows[0].Bars = append(c.Rows[0].Bars, chart.Bar{Key: "X", Title: "Long", Priority: 1, Start: now.Add(-90 * time.Hour), End: now.Add(900 * time.Hour), Minutes: 60})
	if svg := c.SVG(); bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte(`width="-`)) || bytes.Contains(svg, []byte("%!")) {
		t.Error("there are measures that are none")
	}
}
