package kb

import (
	"fmt"
	"strings"
	"testing"
)

// spell writes the plainest text that a phrase matches: first choices, no gaps.
func (r *phraseReader) spell(p *phrase) string {
	var words []string
	for word := range strings.FieldsSeq(p.text) {
		first, _, _ := strings.Cut(word, "|")
		switch {
		case word == ".." || word == "&":
			continue
		case strings.HasPrefix(first, "$"):
			first = r.sets[first[1:]][p.script][0]
		case strings.HasPrefix(first, "#"):
			first, _, _ = strings.Cut(strings.TrimSuffix(first[1:], "+"), "-")
		}
		words = append(words, strings.TrimPrefix(first, "="))
	}
	text := strings.Join(words, " ")
	if p.script == Romanised {
		text += " hai. Mera naam mein ki hai"
	}
	return text + ". "
}

func TestEveryPhraseIsFoundInItsOwnText(t *testing.T) {
	l := &loader{files: Files(), language: newLanguage(), concepts: map[string]*concept{}}
	l.phrases = &phraseReader{l.language, map[string]map[Script][]string{}, map[term]int32{}}
	if err := l.readSets(); err != nil {
		t.Fatal(err)
	}
	b := builtinBase(t)
	total := 0
	for i, c := range b.concepts {
		for _, p := range c.phrases {
			total++
			text := l.phrases.spell(p)
			var found bool
			for _, e := range b.evidence(b.newPage(text))[i] {
				found = found || e.Phrase == p.text && e.Script == p.script
			}
			if !found {
				t.Errorf("%s:%d: concept %s: the %s phrase %q is not found in %q", c.at.file, c.at.line, c.id, p.script, p.text, text)
			}
		}
	}
	t.Logf("%d phrases of %d concepts", total, len(b.concepts))
}

// Each offence in force has to be reachable in each of the three ways of writing, else its words are of no use.
func TestEverySectionIsReachedFromItsOwnWords(t *testing.T) {
	l := &loader{files: Files(), language: newLanguage(), concepts: map[string]*concept{}}
	l.phrases = &phraseReader{l.language, map[string]map[Script][]string{}, map[term]int32{}}
	if err := l.readSets(); err != nil {
		t.Fatal(err)
	}
	b := builtinBase(t)
	for _, s := range b.Sections() {
		if !s.InForce() {
			continue
		}
		for _, script := range [...]Script{English, Devanagari, Romanised} {
			if tried, ok := b.reach(l.phrases, s, script); !ok {
				t.Errorf("section %s is not complete in %s for any of: %s", s.Number, script, tried)
			}
		}
	}
}

// reach tries the phrases of the first need with the first phrase of the others.
func (b *Base) reach(r *phraseReader, s *Section, script Script) (tried string, ok bool) {
	rest := ""
	for _, need := range s.needs[1:] {
		rest += r.spell(firstOf(need[0], script))
	}
	for _, p := range s.needs[0][0].phrases {
		if p.script != script {
			continue
		}
		text := r.spell(p) + rest
		for _, h := range b.Search(Query{Text: text, Limit: len(b.sections)}).Hits {
			if h.Section == s && h.Complete {
				return "", true
			}
		}
		tried += fmt.Sprintf("\n\t%s", text)
	}
	return tried, false
}

func firstOf(c *concept, script Script) *phrase {
	for _, p := range c.phrases {
		if p.script == script {
			return p
		}
	}
	return nil // the loader has refused such a concept
}

func TestATitleFindsItsSection(t *testing.T) {
	b := builtinBase(t)
	missed, tried := 0, 0
	for _, s := range b.Sections() {
		if !s.InForce() || s.Kind == Definition {
			continue
		}
		for _, title := range [...]string{s.Title, s.TitleHi} {
			tried++
			if !b.among(title, s, 5) {
				missed++
				t.Logf("section %s is not among the first five for its title %q", s.Number, title)
			}
		}
	}
	t.Logf("%d of %d titles lead to their section", tried-missed, tried)
	if 10*missed > tried {
		t.Errorf("%d of %d titles don't lead to their section: a tenth is the most", missed, tried)
	}
}

func (b *Base) among(text string, s *Section, n int) bool {
	for _, h := range b.Search(Query{Text: text, Limit: n}).Hits {
		if h.Section == s {
			return true
		}
	}
	return false
}
