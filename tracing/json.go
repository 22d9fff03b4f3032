package tracing

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string, cut at limit characters. Bytes that
// are not UTF-8 become U+FFFD.
func appendString(b []byte, s string, limit int) []byte {
	s = cut(s, limit)
	b = append(b, '"')
	from := 0
	for i := plainPrefix(s); i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = appendEscape(append(b, s[from:i]...), c)
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// plainPrefix is how many bytes of s, a multiple of eight, are ASCII that needs
// no escape. It may stop early.
func plainPrefix(s string) (n int) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(s)-n >= 8; n += 8 {
		t := s[n : n+8]
		x := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		// A high bit for what has one, is below a space, is a quote or a backslash.
		if (x|(x-ones*' ')|((x^ones*'"')-ones)|((x^ones*'\\')-ones))&highs != 0 {
			break
		}
	}
	return n
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\t':
		return append(b, '\\', 't')
	case '\r':
		return append(b, '\\', 'r')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// timeText writes times and remembers the text of the last second, which most
// times of a tree share.
type timeText struct {
	second int64
	text   []byte
}

// append appends Unix seconds with six digits, as the segment documents have
// it. Times before 1970 become 0.
func (x *timeText) append(b []byte, t time.Time, offset time.Duration) []byte {
	us := max(t.UnixNano()+int64(offset), 0) / 1000
	second, rest := us/1e6, uint(us%1e6)
	if second != x.second || len(x.text) == 0 {
		x.second, x.text = second, strconv.AppendInt(x.text[:0], second, 10)
	}
	a, c, d := 2*(rest/1e4), 2*(rest/100%100), 2*(rest%100)
	return append(append(b, x.text...), '.', twoDigits[a], twoDigits[a+1], twoDigits[c], twoDigits[c+1], twoDigits[d], twoDigits[d+1])
}

// twoDigits are the numbers from 00 to 99.
const twoDigits = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// appendFloat appends a JSON number; what JSON cannot say (NaN, infinities)
// becomes a string.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(b, '"'), f, 'g', -1, 64), '"')
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// object appends members between braces, with commas where they belong. It
// lives on the stack of one function; nested objects begin where member left
// off.
type object struct {
	b     []byte
	empty bool
}

func (o *object) open(b []byte) {
	o.b, o.empty = append(b, '{'), true
}

// member appends the comma and the key; the value must follow. Keys that
// strangers choose go through memberQuoted.
func (o *object) member(key string) {
	o.comma()
	o.b = append(append(append(o.b, '"'), key...), '"', ':')
}

func (o *object) memberQuoted(key string, limit int) {
	o.comma()
	o.b = append(appendString(o.b, key, limit), ':')
}

func (o *object) comma() {
	if !o.empty {
		o.b = append(o.b, ',')
	}
	o.empty = false
}

// str appends a string member unless it is empty.
func (o *object) str(key, s string, limit int) {
	if s != "" {
		o.member(key)
		o.b = appendString(o.b, s, limit)
	}
}

func (o *object) num(key string, n int64) {
	o.member(key)
	o.b = strconv.AppendInt(o.b, n, 10)
}

// yes appends a true member if v holds; false ones are left out.
func (o *object) yes(key string, v bool) {
	if v {
		o.member(key)
		o.b = append(o.b, "true"...)
	}
}

func (o *object) close() []byte {
	return append(o.b, '}')
}
