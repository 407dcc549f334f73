package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// seen is a piece of text as it stands on a page of a PDF.
type seen struct {
	x, y float64 // millimetres from the top left to the start of its base line
	size string  // in points
	bold bool
	text string
}

var (
	pageStream = regexp.MustCompile(`/Contents \d+ 0 R>>\nendobj\n\d+ 0 obj\n<</Filter /FlateDecode /Length (\d+)>>\nstream\n`)
	glyphMap   = regexp.MustCompile(`<</Length (\d+)/Filter /FlateDecode>>\nstream\n`)
	boldFont   = regexp.MustCompile(`(?s)/BaseFont /utf8sansB\n`)
	operator   = regexp.MustCompile(`(?s)BT /F([0-9a-f]+) ([0-9.]+) Tf ET|BT ([-0-9.]+) ([-0-9.]+) Td \(((?:[^\\)]|\\.)*)\) Tj ET`)
)

// render is the PDF of an invoice.
func render(t testing.TB, in InvoiceData) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Invoice(&b, in); err != nil {
		t.Fatalf("Invoice: %v", err)
	}
	return b.Bytes()
}

// read finds the text of each page, in the order in which it was drawn.
func read(t testing.TB, pdf []byte) [][]seen {
	t.Helper()
	bold := boldID(t, pdf)
	var pages [][]seen
	for _, content := range streams(t, pdf, pageStream) {
		pages = append(pages, readPage(t, content, bold))
	}
	return pages
}

func readPage(t testing.TB, content []byte, bold string) []seen {
	t.Helper()
	var page []seen
	var now seen
	for _, m := range operator.FindAllSubmatch(content, -1) {
		if m[1] != nil {
			now.bold, now.size = string(m[1]) == bold, string(m[2])
			continue
		}
		now.x, now.y = number(t, m[3])*point, pageHeight-number(t, m[4])*point
		now.text = decode(m[5])
		page = append(page, now)
	}
	return page
}

// streams unpacks what follows each match of head, which captures its length.
func streams(t testing.TB, pdf []byte, head *regexp.Regexp) [][]byte {
	t.Helper()
	var found [][]byte
	for _, m := range head.FindAllSubmatchIndex(pdf, -1) {
		length := int(number(t, pdf[m[2]:m[3]]))
		r, err := zlib.NewReader(bytes.NewReader(pdf[m[1] : m[1]+length]))
		if err != nil {
			t.Fatalf("a stream is not compressed: %v", err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("a stream is damaged: %v", err)
		}
		found = append(found, content)
	}
	return found
}

// boldID is the name of the strong font in the resources.
func boldID(t testing.TB, pdf []byte) string {
	t.Helper()
	at := boldFont.FindIndex(pdf)
	if at == nil {
		t.Fatal("the strong font is missing")
	}
	head := pdf[:at[0]]
	object := head[:bytes.LastIndex(head, []byte(" 0 obj"))]
	object = object[bytes.LastIndexByte(object, '\n')+1:]
	ref := regexp.MustCompile(`/F([0-9a-f]+) ` + string(object) + ` 0 R`).FindSubmatch(pdf)
	return string(ref[1])
}

func number(t testing.TB, b []byte) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// decode reads a PDF string of UTF-16.
func decode(b []byte) string {
	plain := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(b))
	var units []uint16
	for i := 0; i+1 < len(plain); i += 2 {
		units = append(units, uint16(plain[i])<<8|uint16(plain[i+1]))
	}
	return string(utf16.Decode(units))
}

// texts are the texts of a page.
func texts(page []seen) []string {
	var all []string
	for _, s := range page {
		all = append(all, s.text)
	}
	return all
}

// flat is all text of all pages, a piece a line.
func flat(pages [][]seen) string {
	var b strings.Builder
	for _, p := range pages {
		b.WriteString(strings.Join(texts(p), "\n") + "\n")
	}
	return b.String()
}

// describe writes pages down for a golden file: where, how large, what.
func describe(pages [][]seen) string {
	var b strings.Builder
	for i, p := range pages {
		fmt.Fprintf(&b, "page %d\n", i+1)
		for _, s := range p {
			weight := ""
			if s.bold {
				weight = "b"
			}
			fmt.Fprintf(&b, "%6.1f %6.1f %6s%-1s %s\n", s.x, s.y, s.size, weight, s.text)
		}
	}
	return b.String()
}
