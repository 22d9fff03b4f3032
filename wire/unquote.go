package wire

import (
	"math/bits"
	"unicode/utf8"
)

// UnquotePadding is how many NULs have to stand behind the text that Unquote
// reads, and how many bytes behind what it writes have to be there.
const UnquotePadding = 64 + 32

// Unquote writes what the JSON string means whose content begins at src[r] to
// dst[w:]. It returns the end of that in dst and the index behind the closing
// quote in src, which is negative where there is no string, or one with half a
// surrogate pair.
//
// A document is a text of short words between escaped quotes. Where 64 bytes
// have no other backslashes and no other quotes, which is nearly everywhere,
// all that is to do is to move them together over the backslashes. Bytes are
// moved before it is known how many of them are wanted, hence the padding.
func Unquote(dst []byte, w int, src []byte, r int) (end, next int) {
	at, escaped := r, uint64(0) // the block; 1 where the last ended with a backslash
	for {
		quotes, backslashes, controls, _ := look((*[64]byte)(src[at:]))
		if controls != 0 || quotes != backslashes<<1|escaped {
			if escaped != 0 { // back to the backslash: it may have been that of another escape
				r, at, escaped = r-1, at-1, 0
			}
			if at, r, w = slowly(dst, w, src, r, at); at < 0 {
				return w, r
			}
			continue
		}
		for b := backslashes; b != 0; b &= b - 1 {
			i := at + bits.TrailingZeros64(b)
			w = move(dst, w, src, r, i)
			r = i + 1 // the quote
		}
		at, escaped = at+64, backslashes>>63
	}
}

// slowly is Unquote a byte at a time, until behind the first escape that is not
// that of a quote or over 64 bytes. src[r:at] has not been written yet. The at
// that it returns is negative at the end of the string, and w and r are then
// what unquote returns.
func slowly(dst []byte, w int, src []byte, r, at int) (_, _, _ int) {
	for to := at + 64; at < to; {
		switch c := src[at]; {
		case c == '"':
			return -1, at + 1, move(dst, w, src, r, at)
		case c == '\\' && src[at+1] == '"':
			w = move(dst, w, src, r, at)
			r, at = at+1, at+2
		case c == '\\':
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
