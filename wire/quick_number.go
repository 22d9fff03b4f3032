package wire

import "github.com/roentgen/roentgen"

// number reads a number and returns its literal; nil when it is none.
func (q *quickReader) number() []byte {
	n := numberLen(q.text[q.at:])
	if n == 0 {
		q.giveUp()
		return nil
	}
	lit := q.text[q.at : q.at+n]
	q.at += n
	return lit
}

// numberLen returns the length of the number of JSON that b begins with, 0 when
// it begins with none.
func numberLen(b []byte) int {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	n := digitsLen(b[i:])
	if n == 0 || n > 1 && b[i] == '0' {
		return 0
	}
	i += n
	if i < len(b) && b[i] == '.' {
		if n = digitsLen(b[i+1:]); n == 0 {
			return 0
		}
		i += 1 + n
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if n = digitsLen(b[i:]); n == 0 {
			return 0
		}
		i += n
	}
	return i
}

// digitsLen returns how many digits b begins with.
func digitsLen(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// seconds reads a time; 0 when there is none.
func (q *quickReader) seconds() roentgen.Time {
	if t, n := usualTime(q.text[q.at:]); n > 0 {
		q.at += n
		return t
	}
	switch kindOf(q.peek()) {
	case kindNull:
		q.skip()
		return 0
	case kindNumber:
		if lit := q.number(); lit != nil {
			if t, why := parseSeconds(lit); why == "" {
				return t
			}
		}
	}
	q.giveUp()
	return 0
}

// usualTime reads the time that most producers write, 1780165693.1234567, and
// returns its length; 0 for any other.
func usualTime(b []byte) (t roentgen.Time, n int) {
	const whole, most = 10, 10 + 1 + 9
	if len(b) <= most || b[whole] != '.' || b[0]-'1' > '8'-'1' || b[8]-'0' > 9 || b[9]-'0' > 9 {
		return 0, 0
	}
	first, ok := eightDigits(b)
	if !ok {
		return 0, 0
	}
	ns := first*100 + int64(b[8]-'0')*10 + int64(b[9]-'0')
	n = whole + 1
	for ; n < most && b[n]-'0' <= 9; n++ {
		ns = ns*10 + int64(b[n]-'0')
	}
	if n == whole+1 || b[n] != ',' && b[n] != '}' { // one digit more, an exponent
		return 0, 0
	}
	return roentgen.Time(ns * powers[most-n]), n
}

// float reads the number here; false when it is beyond float64.
func (q *quickReader) float() (float64, bool) {
	lit := q.number()
	if lit == nil {
		return 0, false
	}
	return float(lit)
}

// int reads a whole number, which may be written in a string; 0 when there is
// none.
func (q *quickReader) int() int64 {
	var lit []byte
	switch kindOf(q.peek()) {
	case kindNumber:
		lit = q.number()
	case kindString:
		if lit = q.bytes(); numberLen(lit) != len(lit) {
			return 0
		}
	default:
		q.skip()
	}
	if n, ok := small(lit); ok {
		return n
	}
	if len(lit) == 0 {
		return 0
	}
	n, ok := integral(lit)
	if !ok {
		return 0
	}
	return n
}

// small reads a literal of one to eighteen digits.
func small(lit []byte) (n int64, ok bool) {
	if len(lit) == 0 || len(lit) > 18 {
		return 0, false
	}
	for _, c := range lit {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
