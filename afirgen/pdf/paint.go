package pdf

import "fmt"

// painter draws the pages.
type painter struct {
	typesetter *typesetter
	doc        Document
	lang       Language
	ink        *ink
	contents   []*content
	owners     [][]*element // by page and mark: whose text it is
}

// paint draws every page. How many there are must be known before the first.
func (p *painter) paint(pages []page) {
	title, _ := p.doc.Title.in(p.lang)
	warning, _ := p.doc.Mark.in(p.lang)
	f := furniture{
		title:     p.firstLine(title, smallStyle),
		warning:   p.firstLine(warning, style{size: smallStyle.size, bold: true}),
		reference: p.firstLine(p.doc.Reference, smallStyle),
	}
	for i, pg := range pages {
		c := &content{ink: p.ink}
		p.contents = append(p.contents, c)
		p.owners = append(p.owners, nil)
		for _, at := range pg.placements {
			p.placement(c, i, at)
		}
		f.number = p.firstLine(pageOf(p.lang, i+1, len(pages)), smallStyle)
		p.furniture(c, f, i > 0)
	}
}

// placement draws the cells of a block, or of what stands on this page of it.
func (p *painter) placement(c *content, page int, at placement) {
	for _, cl := range at.block.cells {
		p.frame(c, at, cl)
		if at.from >= len(cl.lines) {
			continue
		}
		lines := cl.lines[at.from:min(at.to, len(cl.lines))]
		if at.repeated {
			c.artifact()
		} else {
			cl.element.marks = append(cl.element.marks, mark{page: page, number: c.mark(cl.element.kind)})
			p.owners[page] = append(p.owners[page], cl.element)
		}
		for i, l := range lines {
			c.text(p.start(cl, at.block, l), p.baseLine(at.top+at.block.above+unit(i)*at.block.leading, at.block.leading), l.pieces)
		}
		c.end()
	}
}

// start is where the line begins, from the left.
func (p *painter) start(cl cell, b *block, l line) unit {
	switch {
	case b.frame == boxed:
		return cl.x + padding
	case cl.align == centred:
		return cl.x + (cl.width-l.width)/2
	case cl.align == right:
		return cl.x + cl.width - l.width
	}
	return cl.x
}

// baseLine is where letters stand in a line of the given height, so that the tallest and the deepest are as far from
// its edges.
func (p *painter) baseLine(top, leading unit) unit {
	face := p.typesetter.face
	return top + leading/2 + unit(face.ascent-face.depth)*leading/3/unit(face.upem)
}

// frame draws the rules of a cell.
func (p *painter) frame(c *content, at placement, cl cell) {
	switch at.block.frame {
	case boxed:
		c.artifact()
		c.box(cl.x, at.top, cl.width, at.bottom()-at.top)
		c.end()
	case lined:
		c.artifact()
		y := at.top + at.block.above - 2*point
		c.rule(cl.x, y, cl.x+cl.width, y)
		c.end()
	}
}

// Where what stands on every page stands: from the upper edge, the upper edges of its lines.
const (
	headTop = 34 * point
	footTop = sheetHeight - 42*point
)

// furniture is what is the same on every page, but for the number.
type furniture struct{ title, warning, reference, number line }

// furniture draws the report's number and the page's at the foot and, where headed, title and warning at the head.
func (p *painter) furniture(c *content, f furniture, headed bool) {
	c.artifact()
	c.rule(leftMargin, footTop-3*point, leftMargin+textWidth, footTop-3*point)
	p.fixed(c, footTop, f.reference, left)
	p.fixed(c, footTop, f.number, right)
	if headed {
		p.fixed(c, headTop, f.title, left)
		p.fixed(c, headTop, f.warning, right)
	}
	c.end()
}

// firstLine is as much of a text as takes half the width: what is longer stands in full on the first page.
func (p *painter) firstLine(text string, s style) line {
	if lines := p.typesetter.lines([]span{{text: oneLine(text), style: s}}, textWidth/2-gutter); len(lines) > 0 {
		return lines[0]
	}
	return line{}
}

// fixed draws a line of furniture.
func (p *painter) fixed(c *content, top unit, l line, align alignment) {
	at := cell{x: leftMargin, width: textWidth, align: align}
	c.text(p.start(at, &block{}, l), p.baseLine(top, smallStyle.leading()), l.pieces)
}

// pageOf numbers a page. Digits are the international ones in Hindi too, as article 343 of the Constitution has it.
func pageOf(lang Language, page, pages int) string {
	if lang == Hindi {
		return fmt.Sprintf("पृष्ठ %d / %d", page, pages)
	}
	return fmt.Sprintf("Page %d of %d", page, pages)
}
