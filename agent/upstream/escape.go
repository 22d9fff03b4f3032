package upstream

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// escapeBlock is how many bytes are escaped at once.
const escapeBlock = 16

// appendString appends doc as a JSON string.
func appendString(dst, doc []byte) []byte {
	begin := len(dst)
	dst, high := appendQuoted(dst, doc)
	if high && !utf8.Valid(doc) {
		dst, _ = appendQuoted(dst[:begin], bytes.ToValidUTF8(doc, []byte("\uFFFD")))
	}
	return dst
}

// appendQuoted appends doc in quotes. high: it has a byte beyond ASCII.
func appendQuoted(dst, doc []byte) (out []byte, high bool) {
	dst = slices.Grow(dst, longest(doc))
	dst = append(dst, '"')
	for len(doc) > 0 {
		var more bool
		dst, doc, more = appendEscaped(dst, doc)
		high = high || more
		n := min(len(doc), escapeBlock) // the last bytes, or those with a control character
		for _, c := range doc[:n] {
			dst = appendByte(dst, c)
			high = high || c >= utf8.RuneSelf
		}
		if doc = doc[n:]; n > 0 && len(doc) > 0 { // control characters took more than was reckoned with
			dst = slices.Grow(dst, longest(doc))
		}
	}
	return append(dst, '"'), high
}

// longest is what doc may become with a backslash in front of each byte, with
// room for a block more and for quotes.
func longest(doc []byte) int { return 2*len(doc) + 2*escapeBlock + 2 }

const (
	ones  = 0x0101010101010101
	lows  = 0x7f7f7f7f7f7f7f7f
	highs = 0x8080808080808080
)

// slashed has the high bit of each byte set that is a quote or a backslash, and
// of no other.
func slashed(w uint64) uint64 {
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ^((quote&lows+lows)|quote)&highs | ^((slash&lows+lows)|slash)&highs
}

// controls is above 0 when a byte is a control character.
func controls(w uint64) uint64 { return ^((w&lows + ones*0x60) | w) & highs }

// appendRuns is appendEscaped for any processor: it takes eight bytes at a time
// and copies up to the next that needs a backslash. dst has room.
func appendRuns(dst, doc []byte) (out, rest []byte, high bool) {
	const word = 8
	n, seen := len(dst), uint64(0)
	buf := dst[:cap(dst)]
	for len(doc) >= word {
		w := binary.LittleEndian.Uint64(doc)
		if controls(w) != 0 {
			break
		}
		seen |= w
		end := n + word
		for found := slashed(w); found != 0; end++ {
			i := bits.TrailingZeros64(found) &^ 7 // bits of w in front of the byte
			binary.LittleEndian.PutUint64(buf[n:], w)
			n += i / 8
			buf[n] = '\\'
			n++
			w >>= i
			found = found >> i &^ 0x80
		}
		binary.LittleEndian.PutUint64(buf[n:], w)
		n, doc = end, doc[word:]
	}
	return buf[:n], doc, seen&highs != 0
}

const hexDigits = "0123456789abcdef"

func appendByte(dst []byte, c byte) []byte {
	switch {
	case c == '"', c == '\\':
		return append(dst, '\\', c)
	case c < 0x20:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, c)
}
