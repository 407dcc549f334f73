package einvoice_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// node is an element as a reader of the XML has it.
type node struct {
	name  string // without its prefix
	attrs map[string]string
	text  string
	below []*node
}

// parse reads a document strictly.
func parse(t testing.TB, b []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	top := &node{}
	stack := []*node{top}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return top.below[0]
		}
		if err != nil {
			t.Fatalf("%s\n%s", err, b)
		}
		at := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			at.below = append(at.below, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			at.text += string(tok)
		}
	}
}

// all are the elements at a path: "TaxTotal/TaxSubtotal".
func (n *node) all(path string) []*node {
	found := []*node{n}
	for _, name := range strings.Split(path, "/") {
		var next []*node
		for _, f := range found {
			for _, b := range f.below {
				if b.name == name {
					next = append(next, b)
				}
			}
		}
		found = next
	}
	return found
}

// get is the text at a path; "" is none.
func (n *node) get(path string) string {
	if found := n.all(path); len(found) > 0 {
		return strings.TrimSpace(found[0].text)
	}
	return ""
}

func (n *node) has(path string) bool { return len(n.all(path)) > 0 }

// dec is the figure at a path; none is 0.
func (n *node) dec(path string) decimal.Decimal {
	if s := n.get(path); s != "" {
		return decimal.RequireFromString(s)
	}
	return decimal.Zero
}

// sum adds the figures at a path.
func (n *node) sum(path string) decimal.Decimal {
	sum := decimal.Zero
	for _, f := range n.all(path) {
		sum = sum.Add(decimal.RequireFromString(f.text))
	}
	return sum
}

// walk visits every element.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, b := range n.below {
		b.walk(f)
	}
}
