package pdf

// placement is a range of a block's lines on a page.
type placement struct {
	block    *block
	top      unit // of the block's above, from the upper edge of the sheet
	from, to int  // lines
	repeated bool // a table's header once more, which is not part of the text
}

// bottom is where the placement ends.
func (p placement) bottom() unit { return p.top + p.block.height(p.to-p.from) }

// page is what stands on one sheet.
type page struct{ placements []placement }

// paginator fills pages from the top.
type paginator struct {
	pages []page
	y     unit // where the next block goes
	fresh bool // nothing but a repeated header is on the page yet
}

// paginate puts the blocks on as many pages as they need; on one, if there are none.
func paginate(blocks []*block) []page {
	var p paginator
	p.newPage(nil)
	for i, b := range blocks {
		if size := b.size(); size > 0 {
			p.place(b, size, p.reserve(blocks[i:]))
		}
	}
	return p.pages
}

// newPage begins a page, with the header on top if there is one. A header that would take a third of the page is not
// repeated.
func (p *paginator) newPage(header *block) {
	p.pages = append(p.pages, page{})
	p.y, p.fresh = topMargin, true
	if header != nil && header.height(header.size()) < textHeight/3 {
		p.put(placement{block: header, top: p.y, to: header.size(), repeated: true})
	}
}

func (p *paginator) put(at placement) {
	last := &p.pages[len(p.pages)-1]
	last.placements = append(last.placements, at)
	p.y = at.bottom()
}

// reserve is the least height that the first block asks for at the foot of a page, with the blocks that it may not be
// parted from.
func (p *paginator) reserve(blocks []*block) unit {
	var height unit
	for i, b := range blocks {
		if i > 0 {
			height += b.before
		}
		n := b.size()
		if b.splits() {
			n = least(n)
		}
		height += b.height(n)
		if !b.keep {
			break
		}
	}
	return height
}

// splits says that the block may be parted before a page's end makes it: whole ones only if no page could hold them.
func (b *block) splits() bool { return !b.whole || b.height(b.size()) > textHeight }

// place puts the block's lines on this page and the next ones.
func (p *paginator) place(b *block, size int, reserve unit) {
	if !p.fresh {
		p.y += b.before
	}
	if !p.fresh && p.y+reserve > textBottom {
		p.newPage(b.header)
	}
	for from := 0; from < size; {
		n := p.room(b, size-from)
		if n == 0 {
			p.newPage(b.header)
			continue
		}
		p.put(placement{block: b, top: p.y, from: from, to: from + n})
		p.fresh = false
		from += n
	}
}

// room is how many of the block's remaining lines go on this page. On a fresh one it is at least one, so that there is
// an end.
func (p *paginator) room(b *block, remaining int) int {
	fits := int((textBottom - p.y - b.above - b.below) / b.leading)
	if fits >= remaining {
		return remaining
	}
	if n := widowed(fits, remaining); n > 0 {
		return n
	}
	if p.fresh {
		return max(fits, 1)
	}
	return 0
}

// least is how many of a block's lines may stand alone at the foot of a page: two, and three of three.
func least(size int) int {
	if size <= 3 {
		return size
	}
	return 2
}

// widowed takes from the lines that fit one that would leave a single line for the next page, and all if a single one
// would stay.
func widowed(fits, remaining int) int {
	if remaining-fits == 1 {
		fits--
	}
	if fits < 2 {
		return 0
	}
	return fits
}
