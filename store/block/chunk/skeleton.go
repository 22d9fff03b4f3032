package chunk

// nameKey is the member whose value becomes part of a shape, where it is a
// common one: what differs from name to name (durations, queries, what follows)
// is then told apart for free.
const nameKey = `"name"`

// reading is the item that is being read in full.
type reading struct {
	mark, from int // where its events and its skeleton begin
	name       int // the event of its name; 0: none so far
	slot       int // of that name, in skel
}

// inFull reads the item at pos whose shape could not be guessed, and returns
// its end, or -1. The context is what tells it from items that look alike: the
// name of the segment that its object belongs to.
func (m *matcher) inFull(pos, depth int, context []byte) int {
	if depth >= maxDepth {
		return m.raw(pos)
	}
	outer := m.item0
	m.item0 = reading{mark: len(m.events), from: len(m.skel)}
	m.events = append(m.events, event{})
	end := m.skeleton(pos, depth)
	known := false
	if end >= 0 && len(m.events) < maxDocument {
		known = m.lookup(context)
	}
	it := m.item0
	m.skel, m.item0 = m.skel[:it.from], outer
	if known {
		return end
	}
	m.events = m.events[:it.mark]
	if end < 0 {
		return m.raw(pos)
	}
	m.events = append(m.events, event{uint32(pos), uint32(end), targetRaw})
	return end
}

// lookup gives the item that was read its shape.
func (m *matcher) lookup(context []byte) bool {
	it := m.item0
	skeleton, name := m.skel[it.from:], m.name()
	switch {
	case context != nil:
		m.named = append(append(m.named[:0], context...), skeleton...)
	case name != nil:
		m.named = append(append(append(m.named[:0], m.skel[it.from:it.slot]...), name...), m.skel[it.slot+1:]...)
	default:
		m.named = append(m.named[:0], skeleton...)
	}
	id, ok := m.byText[string(m.named)]
	if ok && name != nil && context == nil {
		m.events = append(m.events[:it.name], m.events[it.name+1:]...)
	}
	if !ok && !(m.learning && context != nil) {
		id, ok = m.byText[string(skeleton)]
	}
	if !ok && m.learning {
		m.noteShape(skeleton, m.named, context, name)
	}
	m.events[it.mark].what = id
	return ok
}

// name returns the name of the item that is being read, nil without one.
func (m *matcher) name() []byte {
	if m.item0.name == 0 {
		return nil
	}
	ev := m.events[m.item0.name]
	return m.text[ev.from:ev.to]
}

// skeleton appends the skeleton of the item at pos to skel, and events for
// what is in it. It returns the item's end, or -1 where it is not JSON, or not
// worth a shape.
func (m *matcher) skeleton(pos, depth int) int {
	t := m.text
	if pos >= len(t) {
		return -1
	}
	switch t[pos] {
	case '{':
		return m.object(pos, depth)
	case '[':
		return m.array(pos, depth)
	}
	return m.scalar(pos)
}

func (m *matcher) scalar(pos int) int {
	end := scalarEnd(m.text, pos)
	if end >= 0 {
		m.skel = append(m.skel, slotValue)
		m.events = append(m.events, event{uint32(pos), uint32(end), -1})
	}
	return end
}

// array reads the array at pos.
func (m *matcher) array(pos, depth int) int {
	t := m.text
	if at(t, pos, []byte("[]")) {
		m.skel = append(m.skel, '[', ']')
		return pos + 2
	}
	m.skel = append(m.skel, '[', slotList)
	for {
		if pos = m.inFull(pos+1, depth+1, nil); pos < 0 || pos >= len(t) {
			return -1
		}
		switch t[pos] {
		case ',':
			continue
		case ']':
			m.skel = append(m.skel, ']')
			m.events = append(m.events, event{what: targetEnd})
			return pos + 1
		}
		return -1
	}
}

// object reads the object at pos, those in it included: only what stands
// behind "annotations" and "metadata" has a shape of its own, because it
// varies without the rest.
func (m *matcher) object(pos, depth int) int {
	t, open := m.text, 0
	slots := len(m.events)
	for pos < len(t) && len(m.events)-slots < maxSlots {
		switch t[pos] {
		case '{':
			open++
			m.skel = append(m.skel, '{')
			if pos++; pos < len(t) && t[pos] != '}' {
				pos = m.member(pos, depth, open)
			}
		case ',':
			m.skel = append(m.skel, ',')
			pos = m.member(pos+1, depth, open)
		case '}':
			m.skel = append(m.skel, '}')
			pos++
			if open--; open == 0 {
				return pos
			}
		default:
			return -1
		}
		if pos < 0 {
			return -1
		}
	}
	return -1
}

// member reads a key and what follows it, up to the brace of an object that
// goes on in the same shape.
func (m *matcher) member(pos, depth, open int) int {
	t := m.text
	if pos >= len(t) || t[pos] != '"' {
		return -1
	}
	colon := stringEnd(t, pos)
	if colon < 0 || colon+1 >= len(t) || t[colon] != ':' || hasControl(t[pos:colon]) {
		return -1
	}
	key := t[pos:colon]
	m.skel = append(m.skel, t[pos:colon+1]...)
	pos = colon + 1
	switch {
	case t[pos] == '[':
		return m.array(pos, depth)
	case t[pos] != '{':
		if open == 1 && m.item0.name == 0 && string(key) == nameKey && t[pos] == '"' {
			m.item0.name, m.item0.slot = len(m.events), len(m.skel)
		}
		return m.scalar(pos)
	case string(key) == `"metadata"` || string(key) == `"annotations"`:
		m.skel = append(m.skel, slotObject)
		return m.inFull(pos, depth+1, m.name())
	}
	return pos
}

// hasControl reports whether a byte of t could be taken for a slot.
func hasControl(t []byte) bool {
	for _, c := range t {
		if c < 0x20 {
			return true
		}
	}
	return false
}
