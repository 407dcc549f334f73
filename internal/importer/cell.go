package importer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/mail"
	"steward/internal/money"
)

// whole is a whole number from least to most; otherwise if the cell is empty.
func (r *row) whole(column string, least, most, otherwise int) int {
	if n := r.mayWhole(column, least, most); n != nil {
		return *n
	}
	return otherwise
}

// mayWhole is a whole number from least to most; nil if the cell is empty, for
// none is not 0.
func (r *row) mayWhole(column string, least, most int) *int {
	s := r.cell(column)
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		r.problem(column, BadNumber, "%s is not a whole number", quote(s))
		return nil
	}
	if n < least || n > most {
		r.problem(column, OutOfRange, "%d is not from %d to %d", n, least, most)
		return nil
	}
	return &n
}

// amount is a decimal from 0 to most, with at most so many decimals.
func (r *row) amount(column string, most decimal.Decimal, decimals int32) decimal.Decimal {
	s := r.cell(column)
	d, ok := plainDecimal(s)
	switch {
	case !ok:
		r.problem(column, BadAmount, "%s is not an amount like 1234.50", quote(s))
	case !d.Equal(d.Truncate(decimals)):
		r.problem(column, BadAmount, "%s has more than %d decimals", quote(s), decimals)
	case d.IsNegative() || d.GreaterThan(most):
		r.problem(column, OutOfRange, "%s is not from 0 to %s", quote(s), most)
	default:
		return d
	}
	return decimal.Zero
}

// plainDecimal reads digits with a point between them. What else the decimal
// package reads, exponents above all, is no amount that anybody writes.
func plainDecimal(s string) (decimal.Decimal, bool) {
	digits := strings.Replace(strings.TrimPrefix(s, "-"), ".", "", 1)
	if digits == "" || len(s) > 40 || strings.Trim(digits, "0123456789") != "" {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

func (r *row) currency(column string) money.Currency {
	s := r.need(column, keyLimit)
	if s == "" {
		return ""
	}
	c, err := money.ParseCurrency(s)
	if err != nil {
		r.problem(column, money.UnknownCurrency, "%s is not the code of a currency that can be billed in", quote(s))
	}
	return c
}

// day is a date; the zero date if the cell is empty.
func (r *row) day(column string) civil.Date {
	s := r.cell(column)
	if s == "" {
		return civil.Date{}
	}
	d, err := civil.Parse(s)
	if err != nil {
		r.problem(column, civil.BadDate, "%s", err)
	}
	return d
}

func (r *row) needDay(column string) civil.Date {
	if r.cell(column) == "" {
		r.problem(column, Missing, "%s is missing", column)
	}
	return r.day(column)
}

// clock is a time of a day in a zone: "09:30". It is zero if the cell is empty.
func (r *row) clock(column string, day civil.Date, zone *time.Location) time.Time {
	s := r.cell(column)
	if s == "" || day.IsZero() || zone == nil {
		return time.Time{}
	}
	c, err := time.Parse("15:04", s)
	if err != nil {
		r.problem(column, BadClock, "%s is not a time like 09:30", quote(s))
		return time.Time{}
	}
	t := time.Date(day.Year, day.Month, day.Day, c.Hour(), c.Minute(), 0, 0, zone)
	if t.Hour() != c.Hour() || t.Minute() != c.Minute() {
		r.problem(column, BadClock, "%s did not exist on %s in %s", s, day, zone)
	}
	return t
}

// yes reads a boolean; otherwise if the cell is empty.
func (r *row) yes(column string, otherwise bool) bool {
	s := r.cell(column)
	if s == "" {
		return otherwise
	}
	v, ok := boolean(s)
	if !ok {
		r.problem(column, BadBoolean, "%s is not true, false, yes, no, 1 or 0", quote(s))
	}
	return v
}

func boolean(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}

// choice is one of some words, in any case; otherwise if the cell is empty, and
// "" if it holds another word.
func (r *row) choice(column string, code fault.Code, words []string, otherwise string) string {
	s := r.cell(column)
	if s == "" {
		return otherwise
	}
	if w := strings.ToLower(s); slices.Contains(words, w) {
		return w
	}
	r.problem(column, code, "%s is not one of %s", quote(s), strings.Join(words, ", "))
	return ""
}

// zone is the name of a time zone; UTC if the cell is empty.
func (r *row) zone(column string) string {
	s := r.cell(column)
	if s == "" {
		return "UTC"
	}
	if _, ok := civil.ZoneNamed(s); !ok {
		r.problem(column, UnknownTimeZone, "%s is not a time zone like Europe/London", quote(s))
	}
	return s
}

// email is an address, if there is one.
func (r *row) email(column string) string {
	s := r.text(column, nameLimit)
	if s == "" {
		return ""
	}
	return r.address(column, s)
}

// emails are the addresses of a cell, each once, and not the main one again.
func (r *row) emails(column, main string, most int) []string {
	all := []string{}
	main, _ = mail.Address(main)
	for _, s := range r.list(column) {
		if a := r.address(column, s); a != main && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	if len(all) > most {
		r.problem(column, OutOfRange, "there are %d addresses, at most %d are taken", len(all), most)
	}
	return all
}

func (r *row) address(column, s string) string {
	address, ok := mail.Address(s)
	if !ok {
		r.problem(column, BadEmail, "%s is not an e-mail address", quote(s))
	}
	return address
}
