package chunk

// event is what matching finds in a document, in the order of the text.
type event struct {
	from, to uint32 // of a value, or of an item without a shape
	what     int32  // of a value: the constant that it is, or -1; of an item: its shape, targetRaw or targetEnd
}

// maxDocument is how long a document may be to be matched with shapes.
const maxDocument = 1 << 30

// guesses is how many shapes are tried at a place before the skeleton is read
// in full, the most frequent first.
const guesses = 12

// matcher finds the shapes of one document. It changes nothing but events, so
// that what was tried in vain is simply dropped.
type matcher struct {
	*model
	text     []byte
	events   []event
	work     int    // bytes of guesses that may still fail
	skel     []byte // of the items that are being read in full, one behind the other
	named    []byte // scratch of lookup
	item0    reading
	learning bool // shapes that are read and not known are taken note of
}

// document fills events for text, which begins at column col.
func (m *matcher) document(text []byte, col int32) {
	m.text, m.events, m.work = text, m.events[:0], 4*len(text)
	m.skel = m.skel[:0]
	if len(text) < maxDocument && m.item(col, 0, 0) == len(text) {
		return
	}
	m.events = append(m.events[:0], event{0, uint32(min(len(text), maxDocument)), targetRaw})
}

// item matches the item at pos and returns its end, or -1.
func (m *matcher) item(col int32, pos, depth int) int {
	if depth >= maxDepth {
		return m.raw(pos)
	}
	c := &m.cols[col]
	if c.last >= 0 && m.work > 0 {
		if end := m.guess(c.forms[c.last].target, pos, depth); end >= 0 {
			return end
		}
	}
	if n := len(c.books); n > 0 {
		for _, f := range c.books[n-1].forms[:min(guesses, len(c.books[n-1].forms))] {
			if f == c.last || m.work <= 0 {
				continue
			}
			if end := m.guess(c.forms[f].target, pos, depth); end >= 0 {
				return end
			}
		}
	}
	return m.inFull(pos, depth, nil)
}

// guess matches one shape, if that is what target is.
func (m *matcher) guess(target int32, pos, depth int) int {
	if target < 0 {
		return -1
	}
	s := &m.shapes[target]
	first := s.tail
	if len(s.slots) > 0 {
		first = s.slots[0].lit
	}
	if !at(m.text, pos, first) {
		return -1
	}
	mark := len(m.events)
	m.events = append(m.events, event{what: target})
	end := m.shape(s, pos, depth)
	if end < 0 {
		m.events = m.events[:mark]
	}
	return end
}

func at(t []byte, pos int, lit []byte) bool {
	return len(t)-pos >= len(lit) && string(t[pos:pos+len(lit)]) == string(lit)
}

// shape matches the literals and values of s.
func (m *matcher) shape(s *shape, pos, depth int) int {
	if !s.fused {
		m.fuse(s)
	}
	from, t := pos, m.text
	behind := false // the literal of the next slot was part of a run
	for i := 0; i < len(s.slots); i++ {
		sl := &s.slots[i]
		if !behind {
			if sl.runs > 0 && at(t, pos, sl.run) {
				m.events = append(m.events, event{uint32(sl.runs), 0, targetRun})
				pos += len(sl.run)
				i += int(sl.runs) - 1
				behind = true
				continue
			}
			if !at(t, pos, sl.lit) {
				return m.fail(pos - from)
			}
			pos += len(sl.lit)
		}
		behind = false
		col := s.col + int32(i)
		switch sl.kind {
		case slotValue:
			c := &m.cols[col]
			end, what := pos+len(c.guess), c.last
			if !(end > pos && end < len(t) && delimiter(t[end]) && string(t[pos:end]) == string(c.guess)) {
				end, what = scalarEnd(t, pos), -1
				if end < 0 {
					return m.fail(pos - from)
				}
			}
			m.events = append(m.events, event{uint32(pos), uint32(end), what})
			pos = end
		case slotObject:
			if pos >= len(t) || t[pos] != '{' {
				return m.fail(pos - from)
			}
			if pos = m.item(col, pos, depth+1); pos < 0 {
				return -1
			}
		case slotList:
			if pos = m.list(col, pos, depth+1); pos < 0 {
				return -1
			}
		}
	}
	if behind {
		return pos
	}
	if !at(t, pos, s.tail) {
		return m.fail(pos - from)
	}
	return pos + len(s.tail)
}

// fail takes n bytes off what guesses may still cost, and returns -1.
func (m *matcher) fail(n int) int {
	m.work -= n
	return -1
}

// list matches the items of an array up to its bracket.
func (m *matcher) list(col int32, pos, depth int) int {
	for {
		mark := len(m.events)
		if pos = m.item(col, pos, depth); pos < 0 || pos >= len(m.text) {
			return -1
		}
		if m.text[pos] != ',' {
			m.events = append(m.events, event{what: targetEnd})
			return pos
		}
		pos++
		col = m.after(m.events[mark].what)
	}
}

// raw is an item without a shape.
func (m *matcher) raw(pos int) int {
	end := valueEnd(m.text, pos)
	if end >= 0 {
		m.events = append(m.events, event{uint32(pos), uint32(end), targetRaw})
	}
	return end
}
