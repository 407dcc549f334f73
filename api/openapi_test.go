package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/openapi.json afresh")

// golden is the contract as it was agreed: a change of it is seen in review.
const golden = "testdata/openapi.json"

func TestTheContractIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	text, err := newWorld(t).server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	got := append(b.Bytes(), '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the contract is not %s any more; write it afresh with go test ./api -run Golden -update, and look at the difference", golden)
	}
}

// Every schema of the contract is one by its own rules, also of what is sent.
func TestEverySchemaOfTheContractIsSound(t *testing.T) {
	t.Parallel()
	c := newContract(t, newWorld(t))
	for name := range c.schemas {
		if _, err := c.compiler.Compile(document + "#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheContractTakesJSONAloneWhereItTakesJSON(t *testing.T) { // S2.02
	t.Parallel()
	for name, o := range operations(t, newWorld(t)) {
		if _, ok := o.RequestBody.Content["application/json"]; ok && len(o.RequestBody.Content) > 1 {
			t.Errorf("%s takes something else beside JSON", name)
		}
	}
}

// A write without Idempotency-Key is named in docs/api.md.
func TestWritesWithoutAKeyAreDocumented(t *testing.T) { // N.31
	t.Parallel()
	text, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "## Once, and only once")
	page, _, _ = strings.Cut(page, "\n## ")
	for name, o := range operations(t, newWorld(t)) {
		method, path, _ := strings.Cut(name, " ")
		keyed := slices.ContainsFunc(o.Parameters, func(p parameter) bool { return p.Name == "Idempotency-Key" })
		if method != "GET" && keyed == strings.Contains(page, "`"+path+"`") {
			t.Errorf("%s takes a key: %v; docs/api.md says otherwise", name, keyed)
		}
	}
}

func TestEveryOperationIsFoundUnderATagThatIsDescribed(t *testing.T) { // contract "OpenAPI"
	t.Parallel()
	text, err := newWorld(t).server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Tags  []struct{ Name, Description string }
		Paths map[string]map[string]struct{ Tags []string }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, methods := range doc.Paths {
		for _, o := range methods {
			used[o.Tags[0]] = true
		}
	}
	for _, tag := range doc.Tags {
		if !used[tag.Name] || tag.Description == "" {
			t.Errorf("%s (%s) is the tag of no operation, or says nothing", tag.Name, tag.Description)
		}
		delete(used, tag.Name)
	}
	for name := range used {
		t.Errorf("the tag %s is not described", name)
	}
}
