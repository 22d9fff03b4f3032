package kb

import (
	"regexp"
	"strings"
	"unicode"
)

// isID matches the names of concepts, sets and special laws.
var isID = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// readSets reads the sets, which may stand in any file of data/concepts.
func (l *loader) readSets() error {
	blocks, err := l.folder("data/concepts")
	if err != nil {
		return err
	}
	for _, b := range blocks {
		switch b.word {
		case "set":
			err = l.addSet(b)
		case "concept":
		default:
			err = b.at.errorf("a block %q stands among concepts: write concept or set", b.word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addSet(b block) error {
	if _, known := l.phrases.sets[b.name]; known || !isID.MatchString(b.name) {
		return b.at.errorf("the set %q is given twice, or its name is not of small letters and hyphens", b.name)
	}
	set := map[Script][]string{}
	r := read(b)
	for _, script := range [...]Script{English, Devanagari, Romanised} {
		f := r.one(string(script))
		for word := range strings.SplitSeq(f.value, "|") {
			if err := checkWord(strings.TrimPrefix(word, "="), script); err != nil && f.value != "" {
				return f.at.errorf("%w", err)
			}
			set[script] = append(set[script], word)
		}
	}
	l.phrases.sets[b.name] = set
	return r.done()
}

// readConcepts reads the concepts, after all sets are known.
func (l *loader) readConcepts() error {
	blocks, err := l.folder("data/concepts")
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.word != "concept" {
			continue
		}
		if err := l.addConcept(b); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addConcept(b block) error {
	if _, known := l.concepts[b.name]; known || !isID.MatchString(b.name) {
		return b.at.errorf("the concept %q is given twice, or its name is not of small letters and hyphens", b.name)
	}
	r := read(b)
	c := &concept{id: b.name, at: b.at}
	label := r.one("label")
	c.label, c.labelHi, _ = strings.Cut(label.value, " | ")
	if c.label == "" || !hasDevanagari(c.labelHi) {
		r.fail(label.at.errorf("the label %q is not English and Hindi: write both with a bar between", label.value))
	}
	if _, given := r.optional("threatened"); given {
		r.oneOf("threatened", "counts")
		c.supposed = true
	}
	for _, script := range [...]Script{English, Devanagari, Romanised} {
		l.addPhrases(r, c, script)
	}
	l.concepts[c.id], l.ordered = c, append(l.ordered, c)
	return r.done()
}

// addPhrases reads the lines of one script: phrases with semicolons between.
func (l *loader) addPhrases(r *fieldReader, c *concept, script Script) {
	lines := r.all(string(script))
	if len(lines) == 0 {
		r.fail(r.at.errorf("concept %s has no phrase in %s", c.id, script))
	}
	for _, line := range lines {
		for text := range strings.SplitSeq(line.value, ";") {
			p, err := l.phrases.phrase(strings.TrimSpace(text), script)
			if err != nil {
				r.fail(line.at.errorf("%w", err))
				return
			}
			c.phrases = append(c.phrases, p)
		}
	}
}

func hasDevanagari(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) })
}
