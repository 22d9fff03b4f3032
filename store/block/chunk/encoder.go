package chunk

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/roentgen/roentgen"
)

// Encoder makes the chunks of one block, and then its dictionary. One
// goroutine uses it at a time. It keeps no document that it was given: of the
// first chunks of a block it keeps copies, until they are cut.
type Encoder struct {
	opt Options
	model
	coder
	match  matcher
	z      *zstd.Encoder
	header []byte

	early early

	// The open chunk.
	first  uint32 // number of its first trace
	raw    int
	traces []traceRow
	docs   []docRow
	keeps  []roentgen.Keep

	xray, w3c []byte // the present trace's id
}

// traceRow and docRow are the fixed columns of a chunk.
type traceRow struct {
	id               roentgen.TraceID
	docs             int
	received         roentgen.Time // of the first document
	tight, exc, text int           // bytes
}

type docRow struct {
	later int64 // than the first document of the trace, in nanoseconds
	keep  int   // in keeps
}

// NewEncoder returns an Encoder with the default options.
func NewEncoder() *Encoder { return Options{}.NewEncoder() }

// NewEncoder returns an Encoder of an empty block.
func (o Options) NewEncoder() *Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<17), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(fmt.Sprintf("chunk: options of zstd: %v", err)) // they are constants
	}
	e := &Encoder{opt: o.withDefaults(), z: z}
	e.Reset()
	return e
}

// Reset forgets the block: what comes next is the first trace of another.
func (e *Encoder) Reset() {
	e.model.reset(e.opt)
	e.match.model, e.coder.model = &e.model, &e.model
	e.early = early{}
	e.endChunk()
}

func (e *Encoder) endChunk() {
	e.first, e.raw = e.now, 0
	e.traces, e.docs, e.keeps = e.traces[:0], e.docs[:0], e.keeps[:0]
	e.tight, e.exc, e.loose = bitWriter{buf: e.tight.buf[:0]}, e.exc[:0], e.loose[:0]
}

// Raw returns the bytes of documents in the open chunk.
func (e *Encoder) Raw() int { return e.raw }

// Trace adds a trace to the open chunk, whose documents must be less than 2 GiB
// together. The documents may have any bytes; JSON without white space between
// its tokens is what gets small.
func (e *Encoder) Trace(id roentgen.TraceID, docs []Doc) {
	e.early.keep(id, docs)
	e.add(id, docs)
}

func (e *Encoder) add(id roentgen.TraceID, docs []Doc) {
	if len(e.traces) == 0 {
		e.base = baseTime(docs)
	}
	row := traceRow{id: id, docs: len(docs), tight: len(e.tight.buf), exc: len(e.exc), text: len(e.loose)}
	if len(docs) > 0 {
		row.received = docs[0].Received
	}
	e.beginTrace(id)
	col := int32(colFirst)
	for i := range docs {
		d := &docs[i]
		e.raw += len(d.Text)
		e.docs = append(e.docs, docRow{int64(d.Received - row.received), e.keepIndex(d.Keep)})
		e.match.document(d.Text, col)
		e.text, e.events, e.at = d.Text, e.match.events, 0
		col = e.after(e.item(col))
	}
	e.tight.flush()
	row.tight, row.exc, row.text = len(e.tight.buf)-row.tight, len(e.exc)-row.exc, len(e.loose)-row.text
	e.traces = append(e.traces, row)
	e.endTrace()
}

// beginTrace makes the id known to references.
func (e *Encoder) beginTrace(id roentgen.TraceID) {
	e.ord, e.last, e.touched = 0, 0, e.touched[:0]
	e.hasNum = [10]bool{}
	e.xray = append(e.xray[:0], "1-"...)
	e.w3c = e.w3c[:0]
	for i, b := range id {
		if i == 4 {
			e.xray = append(e.xray, '-')
		}
		e.xray = append(e.xray, lowerDigits[b>>4], lowerDigits[b&15])
		e.w3c = append(e.w3c, lowerDigits[b>>4], lowerDigits[b&15])
	}
	for col, v := range [][]byte{e.xray, e.w3c} {
		c := &e.cols[col]
		c.val, c.trace = v, e.now
	}
}

// endTrace learns from it.
func (e *Encoder) endTrace() {
	e.settle()
	for i, text := range e.unknown {
		e.match.learn(text)
		e.unknown[i] = nil
	}
	e.unknown = e.unknown[:0]
	e.text, e.events, e.match.text = nil, nil, nil
	for _, col := range e.touched {
		e.cols[col].val = nil
	}
}

// learn takes note of the shapes in text.
func (m *matcher) learn(text []byte) {
	if len(m.shapes) >= m.opt.Shapes || m.used >= m.opt.DictBytes || len(text) > maxLearned {
		return
	}
	m.text, m.events, m.skel, m.learning = text, m.events[:0], m.skel[:0], true
	m.inFull(0, 0, nil)
	m.learning = false
}

// maxLearned is how long an item may be to be learned from: longer ones are
// not alike.
const maxLearned = 1 << 20

// keepIndex returns the place of k in keeps.
func (e *Encoder) keepIndex(k roentgen.Keep) int {
	for i := len(e.keeps) - 1; i >= max(0, len(e.keeps)-8); i-- {
		if e.keeps[i] == k {
			return i
		}
	}
	e.keeps = append(e.keeps, k)
	return len(e.keeps) - 1
}

// baseTime is the start of the first document where that is easily found, and
// otherwise when it was received: the closer to the times in the chunk, the
// fewer bits these take.
func baseTime(docs []Doc) int64 {
	if len(docs) == 0 {
		return 0
	}
	key := []byte(`"start_time":`)
	if i := bytes.Index(docs[0].Text, key); i >= 0 {
		t := docs[0].Text[i+len(key):]
		if end := scalarEnd(t, 0); end > 0 {
			if at, ok := momentOf(t[:end]); ok {
				return at.nanos
			}
		}
	}
	return int64(docs[0].Received)
}
