package bank_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steward/internal/bank"
)

const (
	qr    = "CH4431999123000889012" // of the Swiss guidelines
	plain = "CH9300762011623852957"
	iban  = "DE89370400440532013000"
)

func TestReferencesAreThoseOfTheStandards(t *testing.T) { // S1.77, S1.79
	for _, c := range []struct {
		iban       string
		structured bool
		number     string
		want       string
	}{
		{iban, true, "INV-2026-00042", "RF36 INV2 0260 0042"},
		{plain, true, "R-2026-00001", "RF78 R202 6000 01"},
		{"", true, "ABCDEFGH-2026-999999999", "RF76 ABCD EFGH 2026 9999 9999 9"},
		{iban, false, "INV-2026-00042", ""},
		{qr, false, "INV-2026-00042", "00 00000 02552 02026 00000 00420"},
		{qr, true, "ZZZZZZZZ-2026-00042", "29 01713 04766 82026 00000 00426"},
		{"LI" + qr[2:], false, "0A-2026-123456", "00 00000 00004 72026 00012 34566"},
		{iban, true, "INV-26-42", ""}, {qr, true, "", ""}, {iban, true, "inv-2026-00042", ""},
	} {
		got := bank.Spaced(bank.Reference(c.iban, c.structured, c.number))
		if got != c.want {
			t.Errorf("%s at %s: got %q, want %q", c.number, c.iban, got, c.want)
		}
	}
}

func TestWhatIsQuotedIsFoundAsPeopleAndBanksWriteIt(t *testing.T) { // S1.79
	for _, c := range []struct {
		line bank.Line
		want string
	}{
		{bank.Line{Structured: []string{"RF36INV202600042"}}, "INV-2026-00042"},
		{bank.Line{Structured: []string{"000000002552020260000000420"}}, "INV-2026-00042"},
		{bank.Line{Text: "Invoice RF36 INV2 0260 0042 many thanks 2026"}, "INV-2026-00042"},
		{bank.Line{Text: "rf36inv2 02600042, INV-2026-00001"}, "INV-2026-00042"},
		{bank.Line{Text: "Zahlung 00 00000 02552 02026\n00000 00420 danke"}, "INV-2026-00042"},
		{bank.Line{Text: "2026 03 10 00 00000 02552 02026 00000 00420 9"}, "INV-2026-00042"},
		{bank.Line{Text: "RF78R202600001 RF36INV202600042"}, "R-2026-00001 INV-2026-00042"},
		{bank.Line{Reference: "RF36INV202600042", Text: "RF78R202600001"}, "INV-2026-00042"},
		{bank.Line{Structured: []string{"4711"}, Reference: "RF18539007547034", Text: "INV-2026-00042"}, ""}, // another's references
		{bank.Line{Text: "RF37INV202600042"}, ""},                                                            // its check digits are wrong
		{bank.Line{Text: "00 00000 02552 02026 00000 00421"}, ""},
		{bank.Line{Text: "SERF36INV202600042"}, ""},
		{bank.Line{Text: "210000000003139471430009017"}, ""},
		{bank.Line{Text: "RF"}, ""},
	} {
		if got := strings.Join(c.line.Quoted(), " "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.line, got, c.want)
		}
	}
}

// Whatever the number, its reference says it again, also with blanks in it.
func TestAReferenceSaysItsNumber(t *testing.T) { // S1.79
	rapid.Check(t, func(t *rapid.T) {
		number := fmt.Sprintf("%s-%d-%05d", rapid.StringMatching(`[A-Z0-9]{1,8}`).Draw(t, "series"), rapid.IntRange(1900, 2099).Draw(t, "year"), rapid.IntRange(1, 999_999_999).Draw(t, "sequence"))
		for _, at := range []string{iban, qr} {
			r := bank.Reference(at, true, number)
			for _, said := range []string{r, bank.Spaced(r), "Ref. " + strings.ToLower(bank.Spaced(r)) + " x 1"} {
				if got := (bank.Line{Text: said}).Quoted(); !slices.Contains(got, number) {
					t.Fatalf("%q quotes %v, not %s", said, got, number)
				}
			}
			for i := 2; i < len(r); i++ { // one digit wrong is seen
				wrong := r[:i] + string('0'+(r[i]-'0'+1)%10) + r[i+1:]
				if r[i] >= '0' && r[i] <= '9' && slices.Contains((bank.Line{Structured: []string{wrong}}).Quoted(), number) {
					t.Fatalf("%s is taken for %s", wrong, r)
				}
			}
		}
	})
}
