package redact

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends what the inside of a JSON string means.
func unescape(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		var n int
		dst, n = unescapeOne(dst, raw[i:])
		raw = raw[i+n:]
	}
}

// unescapeOne appends what the escape at the start of raw means, and returns its length.
func unescapeOne(dst, raw []byte) ([]byte, int) {
	if len(raw) < 2 {
		return append(dst, raw...), len(raw)
	}
	switch c := raw[1]; c {
	case 'n':
		return append(dst, '\n'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'u':
		r, n := unicodeAt(raw)
		return utf8.AppendRune(dst, r), n
	default:
		return append(dst, c), 2
	}
}

// unicodeAt reads \uXXXX, or two of them that make one character.
func unicodeAt(raw []byte) (rune, int) {
	r, ok := hex4(raw)
	if !ok {
		return utf8.RuneError, min(len(raw), 6)
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		if low, ok := hex4(raw[6:]); ok {
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				return r, 12
			}
		}
	}
	return utf8.RuneError, 6
}

func hex4(raw []byte) (r rune, ok bool) {
	if len(raw) < 6 {
		return 0, false
	}
	for _, c := range raw[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// rawAt finds places of the unescaped text in the raw one. They are asked for in rising order.
type rawAt struct {
	raw      []byte
	i, plain int // the same place in both
}

func (r *rawAt) of(plain int) int {
	var buf [utf8.UTFMax]byte
	for r.plain < plain && r.i < len(r.raw) {
		if r.raw[r.i] != '\\' {
			r.i++
			r.plain++
			continue
		}
		meant, n := unescapeOne(buf[:0], r.raw[r.i:])
		r.i += n
		r.plain += len(meant)
	}
	return r.i
}
