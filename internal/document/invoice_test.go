package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"steward/internal/fault"
	"steward/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestInvoiceLooksAsBefore(t *testing.T) { // S1.77
	t.Parallel()
	draft := sample()
	draft.Number = ""
	for name, in := range map[string]InvoiceData{
		"sample": sample(), "draft": draft, "world": world(), "crowded": crowded(), "empty": {Currency: "EUR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := describe(read(t, render(t, in)))
			golden(t, name+".golden", got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if it should, run the test with -update:\n%s", name, diff)
	}
}

func TestInvoiceRenderedAgainHasTheSameBytes(t *testing.T) { // S1.78
	t.Parallel()
	want := render(t, world())
	for range 20 {
		if got := render(t, world()); !bytes.Equal(got, want) {
			t.Fatal("the same invoice was rendered differently")
		}
	}
}

func TestInvoicesRenderedAtOnceDoNotMeet(t *testing.T) { // S1.78
	t.Parallel()
	want := [][]byte{render(t, sample()), render(t, world())}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			in := []InvoiceData{sample(), world()}[i%2]
			var b bytes.Buffer
			if err := Invoice(&b, in); err != nil || !bytes.Equal(b.Bytes(), want[i%2]) {
				t.Errorf("rendered beside others the invoice differs (error %v)", err)
			}
		})
	}
	wg.Wait()
}

func TestInvoiceFromStoredSnapshotHasTheSameBytes(t *testing.T) { // S1.78
	t.Parallel()
	stored, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var again InvoiceData
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(render(t, again), render(t, sample())) {
		t.Error("the snapshot read back renders differently")
	}
}

func TestInvoicePrintsEveryFigure(t *testing.T) { // S1.77
	t.Parallel()
	in := sample()
	all := texts(slices.Concat(read(t, render(t, in))...))
	l := labelsFor("en")
	for _, s := range in.Sections {
		for _, line := range s.Lines {
			for _, want := range []string{line.Quantity, l.money(line.Amount, in.Currency)} {
				if want != "" && !slices.Contains(all, want) {
					t.Errorf("%s: %q is not on the page", line.Description, want)
				}
			}
		}
	}
	for _, want := range []string{"5,914.58", "VAT 20% on 5,849.78", "1,169.96", "7,084.54", "-1,000.00", "GBP 6,084.54", "Due 31 Dec 2026", "Page 1 of 1"} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

// The amount due stands in the PDF as it does in the mail that it goes with.
func TestAmountsAreWrittenAsTheLanguageDoes(t *testing.T) { // S1.77, N.12
	t.Parallel()
	for language, want := range map[string]string{"en": "GBP 6,084.54", "de": "6.084,54 GBP", "fr": "6\u00a0084,54 GBP", "es": "6.084,54 GBP", "": "GBP 6,084.54"} {
		in := sample()
		in.Language = language
		if got := Money(language, in.Balance, in.Currency); got != want {
			t.Errorf("%s: in a mail it is %q, want %q", language, got, want)
		}
		if !slices.Contains(texts(slices.Concat(read(t, render(t, in))...)), want) {
			t.Errorf("%s: %q is not on the page", language, want)
		}
	}
}

func TestDraftSaysSoOnEveryPage(t *testing.T) { // S1.77
	t.Parallel()
	for language, says := range map[string][2]string{
		"en": {"DRAFT", "Draft – not an invoice"}, "de": {"ENTWURF", "Entwurf – keine Rechnung"},
		"fr": {"BROUILLON", "Brouillon – pas une facture"}, "es": {"BORRADOR", "Borrador – no es factura"},
	} {
		in := long(60)
		in.Number, in.Language = "", language
		pages := read(t, render(t, in))
		if len(pages) < 2 {
			t.Fatalf("%s: %d pages", language, len(pages))
		}
		for i, p := range pages {
			if p[0].text != says[0] || !slices.Contains(texts(p), says[1]) {
				t.Errorf("%s, page %d begins with %q, want the watermark %s and %q", language, i+1, p[0].text, says[0], says[1])
			}
		}
	}
	if all := flat(read(t, render(t, sample()))); strings.Contains(all, "DRAFT") || strings.Contains(all, "not an invoice") {
		t.Error("a complete invoice has the marks of a draft")
	}
}

func TestInvoiceIsTitledInItsFile(t *testing.T) { // S1.77
	t.Parallel()
	pdf := render(t, InvoiceData{Number: "7", Currency: "EUR"})
	for _, want := range []string{"/CreationDate (D:19700101000000)", "/ModDate (D:19700101000000)", "\x00I\x00n\x00v\x00o\x00i\x00c\x00e\x00 \x007"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("the file does not have %q", want)
		}
	}
}

func TestInvoiceRefusesWhatItCannotPrint(t *testing.T) { // S1.77
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*InvoiceData)
		want   fault.Code
	}{
		"no currency":           {func(in *InvoiceData) { in.Currency = "" }, money.UnknownCurrency},
		"lower case":            {func(in *InvoiceData) { in.Currency = "kwd" }, money.UnknownCurrency},
		"half a yen":            {func(in *InvoiceData) { in.Currency = "JPY" }, fault.Invalid},
		"a line of half a cent": {func(in *InvoiceData) { in.Sections[0].Lines[0].Amount = amount("0.005") }, fault.Invalid},
		"tax of half a cent":    {func(in *InvoiceData) { in.Taxes[0].Amount = amount("0.005") }, fault.Invalid},
		"a quadrillion":         {func(in *InvoiceData) { in.Total = decimal.New(1, 15) }, fault.Overflow},
	} {
		in := sample()
		c.change(&in)
		var b bytes.Buffer
		err := Invoice(&b, in)
		if !fault.Is(err, c.want) || b.Len() != 0 {
			t.Errorf("%s: error %v with %d bytes, want %s and none", name, err, b.Len(), c.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestInvoiceTellsOfAWriterThatFails(t *testing.T) { // S1.77
	t.Parallel()
	if err := Invoice(full{}, sample()); err == nil || err.Error() != "the disk is full" {
		t.Errorf("got %v, want the writer's error", err)
	}
}

func BenchmarkInvoice(b *testing.B) {
	for _, n := range []int{10, 1000, 5000} {
		in := long(n)
		b.Run(decimal.NewFromInt(int64(n)).String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				render(b, in)
			}
		})
	}
}
