package kb

import (
	"slices"
	"strings"
)

func (l *loader) readSpecial() error {
	blocks, err := readBlocks(l.files, "data/special.txt")
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.word != "act" {
			return b.at.errorf("a block %q stands among special laws: write act", b.word)
		}
		if err := l.addSpecial(b); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addSpecial(b block) error {
	r := read(b)
	a := &SpecialAct{ID: b.name, Title: r.one("title").value, TitleHi: r.one("title-hi").value, at: b.at}
	if !isID.MatchString(b.name) || slices.ContainsFunc(l.special, func(o *SpecialAct) bool { return o.ID == a.ID }) {
		r.fail(b.at.errorf("the special law %q is given twice, or its name is not of small letters and hyphens", b.name))
	}
	numbers := r.one("numbers")
	a.Sections = strings.Split(numbers.value, ", ")
	for _, n := range a.Sections {
		if !isActNumber.MatchString(n) {
			r.fail(numbers.at.errorf("%q is no number of a section: write 66, 66C", n))
		}
	}
	a.Confidence = Confidence(r.oneOf("confidence", "high", "medium", "low"))
	a.Sources = l.sourcesOf(r)
	if a.needs = l.ingredients(r, "need"); len(a.needs) == 0 {
		r.fail(b.at.errorf("the special law %s has no need", a.ID))
	}
	l.special = append(l.special, a)
	return r.done()
}
