package einvoice_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/einvoice"
	"steward/internal/fault"
	"steward/internal/money"
)

var (
	update = flag.Bool("update", false, "write testdata afresh")
	dump   = flag.String("dump", "", "a folder for the random documents, to try other validators on")
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// added makes a document's sums from its lines.
func added(t testing.TB, d *einvoice.Document, reason string) *einvoice.Document {
	if t != nil {
		t.Helper()
	}
	taxes, err := einvoice.Group(d.Lines, d.Currency)
	for i, x := range taxes {
		taxes[i].Reason = x.Category.Reason(reason)
	}
	if err != nil {
		panic(err)
	}
	d.Taxes, d.Subtotal, d.Tax = taxes, decimal.Zero, decimal.Zero
	for _, x := range taxes {
		d.Subtotal, d.Tax = d.Subtotal.Add(x.Base), d.Tax.Add(x.Amount)
	}
	d.Total = d.Subtotal.Add(d.Tax)
	d.From, d.To = einvoice.Span(d.Lines)
	return d
}

// sample is the example of docs/billing.md with a discount beside.
func sample() *einvoice.Document {
	return added(nil, &einvoice.Document{
		Kind: einvoice.Invoice, Number: "INV-2026-00042", Issued: civil.Of(2026, 3, 31), Due: civil.Of(2026, 4, 30), Currency: "GBP",
		Notes: []string{"Thank you."}, PurchaseOrder: "PO-7, PO-8", BuyerReference: "Dept. 4",
		Seller: einvoice.Party{
			Name: "Harbour & Finch", VATID: "GB123456789", Registration: "01234567", TaxID: "GB 123 4567 89", Phone: "+44 117 496 0102", Email: "accounts@harbourfinch.example",
			Endpoint: "0088:5060012349998", Address: einvoice.Address{Street: "14 Wharf Lane", City: "Bristol", PostalCode: "BS1 4QF", Country: "GB"},
		},
		Buyer: einvoice.Party{
			Name: "Müller & Söhne GmbH", VATID: "DE123456789", Email: "rechnung@mueller.example", Endpoint: "9930:de123456789",
			Address: einvoice.Address{Country: "DE", Free: []string{"Müller & Söhne", "Hinterhaus", "3. Stock", "Lange Straße 7"}},
		},
		Payment: einvoice.Payment{Terms: "Net 30 days", IBAN: "GB82WEST12345698765432", BIC: "WESTGB2L"},
		Lines: []einvoice.Line{
			{Description: "Analysis", Person: "Ann", Project: "Website", Minutes: 435, UnitPrice: dec("120"), Amount: dec("870"), Category: "S", Percent: dec("20"), From: civil.Of(2026, 3, 2), To: civil.Of(2026, 3, 20)},
			{Description: "Telephone", Person: "Bob", Project: "Website", Minutes: 7, UnitPrice: dec("98.5"), Amount: dec("11.49"), Category: "S", Percent: dec("20"), From: civil.Of(2026, 2, 2), To: civil.Of(2026, 2, 2), Note: "Worked in a period that was billed before"},
			{Description: "Train", Quantity: dec("1"), UnitPrice: dec("42"), Amount: dec("42"), Category: "Z"},
			{Description: "Discount", Quantity: dec("-0.5"), UnitPrice: dec("8"), Amount: dec("-4"), Category: "Z"},
		},
	}, "")
}

// samples are the goldens.
func samples() map[string]*einvoice.Document {
	peppol := sample()
	peppol.Profile = einvoice.Peppol

	german := xrechnung()

	germanCredited := xrechnung().Crediting(einvoice.Reference{Number: "INV-2026-00042", Issued: civil.Of(2026, 3, 31)})
	germanCredit := &germanCredited
	germanCredit.Number = "CN-2026-00003"
	if err := germanCredit.ForProfile(); err != nil {
		panic(err)
	}

	credited := sample().Crediting(einvoice.Reference{Number: "INV-2026-00042", Issued: civil.Of(2026, 3, 31)})
	credit := &credited
	credit.Number = "CN-2026-00003"
	credit.Taxes[0].Amount, credit.Tax, credit.Total = dec("176.29"), dec("176.29"), dec("1095.78") // the rest of an invoice's tax

	reverse := sample()
	for i := range reverse.Lines {
		reverse.Lines[i].Category, reverse.Lines[i].Percent = einvoice.ReverseCharge, decimal.Zero
	}
	added(nil, reverse, "Steuerschuldnerschaft des Leistungsempfängers")

	mixed := sample()
	mixed.Lines[0].Percent = dec("5.5")
	mixed.Lines[2].Category, mixed.Lines[3].Category = einvoice.Exempt, einvoice.Exempt
	mixed.Paid = dec("100.5")
	added(nil, mixed, "Exempt: Article 132 of Directive 2006/112/EC")

	outside := sample()
	outside.Payment.IBAN, outside.Buyer.Endpoint = "", ""
	for i := range outside.Lines {
		outside.Lines[i].Category, outside.Lines[i].Percent = einvoice.OutOfScope, decimal.Zero
	}
	added(nil, outside, "")

	yen := sample()
	yen.Currency = "JPY"
	yen.Lines = []einvoice.Line{{Description: "分析", Minutes: 50, UnitPrice: dec("15001"), Amount: dec("12501"), Category: "S", Percent: dec("10")}}
	added(nil, yen, "")

	dinar := sample()
	dinar.Currency = "KWD"
	dinar.Lines = []einvoice.Line{{Description: "Analysis", Minutes: 90, UnitPrice: dec("45.5"), Amount: dec("68.25"), Category: "S", Percent: dec("8")}}
	added(nil, dinar, "")

	hostile := sample()
	hostile.Buyer.Name = "\u202eslipknot\u202c ]]> <b>&amp; \x00\x1b[31m\"'"
	hostile.Lines[0].Description = "🦊 \ufffe\uffff a\xff\n\tb \u05e9\u05dc\u05d5\u05dd ]]><!-- --> <?xml?>"
	hostile.Lines[1].Description = "\x01\x02"
	hostile.Lines[1].Person, hostile.PurchaseOrder, hostile.BuyerReference = "\x7f\u0085", "\x03", " "
	hostile.Notes = []string{"one\r\n\r\n  two\u2028three", "\x08", "four"}

	return map[string]*einvoice.Document{
		"invoice": sample(), "peppol": peppol, "xrechnung": german, "xrechnungcredit": germanCredit, "creditnote": credit, "reversecharge": reverse, "mixed": mixed, "outofscope": outside,
		"yen": yen, "dinar": dinar, "hostile": hostile,
	}
}

func ubl(t testing.TB, d *einvoice.Document) []byte {
	t.Helper()
	b, err := d.UBL()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDocumentsAreTheGoldenOnes(t *testing.T) { // N.17
	for name, d := range samples() {
		got := ubl(t, d)
		keeps(t, got)
		file := filepath.Join("testdata", name+".xml")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what it was; write it afresh with go test ./internal/einvoice -update, and look at the difference", file)
		}
	}
}

func TestAFrozenDocumentIsWrittenTheSame(t *testing.T) {
	for name, d := range samples() {
		frozen, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var thawed einvoice.Document
		if err := json.Unmarshal(frozen, &thawed); err != nil {
			t.Fatal(err)
		}
		if name != "hostile" && !bytes.Equal(ubl(t, d), ubl(t, &thawed)) { // JSON has no broken UTF-8
			t.Errorf("%s differs", name)
		}
	}
}

func TestTextsThatWouldBreakXMLAreHarmless(t *testing.T) {
	p := keeps(t, ubl(t, samples()["hostile"]))
	for path, want := range map[string]string{
		"AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName": "\u202eslipknot\u202c ]]> <b>&amp; [31m\"'",
		"InvoiceLine/Item/Name": "🦊 \ufffd\ufffd a\ufffd b \u05e9\u05dc\u05d5\u05dd ]]><!-- --> <?xml?>",
		"Note":                  "one\ntwo three\nfour", "OrderReference/ID": "", "BuyerReference": "",
	} {
		if got := p.get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if name := p.lines[1].get("Item/Name"); name != "-" {
		t.Errorf("a line without words is called %q", name)
	}
}

func TestTimeIsInHoursWhereThatIsExact(t *testing.T) { // billing, "Amounts"
	for minutes, want := range map[int64][3]string{435: {"7.25", "HUR", ""}, 3: {"0.05", "HUR", ""}, 60: {"1", "HUR", ""}, 7: {"7", "MIN", "60"}, 436: {"436", "MIN", "60"}, 50: {"50", "MIN", "60"}} {
		d := sample()
		amount, err := money.ForTime(minutes, dec("98.123456"), "GBP")
		if err != nil {
			t.Fatal(err)
		}
		d.Lines = []einvoice.Line{{Description: "x", Minutes: minutes, UnitPrice: dec("98.123456"), Amount: amount, Category: "S", Percent: dec("20")}}
		p := keeps(t, ubl(t, added(t, d, "")))
		q := p.quantity(p.lines[0])
		if got := [3]string{q.text, q.attrs["unitCode"], p.lines[0].get("Price/BaseQuantity")}; got != want {
			t.Errorf("%d minutes are %v, want %v", minutes, got, want)
		}
	}
}

// draw makes a document by lot: every kind, category and currency.
func draw(t testing.TB, r *rand.Rand) *einvoice.Document {
	d := sample()
	d.Currency = []money.Currency{"GBP", "EUR", "JPY", "KWD", "CHF", "USD"}[r.IntN(6)]
	d.Profile = []einvoice.Profile{"", einvoice.Plain, einvoice.Peppol, einvoice.XRechnung}[r.IntN(4)]
	d.Buyer.Address.City, d.Buyer.Address.PostalCode, d.Seller.Contact = "Bonn", "53113", d.Seller.Name
	if r.IntN(3) == 0 {
		d.Kind, d.Preceding = einvoice.CreditNote, []einvoice.Reference{{Number: "INV-2026-00001"}}
	}
	if d.Profile != einvoice.XRechnung && r.IntN(2) == 0 {
		d.Payment.IBAN, d.Payment.BIC = "", ""
	}
	outside := r.IntN(8) == 0
	d.Lines = nil
	for range 1 + r.IntN(25) {
		d.Lines = append(d.Lines, drawLine(t, r, d.Currency, outside))
	}
	added(t, d, "Article 132")
	if d.From.IsZero() {
		d.From, d.To = d.Issued, d.Issued
	}
	if r.IntN(4) == 0 && d.Total.Sign() > 0 {
		d.Paid = d.Currency.Round(d.Total.Div(decimal.NewFromInt(3))).Truncate(2)
	}
	return d
}

func drawLine(t testing.TB, r *rand.Rand, c money.Currency, outside bool) einvoice.Line {
	l := einvoice.Line{Description: fmt.Sprintf("Work %d <&> 🦊", r.IntN(1000)), Project: "Website", UnitPrice: decimal.New(r.Int64N(200_000_000), -6)}
	var err error
	whole := c.Decimals() == 3 // so that two decimals can say it
	if whole {
		l.UnitPrice = l.UnitPrice.Ceil()
	}
	if r.IntN(3) > 0 {
		if l.Minutes = 1 + r.Int64N(5000); whole {
			l.Minutes *= 60
		}
		l.Amount, err = money.ForTime(l.Minutes, l.UnitPrice, c)
		l.From = civil.Of(2026, 1, 1+r.IntN(28))
		l.To = l.From.AddDays(r.IntN(40))
	} else {
		l.Quantity = decimal.New(r.Int64N(20_000_000)-4_000_000, -6)
		if whole {
			l.Quantity = l.Quantity.Ceil()
		}
		l.Amount = c.Round(l.Quantity.Mul(l.UnitPrice))
	}
	if err != nil {
		t.Fatal(err)
	}
	rates := []string{"20", "19", "7", "5.5", "2.1", "12.345"}
	switch r.IntN(6) {
	case 0:
		l.Category = einvoice.Zero
	case 1:
		l.Category = einvoice.Exempt
	case 2:
		l.Category = einvoice.ReverseCharge
	default:
		l.Category, l.Percent = einvoice.Standard, dec(rates[r.IntN(len(rates))])
	}
	if outside {
		l.Category, l.Percent = einvoice.OutOfScope, decimal.Zero
	}
	return l
}

func TestRandomDocumentsKeepTheRules(t *testing.T) { // N.12, N.17
	r := rand.New(rand.NewPCG(16931, 2017))
	written, n := 0, 500
	if *dump != "" {
		n = 3000
	}
	for i := range n {
		d := draw(t, r)
		b, err := d.UBL()
		if fault.Is(err, einvoice.Impossible) && (d.Profile == einvoice.Peppol || d.Profile == einvoice.XRechnung || d.Currency == "KWD") {
			continue
		}
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		p := keeps(t, b)
		written++
		if !p.dec(total+"TaxInclusiveAmount").Equal(d.Total) || len(p.lines) != len(d.Lines) {
			t.Errorf("%d: the document comes to %s, its XML to %s", i, d.Total, p.get(total+"TaxInclusiveAmount"))
		}
		if *dump != "" {
			if err := os.WriteFile(filepath.Join(*dump, fmt.Sprintf("%05d.xml", i)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if written < n/2 {
		t.Errorf("only %d of %d could be said", written, n)
	}
}

func TestWhatIsMissingIsNamedByItsTerm(t *testing.T) {
	for want, break_ := range map[string]func(*einvoice.Document){
		"BT-1":        func(d *einvoice.Document) { d.Number = "" },
		"BT-2":        func(d *einvoice.Document) { d.Issued = civil.Date{} },
		"BT-27":       func(d *einvoice.Document) { d.Seller.Name = " \x00" },
		"BT-40":       func(d *einvoice.Document) { d.Seller.Address.Country = "" },
		"BT-44":       func(d *einvoice.Document) { d.Buyer.Name = "" },
		"BT-55 BT-40": func(d *einvoice.Document) { d.Buyer.Address.Country, d.Seller.Address.Country = "", "" },
		"BT-31":       func(d *einvoice.Document) { d.Seller.VATID, d.Seller.TaxID = "", "" },
		"BT-31 ":      func(d *einvoice.Document) { d.Seller.VATID, d.Seller.Registration = "", "" },
		"BT-20":       func(d *einvoice.Document) { d.Due, d.Payment.Terms = civil.Date{}, "" },
		"BT-20 ": func(d *einvoice.Document) {
			d.Kind, d.Payment = einvoice.CreditNote, einvoice.Payment{}
		},
		"BT-48": func(d *einvoice.Document) {
			d.Lines[2].Category, d.Lines[3].Category, d.Buyer.VATID = einvoice.ReverseCharge, einvoice.ReverseCharge, ""
			added(t, d, "")
		},
		"BT-120": func(d *einvoice.Document) {
			d.Lines[2].Category, d.Lines[3].Category = einvoice.Exempt, einvoice.Exempt
			added(t, d, "")
		},
		"BT-30": func(d *einvoice.Document) {
			for i := range d.Lines {
				d.Lines[i].Category, d.Lines[i].Percent = einvoice.OutOfScope, decimal.Zero
			}
			added(t, d, "").Seller.Registration = ""
		},
		"BT-10 BT-34 BT-49": func(d *einvoice.Document) {
			d.Profile, d.BuyerReference, d.PurchaseOrder, d.Seller.Endpoint, d.Buyer.Endpoint = einvoice.Peppol, "", "", "", ""
		},
	} {
		d := sample()
		break_(d)
		_, err := d.UBL()
		f, ok := fault.From(err)
		if !ok || f.Code != einvoice.Incomplete || len(f.Fields) != len(strings.Fields(want)) {
			t.Errorf("%s: got %v", want, err)
			continue
		}
		for _, field := range f.Fields {
			if !in(want, field.Location) || !strings.Contains(f.Message, field.Location) {
				t.Errorf("%s: got %s: %s", want, field.Location, f.Message)
			}
		}
	}
}

func TestWhatTheStandardCannotSayIsRefused(t *testing.T) {
	for name, break_ := range map[string]func(*einvoice.Document){
		"BR-DEC": func(d *einvoice.Document) {
			d.Currency, d.Lines = "KWD", []einvoice.Line{{Description: "x", Minutes: 7, UnitPrice: dec("98.5"), Amount: dec("11.492"), Category: "S", Percent: dec("5")}}
		},
		"BR-O-11": func(d *einvoice.Document) { d.Lines[2].Category = einvoice.OutOfScope },
		"R120": func(d *einvoice.Document) {
			d.Profile, d.Currency, d.Lines = einvoice.Peppol, "JPY", []einvoice.Line{{Description: "x", Minutes: 7, UnitPrice: dec("15001"), Amount: dec("1750"), Category: "S", Percent: dec("10")}}
		},
	} {
		d := sample()
		break_(d)
		if _, err := added(t, d, "").UBL(); !fault.Is(err, einvoice.Impossible) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestFiguresThatDoNotAddUpAreAMistakeOfOurs(t *testing.T) {
	for name, break_ := range map[string]func(*einvoice.Document){
		"subtotal": func(d *einvoice.Document) { d.Subtotal = dec("1") },
		"tax":      func(d *einvoice.Document) { d.Tax = dec("1") },
		"total":    func(d *einvoice.Document) { d.Total = dec("1") },
		"group":    func(d *einvoice.Document) { d.Taxes[0].Amount = dec("1") },
		"no group": func(d *einvoice.Document) { d.Taxes = d.Taxes[:1] },
		"price":    func(d *einvoice.Document) { d.Lines[3].UnitPrice = dec("-8") },
		"both":     func(d *einvoice.Document) { d.Tax, d.Total = d.Tax.Add(dec("0.01")), d.Total.Add(dec("0.01")) },
		"all":      func(d *einvoice.Document) { taxed(d, "0.01") },
		"less":     func(d *einvoice.Document) { taxed(d, "-0.01") },
		"a note":   func(d *einvoice.Document) { d.Kind = einvoice.CreditNote; taxed(d, "0.02") },
		"a note's": func(d *einvoice.Document) { d.Kind = einvoice.CreditNote; taxed(d, "-0.02") },
	} {
		d := sample()
		break_(d)
		_, err := d.UBL()
		if _, refused := fault.From(err); err == nil || refused {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// taxed is a document whose tax is otherwise by so much, and adds up.
func taxed(d *einvoice.Document, by string) {
	d.Taxes[0].Amount, d.Tax, d.Total = d.Taxes[0].Amount.Add(dec(by)), d.Tax.Add(dec(by)), d.Total.Add(dec(by))
}

func TestTheTaxOfACreditNoteMayDifferByTheSmallestUnit(t *testing.T) { // N.04, N.17
	for _, by := range []string{"-0.01", "0", "0.01"} {
		d := sample().Crediting(einvoice.Reference{Number: "INV-2026-00042", Issued: civil.Of(2026, 3, 31)})
		d.Number = "CN-2026-00003"
		taxed(&d, by)
		if _, err := d.UBL(); err != nil {
			t.Errorf("%s: %v", by, err)
		}
	}
}

func TestCategoriesFollowTheRate(t *testing.T) { // N.11
	for _, c := range []struct {
		word, percent string
		want          einvoice.Category
	}{
		{"standard", "20", "S"}, {"standard", "0", "Z"}, {"", "0", "Z"}, {"zero", "0", "Z"}, {"exempt", "0", "E"},
		{"reverse_charge", "0", "AE"}, {"out_of_scope", "0", "O"}, {"reverse_charge", "20", "S"},
	} {
		if got := einvoice.CategoryOf(c.word, dec(c.percent)); got != c.want {
			t.Errorf("%s at %s %% is %s, want %s", c.word, c.percent, got, c.want)
		}
	}
}

func TestCodesAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		parse    func(field, s string) (string, error)
		in, want string
	}{
		{einvoice.ParseCountry, " de", "DE"}, {einvoice.ParseCountry, "", ""}, {einvoice.ParseCountry, "UK", "!"}, {einvoice.ParseCountry, "DEU", "!"}, {einvoice.ParseCountry, "D E F", "!"},
		{einvoice.ParseVATID, "GB 123 4567 89", "GB123456789"}, {einvoice.ParseVATID, "el 094.259.216", "EL094259216"}, {einvoice.ParseVATID, "123456789", "!"}, {einvoice.ParseVATID, "DE", "!"}, {einvoice.ParseVATID, "DEÄ1234", "!"}, {einvoice.ParseVATID, "", ""},
		{einvoice.ParseEndpoint, "0192: 987654325", "0192:987654325"}, {einvoice.ParseEndpoint, "em:a@b.example", "EM:a@b.example"}, {einvoice.ParseEndpoint, "EM:a", "!"}, {einvoice.ParseEndpoint, "9999:1", "!"}, {einvoice.ParseEndpoint, "0192:", "!"}, {einvoice.ParseEndpoint, "0192", "!"}, {einvoice.ParseEndpoint, "", ""},
		{einvoice.ParseIBAN, "gb82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"}, {einvoice.ParseIBAN, "GB00 SVAN 0000 0012 3456 78", "!"}, {einvoice.ParseIBAN, "DE89370400440532013000", "DE89370400440532013000"}, {einvoice.ParseIBAN, "DE89", "!"}, {einvoice.ParseIBAN, "", ""},
		{einvoice.ParseBIC, "westgb2l", "WESTGB2L"}, {einvoice.ParseBIC, "WEST", "!"}, {einvoice.ParseBIC, "", ""},
	} {
		got, err := c.parse("field", c.in)
		if err != nil {
			got = "!"
		}
		if got != c.want {
			t.Errorf("%q is read as %q, want %q: %v", c.in, got, c.want, err)
		}
	}
}
