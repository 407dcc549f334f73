package config

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const page = "../../docs/operations.md"

// row is a line of the table of settings: flag, variable, default.
var row = regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `([A-Z_]+)` \\| (.*?) \\|")

func TestTheTableOfSettingsIsTheCodes(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = m[2:]
	}
	settings := reflect.TypeFor[Settings]()
	for i := range settings.NumField() {
		f := settings.Field(i).Tag
		got, ok := documented[f.Get("name")]
		if !ok {
			t.Errorf("--%s is not in the table of settings in docs/operations.md", f.Get("name"))
			continue
		}
		if got[0] != f.Get("env") {
			t.Errorf("docs/operations.md has %s for --%s, the code %s", got[0], f.Get("name"), f.Get("env"))
		}
		if d := f.Get("default"); d != "" && strings.Trim(got[1], "` ") != d {
			t.Errorf("docs/operations.md has the default %s for --%s, the code %s", got[1], f.Get("name"), d)
		}
		delete(documented, f.Get("name"))
	}
	for name := range documented {
		t.Errorf("docs/operations.md has --%s, which is no setting", name)
	}
}
