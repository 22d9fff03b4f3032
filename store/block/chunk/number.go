package chunk

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// maxDigits is how many digits are read at once, maxNumber what a number's
// magnitude is below once it is an integer: nanoseconds since 1970 are.
const (
	maxDigits = 18
	maxNumber = 9e18
)

var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// digits reads the decimal digits at the beginning of t, as far as they are
// digits and at most maxDigits; n is how many.
func digits(t []byte) (v int64, n int) {
	for len(t)-n >= 8 && n+8 <= maxDigits {
		x, ok := eight(binary.LittleEndian.Uint64(t[n:]))
		if !ok {
			break
		}
		v = v*1e8 + int64(x)
		n += 8
	}
	for n < len(t) && n < maxDigits && t[n]-'0' <= 9 {
		v = 10*v + int64(t[n]-'0')
		n++
	}
	return v, n
}

// eight reads eight decimal digits at once, the first of them in the lowest
// byte of x.
func eight(x uint64) (uint64, bool) {
	const zeros, high = 0x3030303030303030, 0xF0F0F0F0F0F0F0F0
	if x&high != zeros || (x+0x0606060606060606)&high != zeros {
		return 0, false
	}
	x -= zeros
	x = x*10 + x>>8
	x = (x&0x000000FF000000FF*0x000F424000000064 + x>>16&0x000000FF000000FF*0x0000271000000001) >> 32
	return x & 0xFFFFFFFF, true
}

// parseNumber reads t, the whole of it, as a number in the style, times 10^k.
// It accepts exactly what appendNumber writes.
func parseNumber(t []byte, style, k byte) (int64, bool) {
	if style == styleDec && len(t) > 8 && 0 < k && k < 8 {
		if v, ok := parseLongDec(t, k); ok {
			return v, true
		}
	}
	neg := len(t) > 0 && t[0] == '-'
	if neg {
		t = t[1:]
	}
	whole, n := digits(t)
	if n == 0 || n > 1 && t[0] == '0' {
		return 0, false
	}
	t = t[n:]
	v, ok := whole, false
	switch style {
	case styleInt:
		ok = len(t) == 0
	case styleDec:
		v, ok = parseFraction(whole, t, k)
		ok = ok && len(t) == int(k)+1
	case styleTrim:
		v, ok = parseFraction(whole, t, k)
		ok = ok && (len(t) == 0 || t[len(t)-1] != '0')
	case styleSci:
		v, ok = parseSci(whole, n, t, k)
	}
	if neg {
		return -v, ok && v != 0
	}
	return v, ok
}

// parseLongDec is parseNumber for seconds since 1970.
func parseLongDec(t []byte, k byte) (int64, bool) {
	point := len(t) - 1 - int(k)
	if point < 2 || t[point] != '.' || t[0]-'1' > 8 || point+int(k) > maxDigits {
		return 0, false
	}
	const zeros = 0x3030303030303030
	low := uint64(1)<<(8*(8-k)) - 1 // what stands in front of the fraction
	part, ok := eight(binary.LittleEndian.Uint64(t[len(t)-8:])&^low | zeros&low)
	whole, n := digits(t[:point])
	return whole*pow10[k] + int64(part), ok && n == point
}

// parseFraction reads the point and up to k digits behind it.
func parseFraction(whole int64, t []byte, k byte) (int64, bool) {
	if len(t) == 0 {
		return whole * pow10[k], whole < maxNumber/pow10[k]
	}
	if t[0] != '.' || len(t) == 1 || len(t) > int(k)+1 || whole >= maxNumber/pow10[k] {
		return 0, false
	}
	part, m := digits(t[1:])
	if m != len(t)-1 {
		return 0, false
	}
	return whole*pow10[k] + part*pow10[int(k)-m], true
}

// parseSci reads the rest of d.dddEx.
func parseSci(whole int64, n int, t []byte, k byte) (int64, bool) {
	if n != 1 || whole == 0 || len(t) < 4 || t[0] != '.' {
		return 0, false
	}
	part, m := digits(t[1:])
	t = t[1+m:]
	if m == 0 || m > 1 && part%10 == 0 || len(t) < 2 || t[0] != 'E' {
		return 0, false
	}
	exp, x := digits(t[1:])
	if x != len(t)-1 || x > 2 || t[1] == '0' || exp > int64(maxDigits-1-int(k)) {
		return 0, false
	}
	v, up := whole*pow10[m]+part, int(exp)+int(k)-m
	if m == 1 && part == 0 {
		v, up = whole, up+1
	}
	if up < 0 {
		return 0, false
	}
	return v * pow10[up], true
}

// appendNumber writes v / 10^k in the style. The magnitude of v must be below
// maxNumber.
func appendNumber(dst []byte, v int64, style, k byte) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	switch style {
	case styleInt:
		return strconv.AppendInt(dst, v, 10)
	case styleSci:
		return appendSci(dst, v, k)
	}
	dst = strconv.AppendInt(dst, v/pow10[k], 10)
	part, n := v%pow10[k], int(k)
	if style == styleTrim {
		if part == 0 {
			return dst
		}
		for part%10 == 0 {
			part, n = part/10, n-1
		}
	}
	return appendPadded(append(dst, '.'), part, n)
}

func appendSci(dst []byte, v int64, k byte) []byte {
	var tmp [20]byte
	d := strconv.AppendInt(tmp[:0], v, 10)
	exp := len(d) - 1 - int(k)
	for len(d) > 1 && d[len(d)-1] == '0' {
		d = d[:len(d)-1]
	}
	dst = append(dst, d[0], '.')
	if len(d) == 1 {
		dst = append(dst, '0')
	}
	dst = append(dst, d[1:]...)
	return strconv.AppendInt(append(dst, 'E'), int64(exp), 10)
}

// appendPadded writes the last n decimal digits of v.
func appendPadded(dst []byte, v int64, n int) []byte {
	from := len(dst)
	for range n {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; i >= from; i-- {
		dst[i] = '0' + byte(uint64(v)%10)
		v = int64(uint64(v) / 10)
	}
	return dst
}

const (
	lowerDigits = "0123456789abcdef"
	upperDigits = "0123456789ABCDEF"
)

// parseHex reads the n hexadecimal digits at the beginning of t, all in one
// case.
func parseHex(t []byte, n int, upper bool) (v uint64, ok bool) {
	if len(t) < n {
		return 0, false
	}
	letter := byte('a')
	if upper {
		letter = 'A'
	}
	for n >= 8 {
		x, ok := eightHex(binary.LittleEndian.Uint64(t), letter)
		if !ok {
			return 0, false
		}
		v, t, n = v<<32|x, t[8:], n-8
	}
	for _, c := range t[:n] {
		d := c - '0'
		if d > 9 {
			if d = c - letter; d > 5 {
				return 0, false
			}
			d += 10
		}
		v = v<<4 | uint64(d)
	}
	return v, true
}

// eightHex reads eight hexadecimal digits at once, the first of them in the
// lowest byte of x. What it took them for is written again and compared.
func eightHex(x uint64, letter byte) (uint64, bool) {
	const ones = 0x0101010101010101
	v := x&(0x0F*ones) + x>>6&ones*9
	again := v + 0x30*ones + (v+0x76*ones)>>7&ones*uint64(letter-'0'-10)
	if again != x || v&(0xF0*ones) != 0 {
		return 0, false
	}
	v = (v<<4 | v>>8) & 0x00FF00FF00FF00FF
	v = (v | v>>8) & 0x0000FFFF0000FFFF
	return uint64(bits.ReverseBytes32(uint32(v | v>>16))), true
}

func appendHex(dst []byte, v uint64, n int, upper bool) []byte {
	set := lowerDigits
	if upper {
		set = upperDigits
	}
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, set[v>>(4*uint(i))&15])
	}
	return dst
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// magnitude is how many bits v takes, without its sign.
func magnitude(v int64) int {
	if v < 0 {
		v = -v
	}
	return bits.Len64(uint64(v))
}
