package bank_test

import (
	"strings"
	"testing"
)

// What is called alike by mistake is money that is not recorded; what is called
// otherwise is recorded twice.
func TestPartsOfAnEntryAreToldApart(t *testing.T) { // S1.79
	part := func(refs, text string) string { return tx(8, refs, "10.00", "A", "<Ustrd>"+text+"</Ustrd>") }
	batch := func(day, entry string, parts ...string) string {
		all := ""
		for _, p := range parts {
			all += p
		}
		return booked(8, day, "20.00", entry, "<NtryDtls>"+all+"</NtryDtls>")
	}
	ref := func(s string) string { return "<AcctSvcrRef>" + s + "</AcctSvcrRef>" }
	first, second := batch("2026-03-10", "B1", part("", "rent"), part("", "fee")), batch("2026-03-10", "B2", part("", "rent"), part("", "fee"))
	for name, c := range map[string]struct {
		earlier, later string
		known          int
	}{
		"their own references":                    {batch("2026-03-10", "", part(ref("T1"), "a"), part(ref("T2"), "b")), batch("2026-03-10", "", part(ref("T1"), "c"), part(ref("T2"), "d")), 2},
		"the reference of all together is no own": {batch("2026-03-10", "B1", part(ref("B1"), "a"), part("", "b")), booked(8, "2026-03-10", "10.00", "B1", "<AddtlNtryInf>x</AddtlNtryInf>"), 0},
		"one reference of two parts is no own":    {batch("2026-03-10", "", part(ref("T"), "a"), part(ref("T"), "b")), batch("2026-03-10", "", part(ref("T"), "c"), part(ref("T"), "d")), 0},
		"one part of two, told alone":             {batch("2026-03-10", "B1", part(ref("T1"), "a"), part(ref("T2"), "b")), booked(8, "2026-03-10", "10.00", "T1", ""), 1},
		"another account's of the same reference": {message(statement, 8, booked(8, "2026-03-10", "10.00", "B1", "")), elsewhere(message(statement, 8, booked(8, "2026-03-10", "10.00", "B1", ""))), 0},
		"read again":                        {first, first, 2},
		"another entry with the same words": {first, second, 0},
	} {
		text := func(s string) string {
			if s[:5] == "<?xml" {
				return s
			}
			return message(statement, 8, s)
		}
		earlier, later := read(t, text(c.earlier)), read(t, text(c.later))
		if got := taken(later, earlier); got != c.known {
			t.Errorf("%s: %d are known, want %d", name, got, c.known)
		}
	}
}

// elsewhere is the same message of another account.
func elsewhere(message string) string {
	return strings.ReplaceAll(message, "DE89370400440532013000", "DE02120300000000202051")
}
