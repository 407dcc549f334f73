package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var (
	fenced = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```")
	code   = regexp.MustCompile("`[^`\n]*`")
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	title  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
)

func TestEveryLinkBetweenPagesLeadsSomewhere(t *testing.T) {
	h := theHouse(t)
	for _, page := range h.pages {
		prose := code.ReplaceAllString(fenced.ReplaceAllString(h.read(t, page), ""), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if !strings.Contains(m[1], ":") { // not https: or mailto:
				h.follow(t, page, m[1])
			}
		}
	}
}

// follow looks whether the target of a link is there, and its heading.
func (h *house) follow(t *testing.T, page, target string) {
	t.Helper()
	name, heading, _ := strings.Cut(target, "#")
	to := page
	if name != "" {
		to = path.Join(path.Dir(page), name)
	}
	if _, err := os.Stat(filepath.Join(h.root, filepath.FromSlash(to))); err != nil {
		t.Errorf("%s links to %s, which is not there", page, target)
		return
	}
	if heading != "" && !slices.Contains(h.headings(t, to), heading) {
		t.Errorf("%s links to %s, but %s has no such heading", page, target, to)
	}
}

// headings are the anchors of a page, as they are made from its headings.
func (h *house) headings(t *testing.T, page string) []string {
	var all []string
	for _, m := range title.FindAllStringSubmatch(fenced.ReplaceAllString(h.read(t, page), ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return all
}

const dependencies = "docs/dependencies.md"

func TestEveryDependencyHasItsReason(t *testing.T) {
	h := theHouse(t)
	used, named := h.modules(t), named(h.read(t, dependencies))
	for _, m := range used {
		if !slices.Contains(named, m) {
			t.Errorf("%s is used, but %s does not say why", m, dependencies)
		}
	}
	for _, m := range named {
		if !slices.Contains(used, m) {
			t.Errorf("%s gives a reason for %s, which is not used", dependencies, m)
		}
	}
}

// named are the modules in the first column of the tables of a page.
func named(page string) []string {
	var all []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` ").FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

// modules are those that our code imports, and the pinned tools.
func (h *house) modules(t *testing.T) []string {
	required := requirement.FindAllStringSubmatch(h.read(t, "go.mod"), -1)
	set := map[string]bool{}
	for _, f := range h.files {
		for _, p := range f.imports() {
			if m := moduleOf(required, p); m != "" {
				set[m] = true
			}
		}
	}
	tools, err := filepath.Glob(filepath.Join(h.root, "tools", "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tools {
		text := h.read(t, "tools/"+filepath.Base(filepath.Dir(name))+"/go.mod")
		for _, m := range tool.FindAllStringSubmatch(text, -1) {
			set[moduleOf(requirement.FindAllStringSubmatch(text, -1), m[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

var (
	requirement = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) v\S+`)
	tool        = regexp.MustCompile(`(?m)^tool (\S+)$`)
)

// moduleOf is the module that a package is in: the longest that begins its path.
func moduleOf(required [][]string, pkg string) string {
	longest := ""
	for _, r := range required {
		if matches([]string{r[1] + "/..."}, pkg) && len(r[1]) > len(longest) {
			longest = r[1]
		}
	}
	return longest
}

func TestEveryCodeOfAProblemIsDocumented(t *testing.T) {
	h := theHouse(t)
	pages := map[string]string{"internal/importer": "docs/import.md"}
	for _, f := range h.files {
		if f.isTest() {
			continue
		}
		page := pages[f.pkg()]
		if page == "" {
			page = "docs/api.md"
		}
		text := h.read(t, page)
		f.codes(func(value string, at token.Pos) {
			if !strings.Contains(text, "`"+value+"`") {
				t.Errorf("%s: the code %q is not in %s", f.at(at), value, page)
			}
		})
	}
}

// codes calls found with every code of a refusal that the file makes: constants
// of the type fault.Code, and plain texts given to fault.New or kept in tables
// of codes.
func (f *file) codes(found func(value string, at token.Pos)) {
	text := func(x ast.Expr) {
		if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if v, err := strconv.Unquote(lit.Value); err == nil && v != "" {
				found(v, lit.Pos())
			}
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if isCode(n.Type) {
				for _, v := range n.Values {
					text(v)
				}
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "New" && len(n.Args) > 1 && f.isFault(s.X) {
				text(n.Args[0])
			}
		case *ast.CompositeLit:
			if m, ok := n.Type.(*ast.MapType); ok {
				tableCodes(m, n.Elts, text)
			}
		}
		return true
	})
}

func (f *file) isFault(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && f.names()[id.Name] == module+"internal/fault"
}

func tableCodes(m *ast.MapType, entries []ast.Expr, text func(ast.Expr)) {
	for _, e := range entries {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if isCode(m.Key) {
			text(kv.Key)
		}
		if isCode(m.Value) {
			text(kv.Value)
		}
	}
}

// isCode tells the type fault.Code, in whatever package.
func isCode(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && id.Name == "fault" && x.Sel.Name == "Code"
	case *ast.Ident:
		return x.Name == "Code"
	}
	return false
}

func TestEveryMetricIsDocumented(t *testing.T) {
	h := theHouse(t)
	page := h.read(t, "docs/operations.md")
	name := regexp.MustCompile(`^"steward_[a-z_]+"$`)
	for _, f := range h.files {
		if f.isTest() || f.pkg() != "api" && f.pkg() != "worker" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && name.MatchString(lit.Value) && strings.HasSuffix(lit.Value, `_session"`) {
				return true // the cookie
			}
			if ok && name.MatchString(lit.Value) && !strings.Contains(page, strings.Trim(lit.Value, `"`)) {
				t.Errorf("%s: the metric %s is not in docs/operations.md", f.at(lit.Pos()), lit.Value)
			}
			return true
		})
	}
}
