package pdf

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"unicode/utf16"
)

// content is a page's drawing instructions (ISO 32000-1, sections 8 and 9). PDF measures from the lower edge of the
// sheet; the callers here from the upper one.
type content struct {
	bytes.Buffer
	ink     *ink
	style   style
	marks   int  // marked pieces of the text so far
	shift   int  // font units by which the pen is to be moved before the next glyph
	rise    int  // font units by which glyphs stand above the base line
	showing bool // between [ and ] TJ
}

// mark begins a stretch of the page that belongs to an element of the text, and returns the stretch's number.
func (c *content) mark(kind string) int {
	fmt.Fprintf(c, "/%s <</MCID %d>> BDC\n", kind, c.marks)
	c.marks++
	return c.marks - 1
}

// artifact begins what is not part of the text: rules, page numbers.
func (c *content) artifact() { c.WriteString("/Artifact BMC\n") }

// end ends what mark, artifact or span began.
func (c *content) end() { c.WriteString("EMC\n") }

// rule draws a thin line.
func (c *content) rule(x1, y1, x2, y2 unit) {
	fmt.Fprintf(c, "0.5 w %v %v m %v %v l S\n", x1, sheetHeight-y1, x2, sheetHeight-y2)
}

// box draws a thin frame.
func (c *content) box(x, y, width, height unit) {
	fmt.Fprintf(c, "0.5 w %v %v %v %v re S\n", x, sheetHeight-y-height, width, height)
}

// text draws pieces one after the other, from x, on the base line y.
func (c *content) text(x, y unit, pieces []piece) {
	if len(pieces) == 0 {
		return
	}
	c.WriteString("BT\n")
	c.style = style{}
	for _, p := range pieces {
		c.dress(p.style)
		fmt.Fprintf(c, "1 0 0 1 %v %v Tm\n", x, sheetHeight-y)
		for clusters := p.run.clusters; len(clusters) > 0; {
			n := c.together(clusters)
			c.clusters(clusters[:n])
			clusters = clusters[n:]
		}
		c.settle()
		x += p.width
	}
	c.WriteString("ET\n")
}

// dress sets size and weight. Bold is a filled outline with a stroke around it.
func (c *content) dress(s style) {
	if s == c.style {
		return
	}
	c.style = s
	fmt.Fprintf(c, "/F1 %v Tf\n", s.size)
	if s.bold {
		fmt.Fprintf(c, "2 Tr %v w\n", s.size*3/100)
		return
	}
	c.WriteString("0 Tr\n")
}

// together is how many of the clusters share their written text: up to the first whose last glyph ends where the pen is
// then. Readers take a text to end where its last glyph does. After a matra drawn below and to the left, as in कु, they
// would see a gap, and make it a space.
func (c *content) together(clusters []cluster) int {
	for i, cl := range clusters {
		last := cl.glyphs[len(cl.glyphs)-1]
		if last.dx+c.ink.face.advance(last.id) == last.advance {
			return i + 1
		}
	}
	return len(clusters)
}

// clusters draws glyphs, with their characters beside them if the glyphs alone do not tell.
func (c *content) clusters(of []cluster) {
	text, codes, span := "", []uint16{}, false
	for _, cl := range of {
		its, needed := c.ink.encode(cl)
		text, codes, span = text+cl.text, append(codes, its...), span || needed
	}
	if span {
		c.stop()
		fmt.Fprintf(c, "/Span <</ActualText %s>> BDC\n", textString(text))
	}
	for _, cl := range of {
		for _, g := range cl.glyphs {
			c.glyph(g, codes[0])
			codes = codes[1:]
		}
	}
	if span {
		c.stop()
		c.end()
	}
}

// glyph draws one glyph where the shaper wants it, and leaves the pen where the shaper wants that.
func (c *content) glyph(g glyph, code uint16) {
	if g.dy != c.rise {
		c.stop()
		c.rise = g.dy
		fmt.Fprintf(c, "%v Ts\n", unit(g.dy)*c.style.size/unit(c.ink.face.upem))
	}
	c.shift += g.dx
	c.move()
	if !c.showing {
		c.WriteString("[<")
		c.showing = true
	}
	fmt.Fprintf(c, "%04X", code)
	c.shift += g.advance - g.dx - c.ink.face.advance(g.id)
}

// move writes the pen's shift down, as PDF counts it: thousandths of an em to the left.
func (c *content) move() {
	if c.shift == 0 {
		return
	}
	opening, closing := "[", "<"
	if c.showing {
		opening = ">"
	}
	fmt.Fprintf(c, "%s%s%s", opening, thousandths(c.ink.face.perMille(-c.shift)), closing)
	c.shift, c.showing = 0, true
}

// stop ends the instruction that shows glyphs.
func (c *content) stop() {
	if c.showing {
		c.WriteString(">] TJ\n")
		c.showing = false
	}
}

// settle ends a piece: the next one has a place of its own.
func (c *content) settle() {
	c.stop()
	if c.rise != 0 {
		c.WriteString("0 Ts\n")
	}
	c.shift, c.rise = 0, 0
}

// textString writes s as PDF's text strings are written: UTF-16, the higher byte first, in hexadecimal.
func textString(s string) string { return "<FEFF" + utf16Hex(s) + ">" }

func utf16Hex(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return fmt.Sprintf("%X", b)
}

// hexString writes bytes as a PDF string.
func hexString(b []byte) string { return "<" + hex.EncodeToString(b) + ">" }
