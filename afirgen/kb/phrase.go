package kb

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of a phrase, so that matching is bounded by the length of the text.
const (
	maxSequences = 4
	maxElements  = 10
	maxGaps      = 3
)

// phrase is one way of telling a concept. Its sequences have to stand in one sentence, in any order.
type phrase struct {
	text      string // as the data file has it
	script    Script
	sequences []sequence
}

// sequence is a row of words in their order.
type sequence []element

// element is one place in a sequence: a number within bounds, or one of several words.
type element struct {
	gap       bool // up to maxGap other words may stand before it
	ids       map[int32]bool
	number    bool
	low, high float64
}

// phraseReader compiles phrases and gives each of their terms a number.
type phraseReader struct {
	language *language
	sets     map[string]map[Script][]string
	terms    map[term]int32
}

// phrase compiles one phrase. Its language:
//
//	word        any inflection of the word
//	=word       the word as it is written
//	a|b         one of them
//	$set        one of the words of the set, in the phrase's script
//	#5+ #1-15   a number: five or more; one to fifteen
//	a .. b      up to four words between them
//	a & b       both in one sentence, in any order
func (r *phraseReader) phrase(text string, script Script) (*phrase, error) {
	p := &phrase{text: text, script: script}
	for part := range strings.SplitSeq(text, "&") {
		s, err := r.sequence(strings.Fields(part), script)
		if err != nil {
			return nil, fmt.Errorf("the phrase %q: %w", text, err)
		}
		p.sequences = append(p.sequences, s)
	}
	if len(p.sequences) > maxSequences {
		return nil, fmt.Errorf("the phrase %q has %d parts: %d are the most", text, len(p.sequences), maxSequences)
	}
	return p, nil
}

func (r *phraseReader) sequence(words []string, script Script) (sequence, error) {
	var s sequence
	gaps, gap := 0, false
	for _, word := range words {
		if word == ".." {
			gaps, gap = gaps+1, true
			continue
		}
		e, err := r.element(word, script)
		if err != nil {
			return nil, err
		}
		e.gap, gap = gap, false
		s = append(s, e)
	}
	switch {
	case len(s) == 0:
		return nil, errors.New("a part is empty")
	case s[0].gap || gap:
		return nil, errors.New("a gap stands at an end of a part")
	case len(s) > maxElements || gaps > maxGaps:
		return nil, fmt.Errorf("a part has more than %d words or %d gaps", maxElements, maxGaps)
	}
	return s, nil
}

func (r *phraseReader) element(word string, script Script) (element, error) {
	if bounds, found := strings.CutPrefix(word, "#"); found {
		return numberElement(bounds)
	}
	e := element{ids: map[int32]bool{}}
	for choice := range strings.SplitSeq(word, "|") {
		if err := r.addChoice(e.ids, choice, script); err != nil {
			return element{}, err
		}
	}
	return e, nil
}

func (r *phraseReader) addChoice(ids map[int32]bool, choice string, script Script) error {
	if name, found := strings.CutPrefix(choice, "$"); found {
		set, known := r.sets[name]
		if !known {
			return fmt.Errorf("there is no set %q", name)
		}
		for _, word := range set[script] {
			r.addWord(ids, word, script)
		}
		return nil
	}
	if err := checkWord(strings.TrimPrefix(choice, "="), script); err != nil {
		return err
	}
	r.addWord(ids, choice, script)
	return nil
}

// addWord adds a word, as it is written where = stands before it.
func (r *phraseReader) addWord(ids map[int32]bool, choice string, script Script) {
	word, exact := strings.CutPrefix(choice, "=")
	if exact {
		ids[r.id(r.language.exact(word, script))] = true
	} else {
		ids[r.id(r.language.stem(word, script))] = true
	}
}

// checkWord holds the word against its script, so that a Latin letter among Devanagari ones is found here and not by a
// complaint that nobody finds.
func checkWord(word string, script Script) error {
	for _, r := range word {
		devanagari := unicode.Is(unicode.Devanagari, r)
		latin := unicode.Is(unicode.Latin, r) || r >= '0' && r <= '9' || r == '\''
		if script == Devanagari && !devanagari && !(r >= '0' && r <= '9') || script != Devanagari && !latin {
			return fmt.Errorf("%q has the character %q, which is none of its script (%s)", word, r, script)
		}
	}
	if word == "" {
		return errors.New("a word is empty")
	}
	return nil
}

// id numbers the terms as they come.
func (r *phraseReader) id(t term) int32 {
	id, known := r.terms[t]
	if !known {
		id = int32(len(r.terms))
		r.terms[t] = id
	}
	return id
}

// numberElement reads 5+ and 1-15.
func numberElement(bounds string) (element, error) {
	low, high, closed := strings.Cut(bounds, "-")
	low, open := strings.CutSuffix(low, "+")
	e := element{number: true, high: math.Inf(1)}
	var err error
	if e.low, err = strconv.ParseFloat(low, 64); err == nil && closed {
		e.high, err = strconv.ParseFloat(high, 64)
	}
	if err != nil || open == closed || e.high < e.low {
		return element{}, fmt.Errorf("#%s is no number: write #5+ or #1-15", bounds)
	}
	return e, nil
}
