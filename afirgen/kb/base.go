package kb

import (
	"slices"
	"strconv"
	"strings"
)

// Base is the whole of the knowledge, ready to be searched. Nothing in it changes after Load.
type Base struct {
	language *language
	terms    map[term]int32
	concepts []*concept
	sections []*Section
	byNumber map[string]*Section
	special  []*SpecialAct
	starts   map[int32][]start // by the term that can begin a phrase
	counts   []start           // phrases that begin with a number
	lexical  *lexicalIndex
}

// start is a phrase and the concept that it tells.
type start struct {
	concept int // index in Base.concepts
	phrase  *phrase
}

// base turns what was loaded into what is searched.
func (l *loader) base() *Base {
	b := &Base{
		language: l.language, terms: l.phrases.terms, concepts: l.ordered, sections: l.sections, special: l.special,
		byNumber: map[string]*Section{}, starts: map[int32][]start{},
	}
	for _, s := range b.sections {
		b.byNumber[s.Number] = s
		for _, need := range s.needs {
			for _, c := range need {
				c.spread++
			}
		}
	}
	for i, c := range b.concepts {
		for _, p := range c.phrases {
			b.addStart(start{i, p})
		}
	}
	b.lexical = newLexicalIndex(b.language, b.sections)
	return b
}

func (b *Base) addStart(s start) {
	first := s.phrase.sequences[0][0]
	if first.number {
		b.counts = append(b.counts, s)
	}
	for id := range first.ids {
		b.starts[id] = append(b.starts[id], s)
	}
}

// Sections returns all sections in their order, those that are not in force too.
func (b *Base) Sections() []*Section { return slices.Clone(b.sections) }

// Special returns the special laws that are often joined.
func (b *Base) Special() []*SpecialAct { return slices.Clone(b.special) }

// Section returns the section of that number, written as 303(2) or "303(2) proviso".
func (b *Base) Section(number string) (*Section, bool) {
	s, found := b.byNumber[number]
	return s, found
}

// ByOld returns the sections that took the place of a section of the Indian Penal Code: 420, 354A, 506(1). Without a
// subsection, 506 gives those of all.
func (b *Base) ByOld(number string) []*Section {
	var list []*Section
	for _, s := range b.sections {
		if tookThePlaceOf(s.Old, number) {
			list = append(list, s)
		}
	}
	return list
}

func tookThePlaceOf(old, number string) bool {
	for part := range strings.SplitSeq(old, ", ") {
		base, _, _ := strings.Cut(part, "(")
		if part == number || base == number {
			return true
		}
		low, high, isRange := strings.Cut(part, "-")
		if isRange && within(number, low, high) {
			return true
		}
	}
	return false
}

func within(number, low, high string) bool {
	n, err := strconv.Atoi(number)
	from, _ := strconv.Atoi(low) // the loader has seen digits
	to, _ := strconv.Atoi(high)
	return err == nil && n >= from && n <= to
}
