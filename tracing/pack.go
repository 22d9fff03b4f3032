package tracing

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// mark is what a header line says of the documents behind it.
type mark uint8

const (
	markSampled mark = iota
	markUndecided
	markKept
	marks
)

func markOf(g *segment) mark {
	switch {
	case !g.undecided:
		return markSampled
	case g.kept.Load():
		return markKept
	}
	return markUndecided
}

// A header line stands before the document of a datagram: the X-Ray daemon's,
// or Roentgen's for what the head did not sample (docs/protocol/datagram.md).
const (
	sampledLine   = `{"format":"json","version":1}` + "\n"
	undecidedLine = `{"format":"json","version":1,"undecided":true}` + "\n"
	keptLine      = `{"format":"json","version":1,"undecided":true,"kept":true}` + "\n"
)

var (
	markLines   = [marks]string{sampledLine, undecidedLine, keptLine}
	markMembers = [marks]string{"", `,"undecided":true`, `,"undecided":true,"kept":true`}
)

// lineRoom covers the header line of a datagram of several documents, and the
// line feed of one.
const lineRoom = 144

// packer puts documents together into datagrams, for an agent that said that it
// takes several in one. Each such datagram says who sends it and how many
// documents went before, so that the agent sees how many have not come. It belongs
// to the sender.
type packer struct {
	packs  [marks]pack
	sender string // 16 hex digits, those of this process alone
	before uint64 // documents in all datagrams so far
}

func newPacker() packer { return packer{sender: fmt.Sprintf("%016x", rand.Uint64())} }

// pack is documents that will go in one datagram, each with a line feed behind it.
type pack struct {
	docs []byte
	n    int
}

// add takes a document for a datagram of at most bytes, or of one document, with
// at most most documents. It declines what would fit none, and what would not
// stay on its line.
func (p *packer) add(out *outbox, doc []byte, m mark, most, bytes int) bool {
	if len(doc)+lineRoom > maxDatagram || hasLineFeed(doc) {
		return false
	}
	k := &p.packs[m]
	if k.n >= most || k.n > 0 && len(k.docs)+len(doc)+lineRoom > bytes {
		p.seal(out, m)
	}
	k.docs = append(append(k.docs, doc...), '\n')
	k.n++
	return true
}

// hasLineFeed looks for what the encoder never writes outside of a value that
// foreign code encoded, where encoding/json takes it out.
func hasLineFeed(doc []byte) bool { return bytes.IndexByte(doc, '\n') >= 0 }

func (p *packer) sealAll(out *outbox) {
	for m := range marks {
		p.seal(out, m)
	}
}

// seal makes a datagram of what was taken with one mark.
func (p *packer) seal(out *outbox, m mark) {
	k := &p.packs[m]
	if k.n == 0 {
		return
	}
	b := append(out.arena, `{"format":"json","version":1,"documents":`...)
	b = append(strconv.AppendInt(b, int64(k.n), 10), markMembers[m]...)
	b = append(append(b, `,"sender":"`...), p.sender...)
	b = strconv.AppendUint(append(b, `","before":`...), p.before, 10)
	out.arena = append(append(b, "}\n"...), k.docs...)
	out.close(k.n)
	p.before += uint64(k.n)
	k.docs, k.n = k.docs[:0], 0
}
