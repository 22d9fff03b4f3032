package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// replacement stands for what cannot be printed as it is. The font has no glyph for it either, so it shows as a box.
const replacement = utf8.RuneError

// clean makes a text printable. Whatever broke a line in it is then a \n.
func clean(text string) string {
	return strings.Map(printable, strings.ReplaceAll(text, "\r\n", "\n"))
}

// paragraphs parts a text at its line breaks and makes each part printable. Empty ones are left out.
func paragraphs(text string) []string {
	return strings.FieldsFunc(clean(text), func(r rune) bool { return r == '\n' })
}

// oneLine makes a text printable where there is no place for a line break.
func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// printable maps a character to what is printed for it. Control characters, and those that make text read in another
// order than it is stored, become visible: a report must not hide them. Joiners stay, for Devanagari needs them.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case unicode.IsControl(r), reorders(r), noncharacter(r):
		return replacement
	}
	return r
}

// reorders says that r is one of the marks, embeddings, overrides and isolates of the bidirectional algorithm.
func reorders(r rune) bool {
	return r == '\u061C' || r == '\u200E' || r == '\u200F' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// noncharacter says that Unicode keeps r free for ever.
func noncharacter(r rune) bool { return r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF }
