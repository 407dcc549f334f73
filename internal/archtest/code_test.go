package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// longest is how many lines a file has at most. One that grows beyond holds two
// things.
const longest = 500

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, f := range theHouse(t).files {
		if !f.isTest() {
			said[f.pkg()] = said[f.pkg()] || f.syntax.Doc.Text() != "" || f.generated()
		}
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment: say what it owns, and what not", pkg)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.isTest() || f.generated() {
			continue
		}
		for _, d := range f.syntax.Decls {
			for _, n := range unexplained(d) {
				t.Errorf("%s: %s has no comment", f.at(n.Pos()), n.Name)
			}
		}
	}
}

// unexplained are the exported names of a declaration without a comment. One
// comment serves a group of constants, variables or types.
func unexplained(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return nil
		}
		var names []*ast.Ident
		for _, s := range d.Specs {
			names = append(names, unexplainedSpec(s)...)
		}
		return names
	}
	return nil
}

func unexplainedSpec(s ast.Spec) (names []*ast.Ident) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Name.IsExported() {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if s.Doc == nil && s.Comment == nil && n.IsExported() {
				names = append(names, n)
			}
		}
	}
	return names
}

// exportedReceiver leaves out methods of types that nobody outside can name.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch v := x.(type) {
		case *ast.StarExpr:
			x = v.X
		case *ast.IndexExpr:
			x = v.X
		case *ast.IndexListExpr:
			x = v.X
		case *ast.Ident:
			return v.IsExported()
		default:
			return false
		}
	}
}

func TestFilesHoldOneThing(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.lines > longest && !f.generated() {
			t.Errorf("%s has %d lines, more than %d: which two things does it hold?", f.path, f.lines, longest)
		}
	}
}

func TestNothingHappensBeforeMain(t *testing.T) {
	for _, f := range theHouse(t).files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function; let main, or whoever needs it, call it by name", f.at(fn.Pos()))
			}
		}
	}
}

func TestTestsWaitForEventsAndNotForTime(t *testing.T) {
	for _, f := range theHouse(t).files {
		if !f.isTest() {
			continue
		}
		f.uses(func(pkg, name string, at token.Pos) {
			if pkg == "time" && name == "Sleep" {
				t.Errorf("%s: a test sleeps; wait for what it waits for", f.at(at))
			}
		})
	}
}

func TestNoTestIsSkipped(t *testing.T) {
	for _, f := range theHouse(t).files {
		if !f.isTest() {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				t.Errorf("%s: a test is skipped; what it needs is there, or its absence is a failure", f.at(call.Pos()))
			}
			return true
		})
	}
}

// sql tells a statement from an English sentence that begins with "select".
var sql = regexp.MustCompile(`^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|TRUNCATE|ALTER TABLE|CREATE|DROP)\s` +
	`|^(?is)\s*(?:select\s.+\sfrom\s|select\s+\w+\(|insert\s+into\s+\w+\s*[(\s]|update\s+\w+\s+set\s|delete\s+from\s+\w|create\s+(?:table|schema|database|extension)\s)`)

// mayHoldSQL are the packages with SQL in their Go code: internal/embedded and
// the packages below it make databases before there is a schema, fixture fills
// them for tests, and load looks at how they grow.
var mayHoldSQL = []string{"internal/postgres/...", "migrations", "internal/embedded/...", "internal/fixture", "internal/bench", "internal/load"}

func TestSQLStaysInPostgresAndMigrations(t *testing.T) {
	for _, f := range theHouse(t).files {
		if f.isTest() || matches(mayHoldSQL, f.pkg()) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && sql.MatchString(text) {
				t.Errorf("%s: SQL outside internal/postgres: %.40q; add a query to internal/postgres/queries", f.at(lit.Pos()), strings.TrimSpace(text))
			}
			return true
		})
	}
}
