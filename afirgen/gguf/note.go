package gguf

import (
	"slices"
	"strings"
	"unicode"
)

// noteWords is what the rules understand of a clerk's notes.
type noteWords struct{ asking, refusing, time, money map[string]bool }

// In lower case; English first, then Hindi.
const (
	// askingList is what says only that something is wanted.
	askingList = `add mention include say tell write state describe stress note important heed give name put must should
		also clearly exactly detail details
		लिखें लिखिए लिखो बताएं बताइए बताओ जोड़ें जोड़ो शामिल उल्लेख ज़रूर अवश्य साफ विवरण`
	// refusingList turns a note into its opposite.
	refusingList = `not don't dont without omit skip drop remove leave avoid never no
		न ना नहीं मत बिना हटा हटाएं हटाओ छोड़ें छोड़ दें`
	timeList  = `time when date day hour hours o'clock समय कब तारीख दिनांक दिन बजे`
	moneyList = `amount money value worth price cost sum rupees रकम राशि कीमत मूल्य पैसे रुपये`
)

func newNoteWords() noteWords {
	return noteWords{setOf(askingList), setOf(refusingList), setOf(timeList), setOf(moneyList)}
}

// What a note does to the worth of a sentence that it speaks of.
const (
	noteRaise = 5.0
	noteLower = 0.05
)

// heed raises the sentences that a note speaks of, and lowers them when the note wants something left out. A note that
// asks for the time or for an amount speaks of sentences with figures. That is all that rules can do: a note adds
// nothing to what the informant has said.
func (e *Rules) heed(scored []sentence, notes []string) {
	for _, note := range notes {
		list := words(strings.ToLower(note))
		factor := noteRaise
		if slices.ContainsFunc(list, func(w string) bool { return e.notes.refusing[w] }) {
			factor = noteLower
		}
		terms := slices.DeleteFunc(e.terms(note), func(w string) bool { return e.notes.asking[w] || e.notes.refusing[w] })
		figures := slices.ContainsFunc(list, func(w string) bool { return e.notes.time[w] || e.notes.money[w] })
		for i := range scored {
			if sharesTerm(scored[i].terms, terms) || figures && strings.ContainsFunc(scored[i].text, unicode.IsDigit) {
				scored[i].score *= factor
			}
		}
	}
}

func sharesTerm(sentence, note []string) bool {
	return slices.ContainsFunc(note, func(w string) bool {
		_, found := slices.BinarySearch(sentence, w)
		return found
	})
}
