package bank_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"steward/internal/bank"
	"steward/internal/fault"
)

// held asks of what was read what whoever records it stands on.
func held(t *testing.T, lines []bank.Line, err error) {
	t.Helper()
	if err != nil {
		if !fault.Is(err, bank.BadFile) {
			t.Fatalf("it is refused with %v", err)
		}
		return
	}
	keys := map[string]bool{}
	for _, l := range lines {
		if l.Amount.Sign() <= 0 || l.On.IsZero() || len(l.Key) != 64 || keys[l.Key] {
			t.Fatalf("a payment of nothing, of no day, or of a key that another has: %+v", l)
		}
		keys[l.Key] = true
		if said := l.Reference + l.Payer + l.Text; !utf8.ValidString(said) || strings.Contains(said, "\x00") {
			t.Fatalf("it cannot be stored: %+v", l)
		}
		quoted(t, l)
	}
}

func quoted(t *testing.T, l bank.Line) {
	t.Helper()
	for _, number := range l.Quoted() {
		if !slices.Contains((bank.Line{Text: bank.Reference("", true, number)}).Quoted(), number) {
			t.Fatalf("%q is quoted, which has no reference", number)
		}
	}
	if n := len(l.Numbers()) + len(l.Quoted()); n > 300 {
		t.Fatalf("%d numbers", n)
	}
}

func FuzzCAMT(f *testing.F) { // S1.79
	for _, version := range []int{2, 8} {
		for _, kind := range []string{statement, notification} {
			f.Add([]byte(message(kind, version, booked(version, "2026-03-10", "30.00", "B1", "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>"+
				tx(version, "<EndToEndId>E</EndToEndId><AcctSvcrRef>T</AcctSvcrRef>", "10.00", "A", "<Ustrd>RF36 INV2 0260 0042</Ustrd>")+
				tx(version, "", "20.00", "B", "<Strd><CdtrRefInf><Ref>000000002552020260000000420</Ref></CdtrRefInf></Strd>")+"</NtryDtls>"))))
		}
	}
	f.Add([]byte(head + ntry("BOOK", "DBIT", "5.00", "<RvslInd>true</RvslInd>") + `</Stmt></BkToCstmrStmt></Document>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := bank.CAMT(data)
		held(t, lines, err)
		again, _ := bank.CAMT(data)
		for i := range again {
			if again[i].Key != lines[i].Key {
				t.Fatal("read again it has another key")
			}
		}
	})
}

// One entry within a sound message: what is in it gets further so.
func FuzzEntry(f *testing.F) { // S1.79
	f.Add("CRDT", "10.00", "2026-03-10", "B1", "E1", "T1", "INV-2026-00001", "3", true)
	f.Add("DBIT", "1e9", "2026-02-30", "NONREF", "NOTPROVIDED", "", "RF36INV202600042", "-1", false)
	f.Fuzz(func(t *testing.T, direction, amount, day, ref, end, own, text, together string, two bool) {
		part := tx(8, "<EndToEndId>"+end+"</EndToEndId><AcctSvcrRef>"+own+"</AcctSvcrRef>", amount, text, "<Ustrd>"+text+"</Ustrd>")
		if two {
			part += part
		}
		e := strings.Replace(booked(8, day, amount, ref, "<NtryDtls><Btch><NbOfTxs>"+together+"</NbOfTxs></Btch>"+part+"</NtryDtls>"), "CRDT", direction, 1)
		lines, err := bank.CAMT([]byte(message(notification, 8, e, e)))
		held(t, lines, err)
	})
}

func FuzzCSV(f *testing.F) { // S1.79
	f.Add([]byte("date,amount,currency,text,reference,payer,key\n2026-03-01,12.50,GBP,INV 2026 00007,R,P,K\n"))
	f.Add([]byte("\xEF\xBB\xBFDate;Amount;Currency\r\n2026-03-01;12.50;gbp\r\n2026-03-01;12.50;gbp\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, err := bank.CSV(data)
		held(t, lines, err)
	})
}

func FuzzQuoted(f *testing.F) { // S1.79
	f.Add("RF36 INV2 0260 0042 thanks")
	f.Add("x 00 00000 02552 02026\n00000 00420 y")
	f.Add("INV 2026/00042, rf")
	f.Fuzz(func(t *testing.T, text string) { quoted(t, bank.Line{Text: text, Structured: []string{text}}) })
}

func FuzzReference(f *testing.F) { // S1.77
	f.Add(qr, "INV-2026-00042")
	f.Fuzz(func(t *testing.T, account, number string) {
		for _, r := range []string{bank.Reference(account, true, number), bank.Reference(qr, false, number)} {
			if r != "" && !slices.Contains((bank.Line{Text: bank.Spaced(r)}).Quoted(), number) {
				t.Fatalf("%q of %q does not say it", r, number)
			}
		}
	})
}
