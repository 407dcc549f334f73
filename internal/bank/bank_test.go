package bank_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steward/internal/bank"
	"steward/internal/fault"
)

const head = `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>`

func ntry(sts, dir, amount, inner string) string {
	return `<Ntry><Amt Ccy="GBP">` + amount + `</Amt><CdtDbtInd>` + dir + `</CdtDbtInd><Sts>` + sts + `</Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>` + inner + `</Ntry>`
}

func TestACAMTStatementIsRead(t *testing.T) { // S1.79
	text := head + ntry("<Cd>BOOK</Cd>", "CRDT", "120.00", `<NtryDtls><TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Acme</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>Inv INV-2026-00001</Ustrd><Ustrd>thanks</Ustrd></RmtInf></TxDtls></NtryDtls>`) +
		ntry("BOOK", "CRDT", "30.00", `<NtryDtls><TxDtls><Amt Ccy="GBP">10.00</Amt><RmtInf><Strd><CdtrRefInf><Ref>INV202600002</Ref></CdtrRefInf></Strd></RmtInf></TxDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="GBP">20</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>`) +
		ntry("BOOK", "DBIT", "5.00", "") + ntry("PDNG", "CRDT", "7.00", "") + `</Stmt></BkToCstmrStmt></Document>`
	lines, err := bank.CAMT([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	keys := map[string]bool{}
	for _, l := range lines {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %v", l.On, l.Amount, l.Currency, l.Reference, l.Payer, l.Numbers()))
		keys[l.Key] = true
	}
	want := "2026-03-10 120 GBP E-1 Acme [INV-2026-00001]|2026-03-10 10 GBP   [INV-2026-00002]|2026-03-10 20 GBP   []"
	if strings.Join(got, "|") != want || len(keys) != 3 {
		t.Errorf("got  %s\nwant %s\n%d keys", strings.Join(got, "|"), want, len(keys))
	}
}

func TestBombsAndRubbishAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a bomb":       `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><Document>&lol2;</Document>`,
		"an outsider":  `<!DOCTYPE foo SYSTEM "file:///etc/passwd"><Document/>`,
		"a type":       "<!DOCTYPE Document>" + head + ntry("BOOK", "CRDT", "5", "") + `</Stmt></BkToCstmrStmt></Document>`,
		"an entity":    head + `&xxe;</Stmt></BkToCstmrStmt></Document>`,
		"other XML":    `<html></html>`,
		"half of it":   head,
		"nested":       strings.Repeat("<a>", 20_000),
		"no amount":    head + ntry("BOOK", "CRDT", "1e9", "") + `</Stmt></BkToCstmrStmt></Document>`,
		"less than 0":  head + ntry("BOOK", "CRDT", "-5", "") + `</Stmt></BkToCstmrStmt></Document>`,
		"another code": `<?xml version="1.0" encoding="UTF-16"?><Document/>`,
	} {
		if _, err := bank.CAMT([]byte(text)); !fault.Is(err, bank.BadFile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, text := range []string{"", "a,b\n", "date,amount,currency\n2026-02-30,1,GBP\n", "date,amount,currency\n2026-03-01,1.234.5,GBP\n", "date,amount,currency\n2026-03-01\n"} {
		if _, err := bank.CSV([]byte(text)); !fault.Is(err, bank.BadFile) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestLinesOfCSVHaveAKeyEach(t *testing.T) { // S1.79
	text := "\xEF\xBB\xBFDate;Amount;Currency;Text\r\n2026-03-01;12.50;gbp;INV 2026 00007\r\n2026-03-01;12.50;gbp;INV 2026 00007\r\n2026-03-02;-3;GBP;fee\r\n"
	a, err := bank.CSV([]byte(text))
	b, err2 := bank.CSV([]byte(text))
	if err != nil || err2 != nil || len(a) != 2 || a[0].Key == a[1].Key || a[0].Key != b[0].Key || a[1].Key != b[1].Key {
		t.Fatalf("got %+v, %v", a, err)
	}
	if n := a[0].Numbers(); a[0].Currency != "GBP" || len(n) != 1 || n[0] != "INV-2026-00007" {
		t.Errorf("got %+v, %v", a[0], n)
	}
}

func TestWhateverComesNothingBreaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes")
		_, _ = bank.CSV(b)
		_, _ = bank.CAMT(append([]byte(head), b...))
	})
}

func TestWhatWasTakenBackIsNoPayment(t *testing.T) { // S1.79
	for _, said := range []string{"true", " 1 "} { // either is true in XML
		lines, err := bank.CAMT([]byte(head + ntry("BOOK", "CRDT", "5.00", "<RvslInd>"+said+"</RvslInd>") + `</Stmt></BkToCstmrStmt></Document>`))
		if err != nil || len(lines) != 0 {
			t.Errorf("%q: %v, %v", said, lines, err)
		}
	}
}

func part(dir, amount, text string) string {
	return `<TxDtls><Amt Ccy="GBP">` + amount + `</Amt><CdtDbtInd>` + dir + `</CdtDbtInd><RmtInf><Ustrd>` + text + `</Ustrd></RmtInf></TxDtls>`
}

// What was booked together is each in its own direction: a direct debit that
// came back is no payment of the invoice it names, and a payment is one though
// more went out with it.
func TestWhatIsBookedTogetherHasItsOwnDirections(t *testing.T) { // S1.79
	for dir, amount := range map[string]string{"CRDT": "380.00", "DBIT": "20.00"} {
		inner := `<NtryDtls>` + part("CRDT", "500.00", "INV-2026-00001") + part("DBIT", "120.00", "returned: INV-2026-00002") + `</NtryDtls>`
		lines, err := bank.CAMT([]byte(head + ntry("BOOK", dir, amount, inner) + `</Stmt></BkToCstmrStmt></Document>`))
		if err != nil || len(lines) != 1 || lines[0].Amount.String() != "500" || fmt.Sprint(lines[0].Numbers()) != "[INV-2026-00001]" {
			t.Errorf("%s: got %+v, %v", dir, lines, err)
		}
	}
}

// One entry that says little does not keep a whole statement from being read.
func TestAStatementIsReadWhateverABankBooksTogether(t *testing.T) { // S1.79
	text := head + ntry("BOOK", "CRDT", "0.00", "") +
		ntry("BOOK", "CRDT", "30.00", `<NtryDtls><TxDtls><RmtInf><Ustrd>INV-2026-00001</Ustrd></RmtInf></TxDtls><TxDtls><RmtInf><Ustrd>INV-2026-00002</Ustrd></RmtInf></TxDtls></NtryDtls>`) +
		ntry("BOOK", "DBIT", "30.00", `<NtryDtls><TxDtls/><TxDtls/></NtryDtls>`) + `</Stmt></BkToCstmrStmt></Document>`
	lines, err := bank.CAMT([]byte(text))
	if err != nil || len(lines) != 1 || lines[0].Amount.String() != "30" || fmt.Sprint(lines[0].Numbers()) != "[INV-2026-00001 INV-2026-00002]" {
		t.Errorf("got %+v, %v", lines, err)
	}
}
