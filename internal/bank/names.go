package bank

import (
	"slices"
	"strings"
)

// names are what a payment is called in statements and notifications, the best
// first (S1.79). That of the bank that has the account, AcctSvcrRef, is the same
// in both and on no other payment. What payers call theirs is none: a standing
// order has the same EndToEndId each month, and some banks say NOTPROVIDED of
// all; it counts with all else that the payer said. NtryRef counts entries of a
// message, or is the account, and is none either.
func (e entry) names(l Line, d detail, account string, alone bool) []string {
	var all []string
	add := func(name string) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	entrys, own := firstOf(e.BankRef), firstOf(d.BankRef)
	said := strings.Join([]string{account, firstOf(d.TxID), firstOf(d.EndRef), bare(l.Payer), bare(strings.Join(append(append(slices.Clone(d.Texts), d.Refs...), d.Docs...), ""))}, "|")
	if alone && entrys != "" {
		add(l.called("bank", account+"|"+entrys))
	}
	if own != "" && (alone || e.only(own)) {
		add(l.called("bank", account+"|"+own))
	}
	if !alone && entrys != "" {
		add(l.called("part", entrys+"|"+said))
	}
	add(l.called("said", said))
	// As it was called until steward read notifications.
	if entrys != "" || own != "" {
		add(l.called("own", account+"|"+firstOf(e.BankRef, e.Ref)+"|"+firstOf(d.BankRef, d.TxID, d.EndRef)))
	}
	if firstOf(e.BankRef, e.Ref, d.BankRef, d.TxID, d.EndRef) == "" {
		add(l.said())
	}
	return all
}

// only tells whether a reference of the bank is that of one part alone.
func (e entry) only(reference string) bool {
	n := 0
	for _, d := range e.Details {
		if firstOf(d.BankRef) == reference {
			n++
		}
	}
	return n == 1 && firstOf(e.BankRef) != reference
}

// bare is a text as it can be compared: banks break its lines as they like.
func bare(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
