package gguf

import (
	"context"
	"unicode"

	"github.com/roentgen/roentgen/afirgen/prompt"
)

// maxNarrative bounds a narrative, in sentences.
const maxNarrative = 3

// The frames of a narrative. The sentences inside are the informant's own, as direct speech: turned into the third
// person by rules they could say another thing than was said.
const (
	frameEnglish = "The informant states: “"
	frameHindi   = "सूचनादाता का कथन है: “"
	frameEnd     = "”"
)

// narrative puts the three sentences of the complaint that tell most, in their order, into a frame of its language.
func (e *Rules) narrative(ctx context.Context, asked prompt.Prompt, maxTokens int) (string, Finish, error) {
	scored, err := e.score(ctx, e.sentences(asked.Text))
	if err != nil {
		return "", "", err
	}
	e.heed(scored, asked.Notes)
	frame := frameEnglish
	if mostlyDevanagari(asked.Text) {
		frame = frameHindi
	}
	budget := maxTokens - CountTokens(frame) - CountTokens(frameEnd)
	if budget < 1 {
		return "", "", invalid("max_tokens is too low: a narrative by rules needs 10 at least")
	}
	text, finish := pick(scored, maxNarrative, budget)
	return frame + text + frameEnd, finish, nil
}

func mostlyDevanagari(text string) bool {
	hindi, other := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Devanagari, r):
			hindi++
		case unicode.IsLetter(r):
			other++
		}
	}
	return hindi > other
}
