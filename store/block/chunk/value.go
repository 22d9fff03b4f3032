package chunk

import (
	"encoding/binary"
)

// coder writes the traces of the open chunk.
type coder struct {
	*model
	text   []byte // of the present document
	events []event
	at     int    // the next one of them
	ord    uint32 // places visited in this trace
	last   uint32 // ord of the exception before
	base   int64  // of the chunk, in nanoseconds
	fill   [maxHoles]uint64
	nums   [10]int64 // the newest numbers, by their digits behind the point
	hasNum [10]bool
	tight  bitWriter
	exc    []byte // exceptions
	loose  []byte // texts
	// touched are the columns of the values of this trace, in order.
	touched []int32
	unknown [][]byte // items without a shape, to learn from after the trace
	spec    []byte   // scratch of learning
}

// exception begins an exception at the place ord.
func (e *coder) exception(ord uint32, tag uint64) {
	e.exc = binary.AppendUvarint(e.exc, uint64(ord-e.last))
	e.exc = binary.AppendUvarint(e.exc, tag)
	e.last = ord
}

// value writes v, which stands in column col; what is the constant that it is,
// or -1.
func (e *coder) value(col int32, v []byte, what int32) {
	c := &e.cols[col]
	c.since++
	e.ord++
	if what >= 0 {
		f := &c.forms[what]
		f.count++
		c.setLast(what)
		if f.code >= 0 {
			e.tight.put(uint64(f.code), uint(c.width))
		} else {
			e.miss(col, c, what)
		}
		c.k = noNumber
	} else {
		e.variable(col, c, v)
	}
	if c.since == c.check {
		e.queueColumn(col)
	}
	if !c.fused {
		c.val, c.trace = v, e.now
		e.touched = append(e.touched, col)
	}
}

// miss writes form f as an exception; its holes are in fill.
func (e *coder) miss(col int32, c *column, f int32) {
	if c.forms[f].code < 0 {
		c.miss++
		e.queueColumn(col)
	}
	e.exception(e.ord-1, uint64(f)+1)
	for i := range c.forms[f].holes {
		switch h := &c.forms[f].holes[i]; h.kind {
		case holeLower, holeUpper:
			e.exc = binary.LittleEndian.AppendUint64(e.exc, e.fill[i])
		case holeEnd, holeRef:
		default:
			e.exc = binary.AppendUvarint(e.exc, zigzag(int64(e.fill[i])))
		}
	}
}

// variable finds a form for v: the one that fitted last, a constant, any.
func (e *coder) variable(col int32, c *column, v []byte) {
	if c.last >= 0 && len(c.open) > 0 && c.last == c.open[0] && c.forms[c.last].cost < textCost {
		if e.quickly(c, &c.forms[c.last], v) {
			return
		}
		if e.try(c, c.last, v) {
			e.write(col, c, c.last, v)
			return
		}
	}
	if len(c.open) < len(c.forms) {
		if f := e.consts.find(col, constHash(col, v)); f >= 0 && string(c.forms[f].spec) == string(v) {
			e.write(col, c, f, v)
			return
		}
	}
	for _, f := range c.open {
		if e.try(c, f, v) {
			e.write(col, c, f, v)
			return
		}
	}
	c.k = noNumber
	e.exception(e.ord-1, 0)
	e.exc = binary.AppendUvarint(e.exc, uint64(len(v)))
	e.exc = append(e.exc, v...)
	e.learn(col, c, v)
}

// quickly writes v as form f where that takes no exception and teaches nothing.
func (e *coder) quickly(c *column, f *form, v []byte) bool {
	if f.code < 0 || c.vars+1 >= c.again {
		return false
	}
	switch h := f.holes; f.quick {
	case quickHex:
		if len(v) != 18 || v[0] != '"' || v[17] != '"' {
			return false
		}
		x, ok := parseHex(v[1:17], 16, h[0].kind == holeUpper)
		if !ok {
			return false
		}
		c.k = noNumber
		e.tight.put(uint64(f.code), uint(c.width))
		e.tight.put(x, 64)
	case quickNumber:
		l := &e.lanes[h[0].lane]
		if !e.hasRef(&h[0]) || l.n+1 == l.check {
			return false
		}
		x, ok := parseNumber(v, h[0].style, h[0].n)
		d := x - e.refNum(&h[0])
		if !ok || !l.fits(d) {
			return false
		}
		l.note(d)
		c.num, c.k = x, h[0].n
		e.nums[h[0].n], e.hasNum[h[0].n] = x, true
		e.tight.put(uint64(f.code), uint(c.width))
		e.tight.put(uint64(d-l.base), uint(l.width))
	default:
		return false
	}
	f.count++
	c.vars++
	return true
}

// write writes v as form f; its holes are in fill.
func (e *coder) write(col int32, c *column, f int32, v []byte) {
	fm := &c.forms[f]
	c.setLast(f)
	fm.count++
	c.k = noNumber
	if fm.single() {
		h := &fm.holes[0]
		c.num, c.k = int64(e.fill[0])+e.refNum(h), h.n
		e.nums[h.n], e.hasNum[h.n] = c.num, true
	}
	fits := fm.code >= 0
	for i := range fm.holes {
		if h := &fm.holes[i]; hasLane(h.kind) {
			l := &e.lanes[h.lane]
			ok := l.note(int64(e.fill[i]))
			if !ok || l.n == l.check {
				e.queueLane(h.lane)
				fits = fits && ok
			}
		}
	}
	if fm.cost >= textCost {
		e.loose = append(e.loose, v...)
		e.learn(col, c, v)
	} else if fm.holes != nil {
		c.vars++
		if c.vars >= c.again {
			e.search(col, c, fm, v)
		}
	}
	if !fits {
		e.miss(col, c, f)
		return
	}
	e.tight.put(uint64(fm.code), uint(c.width))
	for i := range fm.holes {
		switch h := &fm.holes[i]; h.kind {
		case holeEnd, holeRef:
		case holeLower, holeUpper:
			e.tight.put(e.fill[i], 4*uint(h.n))
		default:
			l := &e.lanes[h.lane]
			e.tight.put(e.fill[i]-uint64(l.base), uint(l.width))
		}
	}
}

// try fills the holes of the form from v and reports whether v has it.
func (e *coder) try(c *column, f int32, v []byte) bool {
	holes := c.forms[f].holes
	for i := range holes {
		h := &holes[i]
		if !begins(v, h.lit) {
			return false
		}
		v = v[len(h.lit):]
		n := 0
		switch h.kind {
		case holeEnd:
			return len(v) == 0
		case holeInt:
			var x int64
			if x, n = digits(v); n == 0 || n > 1 && v[0] == '0' {
				return false
			}
			e.fill[i] = uint64(x)
		case holePad:
			x, m := digits(v)
			if n = int(h.n); m != n {
				if m < n {
					return false
				}
				x, _ = digits(v[:n])
			}
			e.fill[i] = uint64(x)
		case holeLower, holeUpper:
			x, ok := parseHex(v, int(h.n), h.kind == holeUpper)
			if !ok {
				return false
			}
			e.fill[i], n = x, int(h.n)
		case holeRef:
			r := &e.cols[h.ref]
			if r.trace != e.now || !begins(v, inner(r.val)) {
				return false
			}
			n = len(inner(r.val))
		case holeNum:
			if !e.hasRef(h) {
				return false
			}
			x, ok := parseNumber(v, h.style, h.n)
			if !ok {
				return false
			}
			e.fill[i], n = uint64(x-e.refNum(h)), len(v)
		case holeText:
			e.fill[i], n = uint64(len(v)), len(v)
		}
		v = v[n:]
	}
	return len(v) == 0
}

// hasRef reports whether what the hole's number is relative to is there.
func (e *coder) hasRef(h *hole) bool {
	switch h.ref {
	case noRef, colFirst:
		return true
	case refNewest:
		return e.hasNum[h.n]
	}
	r := &e.cols[h.ref]
	return r.trace == e.now && r.k == h.n
}

func (e *coder) refNum(h *hole) int64 {
	switch h.ref {
	case noRef:
		return 0
	case colFirst:
		return e.base / pow10[9-h.n]
	case refNewest:
		return e.nums[h.n]
	}
	return e.cols[h.ref].num
}

func begins(v, lit []byte) bool { return len(v) >= len(lit) && string(v[:len(lit)]) == string(lit) }
