package archtest

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/licences.md afresh")

const licences = "docs/licences.md"

// told are sentences that only one licence has. The longer comes before the
// one that it holds.
var told = []struct{ name, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License, version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"Unlicense", "This is free and unencumbered software released into the public domain"},
	{"CC0-1.0", "CC0 1.0 Universal"},
	{"OFL-1.1", "SIL OPEN FONT LICENSE Version 1.1"},
}

// taken are the licences that steward, which is under Apache-2.0, may stand on
// in one binary. Another one is for people to decide on.
var taken = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "Unlicense"}

// byHand are modules without a text that is known, as somebody read them.
var byHand = map[string]string{
	"github.com/xi2/xz": "public domain", // its LICENSE says so in words of its own
	// Generated annotations without a licence of their own, by the authors of
	// Nexus at Temporal; Temporal's API, which is under MIT, stands on it.
	"github.com/nexus-rpc/nexus-proto-annotations": "none given",
}

// Every module that is linked into steward has a licence that was looked at,
// and is listed with it.
func TestEveryLicenceIsListedAndMayBeTaken(t *testing.T) {
	h := theHouse(t)
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "./cmd/steward")
	cmd.Dir = h.root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for line := range strings.Lines(string(out)) {
		module, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if _, known := of[module]; !ok || known {
			continue
		}
		if of[module] = licence(t, dir); of[module] == "" && byHand[module] != "" {
			of[module] = byHand[module]
			continue
		}
		for one := range strings.SplitSeq(of[module], ", ") {
			if !slices.Contains(taken, one) {
				t.Errorf("%s is under %q: read its licence in %s, and say in internal/archtest/licences_test.go that it may be taken", module, of[module], dir)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("# Licences\n\nWhat is linked into the binary, each with the licence in its folder; written by `go test ./internal/archtest -run Licence -update`. Why the direct ones are used is in [dependencies](dependencies.md).\n\n| module | licence |\n|---|---|\n")
	for _, module := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", module, of[module])
	}
	if *update {
		if err := os.WriteFile(filepath.Join(h.root, licences), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.read(t, licences); got != b.String() {
		t.Errorf("%s is not what is linked; write it afresh with go test ./internal/archtest -run Licence -update", licences)
	}
}

// licence are the licences in the files of a module's folder that are named for
// them, all of which hold.
func licence(t *testing.T, dir string) string {
	t.Helper()
	there, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range there {
		name := strings.ToUpper(f.Name())
		if f.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") || strings.HasSuffix(name, ".GO") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if name := licenceOf(string(text)); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// licenceOf is the licence of a text, whatever its lines and spaces.
func licenceOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, l := range told {
		if strings.Contains(text, strings.ToLower(l.sentence)) {
			return l.name
		}
	}
	return ""
}
