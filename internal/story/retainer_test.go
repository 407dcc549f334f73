package story

import "testing"

func TestAFeeIsSaidInTheClientsLanguage(t *testing.T) { // N.08
	t.Parallel()
	for language, want := range map[string][2]string{
		"en": {"Retainer, 10:00 h included", "Included in the retainer: 1:05 h"},
		"de": {"Pauschale, 10:00 Std. enthalten", "In der Pauschale enthalten: 1:05 Std."},
		"fr": {"Forfait, 10:00 h incluses", "Inclus dans le forfait : 1:05 h"},
		"es": {"Iguala, 10:00 h incluidas", "Incluido en la iguala: 1:05 h"},
		"xx": {"Retainer, 10:00 h included", "Included in the retainer: 1:05 h"},
	} {
		if got := [2]string{RetainerFee(language, 600), RetainerCovers(language, 65)}; got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}
