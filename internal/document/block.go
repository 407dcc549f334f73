package document

import "slices"

// A mark is a piece of text; y is its base line, below the top of its block.
type mark struct {
	x, y  float64
	text  string
	style style
}

// A rule is a horizontal line.
type rule struct {
	left, right, y float64
	weight         float64
	colour         colour
}

// A shape is rectangles of one colour that are filled together.
type shape struct {
	rects  []rect
	colour colour
}

// A rect is a rectangle; top is below the top of its block.
type rect struct{ left, top, width, height float64 }

const (
	hairline = 0.15
	firmline = 0.3
	bar      = 0.9
)

// A block is what is drawn together. Text is added below what is there.
type block struct {
	marks  []mark
	rules  []rule
	shapes []shape // below the others, in their order
	height float64
}

// text adds lines under each other at x.
func (b *block) text(x float64, st style, lines ...string) {
	for _, l := range lines {
		b.marks = append(b.marks, mark{x, b.height + st.base(), l, st})
		b.height += st.lead()
	}
}

// space adds nothing, h high.
func (b *block) space(h float64) { b.height += h }

// rule adds a line at the foot of what is there.
func (b *block) rule(left, right, weight float64, c colour) {
	b.rules = append(b.rules, rule{left, right, b.height, weight, c})
}

// beside joins two blocks whose tops are level.
func (b block) beside(o block) block {
	return block{
		marks:  append(b.marks[:len(b.marks):len(b.marks)], o.marks...),
		rules:  append(b.rules[:len(b.rules):len(b.rules)], o.rules...),
		shapes: append(b.shapes[:len(b.shapes):len(b.shapes)], o.shapes...),
		height: max(b.height, o.height),
	}
}

// place adds another block, its top at y.
func (b *block) place(o block, y float64) {
	for _, m := range o.marks {
		m.y += y
		b.marks = append(b.marks, m)
	}
	for _, r := range o.rules {
		r.y += y
		b.rules = append(b.rules, r)
	}
	for _, f := range o.shapes {
		b.shapes = append(b.shapes, f.lowered(y))
	}
	b.height = max(b.height, y+o.height)
}

// fill adds rectangles of one colour.
func (b *block) fill(c colour, rects ...rect) {
	b.shapes = append(b.shapes, shape{rects, c})
}

// lowered is the shape so much further down.
func (f shape) lowered(by float64) shape {
	f.rects = slices.Clone(f.rects)
	for i := range f.rects {
		f.rects[i].top += by
	}
	return f
}

// flushLeft is text that begins at left and has its base line at y, in a smaller
// size where it would be wider than limit.
func (s *sheet) flushLeft(left, y, limit float64, text string, st style) mark {
	if wide := s.width(text, st); wide > limit {
		st = st.scaled(limit / wide)
	}
	return mark{left, y, text, st}
}

// flushRight is text that ends at right and has its base line at y, in a
// smaller size where it would be wider than limit.
func (s *sheet) flushRight(right, y, limit float64, text string, st style) mark {
	m := s.flushLeft(0, y, limit, text, st)
	m.x = right - s.width(text, m.style)
	return m
}
