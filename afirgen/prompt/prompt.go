// Package prompt writes what the three models are asked, and reads it back.
//
// Whoever speaks to a model must not be able to give it orders by what a complaint says. So every line that a person
// wrote stands behind "> ", headings are ours alone, and what a clerk wants heeded has a heading of its own: it is no
// part of what the informant has said. A language model reads the text as it is; the rules engine parses it.
package prompt

import "strings"

// Task is what a model is asked for.
type Task string

// The tasks, and the models that they are for.
const (
	Summary   Task = "summary"   // summariser
	Check     Task = "check"     // bns_check
	Narrative Task = "narrative" // fir_summariser
)

// Prompt is a question to a model.
type Prompt struct {
	Task    Task
	Text    string   // what the informant has said; of a Check, its summary and the passages that matter
	Notes   []string // what a clerk wants heeded
	Section string   // of a Check: as it is cited, BNS 303(2)
	Clause  string   // of a Check: the title and the gist of the section
}

// The headings. None of them can be made by a person's text, whose lines begin with the quote.
const (
	headTask    = "### Task: "
	headText    = "### Complaint"
	headNotes   = "### To be heeded"
	headSection = "### Section: "
	headAnswer  = "### Answer"
	quote       = "> "
)

// instruction is what the model is told.
func (t Task) instruction() string {
	switch t {
	case Summary:
		return "Summarise the complaint in exactly two sentences, in the language of the complaint. Say who did what to whom, where and when. Add nothing that is not said."
	case Check:
		return "Does what the complaint says fulfil the section of law below? Answer with one word, YES or NO."
	case Narrative:
		return "Write the narrative of a First Information Report from the complaint: at most three sentences, in the language of the complaint, in the third person. Add nothing that is not said."
	}
	return ""
}

// String writes the prompt.
func (p Prompt) String() string {
	var b strings.Builder
	b.WriteString(headTask + string(p.Task) + "\n" + p.Task.instruction() + "\n")
	if p.Task == Check {
		b.WriteString(headSection + oneLine(p.Section) + "\n")
		quoted(&b, p.Clause)
	}
	if len(p.Notes) > 0 {
		b.WriteString(headNotes + "\n")
		for _, note := range p.Notes {
			quoted(&b, oneLine(note))
		}
	}
	b.WriteString(headText + "\n")
	quoted(&b, p.Text)
	b.WriteString(headAnswer + "\n")
	return b.String()
}

// quoted leaves line breaks at the end out: read back, an empty line there would be none.
func quoted(b *strings.Builder, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\r\n")) {
		b.WriteString(quote + strings.TrimRight(line, "\r\n") + "\n")
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Parse reads what String has written. It is false for any other text, which a caller of the model server may well send:
// then the whole of it is the complaint.
func Parse(text string) (Prompt, bool) {
	head, rest, _ := strings.Cut(text, "\n")
	task, found := strings.CutPrefix(head, headTask)
	p := Prompt{Task: Task(task)}
	if !found || p.Task.instruction() == "" {
		return Prompt{}, false
	}
	body := &strings.Builder{} // of the part that is being read
	var said, clause strings.Builder
	for line := range strings.SplitSeq(rest, "\n") {
		words, isQuote := strings.CutPrefix(line, quote)
		section, isSection := strings.CutPrefix(line, headSection)
		switch {
		case isQuote && body == nil:
			p.Notes = append(p.Notes, words)
		case isQuote:
			body.WriteString(words + "\n")
		case isSection:
			p.Section, body = section, &clause
		case line == headNotes:
			body = nil
		case line == headText:
			body = &said
		}
	}
	p.Text, p.Clause = strings.TrimSuffix(said.String(), "\n"), strings.TrimSuffix(clause.String(), "\n")
	return p, true
}
