package document

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/billing"
)

func TestPartiesAreMadeOfTheirPartsWhereNothingWasWritten(t *testing.T) { // S1.77, N.17
	t.Parallel()
	firm := SellerOf(billing.Party{
		Name: "Nordlicht", Street: "Hafenstraße 12", City: "Hamburg", PostalCode: "20457", Country: "DE",
		VATID: "DE123456789", TaxID: "22/123/45678", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX",
	})
	want := Seller{
		Name: "Nordlicht", Address: []string{"Hafenstraße 12", "20457 Hamburg"}, VATID: "DE123456789", TaxID: "22/123/45678",
		Bank: []string{"IBAN: DE89 3704 0044 0532 0130 00", "BIC: COBADEFFXXX"},
	}
	if diff := cmp.Diff(want, firm); diff != "" {
		t.Errorf("the firm (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name     string
		party    billing.Party
		language string
		want     Buyer
	}{
		{"at home", billing.Party{Street: "Weg 1", City: "Bern", PostalCode: "3000", Country: "DE"}, "de", Buyer{Address: []string{"Weg 1", "3000 Bern"}}},
		{"abroad", billing.Party{Street: "Weg 1", City: "Bern", PostalCode: "3000", Country: "CH"}, "de", Buyer{Address: []string{"Weg 1", "3000 Bern", "Schweiz"}}},
		{"code behind the town", billing.Party{Street: "1 High Street", City: "Leeds", PostalCode: "LS1 1AA", Country: "GB"}, "fr", Buyer{Address: []string{"1 High Street", "Leeds LS1 1AA", "Royaume-Uni"}}},
		{"as written", billing.Party{Address: "Postfach\nBern", Street: "Weg 1", Country: "CH"}, "de", Buyer{Address: []string{"Postfach", "Bern"}}},
		{"country alone", billing.Party{Country: "CH"}, "de", Buyer{}},
		{"one number written twice", billing.Party{VATID: "GB123456789", TaxID: "GB 123 4567 89"}, "en", Buyer{VATID: "GB123456789"}},
	} {
		if diff := cmp.Diff(c.want, BuyerOf(c.party, "DE", c.language)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestInvoicePrintsVATIdentifiersOfBoth(t *testing.T) { // S1.77, N.11
	t.Parallel()
	for language, want := range map[string][]string{
		"en": {"VAT ID GB293447108", "Tax number 1234567890", "Your VAT ID"},
		"de": {"USt-IdNr. GB293447108", "Steuernr. 1234567890", "Ihre USt-IdNr."},
		"fr": {"N° TVA GB293447108", "N° fiscal 1234567890", "Votre n° TVA"},
		"es": {"NIF-IVA GB293447108", "NIF 1234567890", "Su NIF-IVA"},
	} {
		in := sample()
		in.Language, in.Seller.VATID, in.Seller.TaxID, in.Buyer.VATID, in.Buyer.TaxID = language, "GB293447108", "1234567890", "DE811907980", "11/222/33333"
		says := strings.ReplaceAll(describe(read(t, render(t, in))), "\u00a0", " ")
		for _, w := range append(want, "DE811907980", "11/222/33333") {
			if !strings.Contains(says, w) {
				t.Errorf("the invoice in %q does not say %q:\n%s", language, w, says)
			}
		}
	}
}

func TestAnInvoicePrintsTheReferenceToPayItBy(t *testing.T) { // S1.77, S1.79
	t.Parallel()
	for reference, want := range map[string]string{"": "Reference: " + sample().Number, "RF36 INV2 0260 0042": "Reference: RF36 INV2 0260 0042", "00 00000 02552 02026 00000 00420": "00 00000 02552 02026 00000 00420"} {
		in := sample()
		in.Reference = reference
		if says := strings.ReplaceAll(describe(read(t, render(t, in))), "\u00a0", " "); !strings.Contains(says, want) {
			t.Errorf("the invoice does not say %q:\n%s", want, says)
		}
	}
}
