package kb

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word or a number of a text.
type token struct {
	start, end int    // bytes of the text
	word       string // folded; rs for ₹
	latin      bool
	number     float64 // what the token counts: 5 for "five", 500000 for "5 lakh"
	counts     bool    // whether it counts anything

	sentence, clause int
	denied, supposed int // the token that denies this one, or tells that it has not happened; -1 for none
}

// tokens cuts text into words and numbers, with the sentence and the clause that each stands in.
func (l *language) tokens(text string) (list []token, romanised bool) {
	for at := 0; at < len(text); {
		next, end, found := l.token(text, at)
		if found {
			list = append(list, next)
		}
		at = end
	}
	romanised = l.isRomanised(list)
	list = l.numbers(list, romanised)
	l.sentences(text, list)
	l.clauses(text, list, romanised)
	return list, romanised
}

// token reads what begins at byte at, and returns where the rest begins.
func (l *language) token(text string, at int) (t token, end int, found bool) {
	r, size := utf8.DecodeRuneInString(text[at:])
	switch {
	case r == '₹':
		return token{start: at, end: at + size, word: "rs", latin: true, denied: -1, supposed: -1}, at + size, true
	case unicode.IsDigit(r):
		end = at + len(digitsAt(text[at:]))
		t = token{start: at, end: end, denied: -1, supposed: -1}
		t.number, t.counts = parseDigits(text[at:end])
		t.word = strings.Map(asciiDigit, text[at:end])
		return t, end, true
	case !unicode.IsLetter(r):
		return token{}, at + size, false
	}
	end = at + len(wordAt(text[at:]))
	t = token{start: at, end: end, latin: unicode.Is(unicode.Latin, r), denied: -1, supposed: -1}
	t.word = foldDevanagari(text[at:end])
	if t.latin {
		t.word = foldLatin(text[at:end])
	}
	return t, end, true
}

// wordAt returns the letters, marks and joiners at the start of s, and apostrophes between them.
func wordAt(s string) string {
	last := rune(0)
	for i, r := range s {
		inside := unicode.IsLetter(r) || unicode.IsMark(r) || r == '\u200C' || r == '\u200D'
		apostrophe := (r == '\'' || r == '\u2019') && unicode.IsLetter(last)
		if !inside && !apostrophe {
			return strings.TrimRight(s[:i], "'\u2019")
		}
		last = r
	}
	return strings.TrimRight(s, "'\u2019")
}

// digitsAt returns the digits at the start of s, and points, commas and colons between them.
func digitsAt(s string) string {
	end := 0
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			end = i + utf8.RuneLen(r)
		case (r != '.' && r != ',' && r != ':') || i != end:
			return s[:end]
		}
	}
	return s[:end]
}

// parseDigits reads 1,50,000 and 7.20; a colon between hours and minutes counts as a point.
func parseDigits(s string) (float64, bool) {
	s = strings.ReplaceAll(strings.Map(asciiDigit, s), ",", "")
	n, err := strconv.ParseFloat(strings.ReplaceAll(s, ":", "."), 64)
	return n, err == nil
}

// asciiDigit maps the digits of Devanagari and leaves the rest.
func asciiDigit(r rune) rune {
	if r >= '०' && r <= '९' {
		return '0' + r - '०'
	}
	return r
}

// isRomanised reports whether a text in Latin letters is Hindi: a tenth of its words are small words of Hindi.
func (l *language) isRomanised(list []token) bool {
	latin, small := 0, 0
	for i := range list {
		if list[i].latin {
			latin++
			if l.roman[list[i].word] {
				small++
			}
		}
	}
	return small >= 2 && 10*small >= latin
}

// numbers finds what words count and joins a number with the lakh or thousand behind it: "5 lakh" becomes one token.
func (l *language) numbers(list []token, romanised bool) []token {
	out := list[:0]
	for _, t := range list {
		if factor, found := l.multipliers.of(t.word, romanised); found && len(out) > 0 && out[len(out)-1].counts && !l.isMultiplied(out[len(out)-1], romanised) {
			t.start, t.number, t.counts = out[len(out)-1].start, out[len(out)-1].number*factor, true
			out[len(out)-1] = t
			continue
		}
		if n, found := l.numerals.of(t.word, romanised); found {
			t.number, t.counts = n, true
		}
		out = append(out, t)
	}
	return out
}

// isMultiplied reports whether the token is a joined one already, so that a row of multipliers doesn't grow without bound.
func (l *language) isMultiplied(t token, romanised bool) bool {
	_, found := l.multipliers.of(t.word, romanised)
	return found
}
