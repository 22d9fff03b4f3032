package wire

import (
	"unicode/utf8"

	"github.com/roentgen/roentgen/redact/structure"
)

// quick reads documents of the usual form, which nearly all are, in one pass
// over the text where it stands. It gives up on everything else and leaves it
// to the full reader of Parser: a key that stands twice or is written with
// escapes, bytes that are not UTF-8, anything wrong. So what it takes the full
// reader takes too and reads alike, and it needs no words for what it does not.
type quick struct {
	quickReader
	lim      Limits
	scratch  scratch
	glancing bool // only brackets and quotes count in what is ignored
	bare     bool // annotations are ignored
	own      structure.Index

	subsegments int      // so far
	keysSeen    []string // distinct annotation keys of the document
}

// read reads a document, whose index is x if that is known, into scratch; false
// where it gave up. The strings in scratch share memory with text and with
// q.meanings.
func (q *quick) read(text []byte, x index) bool {
	if len(text) > q.lim.MaxDocumentBytes {
		return false
	}
	if q.glancing && x.quotes == nil && structure.Fast() {
		q.own.Make(text)
		return q.readIndexed(text, &q.own)
	}
	return q.begin(text, x, q.lim.MaxDepth) && q.document()
}

// readIndexed is read of a document that has been indexed.
func (q *quick) readIndexed(text []byte, x *structure.Index) bool {
	if len(text) > q.lim.MaxDocumentBytes || x.Open || x.Odd {
		return false
	}
	q.begin(text, index{x.Quotes, x.High}, q.lim.MaxDepth)
	q.brackets = x
	return q.document()
}

func (q *quick) document() bool {
	q.subsegments = 0
	q.space()
	if q.peek() != '{' {
		return false
	}
	q.entity(q.scratch.push(), false)
	q.space()
	return !q.odd && q.at == len(q.text) && (!q.high || utf8.Valid(q.text))
}

// keptQuotes bounds the memory that is kept from one document to the next.
const keptQuotes = 1 << 18

// release lets go of the document.
func (q *quick) release() {
	if cap(q.made) > keptQuotes {
		q.made = nil
	}
	if q.own.Memory() > 4*keptQuotes {
		q.own = structure.Index{}
	}
	q.index, q.brackets, q.text, q.meanings = index{}, nil, nil, q.meanings[:0]
	clear(q.keysSeen)
	q.keysSeen = q.keysSeen[:0]
	q.scratch.clear()
}

// ignore passes over a value that nobody wants.
func (q *quick) ignore() {
	if c := q.peek(); q.glancing && (c == '{' || c == '[') {
		q.leap()
		return
	}
	q.skip()
}

// leap passes over the object or array here by its brackets and quotes alone.
func (q *quick) leap() {
	if q.brackets != nil {
		end, next, ok := q.brackets.Match(q.text, q.at)
		if !ok {
			q.giveUp()
			return
		}
		q.at, q.next = end, next
		return
	}
	b, next, depth := q.text, q.next, 0
	for i := q.at; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = int(q.quotes[next+1] &^ withEscapes)
			next += 2
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				q.at, q.next = i+1, next
				return
			}
		}
	}
	q.giveUp()
}
