package agent

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/wire"
)

// documentsPerDatagram is what SDKs are told. A longer datagram has the rest of
// it refused, so that one of nothing but line feeds costs no more than another.
const documentsPerDatagram = 64

// severalStart tells a datagram of several documents, which one sends only who was
// told documentsPerDatagram; docs/protocol/datagram.md draws it. Its header line is
// fixed byte by byte, so that other datagrams pay one comparison.
const severalStart = `{"format":"json","version":1,"documents":`

func isSeveral(datagram []byte) bool {
	return len(datagram) > len(severalStart) && string(datagram[:len(severalStart)]) == severalStart
}

// severalHeader is what stands before several documents.
type severalHeader struct {
	documents      int
	mark           wire.Header
	sender, before uint64 // who sends, and how many documents it had put into such datagrams
}

// decided takes the place of the first byte of a document that was decided, in
// the memory where it landed: a kill among several leaves only the others for the next
// process. No document begins with it.
const decided = 0

// several decides about the documents of a datagram, one by one and where they
// are. What is wrong with one is its own matter; where the form is wrong, that counts as
// one more document, refused.
func (d *desk) several(datagram []byte, flags uint32) {
	h, docs, err := splitSeveral(datagram)
	if err != nil {
		d.refuseForm(err)
		return
	}
	if flags&fromForeign == 0 {
		d.miss(h)
	}
	n := eachLine(docs, func(doc []byte) {
		if flags&fromForeign != 0 {
			d.books.received(accept.DoorUDP).Add(1)
			d.books.foreign.Add(1)
		} else {
			d.document(accept.DoorUDP, doc, h.mark)
		}
		if len(doc) > 0 {
			doc[0] = decided
		}
	})
	if n != h.documents {
		d.refuseForm(fmt.Errorf("its header says %d documents, and it has %d or more", h.documents, n))
	}
}

func (d *desk) refuseForm(err error) {
	d.books.received(accept.DoorUDP).Add(1)
	d.reject(accept.DoorUDP, &roentgen.Rejection{Code: accept.InvalidDatagram, Detail: "datagram of several documents: " + err.Error()})
}

// documentsIn is how many documents a datagram counts for: those that are not
// decided yet, and one for a form that is wrong.
func documentsIn(datagram []byte) (waiting int) {
	if !isSeveral(datagram) {
		return 1
	}
	h, docs, err := splitSeveral(datagram)
	if err != nil {
		return 1
	}
	if n := eachLine(docs, func([]byte) { waiting++ }); n != h.documents {
		waiting++
	}
	return waiting
}

// splitSeveral reads the header line; what is behind it is not looked at.
func splitSeveral(datagram []byte) (h severalHeader, docs []byte, err error) {
	line, docs, found := bytes.Cut(datagram, []byte{'\n'})
	h, ok := parseSeveral(line)
	switch {
	case len(datagram) > wire.MaxDatagramBytes:
		return h, nil, fmt.Errorf("it has %d bytes, %d are allowed", len(datagram), wire.MaxDatagramBytes)
	case !found || !ok:
		return h, nil, errors.New("its header line is not the one that belongs there")
	}
	return h, docs, nil
}

// eachLine gives fn up to documentsPerDatagram lines, without those that are
// decided, and returns how many lines there are; one more where others follow.
func eachLine(docs []byte, fn func(doc []byte)) (n int) {
	for ; len(docs) > 0; n++ {
		if n == documentsPerDatagram {
			return n + 1
		}
		doc, rest, _ := bytes.Cut(docs, []byte{'\n'})
		docs = rest
		if len(doc) == 0 || doc[0] != decided {
			fn(doc)
		}
	}
	return n
}

// miss books what a sender numbered and what has not come.
func (d *desk) miss(h severalHeader) {
	if n := d.senders.next(h.sender, h.before, uint64(h.documents)); n > 0 {
		d.books.ledger.Counter(ledger.Aside, missedDocuments).Add(n)
	}
}

// missedDocuments is beside the sums: what never came was never received.
const missedDocuments = "missed_documents"

// parseSeveral reads a header line that begins with severalStart.
func parseSeveral(line []byte) (h severalHeader, ok bool) {
	documents, rest, ok := number(line[min(len(severalStart), len(line)):])
	if !ok || documents > wire.MaxDatagramBytes {
		return h, false
	}
	h.documents = int(documents)
	if rest, h.mark.Undecided = bytes.CutPrefix(rest, []byte(`,"undecided":true`)); h.mark.Undecided {
		rest, h.mark.Kept = bytes.CutPrefix(rest, []byte(`,"kept":true`))
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(`,"sender":"`)); !ok || len(rest) < 16 {
		return h, false
	}
	id, err := strconv.ParseUint(string(rest[:16]), 16, 64)
	if rest, ok = bytes.CutPrefix(rest[16:], []byte(`","before":`)); !ok || err != nil {
		return h, false
	}
	h.sender = id
	h.before, rest, ok = number(rest)
	return h, ok && string(rest) == "}"
}

// number reads the digits that b begins with, up to 18 of them.
func number(b []byte) (n uint64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 18 && '0' <= b[i] && b[i] <= '9'; i++ {
		n = 10*n + uint64(b[i]-'0')
	}
	return n, b[i:], i > 0
}

// senders are those of whose documents some came, with the number that the next
// one of each will have. It forgets those that were silent while mostSenders others
// began.
type senders struct{ young, old map[uint64]uint64 }

const (
	mostSenders = 1024
	// mostMissed bounds what one datagram is believed: a day of 50,000 documents a second.
	mostMissed = 1 << 32
)

// next takes word of n documents with so many before them, and returns how many of
// those have not come. A sender that is not known begins here; numbers that go
// back are those of one that began anew.
func (s *senders) next(id, before, n uint64) (missed uint64) {
	next, known := s.young[id]
	if !known {
		next, known = s.old[id]
		if s.young == nil || len(s.young) >= mostSenders {
			s.young, s.old = map[uint64]uint64{}, s.young
		}
	}
	s.young[id] = before + n
	if known && before > next && before-next <= mostMissed {
		return before - next
	}
	return 0
}
