package document

// point is a typographic point in millimetres, the unit of everything else.
const point = 25.4 / 72

// The page is A4. The margins follow DIN 5008, so that the buyer's address
// shows in the window of a DL or C6/5 envelope.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	leftEdge   = 25.0
	rightEdge  = 190.0
	textWidth  = rightEdge - leftEdge
)

// A colour is red, green and blue from 0 to 255.
type colour struct{ r, g, b int }

var (
	black  = colour{0, 0, 0} // of what machines read
	white  = colour{255, 255, 255}
	ink    = colour{30, 34, 40}
	muted  = colour{104, 112, 122}
	accent = colour{24, 58, 96}
	pale   = colour{214, 219, 225}
	ghost  = colour{236, 238, 241}
)

// A style is how a piece of text looks.
type style struct {
	size   float64 // in points
	weight weight
	colour colour
}

// Styles, from the largest to the smallest.
var (
	watermarkStyle = style{120, strong, ghost}
	titleStyle     = style{19, strong, ink}
	sellerStyle    = style{17, strong, accent}
	dueStyle       = style{14, strong, accent}
	addressStyle   = style{10, regular, ink}
	sectionStyle   = style{9.5, strong, accent}
	totalStyle     = style{10, strong, ink}
	bodyStyle      = style{9, regular, ink}
	bodyMuted      = style{9, regular, muted}
	bodyStrong     = style{9, strong, ink}
	contactStyle   = style{8, regular, muted}
	smallStyle     = style{7.5, regular, muted}
	headStyle      = style{7.5, strong, muted}
	footStyle      = style{7, regular, muted}
	returnStyle    = style{6.5, regular, muted}
)

// lead is the height of one line of the style.
func (s style) lead() float64 { return s.size * point * 1.4 }

// base is how far below the top of its line the style's letters stand: the
// capitals of the font are 0.714 of its size and sit in the middle.
func (s style) base() float64 { return s.lead()/2 + s.size*point*0.357 }

// scaled is the style in another size.
func (s style) scaled(by float64) style {
	s.size *= by
	return s
}

// bold is the style in the strong weight.
func (s style) bold() style {
	s.weight = strong
	return s
}
