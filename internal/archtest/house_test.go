package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path that all our packages begin with.
const module = "steward/"

// house is the checkout as it lies on the disk.
type house struct {
	root  string
	files []*file
	pages []string // Markdown, below the root
}

// file is one Go file, read whole.
type file struct {
	path   string // below the root, with slashes
	fset   *token.FileSet
	syntax *ast.File
	lines  int
}

func (f *file) pkg() string     { return path.Dir(f.path) }
func (f *file) isTest() bool    { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) generated() bool { return ast.IsGenerated(f.syntax) }

// at is a place in the file, as an editor takes it.
func (f *file) at(p token.Pos) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(p).Line)
}

// imports are the paths that the file imports.
func (f *file) imports() []string {
	var all []string
	for _, i := range f.syntax.Imports {
		all = append(all, importPath(i))
	}
	return all
}

func importPath(i *ast.ImportSpec) string {
	p, err := strconv.Unquote(i.Path.Value)
	if err != nil {
		return i.Path.Value
	}
	return p
}

// names are the imports by the name they have in the file.
func (f *file) names() map[string]string {
	all := map[string]string{}
	for _, i := range f.syntax.Imports {
		p := importPath(i)
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		all[name] = p
	}
	return all
}

// uses calls found with every use of a name of an imported package.
func (f *file) uses(found func(pkg, name string, at token.Pos)) {
	names := f.names()
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && names[x.Name] != "" {
			found(names[x.Name], s.Sel.Name, s.Pos())
		}
		return true
	})
}

var loaded = sync.OnceValues(load)

// theHouse reads the checkout once for all tests.
func theHouse(t *testing.T) *house {
	t.Helper()
	h, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func load() (*house, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	h := &house{root: root}
	return h, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return h.enter(name, d.Name())
		}
		return h.add(name)
	})
}

// enter leaves out what is not ours or not code: other modules, data folders.
func (h *house) enter(name, base string) error {
	if name == h.root {
		return nil
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	if err == nil || strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || base == "bin" {
		return fs.SkipDir
	}
	return nil
}

func (h *house) add(name string) error {
	rel, err := filepath.Rel(h.root, name)
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	switch path.Ext(rel) {
	case ".md":
		h.pages = append(h.pages, rel)
	case ".go":
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f := &file{path: rel, fset: token.NewFileSet(), lines: strings.Count(string(text), "\n")}
		if f.syntax, err = parser.ParseFile(f.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		h.files = append(h.files, f)
	}
	return nil
}

// read is the text of a file below the root.
func (h *house) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// packages are the imports of each package, those of its tests left out.
func (h *house) packages() map[string][]string {
	all := map[string][]string{}
	for _, f := range h.files {
		if !f.isTest() {
			all[f.pkg()] = append(all[f.pkg()], f.imports()...)
		}
	}
	return all
}
