package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// quote writes a text as it stands in expressions, and in JSON. What cannot be seen is escaped.
func quote(s string) string {
	var b strings.Builder
	printText(&b, s)
	return b.String()
}

func printText(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			printEscaped(b, r)
		}
	}
	b.WriteByte('"')
}

func printEscaped(b *strings.Builder, r rune) {
	switch r {
	case '\n':
		b.WriteString(`\n`)
	case '\r':
		b.WriteString(`\r`)
	case '\t':
		b.WriteString(`\t`)
	default:
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(b, `\u%04x`, unit)
		}
	}
}

// unquote resolves the escapes of s, which are JSON's. The text of the expression has s at byte offset at.
func unquote(s string, at int) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		r, n := unescape(s[i:])
		if n == 0 {
			_, bad := utf8.DecodeRuneInString(s[i+1:])
			return "", wrong(Span{at + i, at + i + 1 + bad}, `escapes are \" \\ \/ \b \f \n \r \t and \uXXXX, pairs of \uXXXX beyond \uffff; a backslash is written \\`,
				"an escape that does not exist, %s", strconv.Quote(s[i:i+1+bad]))
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), nil
}

// short are the escapes of one letter, with what they stand for.
const short = `"\/bfnrt`
const shortFor = "\"\\/\b\f\n\r\t"

// unescape reads one escape and returns its length, 0 when there is no such escape.
func unescape(s string) (rune, int) {
	if i := strings.IndexByte(short, s[1]); i >= 0 {
		return rune(shortFor[i]), 2
	}
	r, ok := hexUnit(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, _ := hexUnit(s[6:])
	if r = utf16.DecodeRune(r, low); r == unicode.ReplacementChar {
		return 0, 0
	}
	return r, 12
}

// hexUnit reads \uXXXX.
func hexUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
