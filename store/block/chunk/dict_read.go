package chunk

import (
	"encoding/binary"
)

// dictReader reads the uncompressed dictionary.
type dictReader struct {
	body []byte
	pos  int
	d    *Dict
	kind []byte // of the columns, as in model
	bad  string // what is wrong; reading goes on with zeros until someone looks
}

func (r *dictReader) fail(why string) {
	if r.bad == "" {
		r.bad = why
	}
}

func (r *dictReader) uvarint() uint64 {
	if r.pos < len(r.body) && r.body[r.pos] < 0x80 {
		r.pos++
		return uint64(r.body[r.pos-1])
	}
	v, w := binary.Uvarint(r.body[r.pos:])
	if w <= 0 {
		r.fail("cut short")
		return 0
	}
	r.pos += w
	return v
}

// count reads how many things follow, which take at least one byte each.
func (r *dictReader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.body)-r.pos) {
		r.fail("more is announced than follows")
		return 0
	}
	return int(n)
}

func (r *dictReader) bytes() []byte {
	n := r.count()
	r.pos += n
	return r.body[r.pos-n : r.pos : r.pos]
}

func (r *dictReader) read() {
	r.allocate()
	r.readShapes()
	r.readForms()
	r.readBooks()
	r.readLanes()
	if r.pos != len(r.body) || !r.agrees() {
		r.fail("something is not as announced")
	}
	d := r.d
	for i := range d.holes {
		if h := &d.holes[i]; h.ref < refNewest && int(h.ref) >= len(d.cols) {
			r.fail("a reference to a column that is not there")
		}
	}
}

// allocate makes room for what the dictionary says that it has: each of these
// things takes at least one byte of it.
func (r *dictReader) allocate() {
	var n [counted]int
	sum := 0
	for i := range n {
		n[i] = r.count()
		sum += n[i]
	}
	if sum > len(r.body) {
		r.fail("more is announced than follows")
		return
	}
	d := r.d
	d.shapes, d.slots = make([]dictShape, 0, n[countShapes]), make([]dictSlot, 0, n[countSlots])
	d.forms, d.holes = make([]dictForm, 0, n[countForms]), make([]hole, 0, n[countHoles])
	d.books, d.codes = make([]dictBook, 0, n[countBooks]), make([]int32, 0, n[countCodes])
	d.lanes, d.vers = make([]dictLane, 0, n[countLanes]), make([]laneVersion, 0, n[countVersions])
	r.kind = make([]byte, 0, builtin+n[countSlots]+n[countShapes])
}

// agrees reports whether there is exactly as much as was announced.
func (r *dictReader) agrees() bool {
	d := r.d
	return len(d.slots) == cap(d.slots) && len(d.forms) == cap(d.forms) && len(d.holes) == cap(d.holes) &&
		len(d.books) == cap(d.books) && len(d.codes) == cap(d.codes) && len(d.lanes) == cap(d.lanes) && len(d.vers) == cap(d.vers)
}

func (r *dictReader) readShapes() {
	d := r.d
	r.kind = append(r.kind, slotList, slotList)
	for range cap(d.shapes) {
		s := dictShape{slot: int32(len(d.slots)), col: int32(len(r.kind))}
		skeleton := r.bytes()
		from := 0
		for i, c := range skeleton {
			if c == 0 || c > slotList {
				continue
			}
			d.slots = append(d.slots, dictSlot{skeleton[from:i:i], c})
			r.kind = append(r.kind, c)
			from = i + 1
		}
		s.slots, s.tail = int32(len(d.slots))-s.slot, skeleton[from:]
		r.kind = append(r.kind, slotList)
		d.shapes = append(d.shapes, s)
	}
	d.cols = make([]dictColumn, len(r.kind))
}

func (r *dictReader) readForms() {
	d := r.d
	for i := range d.cols {
		if r.kind[i] != slotValue || r.bad != "" {
			continue
		}
		c := &d.cols[i]
		c.form, c.forms = int32(len(d.forms)), int32(r.count())
		for range c.forms {
			r.readForm()
		}
	}
}

func (r *dictReader) readForm() {
	d := r.d
	f := dictForm{text: r.bytes(), hole: int32(len(d.holes))}
	holes, ok := parseSpec(d.holes, f.text)
	if !ok {
		r.fail("a form that makes no sense")
		return
	}
	for k := f.hole; k < int32(len(holes)); k++ {
		if hasLane(holes[k].kind) {
			holes[k].lane = int32(len(d.lanes))
			d.lanes = append(d.lanes, dictLane{})
		}
	}
	d.holes, f.holes = holes, int32(len(holes))-f.hole
	d.forms = append(d.forms, f)
}

func (r *dictReader) readBooks() {
	d := r.d
	for i := range d.cols {
		c := &d.cols[i]
		c.book, c.books = int32(len(d.books)), int32(r.count())
		epoch := uint32(0)
		for range c.books {
			epoch += uint32(r.uvarint())
			b := dictBook{epoch: epoch, code: int32(len(d.codes)), codes: int32(r.count())}
			b.width = codeWidth(int(b.codes))
			for range b.codes {
				r.readCode(r.kind[i] == slotValue, c)
			}
			d.books = append(d.books, b)
		}
	}
}

func (r *dictReader) readCode(value bool, c *dictColumn) {
	d, v := r.d, r.uvarint()
	switch {
	case value && v < uint64(c.forms):
		d.codes = append(d.codes, c.form+int32(v))
	case !value && v <= uint64(len(d.shapes)):
		d.codes = append(d.codes, int32(v)-1)
	default:
		r.fail("a code for a form or shape that is not there")
	}
}

func (r *dictReader) readLanes() {
	d := r.d
	for i := range d.lanes {
		l := &d.lanes[i]
		l.version, l.versions = int32(len(d.vers)), int32(r.count())
		epoch := uint32(0)
		for range l.versions {
			epoch += uint32(r.uvarint())
			width := r.uvarint()
			if width > 64 {
				r.fail("integers of more than 64 bits")
				return
			}
			d.vers = append(d.vers, laneVersion{epoch, unzigzag(r.uvarint()), uint8(width)})
		}
	}
}
