package document

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/fault"
)

func sampleReminder() ReminderData {
	return ReminderData{
		Number: "2026-12", Level: 2, On: day(time.December, 1), Seller: sample().Seller, Buyer: sample().Buyer,
		Text:    "Hello Northgate,\n\nwe have reminded you before, and the payments are still missing. Please pay what is past due within seven days.",
		Comment: "Call me if the purchase order is still missing: Hannah.",
		Accounts: []ReminderAccount{{
			Currency: "GBP", PastDue: amount("7484.54"), Credit: amount("250"), DueNow: amount("7234.54"), Owed: amount("8434.54"),
			Aging: [5]decimal.Decimal{amount("1200"), amount("1400"), amount("0"), amount("6084.54"), amount("0")},
			Lines: []ReminderLine{
				{"INV-2026-00007", day(time.August, 1), day(time.September, 15), amount("7084.54"), amount("1000"), amount("6084.54"), 77},
				{"INV-2026-00031", day(time.October, 2), day(time.November, 15), amount("1400"), amount("0"), amount("1400"), 16},
			},
		}},
	}
}

func write(t *testing.T, in ReminderData) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Reminder(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAReminderPrintsWhatIsOwed(t *testing.T) { // S1.71
	t.Parallel()
	all := texts(slices.Concat(read(t, write(t, sampleReminder()))...))
	for _, want := range []string{"Second reminder 2026-12", "INV-2026-00007", "15 Sep 2026", "7,084.54", "1,000.00", "6,084.54", "77", "7,484.54", "-250.00", "7,234.54", "Over 90 days",
		"Owed in total, with what is not listed above and less credit: GBP 8,434.54", "Call me if the purchase order is still missing: Hannah.", "Page 1 of 1"} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not on the page: %q", want, all)
		}
	}
	if !bytes.Equal(write(t, sampleReminder()), write(t, sampleReminder())) {
		t.Error("the same reminder was rendered differently")
	}
}

func TestAReminderAsksToNameTheInvoicesAndBeginsWithACapital(t *testing.T) { // S1.71, S1.79
	t.Parallel()
	in := sampleReminder()
	in.Text = "à vous: please pay."
	all := texts(slices.Concat(read(t, write(t, in))...))
	for _, want := range []string{"Reference: INV-2026-00007, INV-2026-00031", "À vous: please pay."} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not on the page: %q", want, all)
		}
	}
	for range 5 {
		in.Accounts[0].Lines = append(in.Accounts[0].Lines, in.Accounts[0].Lines[0])
	}
	for _, line := range texts(slices.Concat(read(t, write(t, in))...)) {
		if strings.HasPrefix(line, "Reference:") {
			t.Errorf("seven invoices do not fit a payer's line: %q", line)
		}
	}
}

func TestAReminderSpeaksTheClientsLanguage(t *testing.T) { // S1.71
	t.Parallel()
	for language, want := range map[string]string{"de": "7.234,54", "fr": "7\u00a0234,54", "es": "7.234,54"} {
		in := sampleReminder()
		in.Language = language
		all := texts(slices.Concat(read(t, write(t, in))...))
		for _, w := range []string{want, reminderLanguages[language].titles[1] + " 2026-12"} {
			if !slices.Contains(all, w) {
				t.Errorf("%s: %q is not on the page: %q", language, w, all)
			}
		}
	}
}

func TestALongReminderStaysInsideItsPages(t *testing.T) { // S1.71
	t.Parallel()
	in := sampleReminder()
	for len(in.Accounts[0].Lines) < 150 {
		in.Accounts[0].Lines = append(in.Accounts[0].Lines, in.Accounts[0].Lines...)
	}
	in.Accounts = append(in.Accounts, in.Accounts[0])
	s := newSheet()
	lines := 0
	for i, p := range newLetter(in, s).compose() {
		var all block
		for _, b := range p {
			all.place(b.block, b.y)
		}
		if err := apart(boxes(all.marks, s)); err != nil {
			t.Errorf("page %d: %v", i+1, err)
		}
		for _, m := range all.marks {
			if m.text == "INV-2026-00007" || m.text == "INV-2026-00031" {
				lines++
			}
		}
	}
	if want := 2 * len(in.Accounts[0].Lines); lines != want {
		t.Errorf("%d lines are on the pages, want %d", lines, want)
	}
}

func TestAReminderRefusesWhatItCannotPrint(t *testing.T) { // S1.71
	t.Parallel()
	in := sampleReminder()
	in.Accounts[0].Lines[0].Balance = amount("0.005")
	if err := Reminder(&bytes.Buffer{}, in); !fault.Is(err, fault.Invalid) {
		t.Errorf("half a penny: %v", err)
	}
	if err := Reminder(&bytes.Buffer{}, ReminderData{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing: %v", err)
	}
}

func TestInvoicesSpeakTheClientsLanguage(t *testing.T) { // S1.78
	t.Parallel()
	for language, want := range map[string][]string{
		"de": {"Rechnung 2026-0042", "7.084,54", "31. Dez. 2026", "Seite 1 von 1"},
		"fr": {"Facture 2026-0042", "7\u00a0084,54", "31 déc. 2026", "Page 1 sur 1"},
		"es": {"Factura 2026-0042", "7.084,54", "31 dic. 2026", "Página 1 de 1"},
	} {
		in := sample()
		in.Language = language
		all := texts(slices.Concat(read(t, render(t, in))...))
		for _, w := range want {
			if !slices.Contains(all, w) {
				t.Errorf("%s: %q is not on the page: %q", language, w, all)
			}
		}
	}
}
