package kb

import "slices"

const (
	maxGap    = 4 // words that a gap in a phrase spans
	maxFiller = 1 // small words that may stand between two words of a phrase without a gap
	maxFound  = 6 // matches of one phrase that are kept
)

// page is a text made ready for matching.
type page struct {
	text      string
	tokens    []token
	ids       [][]int32 // per token: the terms of phrases that it is a form of
	filler    []bool    // per token: a small word that denies nothing
	from      []int     // per sentence: its first token; one more at the end
	romanised bool
}

// found is one place where a phrase was met: per sequence the first and the last token.
type found [][2]int

// phraseMatches returns where the phrase stands, beginning at a token that can begin its first sequence.
func (p *page) phraseMatches(ph *phrase, at int, supposedCounts bool) (found, bool) {
	first, ok := p.sequenceAt(ph.sequences[0], at)
	if !ok {
		return nil, false
	}
	spans := found{{at, first}}
	sentence := p.tokens[at].sentence
	for _, s := range ph.sequences[1:] {
		span, ok := p.sequenceIn(s, sentence, spans, supposedCounts)
		if !ok {
			return nil, false
		}
		spans = append(spans, span)
	}
	if p.veiled(spans, supposedCounts) {
		return nil, false
	}
	return spans, true
}

// sequenceIn looks for the sequence anywhere in the sentence where the whole is not veiled.
func (p *page) sequenceIn(s sequence, sentence int, others found, supposedCounts bool) ([2]int, bool) {
	for at := p.from[sentence]; at < p.from[sentence+1]; at++ {
		last, ok := p.sequenceAt(s, at)
		if ok && !p.veiled(append(slices.Clone(others), [2]int{at, last}), supposedCounts) {
			return [2]int{at, last}, true
		}
	}
	return [2]int{}, false
}

// sequenceAt reports whether the sequence begins at that token, and returns its last token.
func (p *page) sequenceAt(s sequence, at int) (last int, ok bool) {
	if !p.is(s[0], at) {
		return 0, false
	}
	return p.rest(s[1:], at)
}

// rest matches what follows the token last, trying the nearest first. The bounds on gaps and words bound the tries.
func (p *page) rest(s sequence, last int) (int, bool) {
	if len(s) == 0 {
		return last, true
	}
	end := p.from[p.tokens[last].sentence+1]
	for skipped, at := 0, last+1; at < end; skipped, at = skipped+1, at+1 {
		if p.is(s[0], at) {
			if final, ok := p.rest(s[1:], at); ok {
				return final, true
			}
		}
		if s[0].gap && skipped >= maxGap || !s[0].gap && (skipped >= maxFiller || !p.filler[at]) {
			return 0, false
		}
	}
	return 0, false
}

func (p *page) is(e element, at int) bool {
	if e.number {
		t := p.tokens[at]
		return t.counts && t.number >= e.low && t.number <= e.high
	}
	for _, id := range p.ids[at] {
		if e.ids[id] {
			return true
		}
	}
	return false
}

// veiled reports whether a word of the match is denied, or only supposed where that does not count, by a word outside the
// match. A denial inside is part of the phrase: "did not return".
func (p *page) veiled(spans found, supposedCounts bool) bool {
	for _, span := range spans {
		for i := span[0]; i <= span[1]; i++ {
			t := p.tokens[i]
			if t.denied >= 0 && !spans.cover(t.denied) || !supposedCounts && t.supposed >= 0 && !spans.cover(t.supposed) {
				return true
			}
		}
	}
	return false
}

func (f found) cover(at int) bool {
	return slices.ContainsFunc(f, func(span [2]int) bool { return at >= span[0] && at <= span[1] })
}
