package archtest

import (
	"go/ast"
	"strconv"
	"testing"

	"steward/internal/story"
)

func TestEveryNoticeHasItsSentence(t *testing.T) { // N.21
	unknown := story.News(story.Deed{Actor: "A", Thing: "T"})
	found := 0
	for _, f := range theHouse(t).files {
		if f.isTest() || f.pkg() != "internal/work" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "NoticeKind" {
				return true
			}
			for _, v := range spec.Values {
				kind, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				found++
				if kind != "project_status" && story.News(story.Deed{Kind: kind, Actor: "A", Thing: "T"}) == unknown { // it has one by what was done
					t.Errorf("%s: nobody knows what to say of %q", f.at(v.Pos()), kind)
				}
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d kinds of notice were found", found)
	}
}
