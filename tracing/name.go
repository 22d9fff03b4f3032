package tracing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName  = 200  // characters (X-Ray segment document, "name")
	maxShort = 250  // characters of most other strings (the same)
	maxNote  = 1000 // characters of an annotation value (segment schema)
	maxText  = 2048 // characters of URLs and messages: bounded, not specified
	maxQuery = 4096 // bytes of a sanitised query: bounded, not specified
)

// cleanName drops the characters that X-Ray refuses in names, turns other
// white space into spaces, and cuts at 200 characters. Nothing left over
// becomes "unnamed". changed tells whether the name was touched.
func cleanName(s string) (name string, changed bool) {
	if legalASCII(s) {
		return s, false
	}
	name = cut(strings.TrimSpace(strings.Map(nameRune, strings.ToValidUTF8(s, ""))), maxName)
	if name == "" {
		name = "unnamed"
	}
	return name, name != s
}

// legalASCII is the quick answer for names as they should be.
func legalASCII(s string) bool {
	for i := range len(s) {
		if !nameByte[s[i]] {
			return false
		}
	}
	return s != "" && len(s) <= maxName && s[0] != ' ' && s[len(s)-1] != ' '
}

// nameByte holds the ASCII characters of names. It is filled once and never
// changes.
var nameByte = func() (legal [256]bool) {
	for c := rune(' '); c < utf8.RuneSelf; c++ {
		legal[c] = nameRune(c) == c
	}
	return legal
}()

// nameRune maps forbidden characters to -1: names are Unicode letters,
// numbers and separators, and some symbols.
func nameRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'):
		return r
	case strings.ContainsRune(`_.:/%&#=+\-@ `, r):
		return r
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.In(r, unicode.Z)):
		return r // combining marks are not on X-Ray's list: it would refuse the whole document
	}
	return -1
}

// cut returns at most n characters of s, never half of one.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
