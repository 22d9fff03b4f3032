package kb

import (
	"strings"
	"unicode/utf8"
)

// hindiEndings are the endings of number, gender, case and tense, the longest first, in the spelling of foldDevanagari.
const hindiEndings = `ियों ियां ाओं ाएं ाकर ाया ाई ाए ाना ाने ानी ाता ाती ाते ओं एं कर ता ती ते ना ने नी या ये ों ें ीं ा ी े ि ो ु ू`

// stemHindi cuts the first ending that leaves at least three characters, of which a vowel sign is one: मारा, मारी and
// मारकर meet in मार, but पति and पता stay apart.
func stemHindi(word string, endings []string) string {
	for _, ending := range endings {
		if rest, found := strings.CutSuffix(word, ending); found && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return word
}
