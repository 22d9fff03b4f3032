package wire

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// UnquotePadding is how many NULs have to stand behind the text that an
// Unquoter reads.
const UnquotePadding = 64 + 32

// Text is a document as it came in. Of one that an Unquoter has read it is known
// where the quotes stand, so that a Parser need not look for them.
type Text struct {
	bytes []byte
	index index // without quotes: not known
}

// TextOf returns a document of which nothing is known yet.
func TextOf(document []byte) Text { return Text{bytes: document} }

// Bytes returns the document, which must not be changed.
func (t Text) Bytes() []byte { return t.bytes }

// Unquoter takes documents out of the JSON strings in which they travel. They
// stand one behind the other in its memory, until it is used for another text.
type Unquoter struct {
	// High is set where a byte beyond ASCII was seen: the caller has to find out
	// whether what was read is UTF-8.
	High bool

	text   []byte
	quotes []uint32
	at     int // behind the last document in text
	plain  bool
}

// Begin makes ready for strings of n bytes together, with the memory of those
// before, which are over.
func (u *Unquoter) Begin(n int) {
	u.text = slices.Grow(u.text[:0], n+UnquotePadding)
	u.text = u.text[:cap(u.text)]
	u.quotes, u.at, u.High = u.quotes[:0], 0, false
}

// Memory is how many bytes u holds on to.
func (u *Unquoter) Memory() int { return cap(u.text) + 4*cap(u.quotes) }

// Next returns what the JSON string means whose content begins at src[r], and
// the index behind its closing quote, which is negative where there is no string,
// or one with half a surrogate pair.
func (u *Unquoter) Next(src []byte, r int) (t Text, next int) {
	from, quotes, high := u.at, len(u.quotes), u.High
	u.High, u.plain = false, true
	end, next := u.unquote(src, r)
	if next < 0 {
		return t, next
	}
	u.at = end
	t.bytes = u.text[from:end:end]
	if n := len(u.quotes) - quotes; u.plain && n%2 == 0 && end-from < withEscapes {
		u.quotes = append(u.quotes, uint32(end-from), uint32(end-from))
		t.index = index{u.quotes[quotes : quotes+n+2 : quotes+n+2], u.High}
	}
	u.High = u.High || high
	return t, next
}

// unquote writes the string to u.text[u.at:] and returns its end there.
//
// A document is a text of short words between escaped quotes. Where 64 bytes
// have no other backslashes and no other quotes, which is nearly everywhere,
// all that is to do is to move them together over the backslashes. Bytes are
// moved before it is known how many of them are wanted, hence the padding.
func (u *Unquoter) unquote(src []byte, r int) (end, next int) {
	dst, w := u.text, u.at
	at, escaped := r, uint64(0) // the block; 1 where the last ended with a backslash
	for {
		quotes, backslashes, controls, high := look((*[64]byte)(src[at:]))
		u.High = u.High || high != 0
		if controls != 0 || quotes != backslashes<<1|escaped {
			if escaped != 0 { // back to the backslash: it may have been that of another escape
				r, at, escaped = r-1, at-1, 0
				u.quotes = u.quotes[:len(u.quotes)-1]
			}
			if at, r, w = u.slowly(src, w, r, at); at < 0 {
				return w, r
			}
			continue
		}
		n := len(u.quotes)
		if cap(u.quotes)-n < 64 {
			u.quotes = slices.Grow(u.quotes, 64)
		}
		found := u.quotes[n : n+64]
		n = 0
		for b := backslashes; b != 0; b &= b - 1 {
			i := at + bits.TrailingZeros64(b)
			w = move(dst, w, src, r, i)
			r = i + 1 // the quote
			found[n&63] = uint32(w - u.at)
			n++
		}
		u.quotes = u.quotes[:len(u.quotes)+n]
		at, escaped = at+64, backslashes>>63
	}
}

// slowly is unquote a byte at a time, until behind the first escape that is not
// that of a quote or over 64 bytes. src[r:at] has not been written yet. The at
// that it returns is negative at the end of the string, and w and r are then
// what unquote returns.
func (u *Unquoter) slowly(src []byte, w, r, at int) (_, _, _ int) {
	dst := u.text
	for to := at + 64; at < to; {
		switch c := src[at]; {
		case c == '"':
			return -1, at + 1, move(dst, w, src, r, at)
		case c == '\\' && src[at+1] == '"':
			w = move(dst, w, src, r, at)
			r, at = at+1, at+2
			u.quotes = append(u.quotes, uint32(w-u.at))
		case c == '\\':
			u.plain = false
			w = move(dst, w, src, r, at)
			n, size := unescapeOne(dst[w:], src[at:])
			if n == 0 {
				return -1, -1, 0
			}
			return at + n, at + n, w + size
		case c < ' ': // a control character, or the end
			return -1, -1, 0
		default:
			at++
		}
	}
	return at, r, w
}

// move copies src[from:to] to dst[w:] and returns its end there. Most copies
// are shorter than sixteen bytes, and to copy so many is as quick as one; some
// have a few more, and a call would take longer than they do.
func move(dst []byte, w int, src []byte, from, to int) int {
	d, s := dst[w:w+32], src[from:from+32]
	*(*[16]byte)(d) = *(*[16]byte)(s)
	if to-from > 16 {
		*(*[16]byte)(d[16:]) = *(*[16]byte)(s[16:])
		if to-from > 32 {
			copy(dst[w+32:], src[from+32:to])
		}
	}
	return w + to - from
}

// unescapeOne writes what the escape sequence means that src begins with, and
// returns the lengths of both; n is 0 where there is none.
func unescapeOne(dst, src []byte) (n, size int) {
	if dst[0] = escapeMeans[src[1]]; dst[0] != 0 {
		return 2, 1
	}
	char, ok := simpleEscape(src)
	if src[1] != 'u' || !ok {
		return 0, 0
	}
	return 6, utf8.EncodeRune(dst, char)
}

// escapeMeans is what a byte behind a backslash stands for; 0: nothing.
var escapeMeans = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// simpleEscape returns the character of a \uXXXX that is not part of a pair.
func simpleEscape(b []byte) (rune, bool) {
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
