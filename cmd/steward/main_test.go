package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"steward/internal/config"
)

func TestTheVersionIsPrintedEitherWay(t *testing.T) {
	for _, asked := range []string{"version", "--version"} {
		var out, err bytes.Buffer
		if code := Run(t.Context(), []string{asked}, &out, &err); code != 0 || out.String() != "steward "+version+"\n" || err.Len() > 0 {
			t.Errorf("%s: %d, %q, %q", asked, code, out.String(), err.String())
		}
	}
}

// A command's own flags come before the settings that all share, and those in
// the order of who goes by them.
func TestHelpBeginsWithWhatIsTheCommandsOwn(t *testing.T) {
	for command, own := range map[string]string{"import": "--partial", "user add": "--email", "token create": "--scope", "bill": "--through", "reconcile": "--dry-run", "export": "--force", "codec": "--listen", "dev": "--demo"} {
		help := helped(t, command)
		at := -1
		for _, next := range []string{own, "Settings of all commands", "--database-url", "--log-level", "Settings of api and worker:", "--smtp-url", "Settings of the api:", "--http=", "Settings of the worker:", "--queues"} {
			if i := strings.LastIndex(help, next); i <= at {
				t.Errorf("steward %s --help has %s too early or not at all:\n%s", command, next, help)
			} else {
				at = i
			}
		}
	}
	for _, command := range []string{"dev", "api", "worker", "migrate", "import", "export", "user add", "token create", "bill", "reconcile", "backup", "restore", "codec"} {
		if help := helped(t, command); !strings.Contains(help, "    steward "+command) && !strings.Contains(help, "$(steward "+command) && !strings.Contains(help, " steward "+command+" --http :8080") {
			t.Errorf("steward %s --help has no example:\n%s", command, help)
		}
	}
	if help := helped(t, ""); strings.Index(help, "Commands:") > strings.Index(help, "--database-url") {
		t.Errorf("steward --help begins with settings:\n%s", help)
	}
}

func helped(t *testing.T, command string) string {
	t.Helper()
	var out, err bytes.Buffer
	if code := Run(t.Context(), append(strings.Fields(command), "--help"), &out, &err); code != 0 {
		t.Fatalf("%s: %d, %s", command, code, &err)
	}
	return out.String()
}

// A wrong word is answered with the right ones.
func TestAWrongLogLevelIsAnsweredWithTheChoices(t *testing.T) { // N.32
	var out, err bytes.Buffer
	code := Run(t.Context(), []string{"version", "--log-level", "loud"}, &out, &err)
	if code != 2 || !strings.Contains(err.String(), `"loud"`) || !strings.Contains(err.String(), "debug, info, warn or error") {
		t.Errorf("%d, %s", code, &err)
	}
	if code := Run(t.Context(), []string{"version", "--log-level", "Debug"}, &out, &err); code != 0 {
		t.Errorf("debug is refused: %s", &err)
	}
}

// How long something took is in milliseconds in every log, and its name says so.
func TestDurationsAreLoggedInMilliseconds(t *testing.T) { // N.30
	for format, want := range map[string]string{"json": `"took_ms":1234.567}`, "text": "took_ms=1234.567\n"} {
		var said bytes.Buffer
		logger(&said, config.Settings{LogFormat: format}).Info("an activity has ended", "took", 1234567890*time.Nanosecond)
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s: %s", format, &said)
		}
	}
}

// Whatever a service says with STEWARD_LOG_FORMAT=json is JSON, a line each:
// also why it could not start.
func TestAServiceSpeaksJSONToTheEnd(t *testing.T) {
	for _, command := range []string{"api", "worker"} {
		var said bytes.Buffer
		code := Run(t.Context(), []string{command, "--data", t.TempDir(), "--log-format", "json", "--database-url", "postgres://nobody@127.0.0.1:1/none", "--temporal-address", "http://127.0.0.1:1"}, &said, &said)
		if code != 1 {
			t.Errorf("steward %s ended with %d", command, code)
		}
		for line := range strings.Lines(said.String()) {
			var entry struct{ Level, Msg, Error string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level != "ERROR" || !strings.HasPrefix(entry.Error, "TEMPORAL_ADDRESS is ") {
				t.Errorf("steward %s said %s", command, line)
			}
		}
		if said.Len() == 0 {
			t.Errorf("steward %s said nothing", command)
		}
	}
}
