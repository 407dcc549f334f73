package money_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"steward/internal/fault"
	"steward/internal/money"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestTimeIsPricedFromExactMinutesRoundedHalfUp(t *testing.T) { // S1.73, billing "Amounts"
	for _, c := range []struct {
		minutes  int64
		rate     string
		currency money.Currency
		want     string
	}{
		{60, "100", "GBP", "100.00"},
		{7, "60", "GBP", "7.00"},
		{7, "77.77", "GBP", "9.07"},     // 9.0731…
		{1, "0.30", "GBP", "0.01"},      // 0.005: half goes up
		{1, "0.29", "GBP", "0.00"},      // 0.0048…
		{-1, "0.30", "GBP", "-0.01"},    // a credit mirrors its invoice
		{20, "100", "GBP", "33.33"},     // 33.333…
		{20, "100", "JPY", "33"},        // no decimals
		{30, "101", "JPY", "51"},        // 50.5
		{20, "100", "KWD", "33.333"},    // three
		{100, "33.335", "GBP", "55.56"}, // 55.558…
		{0, "100", "GBP", "0.00"},
	} {
		t.Run(fmt.Sprintf("%d min at %s %s", c.minutes, c.rate, c.currency), func(t *testing.T) {
			got, err := money.ForTime(c.minutes, dec(c.rate), c.currency)
			if err != nil {
				t.Fatal(err)
			}
			if s := c.currency.Format(got); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func TestAThirdOfAnHourThreeTimesLosesNothingOnOneLine(t *testing.T) {
	got, err := money.ForTime(3*20, dec("100"), "GBP")
	if err != nil || !got.Equal(dec("100")) {
		t.Errorf("got %s, %v, want 100: a line is rounded once, from its exact minutes", got, err)
	}
}

func TestMoneyFailsLoudly(t *testing.T) {
	if _, err := money.ForTime(1<<40, dec("999999999"), "GBP"); !fault.Is(err, fault.Overflow) {
		t.Errorf("got %v, want overflow", err)
	}
	if _, err := money.ParseCurrency("XXX"); !fault.Is(err, money.UnknownCurrency) {
		t.Errorf("got %v, want unknown_currency", err)
	}
}

func TestPriceIsTheNearestAmount(t *testing.T) { // property: |amount − exact| ≤ half of the smallest unit
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.Int64Range(0, 10_000_000).Draw(t, "minutes")
		rate := decimal.New(rapid.Int64Range(0, 1_000_000_000).Draw(t, "rate"), -rapid.Int32Range(0, 6).Draw(t, "decimals"))
		c := rapid.SampledFrom([]money.Currency{"GBP", "JPY", "KWD"}).Draw(t, "currency")
		got, err := money.ForTime(minutes, rate, c)
		if err != nil {
			return // too large, which is refused
		}
		exact := new(big.Rat).Mul(rate.Rat(), big.NewRat(minutes, 60))
		off := new(big.Rat).Sub(got.Rat(), exact)
		half := decimal.New(5, -c.Decimals()-1).Rat()
		if new(big.Rat).Abs(off).Cmp(half) > 0 || off.Cmp(new(big.Rat).Neg(half)) == 0 {
			t.Fatalf("%d min at %s is %s, exactly %s", minutes, rate, got, exact.FloatString(6))
		}
	})
}

func TestPrintedHoursAreExact(t *testing.T) { // billing "Amounts": the printed quantity is exact
	for minutes, want := range map[int64]string{0: "0.00", 3: "0.05", 7: "0:07", 15: "0.25", 60: "1.00", 61: "1:01", 435: "7.25", 436: "7:16", -436: "-7:16", 90: "1.50"} {
		if got := money.Hours(minutes); got != want {
			t.Errorf("%d minutes print as %s, want %s", minutes, got, want)
		}
	}
}

func ExampleForTime() {
	amount, _ := money.ForTime(436, decimal.RequireFromString("95.50"), "EUR")
	fmt.Println(money.Hours(436), "h at 95.50 =", money.Currency("EUR").Format(amount))
	// Output: 7:16 h at 95.50 = 693.97
}

func TestWhatIsDividedIsRoundedOnce(t *testing.T) { // billing "Amounts"
	if got := money.Currency("GBP").Divide(dec("0.0049999999999999999"), dec("1")); !got.IsZero() {
		t.Errorf("got %s, want nothing: it is less than half a penny", got)
	}
	if got := money.Currency("GBP").Divide(dec("0.01"), dec("2")); !got.Equal(dec("0.01")) {
		t.Errorf("got %s, want a penny: half goes up", got)
	}
}

func TestCheckDigits(t *testing.T) { // S1.77, S1.79: the examples of ISO 13616 and ISO 11649, and slips in them
	t.Parallel()
	for digits, want := range map[string]int{
		"WEST12345698765432GB82": 1, // GB82 WEST 1234 5698 7654 32
		"539007547034RF18":       1, // RF18 5390 0754 7034
		"WEST12345698765432GB83": 2, "539007547043RF18": 50, "97": 0, "": 0,
	} {
		if got := money.Mod97(digits); got != want {
			t.Errorf("%s leaves %d, want %d", digits, got, want)
		}
	}
}

func TestCurrenciesHaveTheDecimalsOfISO4217(t *testing.T) { // billing "Amounts"
	other := map[string]int32{"CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
	for code := range strings.FieldsSeq("AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JOD JPY KES KRW KWD MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN PYG QAR RON RSD SAR SEK SGD THB TND TRY TWD UAH UGX USD UYU VND WST XAF XOF ZAR") {
		want, ok := other[code]
		if !ok {
			want = 2
		}
		c, err := money.ParseCurrency(" " + strings.ToLower(code))
		if err != nil || string(c) != code || c.Decimals() != want {
			t.Errorf("%s has %d decimals, %v; want %d", code, c.Decimals(), err, want)
		}
		if smallest := decimal.New(1, -want); !c.Fits(smallest) || c.Fits(smallest.Shift(-1)) {
			t.Errorf("of %s the smallest amount is not %s", code, smallest)
		}
	}
}

func TestWhatCannotBeStoredIsRefused(t *testing.T) { // numeric(18,3)
	for amount, stored := range map[string]bool{"999999999999999.999": true, "-999999999999999.999": true, "1000000000000000": false, "-1000000000000000": false} {
		if _, err := money.Check(dec(amount)); (err == nil) != stored || !stored && !fault.Is(err, fault.Overflow) {
			t.Errorf("%s: %v", amount, err)
		}
	}
}

func TestSharesOfAnAmountAreRoundedHalfUp(t *testing.T) { // N.11, billing "Reminders"
	for _, c := range []struct{ base, percent, want string }{{"0.50", "19", "0.10"}, {"-0.50", "19", "-0.10"}, {"0.50", "18.9", "0.09"}, {"100", "0", "0"}} {
		if got, err := money.Percent(dec(c.base), dec(c.percent), "EUR"); err != nil || !got.Equal(dec(c.want)) {
			t.Errorf("%s %% of %s are %s, %v; want %s", c.percent, c.base, got, err, c.want)
		}
	}
	if got, err := money.Interest(dec("36500"), dec("1"), "EUR"); err != nil || !got.Equal(dec("1")) {
		t.Errorf("1 %% a year on 100 for 365 days is %s, %v", got, err)
	}
}
