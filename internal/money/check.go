package money

// Mod97 is the remainder of ISO 7064, mod 97-10, by which the check digits of
// account numbers (ISO 13616) and creditor references (ISO 11649) are known: of
// digits and capital letters, which count from 10 for A.
func Mod97(s string) int {
	rest := 0
	for _, c := range []byte(s) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
			continue
		}
		rest = (rest*10 + int(c-'0')) % 97
	}
	return rest
}
