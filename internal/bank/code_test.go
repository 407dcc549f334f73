package bank_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"steward/internal/bank"
	"steward/internal/money"
)

// Who is paid and pays in the examples of the Swiss guidelines.
var (
	schneider  = bank.Party{Name: "Robert Schneider AG", Street: "Rue du Lac 1268", PostalCode: "2501", Town: "Biel", Country: "CH"}
	rutschmann = bank.Party{Name: "Pia-Maria Rutschmann-Schnyder", Street: "Grosse Marktgasse 28", PostalCode: "9400", Town: "Rorschach", Country: "CH"}
)

// payload is the text of a code, "" where there is none.
func payload(iban, bic string, creditor, debtor bank.Party, reference, number, amount string, c money.Currency) string {
	sum := decimal.RequireFromString(amount)
	code := bank.NewCode(iban, bic, creditor, debtor, reference, number, sum, c)
	if code == nil {
		return ""
	}
	return code.Payload(sum, c)
}

// The codes are those of the standards' own examples, as far as an invoice has
// what they say: no purpose, and of a QR-bill no billing information.
func TestPaymentCodesAreThoseOfTheStandards(t *testing.T) { // S1.77, S1.79, N.17
	t.Parallel()
	const address = "\nS\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel\nCH\n\n\n\n\n\n\n\n"
	const debtor = "\nS\nPia-Maria Rutschmann-Schnyder\nGrosse Marktgasse\n28\n9400\nRorschach\nCH\n"
	for name, c := range map[string]struct{ got, want string }{
		"EPC069-12, with a text": {
			payload("BE72000000001616", "BPOTBEB1", bank.Party{Name: "Red Cross of Belgium"}, rutschmann, "", "Urgency fund", "1", "EUR"),
			"BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\n\nUrgency fund",
		},
		"EPC069-12, with a reference and without a BIC": {
			payload("DE89370400440532013000", "", bank.Party{Name: "Müller & Söhne"}, rutschmann, "RF18539007547034", "INV-2026-00042", "12.3", "EUR"),
			"BCD\n002\n1\nSCT\n\nMüller & Söhne\nDE89370400440532013000\nEUR12.30\n\nRF18539007547034",
		},
		"QR-bill, QR reference": {
			payload("CH4431999123000889012", "", schneider, rutschmann, "210000000003139471430009017", "Order from 15.10.2020", "1949.75", "CHF"),
			"SPC\n0200\n1\nCH4431999123000889012" + address + "1949.75\nCHF" + debtor + "QRR\n210000000003139471430009017\nOrder from 15.10.2020\nEPD",
		},
		"QR-bill, creditor reference": {
			payload("CH5800791123000889012", "", schneider, rutschmann, "RF18539007547034", "", "199.95", "CHF"),
			"SPC\n0200\n1\nCH5800791123000889012" + address + "199.95\nCHF" + debtor + "SCOR\nRF18539007547034\n\nEPD",
		},
		"QR-bill in euros, without a reference and a debtor": {
			payload("CH5800791123000889012", "UBSWCHZH80A", schneider, bank.Party{Name: "Somebody"}, "", "INV-2026-00042", "50", "EUR"),
			"SPC\n0200\n1\nCH5800791123000889012" + address + "50.00\nEUR\n\n\n\n\n\n\n\nNON\n\nINV-2026-00042\nEPD",
		},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestThereIsNoCodeThatABankWouldRefuse(t *testing.T) { // S1.77
	t.Parallel()
	noTown := schneider
	noTown.Town = ""
	greek := schneider
	greek.Name = "Εταιρεία"
	box := schneider
	box.Street = "Postfach 12"
	for name, c := range map[string]struct{ got, want string }{ // want: how it begins
		"nothing to pay":              {payload(iban, "", schneider, rutschmann, "", "N", "0", "EUR"), ""},
		"money to get back":           {payload(iban, "", schneider, rutschmann, "", "N", "-1", "EUR"), ""},
		"a cent":                      {payload(iban, "", schneider, rutschmann, "", "N", "0.01", "EUR"), "BCD"},
		"the most":                    {payload(iban, "", schneider, rutschmann, "", "N", "999999999.99", "EUR"), "BCD"},
		"more than that":              {payload(iban, "", schneider, rutschmann, "", "N", "1000000000", "EUR"), ""},
		"pounds":                      {payload(iban, "", schneider, rutschmann, "", "N", "1", "GBP"), ""},
		"francs in Germany":           {payload(iban, "", schneider, rutschmann, "", "N", "1", "CHF"), ""},
		"no account":                  {payload("", "", schneider, rutschmann, "", "N", "1", "EUR"), ""},
		"outside of SEPA":             {payload("TR330006100519786457841326", "TGBATRISXXX", schneider, rutschmann, "", "N", "1", "EUR"), ""},
		"outside of the EEA, no BIC":  {payload("GB82WEST12345698765432", "", schneider, rutschmann, "", "N", "1", "EUR"), ""},
		"outside of the EEA":          {payload("GB82WEST12345698765432", "WESTGB22", schneider, rutschmann, "", "N", "1", "EUR"), "BCD"},
		"nobody to pay":               {payload(iban, "", bank.Party{Name: " \n"}, rutschmann, "", "N", "1", "EUR"), ""},
		"a QR-IBAN, no reference":     {payload(qr, "", schneider, rutschmann, "", "N", "1", "EUR"), ""},
		"a QR-IBAN, another's kind":   {payload(qr, "", schneider, rutschmann, "RF18539007547034", "N", "1", "CHF"), ""},
		"a QR reference, no QR-IBAN":  {payload(plain, "", schneider, rutschmann, "210000000003139471430009017", "N", "1", "CHF"), ""},
		"no town, francs":             {payload(plain, "UBSWCHZH80A", noTown, rutschmann, "", "N", "1", "CHF"), ""},
		"no town, euros":              {payload(plain, "UBSWCHZH80A", noTown, rutschmann, "", "N", "1", "EUR"), "BCD"},
		"letters that are not known":  {payload(plain, "", greek, rutschmann, "", "N", "1", "CHF"), ""},
		"a debtor in such letters":    {payload(plain, "", schneider, greek, "", "N", "1.50", "CHF"), "SPC\n0200\n1\n" + plain + "\nS\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel\nCH\n\n\n\n\n\n\n\n1.50\nCHF\n\n\n\n\n\n\n\nNON\n"},
		"a box of the post office":    {payload(plain, "", box, rutschmann, "", "N", "1", "CHF"), "SPC\n0200\n1\n" + plain + "\nS\nRobert Schneider AG\nPostfach 12\n\n2501\n"},
		"Liechtenstein is in the EEA": {payload("LI21088100002324013AA", "", noTown, rutschmann, "", "N", "1", "EUR"), "BCD"},
	} {
		if !strings.HasPrefix(c.got, c.want) || c.want == "" && c.got != "" {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestStreetsHaveTheirNumbersApart(t *testing.T) { // S1.77
	t.Parallel()
	for street, want := range map[string]string{
		"Grosse Marktgasse 28": "Grosse Marktgasse|28", "Rue de l’Hôpital 12 bis": "Rue de l'Hôpital 12 bis|", "Hauptstr. 12a": "Hauptstr.|12a",
		"Weg 14–16": "Weg|14-16", "Via Roma, 7": "Via Roma|7", "18 Tanner Street": "18 Tanner Street|", "Strasse des 17. Juni 135": "Strasse des 17. Juni 135|",
		"Case postale 717": "Case postale 717|", "": "|", "Nguyễn Đình Chiểu 5": "Nguyen Đình Chieu|5",
	} {
		p := schneider
		p.Street = street
		lines := strings.Split(payload(plain, "", p, rutschmann, "", "N", "1", "CHF"), "\n")
		if len(lines) < 8 || lines[6]+"|"+lines[7] != want {
			t.Errorf("%q: got %q, want %q", street, lines, want)
		}
	}
}

// Whatever people call themselves, a code has the lines of its standard, each
// within its length.
func TestCodesKeepTheirLimits(t *testing.T) { // S1.77
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("aé\n ŁŐ“–ß漢😀"))), rapid.StringN(60, 90, -1))
		party := func() bank.Party {
			return bank.Party{Name: text.Draw(r, "name"), Street: text.Draw(r, "street"), PostalCode: text.Draw(r, "code"), Town: text.Draw(r, "town"), Country: "CH"}
		}
		account := rapid.SampledFrom([]string{iban, plain}).Draw(r, "account")
		got := payload(account, "UBSWCHZH80A", party(), party(), "", "INV-2026-00042", "999999999.99", "EUR")
		lines := strings.Split(got, "\n")
		switch {
		case got == "":
		case lines[0] == "BCD" && (len(lines) != 11 || len(got) > 331 || utf8.RuneCountInString(lines[5]) > 70 || lines[5] == ""):
			r.Errorf("the code of the EPC is %q", got)
		case lines[0] == "SPC" && (len(lines) != 31 || len(got) > 997 || lines[30] != "EPD" || utf8.RuneCountInString(lines[5]) > 70):
			r.Errorf("the code of the QR-bill is %q", got)
		}
	})
}
