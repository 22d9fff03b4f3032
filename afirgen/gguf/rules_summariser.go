package gguf

import (
	"context"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/prompt"
)

// MaxSentences bounds a summary.
const MaxSentences = 2

// summary picks at most two sentences of the complaint, as they stand and in their order.
func (e *Rules) summary(ctx context.Context, asked prompt.Prompt, maxTokens int) (string, Finish, error) {
	scored, err := e.score(ctx, e.sentences(asked.Text))
	if err != nil {
		return "", "", err
	}
	e.heed(scored, asked.Notes)
	text, finish := pick(scored, MaxSentences, maxTokens)
	return text, finish, nil
}

// enough is the share of the best score below which a sentence is worse than none.
const enough = 0.25

// pick takes the best sentence that fits, then the best of the rest that fits and says something else, up to most. When
// nothing that is worth it fits, it cuts the best.
func pick(scored []sentence, most, budget int) (string, Finish) {
	if len(scored) == 0 {
		return "", FinishStop
	}
	best := slices.MaxFunc(scored, byScore)
	var picked []sentence
	for left := budget; len(picked) < most; {
		next, found := bestThatFits(scored, picked, left, enough*best.score)
		if !found {
			break
		}
		picked = append(picked, next)
		left -= next.tokens
	}
	if len(picked) == 0 {
		text, _ := firstTokens(best.text, budget)
		return text, FinishLength
	}
	slices.SortFunc(picked, func(a, b sentence) int { return a.index - b.index })
	texts := make([]string, len(picked))
	for i, s := range picked {
		texts[i] = s.text
	}
	return strings.Join(texts, " "), FinishStop
}

// bestThatFits looks beyond what is picked and discounts what says the same.
func bestThatFits(scored, picked []sentence, budget int, floor float64) (best sentence, found bool) {
	for _, s := range scored {
		if s.tokens > budget || slices.ContainsFunc(picked, func(p sentence) bool { return p.index == s.index }) {
			continue
		}
		for _, p := range picked {
			s.score *= 1 - overlap(s.terms, p.terms)
		}
		if s.score >= floor && (!found || s.score > best.score) {
			best, found = s, true
		}
	}
	return best, found
}

// byScore prefers the earlier of equals, because slices.MaxFunc keeps the first.
func byScore(a, b sentence) int {
	switch {
	case a.score < b.score:
		return -1
	case a.score > b.score:
		return 1
	}
	return 0
}
