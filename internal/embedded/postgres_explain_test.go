package embedded

import "testing"

func TestTheLineThatTellsMostIsTold(t *testing.T) {
	for said, want := range map[string]string{
		"":                        "it said nothing",
		"LOG:  one\nLOG:  two\n":  "LOG:  two",
		"FATAL:  a\nPANIC:  b\n":  "b",
		"PANIC:  b\nLOG:  last\n": "b",
		"LOG:  x\n2026-11-22 UTC [1] FATAL:  the database system is in recovery mode\n":                         "LOG:  x",
		"LOG:  server process (PID 7) was terminated by signal 9\nFATAL:  the database system is starting up\n": "LOG:  server process (PID 7) was terminated by signal 9",
	} {
		if got := complaint(said); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}
