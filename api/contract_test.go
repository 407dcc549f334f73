package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	jsonkind "github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// contract holds answers against the document of the API.
type contract struct {
	ops      map[string]*operation
	compiler *jsonschema.Compiler
	problem  *jsonschema.Schema
	codes    map[string]bool
	schemas  map[string]map[string]any // by name, as values
	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

func newContract(t testing.TB, w *world) *contract {
	t.Helper()
	text, err := w.server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{ops: operations(t, w), compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}, codes: map[string]bool{}}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(document, doc); err != nil {
		t.Fatal(err)
	}
	var named struct {
		Components struct {
			Schemas map[string]map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		t.Fatal(err)
	}
	c.schemas = named.Components.Schemas
	if c.problem, err = c.compiler.Compile(document + "#/components/schemas/Problem"); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllSubmatch(page, -1) {
		c.codes[string(m[1])] = true
	}
	return c
}

const document = "contract.json"

// schema is what the document says of an answer; nil where it is not JSON.
func (c *contract) schema(name string, status int) (*jsonschema.Schema, error) {
	method, path, _ := strings.Cut(name, " ")
	kept := fmt.Sprint(name, status)
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.compiled[kept]; ok {
		return s, nil
	}
	response, ok := c.ops[name].Responses[fmt.Sprint(status)]
	if !ok {
		return nil, fmt.Errorf("the document knows no answer %d", status)
	}
	if response.Content["application/json"] == nil {
		return nil, nil
	}
	pointer := []string{"", "paths", "/api/v1" + path, strings.ToLower(method), "responses", fmt.Sprint(status), "content", "application/json", "schema"}
	for i, p := range pointer {
		pointer[i] = url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	s, err := c.compiler.Compile(document + "#" + strings.Join(pointer, "/"))
	c.compiled[kept] = s
	return s, err
}

// broken says how an answer is not what the contract promises; "" if it is.
// A client's contact may be answered with fewer fields than are promised.
func (c *contract) broken(name string, a answer, toContact bool) string {
	switch {
	case a.status >= 500 && (a.status != 503 || a.str("code") != "unavailable"):
		return "a mistake of ours"
	case a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json":
		return "a refusal that is no problem+json"
	case a.status >= 400 && !c.codes[a.str("code")]:
		return "a code that docs/api.md does not know: " + a.str("code")
	case a.status == 204, a.status == 206, a.status == 304:
		return ""
	case a.status == 200 && a.header.Get("Content-Type") != "application/json":
		kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		if _, ok := c.ops[name].Responses["200"].Content[kind]; ok {
			return ""
		}
	}
	schema := c.problem
	if a.status < 400 {
		var err error
		if schema, err = c.schema(name, a.status); err != nil {
			return err.Error()
		}
	}
	if schema == nil {
		return ""
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.text))
	if err != nil {
		return "an answer that is no JSON"
	}
	if err := schema.Validate(v); err != nil && !(toContact && a.status < 400 && onlyMissing(err)) {
		return "not by the schema: " + strings.TrimSpace(strings.Join(strings.Split(err.Error(), "\n")[1:], ";"))
	}
	return ""
}

// onlyMissing tells whether nothing is wrong but that fields are missing.
func onlyMissing(err error) bool {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return false
	}
	if len(v.Causes) == 0 {
		_, missing := v.ErrorKind.(*jsonkind.Required)
		return missing
	}
	return !slices.ContainsFunc(v.Causes, func(e *jsonschema.ValidationError) bool { return !onlyMissing(e) })
}
