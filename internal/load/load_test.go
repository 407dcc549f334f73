package load

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestWhatIsSentHasTheSharesOfTheDay(t *testing.T) {
	const draws = 100_000
	random, got, all := rand.New(rand.NewPCG(1, 2)), make([]int, len(day)), 0
	for range draws {
		got[pick(day, random)]++
	}
	for _, o := range day {
		all += o.share
	}
	for i, o := range day {
		want := draws * o.share / all
		if off := got[i] - want; off*off > 25*want { // five standard deviations
			t.Errorf("%s: drawn %d times, want some %d", o.name, got[i], want)
		}
	}
}

func TestATallyKnowsItsTimesAndErrors(t *testing.T) {
	one, two := NewTally(), NewTally()
	for i := range 100 {
		one.add("read", time.Duration(i)*time.Millisecond, nil)
	}
	two.add("read", time.Second, nil)
	two.add("write", time.Second, errors.New("refused"))
	sum := together([]*Tally{one, two})
	if got := sum.at("read", .5); got != 50*time.Millisecond {
		t.Errorf("p50 is %s", got)
	}
	if got := sum.at("read", 1); got != time.Second {
		t.Errorf("the longest took %s", got)
	}
	if n, why := sum.Wrong(); n != 1 || len(why) != 1 || sum.Count() != 101 {
		t.Errorf("%d errors: %v; %d done", n, why, sum.Count())
	}
}

func TestFiguresAreFlatUpOrDown(t *testing.T) {
	for want, f := range map[string][2]float64{"flat": {100, 110}, "up, 2.00 ×": {100, 200}, "down, 0.50 ×": {100, 50}, "": {0, 5}} {
		if got := verdict(f[0], f[1]); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
	}
}

func TestThePreviousReleaseIsNamedByAFileWhereThereIsNoTag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "previous")
	t.Chdir(t.TempDir()) // no repository
	if _, err := previous(t.Context(), file); err == nil {
		t.Error("there is no file, and no error")
	}
	if err := os.WriteFile(file, []byte("# why\nabc123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := previous(t.Context(), file); err != nil || got != "abc123" {
		t.Errorf("got %q, %v", got, err)
	}
}

// What is measured is what firms run: the settings of Temporal are those of
// docker-compose.yml.
func TestTemporalIsSetAsInCompose(t *testing.T) {
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	comments := regexp.MustCompile(`(?m)\s*#.*$`)
	words := func(b []byte) string {
		return strings.Join(strings.Fields(comments.ReplaceAllString(string(b), "")), " ")
	}
	compose := words(text)
	for _, setting := range regexp.MustCompile(`\S+: - value: \S+`).FindAllString(words(dynamicSettings), -1) {
		if !strings.Contains(compose, setting) {
			t.Errorf("docker-compose.yml does not have %s", setting)
		}
	}
	if want := fmt.Sprintf("NUM_HISTORY_SHARDS: \"%d\"", shards); !strings.Contains(compose, want) {
		t.Errorf("docker-compose.yml does not have %s", want)
	}
}
