package document

import (
	_ "embed" // the fonts are part of the program

	"github.com/jung-kurt/gofpdf"
)

// Noto Sans covers Latin with Vietnamese, Greek with its accents, and Cyrillic,
// and its digits all have one width. The files are strings because gofpdf
// writes into the bytes it is given: every document gets a copy of its own.
// Slip Sans is Liberation Sans, under a name that a font which was cut down may have.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	regularFont string
	//go:embed fonts/NotoSans-SemiBold.ttf
	strongFont string
	//go:embed fonts/SlipSans-Regular.ttf
	slipRegularFont string
	//go:embed fonts/SlipSans-Bold.ttf
	slipStrongFont string
)

// A weight is one of the fonts, as gofpdf names them.
type weight struct{ family, style string }

var (
	regular = weight{"sans", ""}
	strong  = weight{"sans", "B"}

	// Of the payment part of a QR-bill alone, whose standard names its fonts.
	slipRegular = weight{"slip", ""}
	slipStrong  = weight{"slip", "B"}
)

func addFonts(pdf *gofpdf.Fpdf) {
	addFont(pdf, regular, regularFont)
	addFont(pdf, strong, strongFont)
}

func addSlipFonts(pdf *gofpdf.Fpdf) {
	addFont(pdf, slipRegular, slipRegularFont)
	addFont(pdf, slipStrong, slipStrongFont)
}

func addFont(pdf *gofpdf.Fpdf, w weight, font string) {
	pdf.AddUTF8FontFromBytes(w.family, w.style, []byte(font))
}
