package chunk

import (
	"encoding/binary"
	"fmt"

	"github.com/roentgen/roentgen"
)

// traceReader decodes one trace after the other.
type traceReader struct {
	d     *Dict
	now   uint32 // the number of the trace in the block
	base  int64
	limit int // bytes of documents
	tight bitReader
	exc   []byte // exceptions left
	text  []byte // texts left
	ord   uint32 // places visited
	stop  uint64 // the next one with an exception
	out   []byte
	ends  []int
	bad   string

	newest []newest  // by column
	nums   [10]int64 // the newest numbers, by their digits behind the point
	hasNum [10]bool
	stamp  uint32 // of the present trace in newest
	ids    []byte // both forms of the trace's id
}

// newest is the newest value of a column, if stamp is the trace's.
type newest struct {
	stamp    uint32
	from, to uint32 // in out
	k        uint8
	num      int64
}

const never = 1<<64 - 1

func (t *traceReader) fail(why string) {
	if t.bad == "" {
		t.bad = why
	}
}

// begin makes ready for a trace.
func (t *traceReader) begin(d *Dict, id roentgen.TraceID, base int64, now uint32, limit int) {
	if t.d != d || len(t.newest) != len(d.cols) || t.stamp == 1<<32-1 {
		if cap(t.newest) < len(d.cols) {
			t.newest = make([]newest, len(d.cols))
		}
		t.newest = t.newest[:len(d.cols)]
		clear(t.newest)
		t.stamp = 0
	}
	t.stamp++
	t.d, t.now, t.base, t.limit = d, now, base, limit
	t.ord, t.bad, t.out = 0, "", t.out[:0]
	t.hasNum = [10]bool{}
	t.ids = t.ids[:0]
	t.ids = append(t.ids, "1-"...)
	for i, b := range id {
		if i == 4 {
			t.ids = append(t.ids, '-')
		}
		t.ids = append(t.ids, lowerDigits[b>>4], lowerDigits[b&15])
	}
	for _, b := range id {
		t.ids = append(t.ids, lowerDigits[b>>4], lowerDigits[b&15])
	}
}

// done returns what is wrong at the end of a trace.
func (t *traceReader) done() string {
	switch {
	case t.bad != "":
		return t.bad
	case t.tight.short:
		return "its bits are cut short"
	case t.stop != never || len(t.exc) > 0:
		return "exceptions are left over"
	case len(t.text) > 0:
		return "texts are left over"
	case (t.tight.pos+7)/8 != len(t.tight.buf):
		return "bits are left over"
	}
	return ""
}

func (t *traceReader) after(target int32) int32 {
	if target < 0 {
		return colAfterRaw
	}
	s := &t.d.shapes[target]
	return s.col + s.slots
}

// append appends to the documents, within the limit.
func (t *traceReader) append(b []byte) {
	if len(t.out)+len(b) > t.limit {
		t.fail(fmt.Sprintf("its documents are longer than %d bytes", t.limit))
		return
	}
	t.out = append(t.out, b...)
}

// uvarint reads a number of the exceptions.
func (t *traceReader) uvarint() uint64 {
	v, w := binary.Uvarint(t.exc)
	if w <= 0 {
		t.fail("its exceptions are cut short")
		t.exc = nil
		return 0
	}
	t.exc = t.exc[w:]
	return v
}

// bytes reads a length and as many bytes of the exceptions.
func (t *traceReader) bytes() []byte {
	n := t.uvarint()
	if n > uint64(len(t.exc)) {
		t.fail("its exceptions are cut short")
		return nil
	}
	b := t.exc[:n]
	t.exc = t.exc[n:]
	return b
}

// nextException finds the place of the next exception.
func (t *traceReader) nextException() {
	if t.ord == 0 {
		t.stop = 0
	}
	if len(t.exc) == 0 {
		t.stop = never
		return
	}
	t.stop += t.uvarint()
}

// isException reports whether the place that is read next has one.
func (t *traceReader) isException() bool {
	ord := t.ord
	t.ord++
	return uint64(ord) == t.stop
}

// book is the column's at the time of the trace.
func (t *traceReader) book(c *dictColumn) *dictBook {
	for i := c.book + c.books - 1; i >= c.book; i-- {
		if b := &t.d.books[i]; b.epoch <= t.now {
			return b
		}
	}
	return nil
}

// code reads which form or shape stands in the column, or fails.
func (t *traceReader) code(c *dictColumn) int32 {
	b := t.book(c)
	if b == nil {
		t.fail("a column without forms")
		return targetRaw
	}
	code := t.tight.get(uint(b.width))
	if code >= uint64(b.codes) || t.tight.short {
		t.fail("a code for no form")
		return targetRaw
	}
	return t.d.codes[b.code+int32(code)]
}

// item reads the item in a shape column and returns its target.
func (t *traceReader) item(col int32, depth int) int32 {
	target := t.target(col)
	if target < 0 || t.bad != "" {
		return target
	}
	if depth > maxDepth {
		t.fail("items too deep in one another")
		return target
	}
	s := &t.d.shapes[target]
	slots := t.d.slots[s.slot : s.slot+s.slots]
	for i := range slots {
		t.append(slots[i].lit)
		c := s.col + int32(i)
		switch slots[i].kind {
		case slotValue:
			t.value(c)
		case slotObject:
			t.item(c, depth+1)
		case slotList:
			t.list(c, depth+1)
		}
		if t.bad != "" {
			return target
		}
	}
	t.append(s.tail)
	return target
}

// list reads items until one is the end.
func (t *traceReader) list(col int32, depth int) {
	for n := 0; t.bad == ""; n++ {
		mark := len(t.out)
		if n > 0 {
			t.append([]byte{','})
		}
		target := t.item(col, depth)
		if target == targetEnd {
			t.out = t.out[:mark]
			return
		}
		col = t.after(target)
	}
}

// target reads which shape stands in a shape column. An item without one is
// appended.
func (t *traceReader) target(col int32) int32 {
	if !t.isException() {
		return t.code(&t.d.cols[col])
	}
	target := int32(targetRaw)
	if tag := t.uvarint(); tag == 0 {
		t.append(t.bytes())
	} else {
		v := t.uvarint()
		if tag > 1 || v > uint64(len(t.d.shapes)) {
			t.fail("a shape that is not there")
			return targetRaw
		}
		target = int32(v) - 1
	}
	t.nextException()
	return target
}
