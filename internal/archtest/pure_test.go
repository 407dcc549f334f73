package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// worldly are names by which a function looks at the clock, waits, or draws by
// lot. Instants and ids come in as arguments instead.
var worldly = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local"},
	uuid:   {"New", "NewString", "NewRandom", "NewUUID", "NewV6", "NewV7"},
}

func TestPurePackagesLeaveTheWorldAlone(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.isTest() || !slices.Contains(pure, f.pkg()) {
			continue
		}
		f.uses(func(pkg, name string, at token.Pos) {
			if slices.Contains(worldly[pkg], name) {
				t.Errorf("%s: a pure package uses %s.%s; take it as an argument", f.at(at), pkg, name)
			}
		})
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a pure package starts a goroutine", f.at(g.Pos()))
			}
			return true
		})
	}
}

// A workflow body names activities and never calls one: a call would run the
// world's work inside a replay.
func TestWorkflowsNameActivitiesAndCallNone(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.isTest() || f.pkg() != "workflows" {
			continue
		}
		names := f.names()
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && (x.Name == "acts" || names[x.Name] == module+"activities") {
				t.Errorf("%s: %s.%s is called; pass it to ExecuteActivity instead", f.at(call.Pos()), x.Name, s.Sel.Name)
			}
			return true
		})
	}
}

func TestWorkflowsAskTheWorkflowForTheTime(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.isTest() || f.pkg() != "workflows" {
			continue
		}
		f.uses(func(pkg, name string, at token.Pos) {
			if slices.Contains(worldly[pkg], name) || strings.HasPrefix(pkg, "math/rand") {
				t.Errorf("%s: a workflow uses %s.%s, which differs when it is replayed", f.at(at), pkg, name)
			}
		})
	}
}
