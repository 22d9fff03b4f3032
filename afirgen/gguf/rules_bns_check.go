package gguf

import (
	"context"
	"fmt"
	"strings"

	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/prompt"
)

// verdict answers YES when the knowledge base finds every ingredient of the section in what the complaint says, and NO
// when one is missing or when the section is not in force. A NO says that the words are not there, not that the offence
// was not done. What a clerk wants heeded is no part of the complaint, so it proves nothing.
func (e *Rules) verdict(ctx context.Context, asked prompt.Prompt, maxTokens int) (string, Finish, error) {
	act, number, _ := strings.Cut(strings.TrimSpace(asked.Section), " ")
	switch {
	case asked.Task != prompt.Check || number == "":
		return "", "", invalid("bns_check works by rules here, and they need a prompt that names its section under the heading \"### Section: \"")
	case act != kb.Act:
		return "", "", invalid("bns_check works by rules here, and they know sections of the BNS alone, cited as BNS 303(2)")
	}
	law, err := e.law()
	if err != nil {
		return "", "", fmt.Errorf("checking a section: %w", err)
	}
	section, known := law.Section(strings.TrimSpace(number))
	if !known {
		// A NO would say that the section is not fulfilled, which nobody has looked at.
		return "", "", invalid("the knowledge base has no section of that number: ask a language model, or a person")
	}
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	for _, hit := range law.Search(kb.Query{Text: asked.Text, Limit: len(law.Sections())}).Hits {
		if hit.Section == section && hit.Complete {
			return "YES", FinishStop, nil
		}
	}
	return "NO", FinishStop, nil
}
