package kb

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldLatin brings a Latin word to lower case, without apostrophes and possessive s, without accents.
func foldLatin(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(word) {
		switch {
		case r == '\u2019':
			b.WriteByte('\'')
		case !unicode.Is(unicode.Mn, r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "'s"), "'", "")
}

// The signs of Devanagari that spelling varies in.
const (
	nukta       = '\u093C'
	candrabindu = '\u0901'
	anusvara    = '\u0902'
	virama      = '\u094D'
)

// foldDevanagari makes one spelling of the usual ones: no nukta and no joiners, candrabindu as anusvara, a nasal before a
// consonant of its own row as anusvara, a final यी as ई and ये as ए.
func foldDevanagari(word string) string {
	in := []rune(norm.NFC.String(word))
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		switch r := in[i]; {
		case r == nukta, r == '\u200C', r == '\u200D':
		case r == candrabindu:
			out = append(out, anusvara)
		case i+2 < len(in) && in[i+1] == virama && sameRow(r, in[i+2]):
			out = append(out, anusvara)
			i++
		default:
			out = append(out, r)
		}
	}
	return foldFinalY(string(out))
}

// sameRow reports whether the nasal stands before a consonant of its row: न्द, but neither न्न nor न्ह.
func sameRow(nasal, next rune) bool {
	for _, row := range [...]struct {
		nasal       rune
		first, last rune
	}{{'ङ', 'क', 'घ'}, {'ञ', 'च', 'झ'}, {'ण', 'ट', 'ढ'}, {'न', 'त', 'ध'}, {'म', 'प', 'भ'}} {
		if nasal == row.nasal {
			return next >= row.first && next <= row.last
		}
	}
	return false
}

func foldFinalY(word string) string {
	if rest, found := strings.CutSuffix(word, "यी"); found {
		return rest + "ई"
	}
	if rest, found := strings.CutSuffix(word, "ये"); found {
		return rest + "ए"
	}
	return word
}

// foldRoman makes one spelling of what people write when they put Hindi into Latin letters: long vowels as short, z as j,
// w as v, ph as f, doubled letters once, and no vowel at the end, where gender and number stand.
func foldRoman(word string) string {
	word = strings.NewReplacer("chh", "ch", "ph", "f", "z", "j", "w", "v", "q", "k", "ee", "i", "oo", "u").Replace(word)
	word = squeeze(word)
	for _, ending := range [...]string{"iyan", "iyon", "kar", "ne", "na", "ni"} {
		if rest, found := strings.CutSuffix(word, ending); found && len(rest) >= 3 {
			return strings.TrimRight(rest, "aeiou")
		}
	}
	if rest := strings.TrimRight(word, "aeiou"); len(rest) >= 2 {
		return rest
	}
	return word
}

// squeeze writes doubled letters once.
func squeeze(word string) string {
	out := make([]byte, 0, len(word))
	for i := 0; i < len(word); i++ {
		if i == 0 || word[i] != word[i-1] {
			out = append(out, word[i])
		}
	}
	return string(out)
}
