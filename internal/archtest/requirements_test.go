package archtest

import (
	"regexp"
	"testing"
)

// promise is the id of one, as code and tests name it.
var promise = regexp.MustCompile(`\b(?:S[12]|N)\.\d\d\b`)

// An id leads to its sentence, which is there once.
func TestEveryRequirementHasItsSentence(t *testing.T) {
	const at = "docs/requirements.md"
	h := theHouse(t)
	page := h.read(t, at)
	sentences := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+) \| [A-Z]`).FindAllStringSubmatch(page, -1) {
		if sentences[m[1]]++; sentences[m[1]] > 1 {
			t.Errorf("%s has two sentences in %s", m[1], at)
		}
	}
	look := func(name string) {
		for _, id := range promise.FindAllString(h.read(t, name), -1) {
			if sentences[id] == 0 {
				t.Errorf("%s names %s, which is not in %s", name, id, at)
			}
		}
	}
	for _, f := range h.files {
		look(f.path)
	}
	for _, p := range h.pages {
		look(p)
	}
}

// Who reads the contract does not know the ids.
func TestTheContractNamesNoRequirement(t *testing.T) {
	if ids := promise.FindAllString(theHouse(t).read(t, "api/testdata/openapi.json"), -1); ids != nil {
		t.Errorf("openapi.json names %v", ids)
	}
}
