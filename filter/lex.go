package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts the text into tokens, one at a time: what stands in the brackets of annotation[…] and behind # has rules
// of its own, which the parser knows about.
type lexer struct {
	text string
	pos  int // of the next byte to read
}

// marks break words. The dot does not: http.status is one word.
const marks = `(){}[],:!<>="#`

// next reads a token and moves behind it.
func (l *lexer) next() (token, error) {
	l.space()
	if l.pos == len(l.text) {
		return token{Span: Span{l.pos, l.pos}}, nil
	}
	c := l.text[l.pos]
	switch {
	case c == '"':
		return l.quoted()
	case strings.IndexByte(marks, c) >= 0:
		return l.mark(), nil
	}
	return l.word(), nil
}

func (l *lexer) space() {
	for l.pos < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		l.pos += size
	}
}

func (l *lexer) word() token {
	return l.take(wordToken, wordLength(l.text[l.pos:]))
}

func wordLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(marks, r) })
	if n < 0 {
		return len(s)
	}
	return n
}

// mark takes != <= >= as one, everything else byte by byte.
func (l *lexer) mark() token {
	rest := l.text[l.pos:]
	if len(rest) > 1 && rest[1] == '=' && strings.IndexByte("!<>", rest[0]) >= 0 {
		return l.take(markToken, 2)
	}
	return l.take(markToken, 1)
}

func (l *lexer) take(kind tokenKind, n int) token {
	from := l.pos
	l.pos += n
	return token{Span{from, l.pos}, kind, l.text[from:l.pos]}
}

// quoted reads a text in double quotes.
func (l *lexer) quoted() (token, error) {
	from := l.pos
	end := closingQuote(l.text, from+1)
	if end < 0 {
		return token{}, wrong(Span{from, len(l.text)}, "close the text with a double quote", "a text that begins and does not end")
	}
	text, err := unquote(l.text[from+1:end], from+1)
	l.pos = end + 1
	return token{Span{from, l.pos}, textToken, text}, err
}

// closingQuote finds the first quote at or behind i that no backslash precedes.
func closingQuote(s string, i int) int {
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
