package chunk

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/roentgen/roentgen"
)

// span is a column of fixed width: each value less the least of them.
type span struct {
	base  int64
	width uint8
	any   bool
	hi    int64
}

func (s *span) add(v int64) {
	if !s.any {
		s.base, s.hi, s.any = v, v, true
	}
	s.base, s.hi = min(s.base, v), max(s.hi, v)
}

func (s *span) append(dst []byte) []byte {
	s.width = uint8(bits.Len64(uint64(s.hi - s.base)))
	return binary.AppendVarint(append(dst, s.width), s.base)
}

func (s *span) put(b *bitWriter, v int64) { b.put(uint64(v-s.base), uint(s.width)) }

// ticks are the units in which times of receipt are kept: the coarsest that
// loses nothing.
var ticks = [...]int64{1e9, 1e6, 1e3, 1}

func (e *Encoder) tick() (i int) {
	for ; i < len(ticks)-1; i++ {
		exact := true
		for k := range e.traces {
			exact = exact && int64(e.traces[k].received)%ticks[i] == 0
		}
		for k := range e.docs {
			exact = exact && e.docs[k].later%ticks[i] == 0
		}
		if exact {
			break
		}
	}
	return i
}

// The fixed columns of a chunk, in order.
const (
	spanDocs = iota
	spanSeconds
	spanReceived
	spanTight
	spanExc
	spanText
	spanLater
	spanKeep
	spans
)

// Cut ends the chunk and appends it to dst.
func (e *Encoder) Cut(dst []byte) []byte {
	e.improve()
	var sp [spans]span
	tick := e.tick()
	unit := ticks[tick]
	for i := range e.traces {
		for k, v := range e.traces[i].columns(unit) {
			sp[k].add(v)
		}
	}
	for i := range e.docs {
		sp[spanLater].add(e.docs[i].later / unit)
		sp[spanKeep].add(int64(e.docs[i].keep))
	}
	h := append(e.header[:0], version, byte(tick))
	h = binary.AppendUvarint(h, uint64(e.first))
	h = binary.AppendUvarint(h, uint64(len(e.traces)))
	h = binary.AppendUvarint(h, uint64(len(e.docs)))
	h = binary.AppendUvarint(h, uint64(e.raw))
	h = binary.AppendVarint(h, e.base)
	h = binary.AppendUvarint(h, uint64(len(e.keeps)))
	for _, k := range e.keeps {
		h = append(h, byte(k.Reason))
		h = binary.LittleEndian.AppendUint64(h, math.Float64bits(k.Probability))
	}
	for i := range sp {
		h = sp[i].append(h)
	}
	b := bitWriter{buf: h}
	for i := range e.traces {
		for k, v := range e.traces[i].columns(unit) {
			sp[k].put(&b, v)
		}
	}
	for i := range e.docs {
		sp[spanLater].put(&b, e.docs[i].later/unit)
		sp[spanKeep].put(&b, int64(e.docs[i].keep))
	}
	b.flush()
	e.header = b.buf
	dst = append(dst, e.header...)
	for i := range e.traces {
		dst = append(dst, e.traces[i].id[4:]...)
	}
	dst = append(dst, e.tight.buf...)
	dst = e.appendLoose(dst)
	e.endChunk()
	return dst
}

// columns are the values of a trace in the fixed columns.
func (t *traceRow) columns(unit int64) [spanText + 1]int64 {
	return [...]int64{
		spanDocs:     int64(t.docs),
		spanSeconds:  int64(binary.BigEndian.Uint32(t.id[:4])),
		spanReceived: int64(t.received) / unit,
		spanTight:    int64(t.tight),
		spanExc:      int64(t.exc),
		spanText:     int64(t.text),
	}
}

// worthZstd is how many bytes the exceptions and texts must have to be
// compressed.
const worthZstd = 48

// appendLoose appends the exceptions of all traces and then their texts.
func (e *Encoder) appendLoose(dst []byte) []byte {
	e.exc = append(e.exc, e.loose...)
	if len(e.exc) < worthZstd {
		return append(dst, e.exc...)
	}
	from := len(dst)
	dst = e.z.EncodeAll(e.exc, dst)
	if len(dst)-from >= len(e.exc) {
		dst = append(dst[:from], e.exc...)
	}
	return dst
}

// keepAt reads what the header says of a keep.
func keepAt(b []byte) roentgen.Keep {
	return roentgen.Keep{Reason: roentgen.KeepReason(b[0]), Probability: math.Float64frombits(binary.LittleEndian.Uint64(b[1:]))}
}
