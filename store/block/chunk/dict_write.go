package chunk

import "encoding/binary"

// Dict appends the dictionary of all chunks since Reset. It is called once,
// after the last Cut.
func (e *Encoder) Dict(dst []byte) []byte {
	body := []byte(nil)
	for _, n := range e.counts() {
		body = binary.AppendUvarint(body, uint64(n))
	}
	for i := range e.shapes {
		body = appendBytes(body, e.shapes[i].skeleton)
	}
	for i := range e.cols {
		if e.isShapeColumn(int32(i)) {
			continue
		}
		forms := e.cols[i].forms
		body = binary.AppendUvarint(body, uint64(len(forms)))
		for k := range forms {
			body = appendBytes(body, forms[k].spec)
		}
	}
	for i := range e.cols {
		body = e.appendBooks(body, int32(i))
	}
	for i := range e.cols {
		for k := range e.cols[i].forms {
			for _, h := range e.cols[i].forms[k].holes {
				if hasLane(h.kind) {
					body = e.lanes[h.lane].append(body)
				}
			}
		}
	}
	dst = binary.AppendUvarint(append(dst, version), uint64(len(body)))
	return e.z.EncodeAll(body, dst)
}

// What a dictionary has, in the order in which it says so.
const (
	countShapes = iota
	countSlots
	countForms
	countHoles
	countBooks
	countCodes
	countLanes
	countVersions
	counted
)

// counts lets the reader ask for memory once.
func (m *model) counts() (n [counted]int) {
	n[countShapes], n[countLanes] = len(m.shapes), len(m.lanes)
	for i := range m.shapes {
		n[countSlots] += len(m.shapes[i].slots)
	}
	for i := range m.cols {
		c := &m.cols[i]
		n[countBooks] += len(c.books)
		for _, b := range c.books {
			n[countCodes] += len(b.forms)
		}
		if m.isShapeColumn(int32(i)) {
			continue
		}
		n[countForms] += len(c.forms)
		for k := range c.forms {
			n[countHoles] += len(c.forms[k].holes)
		}
	}
	for i := range m.lanes {
		n[countVersions] += len(m.lanes[i].versions)
	}
	return n
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// isShapeColumn reports whether what stands in the column are items.
func (m *model) isShapeColumn(col int32) bool { return m.kindOf[col] != slotValue }

func (e *Encoder) appendBooks(dst []byte, col int32) []byte {
	c := &e.cols[col]
	dst = binary.AppendUvarint(dst, uint64(len(c.books)))
	epoch := uint32(0)
	for _, b := range c.books {
		dst = binary.AppendUvarint(dst, uint64(b.epoch-epoch))
		dst = binary.AppendUvarint(dst, uint64(len(b.forms)))
		for _, f := range b.forms {
			if e.isShapeColumn(col) {
				f = c.forms[f].target + 1
			}
			dst = binary.AppendUvarint(dst, uint64(f))
		}
		epoch = b.epoch
	}
	return dst
}

func (l *lane) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(l.versions)))
	epoch := uint32(0)
	for _, v := range l.versions {
		dst = binary.AppendUvarint(dst, uint64(v.epoch-epoch))
		dst = binary.AppendVarint(append(dst, v.width), v.base)
		epoch = v.epoch
	}
	return dst
}
