package document

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

func TestMoneyHasTheDecimalsOfItsCurrency(t *testing.T) { // S1.77
	t.Parallel()
	for _, c := range []struct {
		in       string
		currency money.Currency
		want     string
	}{
		{"12345.6", "EUR", "12,345.60"},
		{"-1234.5", "EUR", "-1,234.50"},
		{"-0.5", "EUR", "-0.50"},
		{"999", "JPY", "999"},
		{"1234567", "JPY", "1,234,567"},
		{"0", "KWD", "0.000"},
		{"999999999999.999", "KWD", "999,999,999,999.999"},
	} {
		if got := english.money(amount(c.in), c.currency); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.currency, c.in, got, c.want)
		}
	}
}

func TestPriceKeepsItsDecimals(t *testing.T) { // S1.77
	t.Parallel()
	for in, want := range map[string]string{"140": "140.00", "0.0125": "0.0125", "1234.505": "1,234.505", "1234.500": "1,234.50"} {
		if got := english.price(amount(in), "EUR"); got != want {
			t.Errorf("price(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestQuantitiesFollowTheLanguage(t *testing.T) { // S1.77, N.12
	t.Parallel()
	for in, want := range map[string]string{"7.25": "7,25", "0.50": "0,50", "1250.5": "1.250,5", "-2": "-2", "7:16": "7:16", "1000:16": "1000:16", "": "", "a.b": "a.b"} {
		if got := labelsFor("de").count(in); got != want {
			t.Errorf("count(%s) = %q, want %q", in, got, want)
		}
	}
	v := newInvoice(InvoiceData{Number: "1", Language: "de", Currency: "EUR", Sections: []Section{{Lines: []Line{{Description: "Planung", Quantity: "5.75", Unit: "h"}}}}}, newSheet())
	if got := v.quantity(v.Sections[0].Lines[0]); got != "5,75" {
		t.Errorf("printed is %q", got)
	}
}

func TestPercentIsShort(t *testing.T) { // S1.77
	t.Parallel()
	for in, want := range map[string]string{"20.000": "20", "7.70": "7.7", "0": "0"} {
		if got := english.percent(amount(in)); got != want {
			t.Errorf("percent(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestFiguresFollowTheLanguage(t *testing.T) { // S1.77
	t.Parallel()
	swiss := labels{decimal: ".", thousands: "’"}
	if got := swiss.money(amount("1234567.5"), "CHF"); got != "1’234’567.50" {
		t.Errorf("got %q", got)
	}
	if labelsFor("EN").invoice != "Invoice" || labelsFor("xx").invoice != "Invoice" {
		t.Error("English is not what is fallen back on")
	}
}

func TestSpansOfDatesAreShort(t *testing.T) { // S1.77
	t.Parallel()
	none, third := civil.Date{}, day(time.November, 3)
	for _, c := range []struct {
		from, to civil.Date
		want     string
	}{
		{none, none, ""},
		{none, third, "3 Nov 2026"},
		{third, none, "3 Nov 2026"},
		{third, third, "3 Nov 2026"},
		{third, day(time.November, 14), "3–14 Nov 2026"},
		{day(time.October, 28), third, "28 Oct – 3 Nov 2026"},
		{civil.Of(2025, time.December, 28), day(time.January, 3), "28 Dec 2025 – 3 Jan 2026"},
	} {
		if got := english.days(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestDigitsAreAllAsWide(t *testing.T) { // S1.77
	t.Parallel()
	s := newSheet()
	for _, st := range []style{bodyStyle, bodyStrong, dueStyle} {
		for d := range 10 {
			if got, want := s.width(fmt.Sprint(d), st), s.width("0", st); got != want {
				t.Errorf("%d is %.3f wide, 0 is %.3f", d, got, want)
			}
		}
	}
}

func TestSectionTotalIsExact(t *testing.T) { // S1.77
	t.Parallel()
	s := Section{Lines: []Line{{Amount: amount("0.10")}, {Amount: amount("0.20")}, {Amount: amount("-0.30")}}}
	if got := s.total(); !got.Equal(decimal.Zero) {
		t.Errorf("got %s, want 0", got)
	}
}
