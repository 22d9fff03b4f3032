package verify

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/fir"
)

// shingle is how many words in a row, taken from what a person wrote, are enough to call it a leak.
const shingle = 4

// private knows what people wrote, and finds it. It is safe for concurrent use.
type private struct {
	mu struct {
		sync.Mutex
		runs  map[string]bool // shingle words in a row
		words map[string]bool // that are a leak by themselves
	}
}

func newPrivate() *private {
	p := &private{}
	p.mu.runs, p.mu.words = map[string]bool{}, map[string]bool{}
	return p
}

// add remembers a text; one that is no text, as an image, is left out.
func (p *private) add(_, text string, isText bool) {
	if !isText {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, run := range shingles(text) {
		p.mu.runs[run] = true
	}
}

// word remembers one that is a leak by itself.
func (p *private) word(word string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.words[word] = true
}

// details remembers names, addresses and numbers of the people in a form.
func (p *private) details(c fir.Correction) {
	if c.Complainant != nil {
		for _, text := range []string{c.Complainant.Name, c.Complainant.PresentAddress, c.Complainant.PermanentAddress, c.Complainant.Phone} {
			if text != "" {
				p.word(text)
			}
		}
	}
	if c.Place != nil && c.Place.Address != "" {
		p.word(c.Place.Address)
	}
}

// session remembers what a session shows: transcript, summary, narrative, report.
func (p *private) session(s client.Session) {
	var content any
	if json.Unmarshal(s.Content, &content) != nil {
		return
	}
	for _, key := range []string{"transcript", "summary", "fir_narrative"} {
		if fields, ok := content.(map[string]any); ok {
			if text, ok := fields[key].(string); ok {
				p.add(key, text, true)
			}
		}
	}
}

// leaks lists where something private stands in a document: paths, never the words themselves.
func (p *private) leaks(document any) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.walkLocked(document, "")
}

func (p *private) walkLocked(v any, path string) (found []string) {
	switch v := v.(type) {
	case string:
		if p.isLeakLocked(v) {
			return []string{path}
		}
	case map[string]any:
		for key, value := range v {
			if p.isLeakLocked(key) {
				found = append(found, path+".(a key)")
			}
			found = append(found, p.walkLocked(value, path+"."+key)...)
		}
	case []any:
		for i, value := range v {
			found = append(found, p.walkLocked(value, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return found
}

func (p *private) isLeakLocked(text string) bool {
	for word := range p.mu.words {
		if strings.Contains(text, word) {
			return true
		}
	}
	for _, run := range shingles(text) {
		if p.mu.runs[run] {
			return true
		}
	}
	return false
}

// shingles are all runs of words of a text, in lower case and without punctuation.
func shingles(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" \t\r\n.,;:!?()\"'“”‘’।+", r)
	})
	var runs []string
	for i := 0; i+shingle <= len(words); i++ {
		runs = append(runs, strings.Join(words[i:i+shingle], " "))
	}
	return runs
}
