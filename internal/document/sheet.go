package document

import (
	"bytes"
	"io"
	"time"

	"github.com/jung-kurt/gofpdf"

	"steward/internal/civil"
)

// A sheet is the paper: it measures text before there is a page and draws on
// the page once there is one. All lengths are millimetres from the top left.
type sheet struct{ pdf *gofpdf.Fpdf }

func newSheet() *sheet {
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	addFonts(pdf)
	return &sheet{pdf}
}

// describe sets what the file says of itself outside its pages. The date stands
// for the time of making, which would differ each time.
func (s *sheet) describe(title, author string, date civil.Date) {
	made := time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC)
	if date.IsZero() {
		made = time.Unix(0, 0).UTC()
	}
	s.pdf.SetCreationDate(made)
	s.pdf.SetModificationDate(made)
	s.pdf.SetTitle(inline(title), true)
	s.pdf.SetAuthor(inline(author), true)
	s.pdf.SetCreator("steward", true)
	s.pdf.SetProducer("steward", true)
}

// width is how wide tidy text is in a style.
func (s *sheet) width(text string, st style) float64 {
	s.pdf.SetFont(st.weight.family, st.weight.style, st.size)
	return s.pdf.GetStringWidth(text)
}

func (s *sheet) addPage() { s.pdf.AddPage() }

// drawPage adds a page with all that is placed on it.
func (s *sheet) drawPage(p page) {
	s.addPage()
	s.drawAll(p)
}

func (s *sheet) drawAll(p page) {
	for _, b := range p {
		s.draw(b.block, b.y)
	}
}

// draw puts marks, rules and shapes on the page, y below its top.
func (s *sheet) draw(b block, y float64) {
	for _, f := range b.shapes {
		s.fill(f, y)
	}
	for _, r := range b.rules {
		s.pdf.SetDrawColor(r.colour.r, r.colour.g, r.colour.b)
		s.pdf.SetLineWidth(r.weight)
		s.pdf.Line(r.left, y+r.y, r.right, y+r.y)
	}
	for _, m := range b.marks {
		s.pdf.SetTextColor(m.style.colour.r, m.style.colour.g, m.style.colour.b)
		s.pdf.SetFont(m.style.weight.family, m.style.weight.style, m.style.size)
		s.pdf.Text(m.x, y+m.y, m.text)
	}
}

// fill draws a shape as one path, so that no light shows between rectangles that
// touch.
func (s *sheet) fill(f shape, y float64) {
	s.pdf.SetFillColor(f.colour.r, f.colour.g, f.colour.b)
	for _, r := range f.rects {
		left, top, right, bottom := r.left, y+r.top, r.left+r.width, y+r.top+r.height
		s.pdf.MoveTo(left, top)
		s.pdf.LineTo(right, top)
		s.pdf.LineTo(right, bottom)
		s.pdf.LineTo(left, bottom)
		s.pdf.ClosePath()
	}
	s.pdf.DrawPath("f")
}

// watermark writes a word across the middle of the page.
func (s *sheet) watermark(word string) {
	const angle = 50
	middleX, middleY := pageWidth/2, pageHeight/2
	st := watermarkStyle
	if w := s.width(word, st); w > 240 {
		st = st.scaled(240 / w)
	}
	s.pdf.TransformBegin()
	s.pdf.TransformRotate(angle, middleX, middleY)
	m := mark{middleX - s.width(word, st)/2, st.size * point * 0.357, word, st}
	s.draw(block{marks: []mark{m}}, middleY)
	s.pdf.TransformEnd()
}

// writeTo finishes the document. Nothing is written of one that went wrong.
func (s *sheet) writeTo(w io.Writer) error {
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
