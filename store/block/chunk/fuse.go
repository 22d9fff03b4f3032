package chunk

// settled is how many values in a row had the only constant of their column
// before that is fused with the literals around it.
const settled = 32

// settledOn returns the constant that a value in the column is taken to be, if
// it takes no bits; was says that it was fused before.
func (c *column) settledOn(was bool) []byte {
	if n := len(c.books); n == 0 || len(c.books[n-1].forms) != 1 || c.since < settled && !was {
		return nil
	}
	f := &c.forms[c.books[len(c.books)-1].forms[0]]
	if f.holes != nil || string(c.guess) != string(f.spec) {
		return nil
	}
	return f.spec
}

// fuse makes the runs of the shape. It happens before the first item of that
// shape in a trace, or in the first trace with one: the values of fused
// columns are not noted down, so no reference to them is made, and none may be
// left from before.
func (m *model) fuse(s *shape) {
	s.fused = true
	for i := range s.slots {
		s.slots[i].run, s.slots[i].runs = nil, 0
	}
	for i := 0; i < len(s.slots); {
		i += max(m.runAt(s, i), 1)
	}
}

// runAt makes the run that begins at slot i, and returns its length.
func (m *model) runAt(s *shape, i int) (n int) {
	text := []byte(nil)
	for ; i+n < len(s.slots) && s.slots[i+n].kind == slotValue; n++ {
		c := &m.cols[s.col+int32(i+n)]
		constant := c.settledOn(c.fused)
		if c.fused = len(constant) > 0; !c.fused {
			break
		}
		c.trace = 0
		text = append(append(text, s.slots[i+n].lit...), constant...)
	}
	if n == 0 {
		return 0
	}
	if i+n < len(s.slots) {
		text = append(text, s.slots[i+n].lit...)
	} else {
		text = append(text, s.tail...)
	}
	s.slots[i].run, s.slots[i].runs = text, int32(n)
	return n
}

// unfuse forgets the runs of the shape that the column belongs to: its book has
// changed.
func (m *model) unfuse(col int32) {
	if id := m.shapeOf[col]; id >= 0 {
		m.shapes[id].fused = false
	}
}
