package document

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// compose lays an invoice out without drawing it.
func compose(in InvoiceData, s *sheet) [][]mark {
	var pages [][]mark
	for _, p := range newInvoice(in, s).compose() {
		var all block
		for _, b := range p {
			all.place(b.block, b.y)
		}
		pages = append(pages, all.marks)
	}
	return pages
}

func words(marks []mark) []string {
	var all []string
	for _, m := range marks {
		all = append(all, m.text)
	}
	return all
}

func TestLongInvoiceRepeatsItsHead(t *testing.T) { // S1.77
	t.Parallel()
	pages := compose(long(150), newSheet())
	if len(pages) != 9 {
		t.Fatalf("got %d pages, want 9", len(pages))
	}
	for i, p := range pages {
		all := words(p)
		for _, want := range []string{"Description", "Quantity", "Rate", "Tax", "Amount GBP", fmt.Sprintf("Page %d of 9", i+1)} {
			if !slices.Contains(all, want) {
				t.Errorf("page %d does not have %q", i+1, want)
			}
		}
	}
	second := words(pages[1])
	if at := slices.Index(second, " (continued)"); at < 1 || second[at-1] != "NG-12 Part 1 of the portal" {
		t.Error("the second page does not say which section it continues")
	}
}

func TestLongInvoiceLosesNoLine(t *testing.T) { // S1.77
	t.Parallel()
	const n = 5000
	got := 0
	for _, p := range compose(long(n), newSheet()) {
		for _, m := range p {
			if m.text == "143.75" {
				got++
			}
		}
	}
	if got != n {
		t.Errorf("got %d lines on the pages, want %d", got, n)
	}
}

func TestTotalsNeverStandAlone(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	for n := 1; n <= 90; n++ {
		for _, p := range compose(long(n), s) {
			all := words(p)
			if due := slices.Index(all, "Amount due"); due >= 0 && !slices.Contains(all[:due], "143.75") {
				t.Errorf("%d lines: the totals are on a page without a line", n)
			}
		}
	}
}

func TestSectionHeadingsStayWithTheirLines(t *testing.T) { // S1.77
	t.Parallel()
	for i, p := range compose(long(400), newSheet()) {
		all := words(p)
		for at, text := range all {
			if strings.HasPrefix(text, "NG-") && !slices.Contains(all[at:], "143.75") {
				t.Errorf("page %d ends with the heading %q", i+1, text)
			}
		}
	}
}

func TestLongTextsRunOverPages(t *testing.T) { // S1.77
	t.Parallel()
	in := sample()
	in.Sections[0].Lines[0].Description = strings.Repeat("workshop ", 2000)
	in.Terms, in.Notes = strings.Repeat("terms ", 2000), strings.Repeat("notes ", 3000)
	all := strings.Join(words(slices.Concat(compose(in, newSheet())...)), " ")
	for word, want := range map[string]int{"workshop": 2000, "terms": 2000, "notes": 3000} {
		if got := strings.Count(all, word); got != want {
			t.Errorf("got %q %d times, want %d", word, got, want)
		}
	}
}

func TestAnyTextIsPrintedInsideThePage(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	rapid.Check(t, func(r *rapid.T) {
		for i, p := range compose(anyInvoice(r), s) {
			if err := apart(boxes(p, s)); err != nil {
				r.Fatalf("page %d: %v", i+1, err)
			}
		}
	})
}

func TestAnyTextIsRendered(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	rapid.Check(t, func(r *rapid.T) {
		in := anyInvoice(r)
		in.Seller.Name = string(rapid.SliceOf(rapid.Byte()).Draw(r, "bytes"))
		v := newInvoice(in, s)
		s.describe(v.heading(), in.Seller.Name, in.IssuedOn)
		for _, p := range v.compose() {
			s.addPage()
			for _, b := range p {
				s.draw(b.block, b.y)
			}
		}
	})
	if err := s.writeTo(io.Discard); err != nil { // one file of all pages: writing fonts is slow
		t.Fatal(err)
	}
}

// A box is what a piece of text covers.
type box struct {
	left, right, top, bottom float64
	text                     string
}

func boxes(marks []mark, s *sheet) []box {
	var all []box
	for _, m := range marks {
		if wide := s.width(m.text, m.style); wide > 0 {
			all = append(all, box{m.x, m.x + wide, m.y - 0.7*m.style.size*point, m.y, m.text})
		}
	}
	return all
}

// apart tells which text leaves the page or covers another.
func apart(all []box) error {
	const slack = 0.1
	for i, b := range all {
		if b.left < leftEdge-slack || b.right > rightEdge+5 || b.top < 10 || b.bottom > pageHeight-8 {
			return fmt.Errorf("%q is outside the page: %+v", b.text, b)
		}
		for _, o := range all[:i] {
			if min(b.right, o.right)-max(b.left, o.left) > slack && min(b.bottom, o.bottom)-max(b.top, o.top) > slack {
				return fmt.Errorf("%q covers %q", b.text, o.text)
			}
		}
	}
	return nil
}

// anyInvoice has any text at every place, and figures of every size.
func anyInvoice(r *rapid.T) InvoiceData {
	word := rapid.OneOf(rapid.String(), rapid.StringN(0, 80, -1), rapid.SampledFrom([]string{"", "word", strings.Repeat("long words ", 30), strings.Repeat("w", 300)}))
	text := func() string { return word.Draw(r, "text") }
	words := rapid.SliceOfN(word, 0, 6)
	figure := func() decimal.Decimal {
		return decimal.New(rapid.Int64Range(-99999999999999999, 99999999999999999).Draw(r, "figure"), -2)
	}
	in := InvoiceData{
		Number: text(), Title: text(), Currency: "EUR", PurchaseOrder: text(), Terms: text(), Notes: text(),
		Seller: Seller{Name: text(), Address: words.Draw(r, "address"), TaxID: text(), Email: text(), Phone: text(), Web: text(), Bank: words.Draw(r, "bank"), Registration: text(), FooterNote: text()},
		Buyer:  Buyer{Name: text(), Address: words.Draw(r, "address"), TaxID: text(), ClientNumber: text()},
		Taxes:  []Tax{{Label: text(), Percent: amount("19"), Base: figure(), Amount: figure()}},
		Total:  figure(), Balance: figure(), Paid: figure(), Subtotal: figure(),
	}
	for range rapid.IntRange(0, 3).Draw(r, "sections") {
		s := Section{Heading: text()}
		for range rapid.IntRange(0, 6).Draw(r, "lines") {
			s.Lines = append(s.Lines, Line{Description: text(), Who: text(), Quantity: text(), Unit: text(), UnitPrice: figure(), Amount: figure(), Late: true})
		}
		in.Sections = append(in.Sections, s)
	}
	return in
}
