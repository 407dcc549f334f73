package document

import (
	_ "embed" // the fonts are part of the program

	"github.com/jung-kurt/gofpdf"
)

// Noto Sans covers Latin with Vietnamese, Greek with its accents, and Cyrillic,
// and its digits all have one width. The files are strings because gofpdf
// writes into the bytes it is given: every document gets a copy of its own.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	regularFont string
	//go:embed fonts/NotoSans-SemiBold.ttf
	strongFont string
)

const fontFamily = "sans"

// A weight is a style of the font family, as gofpdf names them.
type weight string

const (
	regular weight = ""
	strong  weight = "B"
)

func addFonts(pdf *gofpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(fontFamily, string(regular), []byte(regularFont))
	pdf.AddUTF8FontFromBytes(fontFamily, string(strong), []byte(strongFont))
}
