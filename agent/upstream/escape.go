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
	highs = 0x8080808080808080
)

// special has the high bit of each byte set that is a quote, a backslash or a
// control character. Bits above the first one may be wrong.
func special(w uint64) uint64 {
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	control := w - ones*0x20
	return ((quote-ones)&^quote | (slash-ones)&^slash | control&^w) & highs
}

// appendRuns appends as long as eight bytes can be taken at once, and returns
// the rest.
func appendRuns(dst, doc []byte) (out, rest []byte) {
	const word = 8
	if room := 2*len(doc) + 2*word; cap(dst)-len(dst) < room {
		dst = append(make([]byte, 0, max(2*cap(dst), len(dst)+room)), dst...)
	}
	n := len(dst)
	buf := dst[:cap(dst)]
	for len(doc) >= word {
		w := binary.LittleEndian.Uint64(doc)
		binary.LittleEndian.PutUint64(buf[n:], w)
		found := special(w)
		if found == 0 {
			n, doc = n+word, doc[word:]
			continue
		}
		i := bits.TrailingZeros64(found) / 8
		c := doc[i]
		n += i
		if c < 0x20 {
			return buf[:n], doc[i:]
		}
		buf[n], buf[n+1] = '\\', c
		n, doc = n+2, doc[i+1:]
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
