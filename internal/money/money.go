// Package money holds amounts of money and how they are rounded.
//
// Amounts are decimals, never floats. A currency has 0, 2 or 3 decimals
// (ISO 4217). Rounding is half up, away from zero for negative amounts, so that
// a credit mirrors the invoice it credits. Nothing here overflows silently.
// Rule: billing, "Amounts". The sum of the check digits of accounts and payment
// references is here too.
package money

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"steward/internal/fault"
)

// Codes of the refusals of this package.
const (
	UnknownCurrency  fault.Code = "unknown_currency"  // not an ISO 4217 code that steward bills in
	CurrencyMismatch fault.Code = "currency_mismatch" // two currencies where one is needed
)

// Limit is the largest amount, in units of any currency, that steward stores.
// It matches numeric(18,3) in Postgres.
var Limit = decimal.New(1, 15)

// Currency is an ISO 4217 code: "GBP".
type Currency string

// decimals holds the currencies that steward bills in and their minor units.
var decimals = map[Currency]int32{
	"AED": 2, "ARS": 2, "AUD": 2, "BGN": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "CNY": 2,
	"COP": 2, "CZK": 2, "DKK": 2, "EGP": 2, "EUR": 2, "GBP": 2, "HKD": 2, "HUF": 2, "IDR": 2, "ILS": 2,
	"INR": 2, "ISK": 0, "JOD": 3, "JPY": 0, "KES": 2, "KRW": 0, "KWD": 3, "MAD": 2, "MXN": 2, "MYR": 2,
	"NGN": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PEN": 2, "PHP": 2, "PKR": 2, "PLN": 2, "PYG": 0, "QAR": 2,
	"RON": 2, "RSD": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2, "TND": 3, "TRY": 2, "TWD": 2, "UAH": 2,
	"UGX": 0, "USD": 2, "UYU": 2, "VND": 0, "WST": 2, "XAF": 0, "XOF": 0, "ZAR": 2,
}

// ParseCurrency reads an ISO 4217 code in any case.
// It refuses unknown ones with [UnknownCurrency].
func ParseCurrency(s string) (Currency, error) {
	c := Currency(strings.ToUpper(strings.TrimSpace(s)))
	if _, ok := decimals[c]; !ok {
		return "", fault.New(UnknownCurrency, "currency %q is not an ISO 4217 code that can be billed in", s)
	}
	return c, nil
}

// Decimals is the number of decimals of the currency's amounts: 0, 2 or 3.
func (c Currency) Decimals() int32 {
	if d, ok := decimals[c]; ok {
		return d
	}
	return 2
}

// Round rounds half up, away from zero, to the currency's decimals.
func (c Currency) Round(d decimal.Decimal) decimal.Decimal { return d.Round(c.Decimals()) }

// Format writes an amount with exactly the currency's decimals: "1234.50".
func (c Currency) Format(d decimal.Decimal) string { return d.StringFixed(c.Decimals()) }

// Fits tells whether d has no more decimals than the currency.
func (c Currency) Fits(d decimal.Decimal) bool { return d.Equal(d.Truncate(c.Decimals())) }

// Check refuses amounts beyond [Limit] with [fault.Overflow].
func Check(d decimal.Decimal) (decimal.Decimal, error) {
	if d.Abs().GreaterThanOrEqual(Limit) {
		return decimal.Zero, fault.New(fault.Overflow, "%s is larger than any amount that can be stored", d)
	}
	return d, nil
}

var sixty = decimal.NewFromInt(60)

// ForTime prices minutes of work at an hourly rate, rounded half up to the
// currency's decimals, from the exact minutes: minutes × hourly / 60, rounded
// once. It returns [fault.Overflow] rather than a wrong figure.
// Rule: billing, "Amounts".
func ForTime(minutes int64, hourly decimal.Decimal, c Currency) (decimal.Decimal, error) {
	// Division is the last step, on integers: dividing first would round twice.
	product := hourly.Mul(decimal.NewFromInt(minutes))
	return Check(divideHalfUp(product, sixty, c.Decimals()))
}

// Percent is percent/100 of base, rounded half up to the currency's decimals.
func Percent(base, percent decimal.Decimal, c Currency) (decimal.Decimal, error) {
	return Check(c.Round(base.Mul(percent).Shift(-2)))
}

var year = decimal.NewFromInt(365 * 100)

// Interest is what a yearly percentage makes of the sum of balances × days, with
// 365 days to the year, rounded half up to the currency's decimals.
func Interest(balanceDays, percent decimal.Decimal, c Currency) (decimal.Decimal, error) {
	return Check(divideHalfUp(balanceDays.Mul(percent), year, c.Decimals()))
}

// Divide is a by b, exact until it is rounded half up, once.
func (c Currency) Divide(a, b decimal.Decimal) decimal.Decimal {
	return divideHalfUp(a, b, c.Decimals())
}

// divideHalfUp divides exactly and rounds once, half away from zero.
func divideHalfUp(a, b decimal.Decimal, places int32) decimal.Decimal {
	num := new(big.Rat).Quo(a.Rat(), b.Rat())
	num.Mul(num, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
	half := big.NewRat(1, 2)
	if num.Sign() < 0 {
		half.Neg(half)
	}
	num.Add(num, half)
	return decimal.NewFromBigInt(new(big.Int).Quo(num.Num(), num.Denom()), -places)
}

// Hours prints minutes exactly: "7.25" where two decimals are exact (whole
// multiples of three minutes are: 3 min = 0.05 h), otherwise "7:16".
// Rule: billing, "Amounts": the printed quantity is exact.
func Hours(minutes int64) string {
	sign := ""
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	if minutes%3 == 0 {
		hundredths := minutes / 3 * 5
		return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
	}
	return fmt.Sprintf("%s%d:%02d", sign, minutes/60, minutes%60)
}
