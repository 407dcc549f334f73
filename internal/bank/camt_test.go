package bank_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"steward/internal/bank"
)

const (
	statement    = "BkToCstmrStmt/Stmt"
	notification = "BkToCstmrDbtCdtNtfctn/Ntfctn"
)

// message wraps entries as a message has them, "statement 02" say.
func message(kind string, version int, entries ...string) string {
	root, inner, _ := strings.Cut(kind, "/")
	number := map[string]string{statement: "053", notification: "054"}[kind]
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.%s.001.%02d"><%s><GrpHdr><MsgId>M</MsgId></GrpHdr><%s><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>%s</%s></%s></Document>`,
		number, version, root, inner, strings.Join(entries, ""), inner, root)
}

// booked is an entry with a bank's reference, "" for none, in the words of a version.
func booked(version int, day, amount, ref, inner string) string {
	status := "<Sts>BOOK</Sts>"
	if version >= 8 {
		status = "<Sts><Cd>BOOK</Cd></Sts>"
	}
	if ref != "" {
		ref = "<AcctSvcrRef>" + ref + "</AcctSvcrRef>"
	}
	return `<Ntry><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd>` + status + `<BookgDt><Dt>` + day + `</Dt></BookgDt>` + ref + inner + `</Ntry>`
}

func tx(version int, refs, amount, payer, text string) string {
	name, amt := "<Nm>"+payer+"</Nm>", `<Amt Ccy="EUR">`+amount+`</Amt><CdtDbtInd>CRDT</CdtDbtInd>`
	if version >= 8 {
		name = "<Pty>" + name + "</Pty>"
	}
	if version < 4 {
		amt = `<AmtDtls><TxAmt><Amt Ccy="EUR">` + amount + `</Amt></TxAmt></AmtDtls>`
	}
	return `<TxDtls><Refs>` + refs + `</Refs>` + amt + `<RltdPties><Dbtr>` + name + `</Dbtr></RltdPties><RmtInf>` + text + `</RmtInf></TxDtls>`
}

func read(t *testing.T, text string) []bank.Line {
	t.Helper()
	lines, err := bank.CAMT([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return lines
}

// taken tells which lines are known to an import that recorded others, as
// /payments/import does: by any of their keys, what is new by its first.
func taken(lines, earlier []bank.Line) (known int) {
	var keys []string
	for _, l := range earlier {
		keys = append(keys, l.Key)
	}
	for _, l := range lines {
		if slices.ContainsFunc(append([]string{l.Key}, l.Also...), func(k string) bool { return slices.Contains(keys, k) }) {
			known++
		}
	}
	return known
}

func TestEveryVersionOfANotificationIsRead(t *testing.T) { // S1.79
	for _, version := range []int{2, 4, 8} {
		for _, kind := range []string{statement, notification} {
			lines := read(t, message(kind, version,
				booked(version, "2026-03-10", "50.00", "B1", "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>"+
					tx(version, "<EndToEndId>E1</EndToEndId>", "20.00", "Acme", "<Ustrd>INV-2026-00001</Ustrd>")+
					tx(version, "<EndToEndId>NOTPROVIDED</EndToEndId>", "30.00", "Bolt", "<Strd><CdtrRefInf><Ref>RF36INV202600042</Ref></CdtrRefInf></Strd>")+"</NtryDtls>"),
				strings.Replace(booked(version, "2026-03-11", "9.00", "B2", ""), "</Ntry>", "<RvslInd>true</RvslInd></Ntry>", 1),
				strings.Replace(booked(version, "2026-03-11", "9.00", "B3", ""), "CRDT", "DBIT", 1),
				strings.Replace(booked(version, "2026-03-11", "9.00", "B4", ""), "BOOK", "PDNG", 1)))
			var got []string
			for _, l := range lines {
				got = append(got, fmt.Sprint(l.On, " ", l.Amount, " ", l.Currency, " ", l.Reference, " ", l.Payer, l.Quoted(), l.Numbers()))
			}
			if want := "2026-03-10 20 EUR E1 Acme[] [INV-2026-00001]|2026-03-10 30 EUR  Bolt[INV-2026-00042] [RF36INV-2026-00042]"; strings.Join(got, "|") != want {
				t.Errorf("%s of version %d:\ngot  %s\nwant %s", kind, version, strings.Join(got, "|"), want)
			}
		}
	}
}

// What was told by a notification and comes again in the statement of the day is
// the same payment, whichever comes first, in whichever versions.
func TestAPaymentIsTheSameInNotificationAndStatement(t *testing.T) { // S1.79
	details := func(v int, refs string) string {
		return "<NtryDtls>" + tx(v, refs, "100.00", "Acme", "<Ustrd>rent</Ustrd>") + "</NtryDtls>"
	}
	batch := func(v int, ref string) string {
		return booked(v, "2026-03-10", "30.00", ref, "<NtryDtls>"+tx(v, "<EndToEndId>NOTPROVIDED</EndToEndId>", "10.00", "A", "<Ustrd>one two</Ustrd>")+
			tx(v, "<EndToEndId>NOTPROVIDED</EndToEndId>", "10.00", "A", "<Ustrd>one</Ustrd><Ustrd>two</Ustrd>")+tx(v, "<EndToEndId>E</EndToEndId>", "10.00", "B", "")+"</NtryDtls>")
	}
	for name, c := range map[string]struct {
		told, stated string
		same         int
	}{
		"by the bank's reference":     {booked(8, "2026-03-10", "100.00", "B1", details(8, "<EndToEndId>E1</EndToEndId>")), booked(2, "2026-03-10", "100.00", "B1", details(2, "<EndToEndId>E1</EndToEndId>")), 1},
		"also without its details":    {booked(8, "2026-03-10", "100.00", "B1", details(8, "<EndToEndId>E1</EndToEndId>")), booked(8, "2026-03-10", "100.00", "B1", "<AddtlNtryInf>credit</AddtlNtryInf>"), 1},
		"by that of the transaction":  {booked(8, "2026-03-10", "100.00", "", details(8, "<AcctSvcrRef>T1</AcctSvcrRef>")), booked(8, "2026-03-10", "100.00", "T1", ""), 1},
		"whatever the entry's number": {booked(8, "2026-03-10", "100.00", "B1", "<NtryRef>1</NtryRef>"), booked(8, "2026-03-10", "100.00", "B1", "<NtryRef>27</NtryRef>"), 1},
		"part by part":                {batch(8, "B1"), batch(2, "B1"), 3},
		"by what it says":             {booked(8, "2026-03-10", "100.00", "", details(8, "<TxId>X</TxId>")), booked(8, "2026-03-10", "100.00", "NONREF", details(8, "<TxId>X</TxId>")+"<AddtlNtryInf>SEPA credit</AddtlNtryInf>"), 1},
		"not of another reference":    {booked(8, "2026-03-10", "100.00", "B1", details(8, "<EndToEndId>E1</EndToEndId>")), booked(8, "2026-03-10", "100.00", "B2", details(8, "<EndToEndId>E1</EndToEndId>")), 0},
		"not of another amount":       {booked(8, "2026-03-10", "100.00", "B1", ""), booked(8, "2026-03-10", "100.01", "B1", ""), 0},
		"not of another day":          {booked(8, "2026-03-10", "100.00", "B1", ""), booked(8, "2026-03-11", "100.00", "B1", ""), 0},
	} {
		told, stated := read(t, message(notification, 8, c.told)), read(t, message(statement, 8, c.stated))
		if a, b := taken(stated, told), taken(told, stated); a != c.same || b != c.same {
			t.Errorf("%s: %d of the statement were told, %d of the notification stated; want %d", name, a, b, c.same)
		}
		if again := read(t, message(notification, 8, c.told)); taken(again, told) != len(told) {
			t.Errorf("%s: read again it is another", name)
		}
	}
}

// What the payer calls a payment says nothing: a standing order has the same
// reference each month, and some banks have one for all.
func TestPayersRepeatTheirReferences(t *testing.T) { // S1.79
	for _, reference := range []string{"NOTPROVIDED", "not provided", "NONREF", "RENT"} {
		one := func(day, payer string) []bank.Line {
			return read(t, message(notification, 8, booked(8, day, "100.00", "", "<NtryRef>CH4431999123000889012</NtryRef><NtryDtls>"+tx(8, "<EndToEndId>"+reference+"</EndToEndId>", "100.00", payer, "<Ustrd>thanks</Ustrd>")+"</NtryDtls>")))
		}
		first := one("2026-03-10", "Acme")
		if n := taken(one("2026-04-10", "Acme"), first); n != 0 {
			t.Errorf("%s of April is that of March", reference)
		}
		if n := taken(one("2026-03-10", "Bolt"), first); n != 0 {
			t.Errorf("%s of Bolt is that of Acme", reference)
		}
		if n := taken(one("2026-03-10", "ACME"), first); n != 1 {
			t.Errorf("%s is not known again", reference)
		}
		if said := first[0].Reference; reference == "RENT" && said != "RENT" || reference != "RENT" && said != "CH4431999123000889012" {
			t.Errorf("%s: the payment is called %q", reference, said)
		}
	}
}

// Payments that are booked together and told one by one elsewhere are not taken
// for one.
func TestPaymentsTogetherAreKnownAsSuch(t *testing.T) { // S1.79
	for inner, want := range map[string]int{
		"": 0, "<NtryDtls><Btch><NbOfTxs>12</NbOfTxs></Btch></NtryDtls>": 12, "<NtryDtls><Btch><NbOfTxs>many</NbOfTxs></Btch></NtryDtls>": 0,
		"<NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch>" + tx(8, "", "5.00", "A", "") + "</NtryDtls>": 0,
	} {
		if l := read(t, message(statement, 8, booked(8, "2026-03-10", "5.00", "B1", inner))); len(l) != 1 || l[0].Together != want {
			t.Errorf("%s: %+v", inner, l)
		}
	}
}

// What the release before recorded is known to this one by the key it had.
func TestWhatWasRecordedBeforeNotificationsIsKnown(t *testing.T) { // S1.79, N.31
	for text, key := range map[string]string{
		booked(8, "2026-03-10", "100.00", "B1", "<NtryDtls>"+tx(8, "<EndToEndId>E1</EndToEndId>", "100.00", "Acme", "")+"</NtryDtls>"): "own|DE89370400440532013000|B1|E1|2026-03-10|100|EUR|1",
		booked(8, "2026-03-10", "100.00", "", ""): "2026-03-10|100|EUR||||1",
	} {
		if l := read(t, message(statement, 8, text))[0]; !slices.Contains(l.Also, hashed(key)) {
			t.Errorf("%s is not known by %s", text, key)
		}
	}
}

func hashed(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}
