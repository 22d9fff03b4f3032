package filter

import (
	"math"
	"strconv"
	"strings"
)

// looksNumeric tells the beginning of a number from that of a word.
func looksNumeric(word string) bool {
	digits := strings.TrimLeft(word, "+-.")
	return digits != "" && '0' <= digits[0] && digits[0] <= '9'
}

// parseNumber reads [sign] digits [. digits] [e [sign] digits]; the digits on one side of the point may be missing.
func parseNumber(t token) (float64, error) {
	valid := numberLength(t.text)
	if valid < len(t.text) {
		hint := "numbers are written 5, 0.05, -1 or 1e3"
		if valid > 0 && isUnit(t.text[valid:]) {
			hint = "numbers have no unit: times are in seconds, 200 ms are 0.2"
		}
		return 0, wrong(t.Span, hint, "%s is not a number", t)
	}
	n, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return 0, wrong(t.Span, "", "the number %s is out of range", t)
	}
	if n == 0 {
		return 0, nil // -0 as well
	}
	return n, nil
}

func isUnit(s string) bool {
	switch fold(s) {
	case "s", "sec", "ms", "us", "µs", "ns", "m", "min", "h", "%":
		return true
	}
	return false
}

// numberLength is the length of the number at the begin of s, 0 when there is none.
func numberLength(s string) int {
	i := sign(s)
	whole := digits(s[i:])
	i += whole
	fraction := 0
	if i < len(s) && s[i] == '.' {
		fraction = digits(s[i+1:])
		i += 1 + fraction
	}
	if whole+fraction == 0 {
		return 0
	}
	return i + exponent(s[i:])
}

func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1 + sign(s[1:])
	n := digits(s[i:])
	if n == 0 {
		return 0
	}
	return i + n
}

func sign(s string) int {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return 1
	}
	return 0
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// formatNumber writes the shortest form that reads back, with an exponent only where the digits would be many. It is
// valid JSON.
func formatNumber(n float64) string {
	form := byte('f')
	if size := math.Abs(n); size != 0 && (size < 1e-6 || size >= 1e21) {
		form = 'g'
	}
	return strconv.FormatFloat(n, form, -1, 64)
}
