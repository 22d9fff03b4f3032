package filter

import "strings"

type tokenKind uint8

const (
	endToken  tokenKind = iota
	wordToken           // keywords, word operators, numbers: everything between white space and marks
	textToken           // "…"
	markToken           // ( ) { } [ ] , : # ! = != < <= > >=
)

// token is one piece of the text.
type token struct {
	Span
	kind tokenKind
	text string // of a text what it means, else what is written
}

// String is how messages call the token.
func (t token) String() string {
	if t.kind == endToken {
		return "the end"
	}
	return shown(t.text)
}

// shown quotes what a stranger wrote, for a message; of what is long only the begin.
func shown(s string) string {
	const most = 60
	if len(s) <= most {
		return quote(s)
	}
	return quote(strings.ToValidUTF8(s[:most], "")) + "…"
}

func (t token) is(mark string) bool { return t.kind == markToken && t.text == mark }

// isWord compares with a word operator or keyword, in any case.
func (t token) isWord(word string) bool { return t.kind == wordToken && sameWord(t.text, word) }

// sameWord compares without regard to the case of ASCII letters.
func sameWord(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// fold lowers ASCII letters only: the Kelvin sign is no k.
func fold(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	if i < 0 {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		b[i] = lower(b[i])
	}
	return string(b)
}
