package kb

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	isNumber    = regexp.MustCompile(`^[1-9][0-9]{0,2}(\([0-9a-z]{1,2}\)){0,2}( proviso)?$`)
	isOld       = regexp.MustCompile(`^(new|[1-9][0-9]{0,2}[A-Z]?(\([0-9]\))?(-[1-9][0-9]{0,2})?(, [1-9][0-9]{0,2}[A-Z]?)*)$`)
	isActNumber = regexp.MustCompile(`^[1-9][0-9]{0,2}[A-Z]?$`)
)

// lastSection is the last section of the BNS.
const lastSection = 358

func (l *loader) readSections() error {
	blocks, err := l.folder("data/sections")
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.word != "section" {
			return b.at.errorf("a block %q stands among sections: write section", b.word)
		}
		if err := l.addSection(b); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addSection(b block) error {
	r := read(b)
	s := &Section{Number: b.name, at: b.at}
	l.checkNumber(r)
	s.Title = r.one("title").value
	title := r.one("title-hi")
	s.TitleHi = title.value
	if !hasDevanagari(title.value) {
		r.fail(title.at.errorf("the Hindi title %q is not in Devanagari", title.value))
	}
	s.Kind = Kind(r.oneOf("kind", "offence", "joined", "definition"))
	s.Old = r.matching("old", isOld, "new, 379, 336-338 or 443, 445")
	s.Penalty = r.one("punishment").value
	if court, given := r.optional("court"); given {
		s.Court = court.value
	}
	for _, note := range r.all("note") {
		s.Notes = append(s.Notes, note.value)
	}
	l.addClassification(r, s)
	l.addIngredients(r, s)
	l.sections = append(l.sections, s)
	return r.done()
}

// checkNumber holds that numbers rise, so that one is neither given twice nor filed in the wrong place.
func (l *loader) checkNumber(r *fieldReader) {
	if !isNumber.MatchString(r.name) {
		r.fail(r.at.errorf("%q is no number of a section: write 303(2), 61(2)(a) or 303(2) proviso", r.name))
		return
	}
	if leading(r.name) > lastSection {
		r.fail(r.at.errorf("there is no section %s: the BNS ends with %d", r.name, lastSection))
	}
	if len(l.sections) == 0 {
		return
	}
	if last := l.sections[len(l.sections)-1]; compareNumbers(r.name, last.Number) <= 0 {
		r.fail(r.at.errorf("section %s stands after %s: put the sections in order, each once", r.name, last.Number))
	}
}

func leading(number string) int {
	end := strings.IndexFunc(number+"(", func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(number[:end]) // isNumber has seen the digits
	return n
}

// compareNumbers orders 3(5), 49, 61(2)(a), 303(2), 303(2) proviso.
func compareNumbers(a, b string) int {
	if d := leading(a) - leading(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func (l *loader) addClassification(r *fieldReader, s *Section) {
	longest := r.one("longest")
	term, err := parseTerm(longest.value)
	if err != nil {
		r.fail(longest.at.errorf("%w", err))
	}
	s.Longest = term
	s.Cognizable = Answer(r.oneOf("cognizable", "yes", "no", "conditional", "as offence", "none"))
	s.Bailable = Answer(r.oneOf("bailable", "yes", "no", "conditional", "as offence", "none"))
	s.Confidence = Confidence(r.oneOf("confidence", "high", "medium", "low"))
	s.Sources = l.sourcesOf(r)
	s.Effective = r.day("effective")
	if (s.Cognizable == Conditional || s.Bailable == Conditional || !s.InForce()) && len(s.Notes) == 0 {
		r.fail(r.at.errorf("section %s is conditional or not in force, and no note says on what", s.Number))
	}
}

// day reads 2024-07-01, or the words "not in force", which give the zero time.
func (r *fieldReader) day(key string) time.Time {
	f := r.one(key)
	if f.value == "not in force" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, f.value)
	if err != nil {
		r.fail(f.at.errorf("%s is %q: write 2024-07-01 or not in force", key, f.value))
	}
	return day
}

func (r *fieldReader) matching(key string, shape *regexp.Regexp, like string) string {
	f := r.one(key)
	if !shape.MatchString(f.value) {
		r.fail(f.at.errorf("%s is %q: write %s", key, f.value, like))
	}
	return f.value
}

func (l *loader) sourcesOf(r *fieldReader) []Source {
	f := r.one("sources")
	var list []Source
	for name := range strings.FieldsSeq(f.value) {
		s, known := l.sources[name]
		if !known {
			r.fail(f.at.errorf("there is no source %q in data/sources.txt", name))
		}
		list = append(list, s)
	}
	return list
}

// addIngredients reads what has to be told for the section to be suggested.
func (l *loader) addIngredients(r *fieldReader, s *Section) {
	s.needs, s.may, s.unless = l.ingredients(r, "need"), l.ingredients(r, "may"), l.ingredients(r, "unless")
	if s.InForce() != (len(s.needs) > 0) {
		r.fail(r.at.errorf("section %s: a section in force has a need, and one that is not has none", s.Number))
	}
	for _, f := range r.all("includes") {
		s.Includes = append(s.Includes, joinProviso(strings.Fields(f.value))...)
	}
	if slices.Contains(s.Includes, s.Number) {
		r.fail(r.at.errorf("section %s includes itself", s.Number))
	}
}

// joinProviso puts the word proviso back to its section.
func joinProviso(words []string) []string {
	var list []string
	for _, w := range words {
		if w == "proviso" && len(list) > 0 {
			list[len(list)-1] += " proviso"
			continue
		}
		list = append(list, w)
	}
	return list
}

// ingredients reads every line of that key: names of concepts, one of which meets the ingredient.
func (l *loader) ingredients(r *fieldReader, key string) []ingredient {
	var list []ingredient
	for _, f := range r.all(key) {
		var one ingredient
		for id := range strings.FieldsSeq(f.value) {
			c, known := l.concepts[id]
			if !known {
				r.fail(f.at.errorf("there is no concept %q in data/concepts", id))
				return nil
			}
			l.used[c] = true
			one = append(one, c)
		}
		list = append(list, one)
	}
	return list
}
