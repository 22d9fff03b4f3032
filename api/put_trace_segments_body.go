package api

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// putBody is what one PutTraceSegments request needs memory for. A pool keeps
// them; each is used by one request at a time.
//
// encoding/json reads a body twice, a byte at a time, and copies each document
// twice, which cost three times as much as reading the documents themselves.
type putBody struct {
	raw  []byte   // as it came
	text []byte   // the documents, unescaped, one behind the other
	docs [][]byte // parts of text
}

// padding is how many bytes behind a body are read, so that the loops can take
// eight at a time and need not look for the end.
const padding = 8

// keptBytes bounds what the pool holds on to for each request under way.
const keptBytes = 1 << 20

// keep reports whether b is worth its memory.
func (b *putBody) keep() bool { return cap(b.raw)+cap(b.text) <= keptBytes }

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
		b.docs = append(b.docs, []byte(d))
	}
	return nil
}

// usual reads an object of one member, TraceSegmentDocuments, an array of
// strings, all of it UTF-8. false for any other text.
func (b *putBody) usual() bool {
	if !utf8.Valid(b.raw) {
		return false
	}
	b.text = slices.Grow(b.text[:0], len(b.raw)+padding)
	c := cursor{text: append(b.raw, make([]byte, padding)...)} // NULs end every loop
	if !c.takes('{') || !c.takesKey("TraceSegmentDocuments") || !c.takes(':') || !c.takes('[') {
		return false
	}
	if !c.takes(']') && !b.list(&c) {
		return false
	}
	return c.takes('}') && c.at == len(b.raw)
}

// list reads strings and the bracket behind the last.
func (b *putBody) list(c *cursor) bool {
	out, from := b.text[:cap(b.text)], 0
	for {
		if c.text[c.at] != '"' {
			return false
		}
		to, next := unquote(out, from, c.text, c.at+1)
		if next < 0 {
			return false
		}
		b.docs = append(b.docs, out[from:to:to])
		c.at, from = next, to
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

// unquote writes what the JSON string means whose content begins at src[r] to
// dst[w:]. It returns the end of that in dst and the index behind the closing
// quote in src, which is negative where there is no string, or one with half a
// surrogate pair.
//
// Up to eight bytes beyond what counts are read from src and written to dst: a
// word is moved before it is known how much of it is wanted.
func unquote(dst []byte, w int, src []byte, r int) (end, next int) {
	for {
		word := binary.LittleEndian.Uint64(src[r:])
		binary.LittleEndian.PutUint64(dst[w:], word)
		n := plainBytes(word)
		r, w = r+n, w+n
		if n == 8 {
			continue
		}
		switch c := src[r]; {
		case c == '"':
			return w, r + 1
		case c != '\\': // a control character, or the end
			return 0, -1
		case src[r+1] == 'u':
			char, ok := escaped(src[r:])
			if !ok {
				return 0, -1
			}
			r, w = r+6, w+utf8.EncodeRune(dst[w:], char)
		default:
			if dst[w] = meaning[src[r+1]]; dst[w] == 0 {
				return 0, -1
			}
			r, w = r+2, w+1
		}
	}
}

// meaning is what a byte behind a backslash stands for; 0: nothing.
var meaning = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// plainBytes returns how many bytes, from the lowest of word up, are neither
// quote nor backslash nor control character.
func plainBytes(word uint64) int {
	const ones = 0x0101010101010101
	q, e := word^('"'*ones), word^('\\'*ones)
	// Of each byte the top bit: set where it is below a space or equal to one
	// of the two. Borrows run upwards and spoil bytes above the first hit only.
	hit := ((word-' '*ones)&^word | (q-ones)&^q | (e-ones)&^e) & (0x80 * ones)
	return bits.TrailingZeros64(hit) / 8 // of 0 it is 64
}

// escaped returns the character of a \uXXXX that is not part of a pair.
func escaped(b []byte) (rune, bool) {
	var r rune
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, utf8.ValidRune(r)
}
