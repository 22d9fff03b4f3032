package gguf

import (
	"context"
	"slices"
	"strings"
)

// Rules is the engine for machines without weights: an extractive summariser. It scores the sentences of the prompt and
// returns the best one or two, as they stand and in their order.
type Rules struct {
	splitter
	stopWords, cues map[string]bool
	formulas        []string
}

// NewRules makes the engine.
func NewRules() *Rules {
	return &Rules{
		splitter: newSplitter(), stopWords: setOf(stopWordList), cues: setOf(cueList),
		formulas: strings.Split(formulaList, "|"),
	}
}

// Name implements Engine.
func (*Rules) Name() string { return "rules" }

// MaxSentences bounds a summary.
const MaxSentences = 2

// Infer implements Engine. When even the best sentence has more than MaxTokens tokens, it is cut after that many.
func (e *Rules) Infer(ctx context.Context, req Prompt) (Completion, error) {
	scored, err := e.score(ctx, e.sentences(req.Text))
	if err != nil {
		return Completion{}, err
	}
	text, finish := e.pick(scored, req.MaxTokens)
	if cut := beforeStop(text, req.Stop); cut < len(text) {
		text, finish = strings.TrimSpace(text[:cut]), FinishStop
	}
	usage := Usage{PromptTokens: CountTokens(req.Text), CompletionTokens: CountTokens(text), Tokenizer: TokenizerName}
	usage.TotalTokens = usage.PromptTokens + usage.CompletionTokens
	return Completion{text, finish, usage}, nil
}

func beforeStop(text string, stops []string) int {
	cut := len(text)
	for _, stop := range stops {
		if i := strings.Index(text, stop); i >= 0 {
			cut = min(cut, i)
		}
	}
	return cut
}

// enough is the share of the best score below which a sentence is worse than none.
const enough = 0.25

// pick takes the best sentence that fits, then the best of the rest that fits and says something else. When nothing
// that is worth it fits, it cuts the best.
func (e *Rules) pick(scored []sentence, budget int) (string, Finish) {
	if len(scored) == 0 {
		return "", FinishStop
	}
	best := slices.MaxFunc(scored, byScore)
	var picked []sentence
	for left := budget; len(picked) < MaxSentences; {
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
