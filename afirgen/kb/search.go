package kb

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Search ranks the sections by what the text tells. It is safe for concurrent use, and takes time in proportion to the
// length of the text.
func (b *Base) Search(q Query) Result {
	p := b.newPage(q.Text)
	t := tally{b, map[*concept][]Evidence{}, b.lexical.scores(b.language, p)}
	for i, evidence := range b.evidence(p) {
		if len(evidence) > 0 {
			t.met[b.concepts[i]] = evidence
		}
	}
	hits := t.hits(q.Occurred)
	markIncluded(hits)
	slices.SortStableFunc(hits, compareHits)
	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	special := t.special()
	return Result{hits[:min(limit, len(hits))], special, notices(q.Occurred, len(special) > 0)}
}

// tally is what one text was found to tell.
type tally struct {
	base    *Base
	met     map[*concept][]Evidence
	lexical lexicalScores
}

// What the parts of a score weigh.
const (
	mayShare     = 0.4  // of an ingredient that is not needed
	lexicalShare = 1.5  // of the words shared
	lexicalFloor = 0.45 // the lexical score from which words alone make a hit, as when a clerk types a title
	knownFloor   = 0.6  // the share of known words that it takes beside
	repeatK      = 0.4  // how soon more evidence for the same ingredient stops counting
)

func (t *tally) hits(occurred time.Time) []Hit {
	var hits []Hit
	for i, s := range t.base.sections {
		if !s.InForce() || t.any(s.unless) {
			continue
		}
		h := t.hit(s, t.lexical.of[i])
		h.Applies = occurred.IsZero() || s.AppliesOn(occurred)
		if t.any(s.needs) || t.lexical.alone(i) {
			hits = append(hits, h)
		}
	}
	return hits
}

func (t *tally) any(list []ingredient) bool {
	return slices.ContainsFunc(list, func(in ingredient) bool { return len(t.ofIngredient(in, true)) > 0 })
}

func (t *tally) hit(s *Section, lexical float64) Hit {
	h := Hit{Section: s, Score: lexicalShare * lexical, Complete: true}
	for _, in := range s.needs {
		met := t.ofIngredient(in, true)
		if len(met) == 0 {
			h.Complete = false
			h.Missing = append(h.Missing, in[0].name())
			continue
		}
		h.Met = append(h.Met, met...)
		h.Score += t.weight(in)
	}
	for _, in := range s.may {
		h.Met = append(h.Met, t.ofIngredient(in, false)...)
		h.Score += mayShare * t.weight(in)
	}
	return h
}

// ofIngredient returns the concepts of the ingredient that the text tells.
func (t *tally) ofIngredient(in ingredient, needed bool) []Met {
	var list []Met
	for _, c := range in {
		if evidence := t.met[c]; len(evidence) > 0 {
			list = append(list, Met{c.name(), needed, evidence})
		}
	}
	return list
}

// weight is the most that a concept of the ingredient gives: more for one that few sections need, and somewhat more for
// one that is told again, as BM25 has it.
func (t *tally) weight(in ingredient) float64 {
	best := 0.0
	for _, c := range in {
		n := float64(len(t.met[c]))
		idf := math.Log(1 + float64(len(t.base.sections))/float64(1+c.spread))
		best = max(best, idf*n*(1+repeatK)/(n+repeatK))
	}
	return best
}

func (c *concept) name() Label { return Label{c.id, c.label, c.labelHi} }

// markIncluded notes for each complete hit which other complete hit includes it.
func markIncluded(hits []Hit) {
	by := map[string]string{}
	for _, h := range hits {
		if !h.Complete {
			continue
		}
		for _, number := range h.Section.Includes {
			by[number] = h.Section.Number
		}
	}
	for i := range hits {
		if hits[i].Complete {
			hits[i].IncludedIn = by[hits[i].Section.Number]
		}
	}
}

// rank puts what an officer needs first: complete offences, complete ones that others include, what is joined or defined,
// and at last what is not complete.
func rank(h Hit) int {
	switch {
	case !h.Complete:
		return 3
	case h.Section.Kind != Offence:
		return 2
	case h.IncludedIn != "":
		return 1
	}
	return 0
}

func compareHits(a, b Hit) int {
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Score, a.Score))
}

func (t *tally) special() []SpecialHit {
	var list []SpecialHit
	for _, a := range t.base.special {
		h := SpecialHit{Act: a}
		complete := true
		for _, in := range a.needs {
			met := t.ofIngredient(in, true)
			h.Met = append(h.Met, met...)
			complete = complete && len(met) > 0
		}
		if complete {
			list = append(list, h)
		}
	}
	return list
}
