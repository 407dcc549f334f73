package story

import "fmt"

// retainers are the lines of a period's fee, by language: the fee with the hours
// that it includes, and what it takes off. Which period it is stands with the
// line.
var retainers = map[string][2]string{
	"en": {"Retainer, %s h included", "Included in the retainer: %s h"},
	"de": {"Pauschale, %s Std. enthalten", "In der Pauschale enthalten: %s Std."},
	"fr": {"Forfait, %s h incluses", "Inclus dans le forfait : %s h"},
	"es": {"Iguala, %s h incluidas", "Incluido en la iguala: %s h"},
}

// RetainerFee is the line of a period's fee in the client's language; minutes
// are what it includes (N.08).
func RetainerFee(language string, minutes int64) string { return retainer(language, 0, minutes) }

// RetainerCovers is the line that takes off what fees include.
func RetainerCovers(language string, minutes int64) string { return retainer(language, 1, minutes) }

// prepaids are what it takes off for prepaid hours: which, how many, and how many
// are left.
var prepaids = map[string]string{
	"en": "%s: %s h (%s h left)",
	"de": "%s: %s Std. (noch %s Std.)",
	"fr": "%s : %s h (reste %s h)",
	"es": "%s: %s h (quedan %s h)",
}

// PrepaidCovers is the line that takes off hours that were paid for beforehand,
// in minutes (N.08).
func PrepaidCovers(language, name string, minutes, left int64) string {
	says, ok := prepaids[language]
	if !ok {
		says = prepaids["en"]
	}
	return fmt.Sprintf(says, name, clock(minutes), clock(left))
}

func clock(minutes int64) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }

func retainer(language string, line int, minutes int64) string {
	says, ok := retainers[language]
	if !ok {
		says = retainers["en"]
	}
	return fmt.Sprintf(says[line], clock(minutes))
}
