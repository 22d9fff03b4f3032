package chunk

import (
	"encoding/binary"
)

// value reads a value.
func (t *traceReader) value(col int32) {
	c := &t.d.cols[col]
	from := uint32(len(t.out))
	num, k := int64(0), uint8(noNumber)
	if t.isException() {
		tag := t.uvarint()
		switch {
		case tag == 0:
			t.append(t.bytes())
		case tag > uint64(c.forms):
			t.fail("a form that is not there")
		default:
			num, k = t.form(c.form+int32(tag)-1, true)
		}
		t.nextException()
	} else if f := t.code(c); f >= 0 {
		num, k = t.form(f, false)
	}
	if k != noNumber {
		t.nums[k], t.hasNum[k] = num, true
	}
	t.newest[col] = newest{t.stamp, from, uint32(len(t.out)), k, num}
}

// form appends a value of form f. Its number is returned where it is one and
// nothing else.
func (t *traceReader) form(f int32, exception bool) (num int64, k uint8) {
	fm := &t.d.forms[f]
	if fm.holes == 0 {
		t.append(fm.text)
		return 0, noNumber
	}
	k = noNumber
	holes := t.d.holes[fm.hole : fm.hole+fm.holes]
	for i := range holes {
		h := &holes[i]
		t.append(h.lit)
		switch h.kind {
		case holeEnd:
		case holeRef:
			t.ref(h.ref)
		case holeLower, holeUpper:
			t.hex(h, exception)
		default:
			num = t.integer(h, exception)
			if h.kind == holeNum && len(holes) == 1 {
				k = h.n
			}
		}
		if t.bad != "" {
			break
		}
	}
	return num, k
}

// ref appends the newest value of a column.
func (t *traceReader) ref(col int32) {
	switch col {
	case colFirst:
		t.append(t.ids[:35])
		return
	case colAfterRaw:
		t.append(t.ids[35:])
		return
	}
	n := &t.newest[col]
	if n.stamp != t.stamp {
		t.fail("a reference to a column without a value")
		return
	}
	t.append(inner(t.out[n.from:n.to]))
}

func (t *traceReader) hex(h *hole, exception bool) {
	var v uint64
	if !exception {
		v = t.tight.get(4 * uint(h.n))
	} else if len(t.exc) < 8 {
		t.fail("its exceptions are cut short")
		return
	} else {
		v = binary.LittleEndian.Uint64(t.exc)
		t.exc = t.exc[8:]
	}
	if len(t.out)+int(h.n) > t.limit {
		t.append(make([]byte, h.n))
		return
	}
	t.out = appendHex(t.out, v, int(h.n), h.kind == holeUpper)
}

// integer appends what a hole with a lane holds, and returns it.
func (t *traceReader) integer(h *hole, exception bool) int64 {
	var v int64
	if exception {
		v = unzigzag(t.uvarint())
	} else {
		v = t.lane(h.lane)
	}
	if h.kind == holeText {
		if v < 0 || v > int64(len(t.text)) {
			t.fail("its texts are cut short")
			return 0
		}
		t.append(t.text[:v])
		t.text = t.text[v:]
		return v
	}
	if h.kind == holeNum {
		v += t.refNum(h)
	}
	if v <= -maxNumber || v >= maxNumber || v < 0 && h.kind != holeNum {
		t.fail("a number of too many digits")
		return 0
	}
	var tmp [32]byte
	switch h.kind {
	case holeInt:
		t.append(appendNumber(tmp[:0], v, styleInt, 0))
	case holePad:
		t.append(appendPadded(tmp[:0], v, int(h.n)))
	case holeNum:
		t.append(appendNumber(tmp[:0], v, h.style, h.n))
	}
	return v
}

// lane reads an integer of a lane.
func (t *traceReader) lane(i int32) int64 {
	l := &t.d.lanes[i]
	for i := l.version + l.versions - 1; i >= l.version; i-- {
		if v := &t.d.vers[i]; v.epoch <= t.now {
			return int64(t.tight.get(uint(v.width))) + v.base
		}
	}
	t.fail("a number of no known length")
	return 0
}

// refNum is what a number is relative to.
func (t *traceReader) refNum(h *hole) int64 {
	switch h.ref {
	case noRef:
		return 0
	case colFirst:
		return t.base / pow10[9-h.n]
	case refNewest:
		if !t.hasNum[h.n] {
			t.fail("a difference to a number that is not there")
		}
		return t.nums[h.n]
	}
	n := &t.newest[h.ref]
	if n.stamp != t.stamp || n.k != h.n {
		t.fail("a difference to a number that is not there")
		return 0
	}
	return n.num
}
