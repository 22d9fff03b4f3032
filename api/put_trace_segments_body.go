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
// 64 at a time and need not look for the end.
const padding = 64 + 16

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
// A document is a text of short words between escaped quotes. To look for each
// quote in turn is a wrong guess of the processor for each; to mark those of 64
// bytes at a time is one or two. Up to 64 bytes beyond what counts are read
// from src and 16 written to dst: bytes are moved before it is known how many
// of them are wanted.
func unquote(dst []byte, w int, src []byte, r int) (end, next int) {
	for {
		from := r
		for marks := marks((*[64]byte)(src[r:])); marks != 0; {
			at := from + bits.TrailingZeros64(marks)
			c := src[at]
			if c != '\\' && c != '"' {
				if c < ' ' { // a control character, or the end
					return 0, -1
				}
				marks &= marks - 1
				continue
			}
			w = move(dst, w, src, r, at)
			if c == '"' {
				return w, at + 1
			}
			if src[at+1] == '"' {
				dst[w] = '"'
				r, w = at+2, w+1
			} else {
				n, size := unescape(dst[w:], src[at:])
				if n == 0 {
					return 0, -1
				}
				r, w = at+n, w+size
			}
			marks &= ^uint64(0) << (r - from) // 0 where r is beyond the block
		}
		if to := from + 64; r < to {
			w = move(dst, w, src, r, to)
			r = to
		}
	}
}

// move copies src[from:to] to dst[w:] and returns its end there. Most copies
// are short, and sixteen bytes are as quick as one.
func move(dst []byte, w int, src []byte, from, to int) int {
	*(*[16]byte)(dst[w:]) = *(*[16]byte)(src[from:])
	if to-from > 16 {
		copy(dst[w+16:], src[from+16:to])
	}
	return w + to - from
}

// marks returns a bit for each byte that is a quote, a backslash or a control
// character, and for few others.
func marks(block *[64]byte) (bits uint64) {
	for i := 0; i < 64; i += 8 {
		bits = bits>>8 | marked(binary.LittleEndian.Uint64(block[i:]))
	}
	return bits
}

// marked returns marks of eight bytes, in the upper eight bits.
func marked(word uint64) uint64 {
	const ones = 0x0101010101010101
	q, e := word^('"'*ones), word^('\\'*ones)
	// Of each byte the top bit: set where it is below a space or equal to one
	// of the two. Borrows run upwards, so that a # behind a quote is marked too.
	hit := ((word-' '*ones)&^word | (q-ones)&^q | (e-ones)&^e) & (0x80 * ones)
	return hit >> 7 * 0x0102040810204080 >> 56 << 56 // gathers bit 0 of each byte
}

// unescape writes what the escape sequence means that src begins with, and
// returns the lengths of both; n is 0 where there is none.
func unescape(dst, src []byte) (n, size int) {
	if dst[0] = meaning[src[1]]; dst[0] != 0 {
		return 2, 1
	}
	char, ok := escaped(src)
	if src[1] != 'u' || !ok {
		return 0, 0
	}
	return 6, utf8.EncodeRune(dst, char)
}

// meaning is what a byte behind a backslash stands for; 0: nothing.
var meaning = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

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
