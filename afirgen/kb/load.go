package kb

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

//go:embed data
var builtin embed.FS

// Files returns the data files that the program carries: data/sources.txt, data/special.txt, data/concepts, data/sections.
func Files() fs.FS { return builtin }

// Load reads and validates the data files. The error is a *DataError that says which line of which file is wrong; there is
// no Base that holds a part of them.
func Load(files fs.FS) (*Base, error) {
	l := &loader{files: files, sources: map[string]Source{}, concepts: map[string]*concept{}, used: map[*concept]bool{}}
	l.language = newLanguage()
	l.phrases = &phraseReader{l.language, map[string]map[Script][]string{}, map[term]int32{}}
	for _, step := range [...]func() error{l.readSources, l.readSets, l.readConcepts, l.readSections, l.readSpecial, l.check} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.base(), nil
}

// loader gathers what the files say. Its steps go from what is named to what names it.
type loader struct {
	files    fs.FS
	language *language
	phrases  *phraseReader

	sources  map[string]Source
	concepts map[string]*concept
	ordered  []*concept
	sections []*Section
	special  []*SpecialAct
	used     map[*concept]bool
}

// folder returns the blocks of every .txt file of a folder, in the order of file names.
func (l *loader) folder(name string) ([]block, error) {
	entries, err := fs.ReadDir(l.files, name)
	if err != nil {
		return nil, &DataError{File: name, Err: fmt.Errorf("listing it: %w", err)}
	}
	var blocks []block
	for _, e := range entries {
		if path.Ext(e.Name()) != ".txt" {
			continue
		}
		more, err := readBlocks(l.files, path.Join(name, e.Name()))
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, more...)
	}
	return blocks, nil
}

func (l *loader) readSources() error {
	blocks, err := readBlocks(l.files, "data/sources.txt")
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.word != "source" {
			return b.at.errorf("a block %q stands among sources: write source", b.word)
		}
		r := read(b)
		s := Source{Name: b.name, Kind: r.oneOf("kind", "act", "classification", "translation"), Text: r.one("text").value, at: b.at}
		if err := r.done(); err != nil {
			return err
		}
		if first, known := l.sources[s.Name]; known {
			return b.at.errorf("source %s is given twice: first in line %d", s.Name, first.at.line)
		}
		l.sources[s.Name] = s
	}
	return nil
}

// check holds the parts against each other.
func (l *loader) check() error {
	for _, s := range l.sections {
		for _, number := range s.Includes {
			if !slices.ContainsFunc(l.sections, func(o *Section) bool { return o.Number == number }) {
				return s.at.errorf("section %s includes %s, which there is not", s.Number, number)
			}
		}
	}
	for _, c := range l.ordered {
		if !l.used[c] {
			return c.at.errorf("no section and no special law needs the concept %s", c.id)
		}
	}
	if len(l.sections) == 0 {
		return &DataError{File: "data/sections", Err: fmt.Errorf("it holds no section")}
	}
	return nil
}
