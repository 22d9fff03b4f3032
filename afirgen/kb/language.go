package kb

import "strings"

// language knows the words and forms of English, Hindi and romanised Hindi. It is safe for concurrent use.
type language struct {
	stop, roman, abbreviations, happen map[string]bool

	forwardNo, backwardNo, forwardMaybe, backwardMaybe, breaks words

	numerals, multipliers values

	irregular    map[string]string
	hindiEndings []string
	futures      []string
	romanFutures []string
}

func newLanguage() *language {
	return &language{
		stop: setOf(stopWordList), roman: setOf(romanList),
		abbreviations: setOf(abbreviationList), happen: setOf(happenList),
		forwardNo: wordsOf(forwardNoList), backwardNo: wordsOf(backwardNoList),
		forwardMaybe: wordsOf(forwardMaybeList), backwardMaybe: wordsOf(backwardMaybeList),
		breaks:   wordsOf(breakList),
		numerals: valuesOf(numeralList), multipliers: valuesOf(multiplierList),
		irregular: irregularForms(), hindiEndings: strings.Fields(hindiEndings), futures: strings.Fields(futureEndingList), romanFutures: strings.Fields(romanFutureEndingList),
	}
}

// form says how a term was made from its word, so that the forms of different languages never meet.
type form byte

const (
	englishStem form = iota
	englishWord      // as it is written, folded
	hindiStem
	hindiWord
	romanStem
	romanWord
)

// term is what words are compared by.
type term struct {
	form form
	word string
}

// stem returns the term that all inflections of the word share, in that script.
func (l *language) stem(word string, script Script) term {
	switch script {
	case Devanagari:
		return term{hindiStem, stemHindi(foldDevanagari(word), l.hindiEndings)}
	case Romanised:
		return term{romanStem, foldRoman(foldLatin(word))}
	}
	return term{englishStem, stemEnglish(foldLatin(word), l.irregular)}
}

// exact returns the term of the word as it is written.
func (l *language) exact(word string, script Script) term {
	switch script {
	case Devanagari:
		return term{hindiWord, foldDevanagari(word)}
	case Romanised:
		return term{romanWord, foldLatin(word)}
	}
	return term{englishWord, foldLatin(word)}
}
