package secret

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"steward/internal/fault"
)

// WeakPassword is the code for a password that would be guessed soon.
const WeakPassword fault.Code = "weak_password"

// Shortest and Longest are how many signs a password has.
const (
	Shortest = 10
	Longest  = 200
)

// fewest is how many different signs a password has at least.
const fewest = 4

// common are the passwords that are tried first, of those that are long
// enough, in small letters.
//
//go:embed common.txt
var common string

// Good refuses a password that is too short or too long, that is among the
// commonest, or that is little more than what everybody knows of its owner:
// the e-mail address or the name.
func Good(password string, owner ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < Shortest:
		return fault.New(WeakPassword, "a password has at least %d signs", Shortest)
	case n > Longest:
		return fault.New(WeakPassword, "a password has at most %d signs", Longest)
	}
	small := strings.ToLower(password)
	if different(small) < fewest || slices.Contains(strings.Fields(common), strings.Join(strings.Fields(small), "")) {
		return fault.New(WeakPassword, "this password is one of those that are tried first")
	}
	for _, known := range owner {
		local, _, _ := strings.Cut(known, "@")
		for _, k := range []string{letters(known), letters(local)} {
			if k != "" && letters(small) == k {
				return fault.New(WeakPassword, "a password is not one's e-mail address or name, with or without figures")
			}
		}
	}
	return nil
}

func different(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// letters are the small letters of a text and nothing else.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
