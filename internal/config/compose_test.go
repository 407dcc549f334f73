package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// composed are the settings that docker-compose.yml decides by itself.
var composed = []string{"STEWARD_HTTP", "STEWARD_DATA", "DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "STEWARD_FILES_URL",
	"STEWARD_TLS_CERT", "STEWARD_TLS_KEY"} // the proxy before it speaks TLS

// queues differ between worker and background.
const queues = "STEWARD_QUEUES"

func composeFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestComposePassesEverySettingOn(t *testing.T) {
	t.Parallel()
	text := composeFile(t)
	settings := reflect.TypeFor[Settings]()
	for i := range settings.NumField() {
		f := settings.Field(i).Tag
		env := f.Get("env")
		if slices.Contains(composed, env) {
			continue
		}
		m := regexp.MustCompile(`(?m)^ +` + env + `: \$\{` + env + `:[-?](.*)\}`).FindStringSubmatch(text)
		if m == nil {
			t.Errorf("docker-compose.yml does not pass %s on", env)
			continue
		}
		if d := f.Get("default"); d != "" && m[1] != d && env != queues && env != "STEWARD_LOG_FORMAT" {
			t.Errorf("docker-compose.yml has the default %s for %s, the code %s", m[1], env, d)
		}
	}
}

// What stands behind an empty value would become the value: a comment has a
// line of its own.
func TestTheFileOfComposesSettingsIsWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)Put a file `.env`.*?```sh\n(.*?)```").FindSubmatch(text)
	if m == nil {
		t.Fatal("docs/operations.md shows no .env")
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(m[1])) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if strings.HasPrefix(name, "#") || !ok {
			continue
		}
		named[name] = true
		if strings.Contains(value, "#") {
			t.Errorf("a comment behind a value: %s", line)
		}
	}
	read := map[string]bool{}
	for _, v := range regexp.MustCompile(`[^$]\$\{([A-Z_]+)`).FindAllStringSubmatch(composeFile(t), -1) {
		if read[v[1]] = true; !named[v[1]] {
			t.Errorf("docs/operations.md does not show %s, which docker-compose.yml reads", v[1])
		}
	}
	for name := range named {
		if !read[name] {
			t.Errorf("docs/operations.md shows %s, which docker-compose.yml does not read", name)
		}
	}
}
