package wire

import (
	"bytes"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// trailingBytes returns how many whole bytes stand below the lowest set bit.
func trailingBytes(w uint64) int { return bits.TrailingZeros64(w) / 8 }

// share returns b as a string without a copy. b is part of a canonical text,
// which nobody writes again once it was read.
func share(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// escapeLen returns the length of the escape sequence that b begins with, 0
// when it is none. b ends with a byte that is neither hex digit nor letter.
func escapeLen(b []byte) int {
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		for i := 2; i < 6; i++ {
			if hexValue(b[i]) > 15 {
				return 0
			}
		}
		return 6
	}
	return 0
}

// hexValue returns the value of a hex digit, or 255.
func hexValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// unescape appends what the content of a JSON string means. Half a surrogate
// pair means U+FFFD, as it does to encoding/json. The content was read by a
// scanner, so its escape sequences are whole.
func unescape(dst, content []byte) []byte {
	for i := 0; i < len(content); {
		c := content[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if content[i+1] != 'u' {
			dst = append(dst, short(content[i+1]))
			i += 2
			continue
		}
		r, n := unit(content[i:]), 6
		if utf16.IsSurrogate(r) {
			r, n = pair(content[i:])
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return dst
}

// short returns the byte that a backslash and c stand for.
func short(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unit returns the value of the \uXXXX that b begins with.
func unit(b []byte) rune {
	var r rune
	for _, c := range b[2:6] {
		r = r<<4 | rune(hexValue(c))
	}
	return r
}

// pair returns the character that the surrogates at the beginning of b make,
// and their length; of half a pair U+FFFD and the length of the half.
func pair(b []byte) (rune, int) {
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if r := utf16.DecodeRune(unit(b), unit(b[6:])); r != utf8.RuneError {
			return r, 12
		}
	}
	return utf8.RuneError, 6
}

// padded returns a copy of text with padding behind it.
func padded[S string | []byte](text S) []byte {
	return append(append(make([]byte, 0, len(text)+len(padding)), text...), padding...)
}

// byteOrderMark opens the files of some editors; RFC 8259 lets a reader
// ignore it.
const byteOrderMark = "\xef\xbb\xbf"

// prepare returns a copy of text as a scanner takes it.
func prepare(text []byte) []byte {
	return appendPrepared(make([]byte, 0, len(text)+len(padding)), text)
}

// appendPrepared appends text with padding behind it, without a byte order
// mark and with U+FFFD for every byte that is not UTF-8.
func appendPrepared(dst, text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	if utf8.Valid(text) {
		return append(append(dst, text...), padding...)
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, r)
		text = text[n:]
	}
	return append(dst, padding...)
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD; beyond what JSON demands nothing is escaped.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		dst = appendASCII(dst, c)
		i++
	}
	return append(dst, '"')
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= ' ':
		return append(dst, c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
