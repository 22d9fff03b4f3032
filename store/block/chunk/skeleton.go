package chunk

import "bytes"

// namePrefix is how most segments and subsegments begin. Where their name is a
// common one it becomes part of the shape: what differs from name to name
// (durations, queries, what follows) is then told apart for free.
const namePrefix = `{"name":`

// inFull reads the item at pos whose shape could not be guessed, and returns
// its end, or -1. The context is what tells it from items that look alike: the
// name of the segment that its object belongs to.
func (m *matcher) inFull(pos, depth int, context []byte) int {
	if depth >= maxDepth {
		return m.raw(pos)
	}
	mark, from := len(m.events), len(m.skel)
	outerMark, outerFrom := m.mark, m.from
	m.mark, m.from = mark, from
	m.events = append(m.events, event{})
	end := m.skeleton(pos, depth)
	m.mark, m.from = outerMark, outerFrom
	known := false
	if end >= 0 && len(m.events) < maxDocument {
		known = m.lookup(mark, m.skel[from:], context)
	}
	m.skel = m.skel[:from]
	if known {
		return end
	}
	m.events = m.events[:mark]
	if end < 0 {
		return m.raw(pos)
	}
	m.events = append(m.events, event{uint32(pos), uint32(end), targetRaw})
	return end
}

// lookup gives the event at mark its shape.
func (m *matcher) lookup(mark int, skeleton, context []byte) bool {
	name := m.name(mark, skeleton)
	if context != nil {
		m.named = append(append(m.named[:0], context...), skeleton...)
		id, ok := m.byText[string(m.named)]
		if !ok {
			id, ok = m.byText[string(skeleton)]
			ok = ok && !m.learning
		}
		m.events[mark].what = id
		if !ok && m.learning {
			m.noteShape(skeleton, context, nil)
		}
		return ok
	}
	if name != nil {
		m.named = append(append(append(m.named[:0], namePrefix...), name...), skeleton[len(namePrefix)+1:]...)
		if id, ok := m.byText[string(m.named)]; ok {
			m.events[mark].what = id
			m.events = append(m.events[:mark+1], m.events[mark+2:]...)
			return true
		}
	}
	id, ok := m.byText[string(skeleton)]
	m.events[mark].what = id
	if !ok && m.learning {
		m.noteShape(skeleton, nil, name)
	}
	return ok
}

// name returns the name of an item that begins with one.
func (m *matcher) name(mark int, skeleton []byte) []byte {
	if len(skeleton) <= len(namePrefix) || skeleton[len(namePrefix)] != slotValue || string(skeleton[:len(namePrefix)]) != namePrefix {
		return nil
	}
	ev := m.events[mark+1]
	return m.text[ev.from:ev.to]
}

// context is the name of the item that is being read.
func (m *matcher) context() []byte { return m.name(m.mark, m.skel[m.from:]) }

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
				pos = m.member(pos, depth)
			}
		case ',':
			m.skel = append(m.skel, ',')
			pos = m.member(pos+1, depth)
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
func (m *matcher) member(pos, depth int) int {
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
		return m.scalar(pos)
	case string(key) == `"metadata"` || string(key) == `"annotations"`:
		m.skel = append(m.skel, slotObject)
		return m.inFull(pos, depth+1, m.context())
	}
	return pos
}

func hasControl(t []byte) bool {
	return bytes.ContainsFunc(t, func(r rune) bool { return r < 0x20 })
}
