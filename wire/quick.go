package wire

import "unicode/utf8"

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

	subsegments int      // so far
	keysSeen    []string // distinct annotation keys of the document
}

// read reads a document, whose index is x if that is known, into scratch; false
// where it gave up. The strings in scratch share memory with text and with
// q.meanings.
func (q *quick) read(text []byte, x index) bool {
	if len(text) > q.lim.MaxDocumentBytes || !q.begin(text, x, q.lim.MaxDepth) {
		return false
	}
	q.subsegments = 0
	q.space()
	if q.peek() != '{' {
		return false
	}
	q.entity(q.scratch.push(), false)
	q.space()
	return !q.odd && q.at == len(text) && (!q.high || utf8.Valid(text))
}

// keptQuotes bounds the memory that is kept from one document to the next.
const keptQuotes = 1 << 18

// release lets go of the document.
func (q *quick) release() {
	if cap(q.made) > keptQuotes {
		q.made = nil
	}
	q.index, q.text, q.meanings = index{}, nil, q.meanings[:0]
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
