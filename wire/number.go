package wire

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/roentgen/roentgen"
)

// decimal is a number literal taken apart: 0.d1d2d3… × 10^exp, d1 not zero
// unless the number is.
type decimal struct {
	negative bool
	n        int // digits in use; 0 for the number zero
	exp      int
	digits   [32]byte // values 0 to 9; what is beyond only says whether it is all zeros
	rest     bool     // a digit beyond was not zero
}

// expMost bounds exponents, so that they can be added without overflow.
const expMost = 1 << 20

// takeApart reads a literal that follows the grammar of JSON.
func takeApart(lit []byte) (d decimal) {
	i, point := 0, false
	if lit[0] == '-' {
		d.negative, i = true, 1
	}
	for ; i < len(lit); i++ {
		switch c := lit[i]; {
		case c == '.':
			point = true
		case c|0x20 == 'e':
			d.exp += exponent(lit[i+1:])
			return d
		default:
			d.digit(c-'0', point)
		}
	}
	return d
}

// digit adds the next digit, behind the decimal point or before it.
func (d *decimal) digit(v byte, point bool) {
	leadingZero := v == 0 && d.n == 0
	switch {
	case point && leadingZero: // 0.00x
		d.exp--
	case !point && !leadingZero: // x before the point
		d.exp++
	}
	switch {
	case leadingZero:
	case d.n < len(d.digits):
		d.digits[d.n] = v
		d.n++
	default:
		d.rest = d.rest || v != 0
	}
}

// exponent reads a sign and digits; what is absurd is cut to ±expMost.
func exponent(b []byte) int {
	negative := b[0] == '-'
	if negative || b[0] == '+' {
		b = b[1:]
	}
	n := 0
	for _, c := range b {
		n = min(n*10+int(c-'0'), expMost)
	}
	if negative {
		return -n
	}
	return n
}

// scaled returns the number times 10^shift, rounded to the nearest integer
// with halves away from zero; exact says that nothing was rounded. ok is
// false when it is too large for an int64.
func (d *decimal) scaled(shift int) (v int64, exact, ok bool) {
	places := d.exp + shift
	if d.n == 0 {
		return 0, true, true
	}
	if places < 0 {
		return 0, false, true
	}
	if places > 19 {
		return 0, false, false
	}
	var u uint64 // 19 digits fit
	for i := range places {
		u *= 10
		if i < d.n {
			u += uint64(d.digits[i])
		}
	}
	exact = !d.rest
	for i := places; i < d.n; i++ {
		exact = exact && d.digits[i] == 0
	}
	if places < d.n && d.digits[places] >= 5 {
		u++
	}
	if u > math.MaxInt64 {
		return 0, false, false
	}
	if d.negative {
		return -int64(u), exact, true
	}
	return int64(u), exact, true
}

// parseSeconds reads epoch seconds exactly to the nanosecond; further digits
// round to the nearest. why is empty when t is a time between 1970 and 2262.
func parseSeconds(lit []byte) (t roentgen.Time, why string) {
	if ns, ok := usualSeconds(lit); ok {
		return roentgen.Time(ns), ""
	}
	d := takeApart(lit)
	ns, _, ok := d.scaled(9)
	switch {
	case d.negative && d.n > 0:
		return 0, "lies before 1970; send epoch seconds, for instance 1780165693.125"
	case !ok:
		return 0, "lies after the year 2262; send epoch seconds, not milliseconds"
	}
	return roentgen.Time(ns), ""
}

// usualSeconds reads what most producers write, 1780165693.1234567, in a
// quarter of the time; false for any other form. lit is a number of JSON.
func usualSeconds(lit []byte) (ns int64, ok bool) {
	const whole, most = 10, 10 + 1 + 9
	if len(lit) <= whole || len(lit) > most || lit[whole] != '.' || lit[0] > '8' {
		return 0, false
	}
	first, ok := eightDigits(lit)
	if !ok {
		return 0, false
	}
	ns = first*100 + int64(lit[8]-'0')*10 + int64(lit[9]-'0')
	for _, c := range lit[whole+1:] {
		if c-'0' > 9 { // an exponent
			return 0, false
		}
		ns = ns*10 + int64(c-'0')
	}
	return ns * powers[most-len(lit)], true
}

// powers of ten.
var powers = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// eightDigits returns the number that the first eight bytes write, all of them
// at a time: digits become pairs, pairs fours, fours the number.
func eightDigits(b []byte) (v int64, ok bool) {
	w := binary.LittleEndian.Uint64(b)
	const highs, zeros, sixes = 0xf0 * ones, '0' * ones, 6 * ones
	if w&highs != zeros || (w+sixes)&highs != zeros {
		return 0, false
	}
	w -= zeros
	w = w*10 + w>>8 // of every other byte: two digits
	const low = 0x000000ff000000ff
	return int64((w&low*(100+1000000<<32) + w>>16&low*(1+10000<<32)) >> 32), true
}

// integral returns the value of a literal without a fraction, however it is
// written: 200, 200.0 and 2E2 are the same.
func integral(lit []byte) (int64, bool) {
	d := takeApart(lit)
	v, exact, ok := d.scaled(0)
	return v, exact && ok
}

// float returns the nearest float64; false when the number is beyond them.
func float(lit []byte) (float64, bool) {
	f, err := strconv.ParseFloat(share(lit), 64)
	return f, err == nil
}

// isNumber reports whether s follows the grammar of JSON numbers.
func isNumber(s string) bool {
	if s == "" {
		return false
	}
	var sc scanner
	sc.buf, sc.end = padded(s), len(s)
	return sc.number() != nil && sc.done()
}

// AppendSeconds appends t as epoch seconds with six to nine digits behind the
// point, as many as it needs.
func AppendSeconds(dst []byte, t roentgen.Time) []byte {
	sec, ns := int64(t/1e9), int64(t%1e9)
	if t < 0 {
		dst = append(dst, '-')
		sec, ns = -sec, -ns
	}
	dst = strconv.AppendInt(dst, sec, 10)
	dst = append(dst, '.')
	var frac [9]byte
	for i := len(frac) - 1; i >= 0; i-- {
		frac[i] = '0' + byte(ns%10)
		ns /= 10
	}
	n := len(frac)
	for n > 6 && frac[n-1] == '0' {
		n--
	}
	return append(dst, frac[:n]...)
}
