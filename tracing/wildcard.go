package tracing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wildcard matches text against a pattern of a sampling rule: * is any run,
// also an empty one, ? exactly one character; case does not matter, and the
// pattern covers the whole text (xray sampling rules, "matching").
type wildcard struct {
	pattern string // in lower case
	all     bool   // matches everything
}

func newWildcard(pattern string) wildcard {
	return wildcard{pattern: strings.ToLower(pattern), all: strings.Trim(pattern, "*") == "" && pattern != ""}
}

// matches holds for an empty text too, which stands for "not known".
func (w wildcard) matches(text string) bool {
	return w.all || text == "" || matchWild(w.pattern, text)
}

// matchWild goes through both once, and back to the last star where they
// part: a later star never needs an earlier one to take more.
func matchWild(p, t string) bool {
	star, retry := -1, 0 // after the last star in p, and where t went on from there
	i, j := 0, 0
	for j < len(t) {
		pr, pn := utf8.DecodeRuneInString(p[i:])
		tr, tn := utf8.DecodeRuneInString(t[j:])
		switch {
		case pn > 0 && pr == '*':
			star, retry = i+1, j
			i++
		case pn > 0 && (pr == '?' || pr == unicode.ToLower(tr)):
			i, j = i+pn, j+tn
		case star >= 0:
			_, n := utf8.DecodeRuneInString(t[retry:])
			retry += n
			i, j = star, retry
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}
