package gguf

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
)

// sentence is one sentence of a prompt with its worth for a summary.
type sentence struct {
	index  int
	text   string
	tokens int
	terms  []string // its different words that carry meaning, in lower case and sorted
	score  float64
}

// score gives each sentence its worth: how much it speaks of what the whole text speaks of, more near the beginning,
// more with words of an offence and with figures (dates, times, amounts), less for greetings, headings and very long
// sentences.
func (e *Rules) score(ctx context.Context, texts []string) ([]sentence, error) {
	list := make([]sentence, len(texts))
	frequency := map[string]int{}
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list[i] = sentence{index: i, text: text, tokens: CountTokens(text), terms: e.terms(text)}
		for _, term := range list[i].terms {
			frequency[term]++
		}
	}
	highest := 1
	for _, n := range frequency {
		highest = max(highest, n)
	}
	for i := range list {
		list[i].score = e.worth(list[i], frequency, highest)
	}
	return list, nil
}

// terms returns the different words of text but stop words and single letters.
func (e *Rules) terms(text string) []string {
	list := words(strings.ToLower(text))
	list = slices.DeleteFunc(list, func(w string) bool { return len(w) < 2 || e.stopWords[w] })
	slices.Sort(list)
	return slices.Compact(list)
}

func (e *Rules) worth(s sentence, frequency map[string]int, highest int) float64 {
	sum, cues := 0.0, 0
	for _, term := range s.terms {
		sum += float64(frequency[term]) / float64(highest)
		if e.cues[term] {
			cues++
		}
	}
	worth := sum / math.Sqrt(float64(max(len(s.terms), 1)))
	worth += 0.6 * float64(min(cues, 3))
	if strings.ContainsFunc(s.text, unicode.IsDigit) {
		worth += 0.3
	}
	worth *= 1 + 0.5/float64(1+s.index)
	return worth * e.discount(s)
}

// discount is at most 1.
func (e *Rules) discount(s sentence) float64 {
	d := 1.0
	if len(s.terms) < 3 {
		d *= 0.3
	}
	if !strings.ContainsFunc(s.text, closesSentence) {
		d *= 0.4 // a heading, an address, a signature
	}
	if s.tokens > 60 {
		d *= 60 / float64(s.tokens)
	}
	lower := strings.ToLower(s.text)
	for _, formula := range e.formulas {
		if strings.Contains(lower, formula) {
			return d * 0.3
		}
	}
	return d
}

// overlap is the share of common terms among all terms of two sentences. Both lists are sorted.
func overlap(a, b []string) float64 {
	common := 0
	for _, term := range a {
		if _, found := slices.BinarySearch(b, term); found {
			common++
		}
	}
	if common == 0 {
		return 0
	}
	return float64(common) / float64(len(a)+len(b)-common)
}
