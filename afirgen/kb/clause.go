package kb

import (
	"strings"
	"unicode/utf8"
)

// maxSentence is the number of tokens after which a text without full stops is cut, so that what has to stand in one
// sentence stands near.
const maxSentence = 100

// sentences numbers the sentences.
func (l *language) sentences(text string, list []token) {
	length := 0
	for i := range list {
		if i == 0 {
			continue
		}
		list[i].sentence = list[i-1].sentence
		length++
		if length >= maxSentence || l.endsSentence(list[i-1], text[list[i-1].end:list[i].start]) {
			list[i].sentence++
			length = 0
		}
	}
}

// endsSentence judges by the last token and by what stands between it and the next. The full stop of "Rs." and of "a.m."
// ends nothing.
func (l *language) endsSentence(last token, gap string) bool {
	if strings.ContainsAny(gap, "।॥!?") || strings.Contains(gap, "\n\n") {
		return true
	}
	point := strings.IndexByte(gap, '.')
	if point < 0 || point+1 == len(gap) {
		return false
	}
	return !l.abbreviations[last.word] && utf8.RuneCountInString(last.word) > 1
}

// clauses numbers the clauses, which are what a denial reaches, and marks what is denied and what is only supposed.
func (l *language) clauses(text string, list []token, romanised bool) {
	for i := range list {
		if i == 0 {
			continue
		}
		list[i].clause = list[i-1].clause
		gap := text[list[i-1].end:list[i].start]
		if list[i].sentence != list[i-1].sentence || l.beginsClause(list, i, romanised) || l.cuts(gap, list[i:]) {
			list[i].clause++
		}
	}
	l.veil(text, list, romanised)
}

// beginsClause reports whether the token is a word like "but". The "that" of "threatened that" is none.
func (l *language) beginsClause(list []token, i int, romanised bool) bool {
	return l.breaks.has(list[i].word, romanised) && !l.forwardMaybe.has(list[i-1].word, romanised)
}

// orWithin is how far behind a comma an "or" still shows a list: "nobody was hurt, robbed or threatened".
const orWithin = 4

// cuts reports whether the punctuation in the gap before rest ends a clause. A comma inside a list with "or" does not.
func (l *language) cuts(gap string, rest []token) bool {
	if strings.ContainsAny(gap, ";:()–—\"“”") {
		return true
	}
	if !strings.Contains(gap, ",") {
		return false
	}
	for i := 0; i < len(rest) && i <= orWithin && rest[i].sentence == rest[0].sentence; i++ {
		if rest[i].word == "or" || rest[i].word == "nor" || rest[i].word == "या" {
			return false
		}
	}
	return true
}
