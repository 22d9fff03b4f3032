package chunk

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen"
)

// decoder is what decoding needs, kept in a Pool between calls.
type decoder struct {
	z     *zstd.Decoder
	loose []byte
	head  chunkHeader
	trace traceReader
}

// Decode calls fn for the traces from..to-1 of the chunk, numbered within it.
// The texts are fresh memory, one piece for each trace. Damage is an *Error,
// and ends the call; so does an error of fn. Memory is bounded by the chunk's
// own account of its documents and by Limits.Trace.
func (d *Dict) Decode(chunk []byte, from, to int, fn func(n int, id roentgen.TraceID, docs []Doc) error) error {
	dec := d.pool.get()
	defer d.pool.put(dec)
	h := &dec.head
	if err := h.parse(chunk); err != nil {
		return err
	}
	if from < 0 || from > to || to > h.traces {
		return &Error{0, fmt.Sprintf("traces %d to %d of a chunk of %d", from, to, h.traces)}
	}
	if err := dec.uncompress(chunk); err != nil {
		return err
	}
	limit := d.pool.Limits.withDefaults().Trace
	for i := range to {
		row := h.row(i)
		if i < from {
			h.skip(row)
			continue
		}
		id, docs, err := dec.read(d, chunk, row, min(limit, h.raw))
		if err != nil {
			return err
		}
		h.skip(row)
		if err := fn(i, id, docs); err != nil {
			return err
		}
	}
	return nil
}

// Len returns how many traces a chunk has.
func Len(chunk []byte) (int, error) {
	var h chunkHeader
	err := h.parse(chunk)
	return h.traces, err
}

// chunkHeader is a chunk's head, and how far its traces have been read.
type chunkHeader struct {
	first       uint32
	unit        int64
	traces      int
	docs        int
	raw         int
	base        int64
	keeps       []byte
	spans       [spans]span
	rows, later bitReader
	ids         int // offsets in the chunk
	tight       int
	loose       int
	excTotal    int
	textTotal   int
	// The trace that comes next.
	at, atDoc, atTight, atExc, atText int
}

// parse reads the head and sums up the lengths of the traces.
func (h *chunkHeader) parse(b []byte) error {
	*h = chunkHeader{}
	if len(b) < 2 || b[0] != version || int(b[1]) >= len(ticks) {
		return &Error{0, "not a chunk of version 1"}
	}
	h.unit = ticks[b[1]]
	r := dictReader{body: b, pos: 2}
	h.first = uint32(r.uvarint())
	h.traces, h.docs = r.bounded(), r.bounded()
	h.raw = r.bounded()
	h.base = unzigzag(r.uvarint())
	n := r.count()
	if r.bad != "" || 9*n > len(b)-r.pos {
		return &Error{r.pos, "the head of the chunk is cut short"}
	}
	h.keeps = b[r.pos : r.pos+9*n]
	r.pos += 9 * n
	for i := range h.spans {
		if r.pos >= len(b) || b[r.pos] > 64 {
			return &Error{r.pos, "the head of the chunk is cut short"}
		}
		h.spans[i].width = b[r.pos]
		r.pos++
		h.spans[i].base = unzigzag(r.uvarint())
	}
	if r.bad != "" {
		return &Error{r.pos, "the head of the chunk is " + r.bad}
	}
	return h.layOut(b, r.pos)
}

// bounded reads a number that must be no more than a length can be.
func (r *dictReader) bounded() int {
	v := r.uvarint()
	if v > math.MaxInt32 {
		r.fail("damaged")
	}
	return int(v & math.MaxInt32)
}

// layOut finds the parts of the chunk behind the head.
func (h *chunkHeader) layOut(b []byte, pos int) error {
	rowBits, docBits := 0, int(h.spans[spanLater].width)+int(h.spans[spanKeep].width)
	for i := range spanText + 1 {
		rowBits += int(h.spans[i].width)
	}
	dir := (h.traces*rowBits + h.docs*docBits + 7) / 8
	if h.traces > len(b) || dir > len(b)-pos || 12*h.traces > len(b)-pos-dir {
		return &Error{pos, "the chunk is too short for its traces"}
	}
	h.rows = bitReader{buf: b[pos : pos+dir]}
	h.later = bitReader{buf: b[pos : pos+dir], pos: h.traces * rowBits}
	h.ids = pos + dir
	h.tight = h.ids + 12*h.traces
	left, docs := len(b)-h.tight, 0
	rows, tight := h.rows, 0
	for range h.traces {
		row := h.next(&rows)
		for _, k := range []int{spanDocs, spanTight, spanExc, spanText} {
			if row[k] < 0 || row[k] > math.MaxInt32 {
				return &Error{pos, "a trace with a length that cannot be"}
			}
		}
		docs, tight = docs+int(row[spanDocs]), tight+int(row[spanTight])
		h.excTotal, h.textTotal = h.excTotal+int(row[spanExc]), h.textTotal+int(row[spanText])
	}
	if docs != h.docs || tight > left {
		return &Error{pos, "the lengths of the traces do not add up"}
	}
	h.loose = h.tight + tight
	return nil
}

type row [spanText + 1]int64

// next reads the fixed columns of a trace.
func (h *chunkHeader) next(b *bitReader) (r row) {
	for i := range r {
		r[i] = int64(b.get(uint(h.spans[i].width))) + h.spans[i].base
	}
	return r
}

func (h *chunkHeader) row(int) row { return h.next(&h.rows) }

// skip goes on behind a trace.
func (h *chunkHeader) skip(r row) {
	h.at++
	h.atDoc += int(r[spanDocs])
	h.atTight += int(r[spanTight])
	h.atExc += int(r[spanExc])
	h.atText += int(r[spanText])
}

// doc reads the fixed columns of document i of the chunk.
func (h *chunkHeader) doc(i int) (later int64, keep int) {
	b := h.later
	wl, wk := h.spans[spanLater].width, h.spans[spanKeep].width
	b.pos += i * int(wl+wk)
	later = int64(b.get(uint(wl))) + h.spans[spanLater].base
	keep = int(int64(b.get(uint(wk))) + h.spans[spanKeep].base)
	return later, keep
}

// uncompress fills loose.
func (dec *decoder) uncompress(chunk []byte) error {
	h := &dec.head
	b, n := chunk[h.loose:], h.excTotal+h.textTotal
	switch {
	case len(b) == n:
		dec.loose = append(dec.loose[:0], b...)
		return nil
	case len(b) > n:
		return &Error{h.loose, "something follows the chunk"}
	case n > maxRatio*len(b)+maxBlock:
		return &Error{h.loose, fmt.Sprintf("%d bytes cannot hold %d", len(b), n)}
	}
	if cap(dec.loose) < n {
		dec.loose = make([]byte, 0, n+n/4)
	}
	out, err := dec.frame(b, dec.loose[:0:cap(dec.loose)])
	if err != nil {
		return &Error{h.loose, err.Error()}
	}
	if dec.loose = out; len(out) != n {
		return &Error{h.loose, "the exceptions do not have the length that was announced"}
	}
	return nil
}

// read decodes the trace that comes next.
func (dec *decoder) read(d *Dict, chunk []byte, r row, limit int) (id roentgen.TraceID, docs []Doc, err error) {
	h, t := &dec.head, &dec.trace
	binary.BigEndian.PutUint32(id[:4], uint32(r[spanSeconds]))
	copy(id[4:], chunk[h.ids+12*h.at:])
	tight := h.tight + h.atTight
	text := h.excTotal + h.atText
	t.begin(d, id, h.base, h.first+uint32(h.at), limit)
	t.tight = bitReader{buf: chunk[tight : tight+int(r[spanTight])]}
	t.exc = dec.loose[h.atExc : h.atExc+int(r[spanExc])]
	t.text = dec.loose[text : text+int(r[spanText])]
	docs = make([]Doc, 0, min(int(r[spanDocs]), 1<<16))
	t.ends = t.ends[:0]
	col := int32(colFirst)
	t.nextException()
	for i := range int(r[spanDocs]) {
		before, exc := len(t.out), len(t.exc)
		col = t.after(t.item(col, 0))
		if len(t.out) == before && len(t.exc) == exc {
			t.fail("a document of nothing")
		}
		if t.bad != "" {
			return id, nil, &Error{tight, fmt.Sprintf("trace %d, document %d: %s", h.at, i, t.bad)}
		}
		later, keep := h.doc(h.atDoc + i)
		if keep < 0 || 9*keep+9 > len(h.keeps) {
			return id, nil, &Error{tight, fmt.Sprintf("trace %d, document %d: no such reason to keep it", h.at, i)}
		}
		docs = append(docs, Doc{Received: roentgen.Time((r[spanReceived] + later) * h.unit), Keep: keepAt(h.keeps[9*keep:])})
		t.ends = append(t.ends, len(t.out))
	}
	if err := t.done(); err != "" {
		return id, nil, &Error{tight, fmt.Sprintf("trace %d: %s", h.at, err)}
	}
	all := append([]byte(nil), t.out...)
	from := 0
	for i, end := range t.ends {
		docs[i].Text, from = all[from:end:end], end
	}
	return id, docs, nil
}
