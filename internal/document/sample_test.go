package document

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"steward/internal/civil"
)

var civilZero civil.Date

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(month time.Month, d int) civil.Date { return civil.Of(2026, month, d) }

// sample is an invoice of everyday size with everything that can be on one.
func sample() InvoiceData {
	return InvoiceData{
		Number: "2026-0042", Currency: "GBP",
		IssuedOn: day(time.December, 1), DueOn: day(time.December, 31),
		PeriodFrom: day(time.November, 1), Through: day(time.November, 30),
		PurchaseOrder: "PO 4500178822",
		Terms:         "Payable within 30 days of the issue date by bank transfer, without deduction.",
		Notes:         "Thank you. Hannah Whitlock answers any question about this invoice: +44 20 7946 0182.",
		Seller:        harrowfield(),
		Buyer: Buyer{
			Name:         "Northgate Logistics GmbH",
			Address:      []string{"Attn. Frau Dr. Käthe Schüßler", "Große Elbstraße 14", "22767 Hamburg", "Germany"},
			TaxID:        "DE 811 907 980",
			Email:        "invoices@northgate.example",
			ClientNumber: "C-0117",
		},
		Sections: []Section{
			{Heading: "NG-12 Warehouse portal", Lines: []Line{
				{Kind: "time", Description: "Requirements workshop with the dispatch team", Who: "Hannah Whitlock", Quantity: "7.25", Unit: "h", UnitPrice: amount("140"), Amount: amount("1015.00"), TaxPercent: amount("20"), WorkedFrom: day(time.November, 3), WorkedTo: day(time.November, 5)},
				{Kind: "time", Description: "Search across open consignments: index, ranking and tests", Who: "Tomáš Dvořák", Quantity: "31.50", Unit: "h", UnitPrice: amount("115"), Amount: amount("3622.50"), TaxPercent: amount("20"), WorkedFrom: day(time.November, 4), WorkedTo: day(time.November, 27)},
				{Kind: "time", Description: "Review of the carrier interface", Who: "Anna Łęcka", Quantity: "2:17", Unit: "h", UnitPrice: amount("115"), Amount: amount("262.58"), TaxPercent: amount("20"), WorkedTo: day(time.October, 29), Late: true},
			}},
			{Heading: "NG-15 Support", Lines: []Line{
				{Kind: "time", Description: "Incidents and questions by telephone", Who: "Ioannis Παπαδόπουλος", Quantity: "4.00", Unit: "h", UnitPrice: amount("95"), Amount: amount("380.00"), TaxPercent: amount("20"), WorkedFrom: day(time.November, 2), WorkedTo: day(time.November, 30)},
				{Kind: "time", Description: "Goodwill: restoring the archive of 12 November", Who: "Ioannis Παπαδόπουλος", Quantity: "1.50", Unit: "h", TaxPercent: amount("20"), WorkedTo: day(time.November, 12)},
				{Kind: "expense", Description: "Barcode scanners for the pilot", Quantity: "3", Unit: "pcs", UnitPrice: amount("189.90"), Amount: amount("569.70"), TaxPercent: amount("20")},
				{Kind: "expense", Description: "Train, London–Harwich and back", Amount: amount("64.80")},
			}},
		},
		Taxes: []Tax{
			{Percent: amount("20"), Label: "VAT", Base: amount("5849.78"), Amount: amount("1169.96")},
			{Percent: amount("0"), Label: "VAT", Base: amount("64.80"), Amount: amount("0")},
		},
		Subtotal: amount("5914.58"), Tax: amount("1169.96"), Total: amount("7084.54"),
		Paid: amount("1000.00"), Balance: amount("6084.54"),
	}
}

func harrowfield() Seller {
	return Seller{
		Name:         "Harrowfield & Lane",
		Address:      []string{"18 Tanner Street", "London SE1 3LD", "United Kingdom"},
		TaxID:        "GB 293 4471 08",
		Email:        "accounts@harrowfield.example",
		Phone:        "+44 20 7946 0182",
		Web:          "harrowfield.example",
		Bank:         []string{"Harrowfield & Lane LLP", "IBAN: GB33 BUKB 2020 1555 5555 55", "BIC: BUKBGB22", "Sort code 20-20-15, account 55555555"},
		Registration: "Harrowfield & Lane LLP, registered in England and Wales, OC 318 442",
		FooterNote:   "Registered office: 18 Tanner Street, London SE1 3LD. A list of members is open to inspection there.",
	}
}

// long is an invoice of n lines in sections of forty.
func long(n int) InvoiceData {
	in := sample()
	in.Sections, in.Taxes, in.Paid = nil, nil, decimal.Zero
	who := []string{"Hannah Whitlock", "Tomáš Dvořák", "Anna Łęcka"}
	what := []string{"Review", "Interface to the carrier, with retries and a log that the dispatch team can read without asking us", "Tests", "Call with the warehouse"}
	for i := range n {
		if i%40 == 0 {
			in.Sections = append(in.Sections, Section{Heading: fmt.Sprintf("NG-%d Part %d of the portal", i/40+12, i/40+1)})
		}
		s := &in.Sections[len(in.Sections)-1]
		s.Lines = append(s.Lines, Line{
			Description: fmt.Sprintf("%s %d", what[i%len(what)], i+1), Who: who[i%len(who)],
			Quantity: "1.25", Unit: "h", UnitPrice: amount("115"), Amount: amount("143.75"),
			TaxPercent: amount("20"), WorkedTo: day(time.November, i%30+1),
		})
	}
	in.Subtotal = amount("143.75").Mul(decimal.NewFromInt(int64(n)))
	in.Tax = in.Subtotal.Mul(amount("0.2")).Round(2)
	in.Taxes = []Tax{{Percent: amount("20"), Label: "VAT", Base: in.Subtotal, Amount: in.Tax}}
	in.Total = in.Subtotal.Add(in.Tax)
	in.Balance = in.Total
	return in
}

// world is an invoice in letters from many places, with no decimals.
func world() InvoiceData {
	in := sample()
	in.Currency = "JPY"
	in.Seller.Name = "Ταχυδρομική Εταιρεία Αιγαίου Α.Ε."
	in.Seller.Address = []string{"Λεωφόρος Βασιλίσσης Σοφίας 12", "106 74 Αθήνα", "Ελλάδα"}
	in.Buyer = Buyer{
		Name:    "Общество с ограниченной ответственностью «Северный путь»",
		Address: []string{"ул. Академика Королёва, д. 15", "129515 Москва", "İstanbul, Şişli; Șoseaua Ștefan cel Mare; Łódź"},
	}
	in.Sections = []Section{{Lines: []Line{
		{Description: "Công ty TNHH Nguyễn Thị Hồng Đượm, Phường Bến Nghé: ứng dụng quản lý", Who: "Žofia Šťastná", Quantity: "12.5", Unit: "h", UnitPrice: amount("12000"), Amount: amount("150000"), TaxPercent: amount("10")},
		{Description: "山田太郎 ソフトウェア開発 2026年11月", Who: "😀", Quantity: "1", Unit: "pcs", UnitPrice: amount("1234567.5"), Amount: amount("1234568"), TaxPercent: amount("10")},
	}}}
	in.Taxes = []Tax{{Percent: amount("10"), Label: "消費税 (consumption tax)", Base: amount("1384568"), Amount: amount("138457")}}
	in.Subtotal, in.Tax, in.Total = amount("1384568"), amount("138457"), amount("1523025")
	in.Paid, in.Balance = decimal.Zero, in.Total
	in.Terms = ""
	in.Notes = "Ἐν ἀρχῇ ἦν ὁ λόγος. Қазақстан Республикасы. Nguye\u0302\u0303n. Ķļņŗ ő ű ẞ Œ ŋ ə"
	return in
}

// crowded is an invoice in which everything is as long as it may be.
func crowded() InvoiceData {
	in := sample()
	most := amount("999999999999.999")
	in.Currency = "KWD"
	in.Title = strings.Repeat("Consolidated invoice ", 12)
	in.Seller.Name = "The Long Established Company of Consulting Engineers and Surveyors of Northumberland Limited"
	in.Buyer.Name = strings.Repeat("Donaudampfschifffahrtsgesellschaft", 6)
	in.Buyer.Address = append(in.Buyer.Address, strings.Repeat("x", 200), "a", "b", "c", "d")
	in.PurchaseOrder = strings.Repeat("4500178822", 12)
	l := &in.Sections[0].Lines[0]
	l.Quantity, l.UnitPrice, l.Amount, l.TaxPercent = "123456789.123456", most, most, amount("7.625")
	in.Sections[0].Lines[1].Unit = "person-months"
	in.Sections[0].Lines[1].Description = strings.Repeat("wordwithoutspaces", 30)
	in.Sections[1].Heading = strings.Repeat("Support and maintenance ", 20)
	in.Taxes = []Tax{
		{Percent: amount("7.625"), Label: "A tax with a name that is rather long", Base: most, Amount: most},
		{Percent: amount("20"), Label: "VAT", Base: most, Amount: most},
	}
	in.Subtotal, in.Tax, in.Total, in.Paid, in.Balance = most, most, most, most, most
	in.Seller.Bank = append(in.Seller.Bank, strings.Repeat("Please pay to the account named here. ", 20))
	return in
}
