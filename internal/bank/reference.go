package bank

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"steward/internal/money"
)

// Reference is what a payer is asked to quote for an invoice, so that every bank
// on the way can check it: to an account with a QR-IBAN 27 digits, as the Swiss
// QR-bill has them, since nothing else may be paid there; to any other, where the
// firm wants it, a creditor reference of ISO 11649. "" is none: the invoice's
// number is quoted. Either is made of the number alone, and says it again.
func Reference(iban string, structured bool, number string) string {
	switch {
	case qrIBAN(iban):
		return qrReference(number)
	case structured:
		return creditorReference(number)
	}
	return ""
}

// qrIBAN tells whether an account is one for payments with a QR reference: one
// of Switzerland or Liechtenstein at an institution from 30000 to 31999.
func qrIBAN(iban string) bool {
	return swissIBAN(iban) && iban[4:9] >= "30000" && iban[4:9] <= "31999"
}

// room is what a creditor reference holds beside RF and its check digits.
const room = 21

func creditorReference(number string) string {
	body := strings.ReplaceAll(number, "-", "")
	if !slices.Contains(numbersIn(body), number) || len(body) > room {
		return ""
	}
	return fmt.Sprintf("RF%02d%s", 98-money.Mod97(body+"RF00"), body)
}

// numbersIn are the numbers of invoices that their bare characters may stand
// for: series, year and sequence without what is between them.
func numbersIn(body string) (all []string) {
	for i := 1; i <= 8 && i+9 <= len(body); i++ {
		year, sequence := body[i:i+4], body[i+4:]
		if strings.Trim(body[:i], signs) != "" || !numeric(year+sequence) || year < "1900" || year > "2099" || len(sequence) > 9 || len(sequence) > 5 && sequence[0] == '0' {
			continue
		}
		all = append(all, body[:i]+"-"+year+"-"+sequence)
	}
	return all
}

func numeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

// A QR reference is the series as a number, the year, the sequence, and a check
// digit.
const (
	seriesDigits   = 13
	yearDigits     = 4
	sequenceDigits = 9
	qrDigits       = seriesDigits + yearDigits + sequenceDigits + 1
	signs          = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func qrReference(number string) string {
	series, rest, _ := strings.Cut(number, "-")
	year, sequence, _ := strings.Cut(rest, "-")
	if !slices.Contains(numbersIn(series+year+sequence), number) {
		return ""
	}
	code := uint64(0) // each sign counts from 1, so that "0A" is not "A"
	for _, c := range []byte(series) {
		code = code*uint64(len(signs)) + uint64(strings.IndexByte(signs, c)) + 1
	}
	body := fmt.Sprintf("%0*d%s%0*s", seriesDigits, code, year, sequenceDigits, sequence)
	return body + checkDigit(body)
}

// checkDigit is that of Swiss payment slips: modulo 10, recursive.
func checkDigit(digits string) string {
	carry := 0
	for _, c := range []byte(digits) {
		carry = int("0946827135"[(carry+int(c-'0'))%10] - '0')
	}
	return strconv.Itoa((10 - carry) % 10)
}

// qrNumber is the invoice that a QR reference of the firm's is for; "" is none.
func qrNumber(reference string) string {
	body, check := reference[:qrDigits-1], reference[qrDigits-1:]
	if checkDigit(body) != check {
		return ""
	}
	code, _ := strconv.ParseUint(body[:seriesDigits], 10, 64)
	series := ""
	for ; code > 0; code = (code - 1) / uint64(len(signs)) {
		series = string(signs[(code-1)%uint64(len(signs))]) + series
	}
	sequence, _ := strconv.Atoi(body[seriesDigits+yearDigits : qrDigits-1])
	number := fmt.Sprintf("%s-%s-%05d", series, body[seriesDigits:seriesDigits+yearDigits], sequence)
	if !slices.Contains(numbersIn(strings.ReplaceAll(number, "-", "")), number) {
		return ""
	}
	return number
}

// Spaced is a reference as people read it: in groups of four, a QR reference of
// five from its end.
func Spaced(reference string) string {
	size, first := 4, 4
	if len(reference) == qrDigits && numeric(reference) {
		size, first = 5, qrDigits%5
	}
	var b strings.Builder
	for i, r := range reference {
		if i >= first && (i-first)%size == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Quoted are the numbers of the invoices whose references the payer gave, in the
// place for them, or among other words as people write them, with blanks. Their
// check digits fit: no other number in the text says as much.
func (l Line) Quoted() []string {
	for _, text := range append(slices.Clone(l.Structured), l.Reference, l.Text) {
		if found := quotedIn(strings.ToUpper(text)); len(found) > 0 {
			return found
		}
	}
	return nil
}

// mostQuoted keeps a text of nothing but references from being one long question.
const mostQuoted = 100

func quotedIn(text string) (all []string) {
	note := func(number string) {
		if number != "" && len(all) < mostQuoted && !slices.Contains(all, number) {
			all = append(all, number)
		}
	}
	for i := range text {
		if strings.HasPrefix(text[i:], "RF") && (i == 0 || !isSign(text[i-1])) {
			run := bareRun(text[i:], signs, room+4)
			for n := len(run); n > 4; n-- { // what follows may be other words
				if numeric(run[2:4]) && money.Mod97(run[4:n]+run[:4]) == 1 {
					for _, number := range numbersIn(run[4:n]) {
						note(number)
					}
				}
			}
		}
		if text[i] >= '0' && text[i] <= '9' {
			if run := bareRun(text[i:], "0123456789", qrDigits); len(run) == qrDigits {
				note(qrNumber(run))
			}
		}
	}
	return all
}

func isSign(c byte) bool { return strings.IndexByte(signs, c) >= 0 }

// bareRun is what a text begins with of some signs, at most so many, without the
// blanks between them.
func bareRun(text, of string, most int) string {
	var run []byte
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		if len(run) == most || !strings.ContainsRune(of, r) {
			break
		}
		run = append(run, byte(r))
	}
	return string(run)
}
