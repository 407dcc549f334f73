package document

import (
	"bytes"
	"encoding/json"
	"image/color"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"steward/internal/bank"
	"steward/internal/money"
)

const (
	germanIBAN = "DE89370400440532013000"
	qrIBAN     = "CH4431999123000889012"
	swissIBAN  = "CH5800791123000889012"
)

var (
	schneider  = bank.Party{Name: "Robert Schneider AG", Street: "Rue du Lac 1268", PostalCode: "2501", Town: "Biel", Country: "CH"}
	rutschmann = bank.Party{Name: "Pia-Maria Rutschmann-Schnyder", Street: "Grosse Marktgasse 28", PostalCode: "9400", Town: "Rorschach", Country: "CH"}
	wordy      = bank.Party{Name: strings.Repeat("Vereinigte Ingenieure ", 5), Street: strings.Repeat("Langegasse", 6) + " 112a", PostalCode: "9042", Town: "Speicher bei Sankt Gallen", Country: "DE"}
)

// payable is an invoice with what it is paid by, as completion freezes it.
func payable(in InvoiceData, iban, language string, c money.Currency, creditor, debtor bank.Party) InvoiceData {
	in.Number, in.Currency, in.Language = "INV-2026-00042", c, language
	in.Seller.Name, in.Seller.Bank = creditor.Name, []string{"IBAN: " + inFours(iban)}
	reference := bank.Reference(iban, iban == swissIBAN, in.Number)
	in.Reference = bank.Spaced(reference)
	in.PayBy = bank.NewCode(iban, "", creditor, debtor, reference, in.Number, in.Balance, c)
	return in
}

func TestPaymentCodesLookAsBefore(t *testing.T) { // S1.77
	t.Parallel()
	short := sample()
	short.Sections, short.Terms, short.Notes = short.Sections[1:], "", ""
	short.Sections[0].Lines = short.Sections[0].Lines[2:]
	for name, in := range map[string]InvoiceData{
		"epc":         payable(sample(), germanIBAN, "de", "EUR", schneider, rutschmann),
		"swiss":       payable(short, qrIBAN, "fr", "CHF", schneider, rutschmann),
		"swiss-blank": payable(sample(), swissIBAN, "it", "EUR", schneider, bank.Party{}),
		"swiss-wordy": payable(short, qrIBAN, "es", "CHF", wordy, wordy),
	} {
		pdf := render(t, in)
		golden(t, name+".golden", describe(read(t, pdf)))
		if !bytes.Equal(pdf, render(t, in)) {
			t.Errorf("%s: rendered again it has other bytes", name)
		}
	}
}

// What is drawn is the code, module by module; the cross covers the middle of
// that of a QR-bill and no more.
func TestTheDrawnCodeSaysThePayload(t *testing.T) { // S1.77
	t.Parallel()
	for name, c := range map[string]struct {
		in              InvoiceData
		left, top, size float64
	}{
		"epc":   {payable(sample(), germanIBAN, "en", "EUR", schneider, rutschmann), leftEdge, 0, codeSize},
		"swiss": {payable(sample(), qrIBAN, "en", "CHF", schneider, rutschmann), partLeft, slipTop + swissCodeTop, swissCodeSize},
		"wordy": {payable(sample(), qrIBAN, "en", "CHF", wordy, wordy), partLeft, slipTop + swissCodeTop, swissCodeSize},
	} {
		want, err := qr.Encode(c.in.PayBy.Payload(c.in.Balance, c.in.Currency), qr.M, qr.Unicode)
		if err != nil {
			t.Fatal(err)
		}
		n := want.Bounds().Dx()
		drawn := filled(t, render(t, c.in))
		slices.SortFunc(drawn, func(a, b []rect) int { return len(b) - len(a) })
		code := drawn[0] // no other shape has as many rectangles
		if c.top == 0 {
			c.top = code[0].top // where the bank's details end
		}
		one := c.size / float64(n)
		for y := range n {
			for x := range n {
				at := func(r rect) bool {
					px, py := c.left+(float64(x)+0.5)*one, c.top+(float64(y)+0.5)*one
					return r.left < px && px < r.left+r.width && r.top < py && py < r.top+r.height
				}
				if dark := slices.ContainsFunc(code, at); dark != (want.At(x, y) == color.Black) {
					t.Fatalf("%s: module %d,%d of %d is dark: %v", name, x, y, n, dark)
				}
			}
		}
	}
}

var (
	fillPath = regexp.MustCompile(`(?:[-0-9.]+ [-0-9.]+ m\s+(?:[-0-9.]+ [-0-9.]+ l\s+){3}h\s+)+f`)
	corner   = regexp.MustCompile(`([-0-9.]+) ([-0-9.]+) [ml]`)
)

// filled are the shapes of all pages, in the order in which they were drawn.
func filled(t testing.TB, pdf []byte) (all [][]rect) {
	t.Helper()
	for _, page := range streams(t, pdf, pageStream) {
		for _, path := range fillPath.FindAll(page, -1) {
			var rects []rect
			points := corner.FindAllSubmatch(path, -1)
			for p := range slices.Chunk(points, 4) {
				left, top := number(t, p[0][1])*point, pageHeight-number(t, p[0][2])*point
				right, bottom := number(t, p[2][1])*point, pageHeight-number(t, p[2][2])*point
				rects = append(rects, rect{left, top, right - left, bottom - top})
			}
			all = append(all, rects)
		}
	}
	return all
}

func TestOnlyWhatIsToBePaidHasACode(t *testing.T) { // S1.77, N.04
	t.Parallel()
	for name, change := range map[string]func(*InvoiceData){
		"a draft":        func(in *InvoiceData) { in.Number = "" },
		"a credit note":  func(in *InvoiceData) { in.CreditOf = "INV-2026-00041" },
		"nothing to pay": func(in *InvoiceData) { in.Balance = amount("0") },
		"no account":     func(in *InvoiceData) { in.PayBy = nil },
	} {
		for _, iban := range []string{germanIBAN, qrIBAN} {
			in := payable(sample(), iban, "en", "EUR", schneider, rutschmann)
			if len(filled(t, render(t, in))) == 0 {
				t.Fatalf("the invoice to %s has no code", iban)
			}
			change(&in)
			pdf := render(t, in)
			if all := flat(read(t, pdf)); len(filled(t, pdf)) > 0 || strings.Contains(all, "Scan to pay") || strings.Contains(all, "Payment part") {
				t.Errorf("%s to %s has a code", name, iban)
			}
		}
	}
}

// Invoices from before there were codes keep their bytes: nothing in what was
// frozen of them asks for one.
func TestASnapshotWithoutACodeIsAsItWas(t *testing.T) { // S1.78
	t.Parallel()
	stored, err := json.Marshal(sample())
	if err != nil || bytes.Contains(stored, []byte("pay_by")) {
		t.Errorf("the snapshot is %s, %v", stored, err)
	}
	with := payable(sample(), qrIBAN, "de", "CHF", schneider, rutschmann)
	stored, err = json.Marshal(with)
	if err != nil {
		t.Fatal(err)
	}
	var again InvoiceData
	if err := json.Unmarshal(stored, &again); err != nil || !bytes.Equal(render(t, again), render(t, with)) {
		t.Errorf("the snapshot with a code renders differently, %v", err)
	}
}

// The payment part is the foot of the last page, with nothing else beside it,
// however many lines there are.
func TestThePaymentPartIsTheFootOfTheLastPage(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	for n := 1; n <= 60; n++ {
		in := payable(long(n), qrIBAN, "de", "CHF", schneider, rutschmann)
		pages := newInvoice(in, s).compose()
		for i, p := range pages {
			last := i == len(pages)-1
			for _, b := range p {
				slip := b.y == slipTop && b.height == slipHeight
				if slip && !last || last && !slip && b.y+b.height > slipTop-slipAbove+0.01 {
					t.Fatalf("%d lines, page %d of %d: something ends at %.1f; payment part: %v", n, i+1, len(pages), b.y+b.height, slip)
				}
			}
			if last && !slices.ContainsFunc(p, func(b placed) bool { return b.y == slipTop }) {
				t.Fatalf("%d lines: the last page has no payment part", n)
			}
		}
	}
}

// Terms that moved below the bank's details are said once, and those for which
// there is no room there where they are said on other invoices.
func TestAnInvoiceWithACodeLosesNoTerms(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	for _, iban := range []string{germanIBAN, qrIBAN} {
		for _, terms := range []string{"withoutdelay", "withoutdelay " + strings.Repeat("of any kind ", 60), ""} {
			for _, lines := range []int{1, 4, 40} {
				in := payable(sample(), iban, "en", "EUR", schneider, rutschmann)
				in.Terms, in.Seller.Bank = terms, slices.Repeat([]string{"IBAN: " + iban}, lines)
				all := strings.Join(words(slices.Concat(compose(in, s)...)), " ")
				if got, want := strings.Count(all, "withoutdelay"), min(len(terms), 1); got != want {
					t.Errorf("%s, %d lines of bank details: the terms are said %d times, want %d", iban, lines, got, want)
				}
			}
		}
	}
}
