package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"steward/internal/billing"
)

// receivables are those of n clients in pounds, and one in yen.
func receivables(n int) billing.AgedReceivables {
	r := billing.AgedReceivables{On: day(time.April, 1), AsOf: day(time.March, 31), Firm: ledger(0).Firm}
	for i := range n {
		c := billing.Receivables{ClientName: fmt.Sprintf("Client %d & Söhne, Gesellschaft für dies und das mbH", i), Currency: "GBP"}
		for _, days := range []int{-3, 5, 45, 75, 400}[:1+i%5] {
			c.Add(amount("1234567.89"), r.AsOf.AddDays(-days), r.AsOf)
		}
		c.Credit = amount("99.5")
		r.Clients = append(r.Clients, c)
	}
	yen := billing.Receivables{ClientName: "株式会社 Kawase", Currency: "JPY"}
	yen.Add(amount("120000"), r.AsOf, r.AsOf)
	r.Clients = append(r.Clients, yen)
	return r
}

func TestReceivablesByAgeArePrinted(t *testing.T) { // N.13
	t.Parallel()
	for name, in := range map[string]billing.AgedReceivables{"aged": receivables(7), "aged-long": receivables(60), "aged-none": {On: day(time.April, 1), AsOf: day(time.April, 1)}} {
		var b, again bytes.Buffer
		if err := Aged(&b, in); err != nil {
			t.Fatal(err)
		}
		if err := Aged(&again, in); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same figures have other bytes: %v", name, err)
		}
		pages := read(t, b.Bytes())
		golden(t, name+".golden", describe(pages))
		all := texts(slices.Concat(pages...))
		for _, c := range in.Clients {
			if !slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, strings.Fields(c.ClientName)[0]) }) {
				t.Errorf("%s is not printed", c.ClientName)
			}
		}
	}
}
