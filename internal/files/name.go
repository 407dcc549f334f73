package files

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is how many bytes a name has at most: what file systems take.
const longestName = 255

// Name is a name that somebody gave a file, as it is kept: without a folder
// before it, without what controls a terminal, a header or the direction of
// reading, in at most 255 bytes. What had no name is called "file".
func Name(given string) string {
	name := strings.ToValidUTF8(given[strings.LastIndexAny(given, `/\`)+1:], "_")
	name = strings.TrimSpace(strings.Map(printed, name))
	if strings.Trim(name, ".") == "" {
		return "file"
	}
	return short(name)
}

// printed drops what is not seen but changes how the rest is read: "exe.fdp"
// must not look like a PDF.
func printed(r rune) rune {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), r == '\uFEFF', r == utf8.RuneError:
		return -1
	}
	return r
}

// short cuts a long name before its extension.
func short(name string) string {
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	base := strings.TrimSuffix(name, ext)
	for len(base)+len(ext) > longestName {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return strings.TrimSpace(base + ext)
}
