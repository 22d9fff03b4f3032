package pdf

// frame is what is ruled around a block.
type frame int

const (
	bare  frame = iota
	boxed       // each cell in a box
	lined       // a line above each cell, to sign on
)

// alignment is where a cell's lines stand in its width.
type alignment int

const (
	left alignment = iota
	centred
	right
)

// cell is lines below one another, in their place across the page.
type cell struct {
	x, width unit // from the left edge of the sheet
	lines    []line
	align    alignment
	element  *element
}

// block is what moves over the page as one: cells side by side, whose lines have one height.
type block struct {
	before  unit // space above, dropped at the head of a page
	above   unit // space within the block over its first line, and
	below   unit // under its last
	leading unit
	cells   []cell
	frame   frame
	keep    bool   // it does not stand at the foot of a page without what follows
	whole   bool   // it is split only if it is higher than a page
	header  *block // repeated at the head of a page that begins with this block, or within it; nil for none
}

// size is how many lines the longest cell has.
func (b *block) size() int {
	size := 0
	for _, c := range b.cells {
		size = max(size, len(c.lines))
	}
	return size
}

// height is the height of n of the block's lines with the space around them.
func (b *block) height(n int) unit { return b.above + unit(n)*b.leading + b.below }
