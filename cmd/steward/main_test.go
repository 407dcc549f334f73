package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestTheVersionIsPrintedEitherWay(t *testing.T) {
	for _, asked := range []string{"version", "--version"} {
		var out, err bytes.Buffer
		if code := Run(t.Context(), []string{asked}, &out, &err); code != 0 || out.String() != "steward "+version+"\n" || err.Len() > 0 {
			t.Errorf("%s: %d, %q, %q", asked, code, out.String(), err.String())
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
