package bank

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"steward/internal/civil"
	"steward/internal/fault"
)

// entry is an <Ntry> of a statement or a notification, as far as it is needed.
type entry struct {
	Amount    amount   `xml:"Amt"`
	Direction string   `xml:"CdtDbtInd"`
	Reversal  string   `xml:"RvslInd"`
	Status    status   `xml:"Sts"`
	Booked    date     `xml:"BookgDt"`
	Valued    date     `xml:"ValDt"`
	Ref       string   `xml:"NtryRef"`
	BankRef   string   `xml:"AcctSvcrRef"`
	Info      string   `xml:"AddtlNtryInf"`
	Together  string   `xml:"NtryDtls>Btch>NbOfTxs"`
	Details   []detail `xml:"NtryDtls>TxDtls"`
}

type amount struct {
	Value    string `xml:",chardata"`
	Currency string `xml:"Ccy,attr"`
}

// status is a text in old versions, a code in new ones.
type status struct {
	Text string `xml:",chardata"`
	Code string `xml:"Cd"`
}

type date struct {
	Day  string `xml:"Dt"`
	Time string `xml:"DtTm"`
}

type detail struct {
	Amount    *amount `xml:"Amt"`
	Within    *amount `xml:"AmtDtls>TxAmt>Amt"`
	Direction string  `xml:"CdtDbtInd"`
	BankRef   string  `xml:"Refs>AcctSvcrRef"`
	EndRef    string  `xml:"Refs>EndToEndId"`
	TxID      string  `xml:"Refs>TxId"`
	Debtor    struct {
		Old string `xml:"Nm"`
		New string `xml:"Pty>Nm"`
	} `xml:"RltdPties>Dbtr"`
	Texts []string `xml:"RmtInf>Ustrd"`
	Refs  []string `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
	Docs  []string `xml:"RmtInf>Strd>RfrdDocInf>Nb"`
}

// CAMT reads what was credited and booked from a CAMT.053 statement or a CAMT.054
// notification. Only XML without a document type is read: nothing in it is
// expanded or fetched. It refuses with [BadFile].
func CAMT(data []byte) ([]Line, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var lines []Line
	var names [][]string
	statement, account, seen := false, "", 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(BadFile, "the XML cannot be read: %s", err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, fault.New(BadFile, "XML with a document type is not read")
		case xml.StartElement:
			switch t.Name.Local {
			case "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn":
				statement = true
			case "IBAN":
				if account == "" {
					_ = d.DecodeElement(&account, &t) // of the account, which stands before its entries
				}
			case "Stmt", "Ntfctn":
				account = ""
			case "Ntry":
				var e entry
				if err := d.DecodeElement(&e, &t); err != nil {
					return nil, fault.New(BadFile, "the XML cannot be read: %s", err)
				}
				seen++
				more, called, err := e.lines(seen, account)
				if err != nil {
					return nil, err
				}
				if lines, names = append(lines, more...), append(names, called...); len(lines) > most {
					return nil, tooMany()
				}
			}
		}
	}
	if !statement {
		return nil, fault.New(BadFile, "this is neither a CAMT.053 statement nor a CAMT.054 notification: it has no BkToCstmrStmt and no BkToCstmrDbtCdtNtfctn")
	}
	return keyed(lines, names), nil
}

// lines are the payments of an entry: one, or as many as were booked together.
// Nothing is a payment of nothing.
func (e entry) lines(place int, account string) ([]Line, [][]string, error) {
	state := strings.TrimSpace(e.Status.Code + e.Status.Text)
	details, alone := e.received()
	if state != "BOOK" || e.reversed() || len(details) == 0 {
		return nil, nil, nil
	}
	on, err := e.day()
	if err != nil {
		return nil, nil, bad(place, "%s", err)
	}
	var lines []Line
	var names [][]string
	for _, d := range details {
		a := e.Amount // what the bank booked
		if !alone {
			a = *cmp.Or(d.Amount, d.Within)
		}
		value, err := figure(a.Value)
		if err != nil || value.Sign() < 0 {
			return nil, nil, bad(place, "%.40q is not an amount", a.Value)
		}
		if value.IsZero() {
			continue
		}
		reference := firstOf(d.EndRef, d.TxID, d.BankRef)
		if alone { // else it is that of all together
			reference = firstOf(reference, e.BankRef, e.Ref)
		}
		l := Line{Place: place, On: on, Amount: value, Currency: a.Currency, Reference: reference,
			Payer: firstOf(d.Debtor.Old, d.Debtor.New), Structured: d.Refs, Text: strings.TrimSpace(strings.Join(append(append(d.Texts, d.Refs...), append(d.Docs, e.Info)...), " "))}
		if alone && len(e.Details) == 0 {
			l.Together, _ = strconv.Atoi(strings.TrimSpace(e.Together))
		}
		lines, names = append(lines, l), append(names, e.names(l, d, account, alone))
	}
	return lines, names, nil
}

// received is what came in with an entry, and whether it is one payment of the
// amount that was booked. What was booked together may hold both directions, as
// a direct debit that came back among others; where its parts have no amounts,
// it is one payment for all that they say.
func (e entry) received() (details []detail, alone bool) {
	in := credit(e.Direction)
	switch {
	case len(e.Details) < 2 && !in:
		return nil, true
	case len(e.Details) == 0:
		return []detail{{}}, true
	case len(e.Details) == 1:
		return e.Details, true
	case !slices.ContainsFunc(e.Details, func(d detail) bool { return cmp.Or(d.Amount, d.Within) == nil }):
		return slices.DeleteFunc(slices.Clone(e.Details), func(d detail) bool { return !credit(cmp.Or(d.Direction, e.Direction)) }), false
	case !in:
		return nil, true
	}
	var all detail
	for _, d := range e.Details {
		all.Texts, all.Refs, all.Docs = append(all.Texts, d.Texts...), append(all.Refs, d.Refs...), append(all.Docs, d.Docs...)
	}
	return []detail{all}, true
}

func credit(direction string) bool { return strings.TrimSpace(direction) == "CRDT" }

// reversed tells whether the bank took an earlier entry back.
func (e entry) reversed() bool {
	said := strings.TrimSpace(e.Reversal)
	return said == "true" || said == "1"
}

func (e entry) day() (civil.Date, error) {
	s := firstOf(e.Booked.Day, e.Booked.Time, e.Valued.Day, e.Valued.Time)
	if len(s) > 10 {
		s = s[:10]
	}
	return civil.Parse(s)
}

// nothing are the words by which banks say that there is no reference.
var nothing = []string{"", "NOTPROVIDED", "NONREF", "NOREF"}

// firstOf is the first that says something.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); !slices.Contains(nothing, strings.ToUpper(strings.ReplaceAll(t, " ", ""))) {
			return t
		}
	}
	return ""
}
