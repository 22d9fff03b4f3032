package upstream

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// appendString appends doc as a JSON string. It copies eight bytes at a time up
// to the next one that needs a backslash: in a document that is a quote.
func appendString(dst, doc []byte) []byte {
	if !utf8.Valid(doc) {
		doc = bytes.ToValidUTF8(doc, []byte("\uFFFD"))
	}
	dst = append(dst, '"')
	dst, rest := appendRuns(dst, doc)
	for _, c := range rest { // the last bytes, or all behind a control character
		dst = appendByte(dst, c)
	}
	return append(dst, '"')
}

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

// appendRuns appends as long as eight bytes can be taken at once, up to a
// control character, and returns the rest.
func appendRuns(dst, doc []byte) (out, rest []byte) {
	const word = 8
	if room := 2*len(doc) + 2*word; cap(dst)-len(dst) < room {
		dst = append(make([]byte, 0, max(2*cap(dst), len(dst)+room)), dst...)
	}
	n := len(dst)
	buf := dst[:cap(dst)]
	for len(doc) >= word {
		w := binary.LittleEndian.Uint64(doc)
		if controls(w) != 0 {
			break
		}
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
	return buf[:n], doc
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
