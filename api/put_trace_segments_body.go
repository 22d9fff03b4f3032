package api

import (
	"unicode/utf8"

	"github.com/roentgen/roentgen/wire"
)

// putBody is what one PutTraceSegments request needs memory for. A pool keeps
// them; each is used by one request at a time.
//
// encoding/json reads a body twice, a byte at a time, and copies each document
// twice, which cost three times as much as reading the documents themselves.
type putBody struct {
	raw      []byte // as it came
	unquoter wire.Unquoter
	docs     []wire.Text
}

// padding is how many bytes behind a body are read.
const padding = wire.UnquotePadding

// keptBytes bounds what the pool holds on to for each request under way.
const keptBytes = 1 << 20

// keep reports whether b is worth its memory.
func (b *putBody) keep() bool { return cap(b.raw)+b.unquoter.Memory() <= keptBytes }

// decode fills docs from raw. The form that producers write is read here; all
// else, sound or not, is left to encoding/json, so that there is one answer to
// each question that JSON leaves open.
func (b *putBody) decode() error {
	b.docs = b.docs[:0]
	if b.usual() {
		return nil
	}
	b.docs = b.docs[:0]
	var in putTraceSegmentsRequest
	if err := decode(b.raw, &in); err != nil {
		return err
	}
	for _, d := range in.TraceSegmentDocuments {
		b.docs = append(b.docs, wire.TextOf([]byte(d)))
	}
	return nil
}

// usual reads an object of one member, TraceSegmentDocuments, an array of
// strings, all of it UTF-8. false for any other text.
func (b *putBody) usual() bool {
	b.unquoter.Begin(len(b.raw))
	c := cursor{text: append(b.raw, make([]byte, padding)...)} // NULs end every loop
	if !c.takes('{') || !c.takesKey("TraceSegmentDocuments") || !c.takes(':') || !c.takes('[') {
		return false
	}
	if !c.takes(']') && !b.list(&c) {
		return false
	}
	return c.takes('}') && c.at == len(b.raw) && (!b.unquoter.High || utf8.Valid(b.raw))
}

// list reads strings and the bracket behind the last.
func (b *putBody) list(c *cursor) bool {
	for {
		if c.text[c.at] != '"' {
			return false
		}
		doc, next := b.unquoter.Next(c.text, c.at+1)
		if next < 0 {
			return false
		}
		b.docs = append(b.docs, doc)
		c.at = next
		if !c.takes(',') {
			return c.takes(']')
		}
	}
}

// cursor stands at a byte of a text that has NULs behind it.
type cursor struct {
	text []byte
	at   int
}

func (c *cursor) space() {
	for c.text[c.at] == ' ' || c.text[c.at] == '\n' || c.text[c.at] == '\r' || c.text[c.at] == '\t' {
		c.at++
	}
}

// takes goes past punctuation and the white space around it, if it is there.
func (c *cursor) takes(punct byte) bool {
	c.space()
	if c.text[c.at] != punct {
		return false
	}
	c.at++
	c.space()
	return true
}

// takesKey goes past a key that is written without escapes.
func (c *cursor) takesKey(key string) bool {
	end := c.at + len(key) + 2
	if end > len(c.text) || c.text[c.at] != '"' || c.text[end-1] != '"' || string(c.text[c.at+1:end-1]) != key {
		return false
	}
	c.at = end
	return true
}
