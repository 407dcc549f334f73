package bank_test

import (
	"strings"
	"testing"

	"steward/internal/bank"
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

func TestAMessageMayBeOfSeveralAccounts(t *testing.T) { // S1.79
	one := message(statement, 8, booked(8, "2026-03-10", "10.00", "B1", ""))
	begin, end := strings.Index(one, "<Stmt>"), strings.Index(one, "</BkToCstmrStmt>")
	both := read(t, one[:end]+elsewhere(one[begin:end])+one[end:])
	if n := taken(read(t, elsewhere(one)), both[1:]); len(both) != 2 || n != 1 || taken(both[1:], both[:1]) != 0 {
		t.Errorf("of two accounts: %+v, %d known in a message of the second alone", both, n)
	}
	if both[0].Place != 1 || both[1].Place != 2 {
		t.Errorf("they stand at %d and %d", both[0].Place, both[1].Place)
	}
}

func TestALineOfCSVIsCalledByItsKey(t *testing.T) { // S1.79
	csv := func(text string) []bank.Line {
		t.Helper()
		lines, err := bank.CSV([]byte("date,amount,currency,text,key\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	was := csv("2026-03-01,5,GBP,rent,K1\n2026-03-01,5,GBP,rent,\n2026-03-01,0,GBP,nothing,K2\n")
	for name, c := range map[string]struct {
		text  string
		known int
	}{
		"the same key, other words":   {"2026-03-01,5,GBP,Rent of March,K1\n", 1},
		"another key, the same words": {"2026-03-01,5,GBP,rent,K3\n", 0},
		"no key, the same words":      {"2026-03-01,5,GBP,rent,\n", 1},
		"no key, other words":         {"2026-03-01,5,GBP,fee,\n", 0},
	} {
		if n := taken(csv(c.text), was); len(was) != 2 || n != c.known {
			t.Errorf("%s: %d of %d known, want %d", name, n, len(was), c.known)
		}
	}
}
