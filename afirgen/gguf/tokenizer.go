package gguf

import (
	"unicode"
	"unicode/utf8"
)

// TokenizerName names the rule of tokenEnd. A change of the rule is a new name.
const TokenizerName = "unicode-words-v1"

// CountTokens counts the tokens of text: a token is a longest run of letters, marks, digits and joiners (U+200C,
// U+200D), in which an apostrophe between two letters counts as one of them ("don't"), or any other single character
// that is not white space.
func CountTokens(text string) int {
	n := 0
	for at := 0; ; n++ {
		_, end := nextToken(text, at)
		if end == at {
			return n
		}
		at = end
	}
}

// nextToken returns where the first token at or after byte at begins and ends; end is at if there is none.
func nextToken(text string, at int) (start, end int) {
	for start = at; start < len(text); {
		r, size := utf8.DecodeRuneInString(text[start:])
		if !unicode.IsSpace(r) {
			return start, tokenEnd(text, start)
		}
		start += size
	}
	return at, at
}

func tokenEnd(text string, start int) int {
	first, end := utf8.DecodeRuneInString(text[start:])
	end += start
	if !inWord(first) {
		return end
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !inWord(r) && !joinsLetters(r, text[end+size:]) {
			break
		}
		end += size
	}
	return end
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '\u200c' || r == '\u200d'
}

func joinsLetters(r rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return (r == '\'' || r == '’') && unicode.IsLetter(next)
}

// firstTokens returns text up to the end of its nth token, and whether that cut anything but white space.
func firstTokens(text string, n int) (string, bool) {
	at := 0
	for range n {
		_, end := nextToken(text, at)
		if end == at {
			return text, false
		}
		at = end
	}
	_, end := nextToken(text, at)
	return text[:at], end != at
}

// words returns the tokens of text that hold a letter or a digit.
func words(text string) []string {
	var list []string
	for at := 0; ; {
		start, end := nextToken(text, at)
		if end == at {
			return list
		}
		if r, _ := utf8.DecodeRuneInString(text[start:]); inWord(r) {
			list = append(list, text[start:end])
		}
		at = end
	}
}
