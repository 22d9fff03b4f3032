package agent

import (
	"bytes"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/redact/structure"
	"github.com/roentgen/roentgen/tail"
	"github.com/roentgen/roentgen/wire"
)

// desk is where documents are decided, one after the other. Whoever holds mu
// owns all that is below it.
type desk struct {
	books    *counters
	redactor *redact.Redactor // nil: nothing is taken out
	rules    *rulebook
	onReject func(door, code string)
	warn     func(door accept.Door, r *roentgen.Rejection)

	mu      sync.Mutex
	tail    *tail.Tail
	spool   *spool.Spool
	minutes *graph.Minutes // nil: nobody reads roll-ups
	glancer *wire.Glancer
	index   structure.Index // of the document at hand, where there is a redactor
	scratch []byte          // of what is redacted
	line    []byte          // the header line that was read last, with its newline, and what it said
	header  wire.Header
	senders senders
	leave   tail.Leave
}

// depart takes what leaves: it goes to the spool.
func (d *desk) depart(doc []byte, keep roentgen.Keep) {
	if !d.spool.Append(doc, keep) {
		d.books.spoolFull.Add(1)
	}
}

// takeAtOnce is how many datagrams are decided before others may have the desk.
const takeAtOnce = 64

// datagrams decides about what waits in the queue and returns how many that
// were.
func (d *desk) datagrams(q *queue) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return q.each(takeAtOnce, d.datagram)
}

// landed decides about what came into the first n slots of the landing.
func (d *desk) landed(q *queue, n int, networks accept.Networks) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range n {
		d.datagram(q.datagram(i), q.flags(i, networks))
		q.free(i)
	}
}

// leftover decides about what a killed process left in the landing.
func (d *desk) leftover(q *queue, networks accept.Networks) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q.eachLanded(func(slot int) { d.datagram(q.datagram(slot), q.flags(slot, networks)) })
}

func (d *desk) datagram(datagram []byte, flags uint32) {
	if isSeveral(datagram) {
		d.several(datagram, flags)
		return
	}
	if flags&fromForeign != 0 {
		d.books.received(accept.DoorUDP).Add(1)
		d.books.foreign.Add(1)
		return
	}
	doc, header, err := d.split(datagram)
	if err != nil {
		d.books.received(accept.DoorUDP).Add(1)
		d.reject(accept.DoorUDP, &roentgen.Rejection{Code: accept.InvalidDatagram, Detail: err.Error()})
		return
	}
	d.text(accept.DoorUDP, doc, header)
}

// split is wire.ParseDatagram. The header lines of an SDK are all the same, so
// that the last one is remembered.
func (d *desk) split(datagram []byte) (doc []byte, header wire.Header, err error) {
	n := len(d.line)
	if n > 0 && len(datagram) > n && len(datagram) <= wire.MaxDatagramBytes && datagram[n] == '{' && bytes.Equal(datagram[:n], d.line) {
		return datagram[n:], d.header, nil
	}
	doc, header, err = wire.ParseDatagram(datagram)
	if n = len(datagram) - len(doc); err == nil && n <= longestLine {
		d.line, d.header = append(d.line[:0], datagram[:n]...), header
	}
	return doc, header, err
}

// longestLine bounds a header line that is remembered.
const longestLine = 256

// text decides about a document, or each of an array of them. The last
// rejection is returned.
func (d *desk) text(door accept.Door, text []byte, header wire.Header) (last *roentgen.Rejection) {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\n' || text[0] == '\r' || text[0] == '\t') {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != '[' {
		return d.document(door, text, header)
	}
	docs, err := elements(text)
	if err != nil { // no array: the reader says what is wrong
		return d.document(door, text, header)
	}
	for _, doc := range docs {
		if r := d.document(door, doc, header); r != nil {
			last = r
		}
	}
	return last
}

// document decides about one document. It is counted as received when it has
// been: a kill before leaves it with the queue or its sender, who count it then.
func (d *desk) document(door accept.Door, doc []byte, header wire.Header) *roentgen.Rejection {
	rejection := d.judge(door, doc, header)
	d.books.received(door).Add(1)
	return rejection
}

func (d *desk) judge(door accept.Door, doc []byte, header wire.Header) *roentgen.Rejection {
	doc, seg, err := d.read(doc)
	if err != nil {
		return d.reject(door, asRejection(err))
	}
	mark, probability := d.rules.mark(seg, header)
	d.offer(seg, doc, mark, probability)
	return nil
}

// offer counts a segment in the roll-ups and hands it to the tail.
func (d *desk) offer(seg *roentgen.Segment, doc []byte, mark tail.Mark, probability float64) {
	if d.minutes != nil {
		d.minutes.Add(seg)
	}
	d.tail.Offer(seg, doc, mark, probability, d.leave)
}

// read takes personal data out of doc, as redact does, and reads what is left. Where nothing was taken out, the index
// that was made for the one serves the other.
func (d *desk) read(doc []byte) ([]byte, *roentgen.Segment, error) {
	if d.redactor == nil {
		seg, err := d.glancer.Read(doc)
		return doc, seg, err
	}
	if d.index.Memory() > keptScratch {
		d.index = structure.Index{}
	}
	d.index.Make(doc)
	out, counts := d.redactor.Indexed(d.scratch[:0], doc, &d.index)
	if counts == (redact.Counts{}) {
		seg, err := d.glancer.ReadIndexed(doc, &d.index)
		return doc, seg, err
	}
	d.tookOut(out, counts)
	seg, err := d.glancer.Read(out)
	return out, seg, err
}

// redact returns doc without personal data, in memory that holds until the
// next call.
func (d *desk) redact(doc []byte) []byte {
	if d.redactor == nil {
		return doc
	}
	out, counts := d.redactor.Document(d.scratch[:0], doc)
	if counts != (redact.Counts{}) {
		d.tookOut(out, counts)
	}
	return out
}

// tookOut counts what was taken out, and keeps the memory of what is left.
func (d *desk) tookOut(out []byte, counts redact.Counts) {
	d.books.redacted(counts)
	if cap(out) > cap(d.scratch) && cap(out) <= keptScratch {
		d.scratch = out
	}
}

// keptScratch bounds what is kept of memory that one large document needed.
const keptScratch = 1 << 20

func (d *desk) reject(door accept.Door, r *roentgen.Rejection) *roentgen.Rejection {
	d.books.ledger.Counter(ledger.Rejected, string(r.Code)).Add(1)
	if d.onReject != nil {
		d.onReject(string(door), string(r.Code))
	}
	d.warn(door, r)
	return r
}

// notices takes word of traces that others keep.
func (d *desk) notices(notices []wire.Notice) {
	for len(notices) > 0 {
		n := min(len(notices), takeAtOnce)
		d.mu.Lock()
		d.tail.Order(notices[:n])
		for _, notice := range notices[:n] {
			d.tail.Notice(notice.Trace, notice.Reason, d.leave)
		}
		d.mu.Unlock()
		notices = notices[n:]
	}
}

// room reports whether documents that come from doors that can answer may be
// taken: those that cannot be kept stay with their sender.
func (d *desk) room() bool { return !d.spool.Stats().Full }
