// Package manual serves the documentation at /docs: the pages of docs, and those beside the code that they lead to, in
// one design with the console, with a list of contents and a search. Everything is in the program, so that it can be
// read in an office without internet, and says what this very version does.
//
// Pages are rendered, hashed and compressed once, when the first is asked for; nothing changes after that, and no
// goroutine is started. It knows no other room but docs. A link that leads nowhere, or a page that nothing leads to, is
// a Problem, and a test of this package fails on it.
package manual

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/roentgen/roentgen/docs"
)

// outside holds copies of pages that lie beside the code, as embedding cannot reach them there: some belong to other
// modules. TestCopiesAreFresh compares them with the originals.
//
//go:embed outside
var outside embed.FS

// copySuffix ends the names of the copies, so that they are no pages of the repository themselves.
const copySuffix = ".copy"

// Files returns everything that the manual is made of, by its path from the top of the repository.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	take := func(from fs.FS, prefix, suffix string) error {
		return fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(from, name)
			files[path.Join(prefix, strings.TrimSuffix(name, suffix))] = content
			return err
		})
	}
	copies, err := fs.Sub(outside, "outside")
	if err != nil {
		return nil, fmt.Errorf("read the manual: %w", err)
	}
	for _, err := range []error{take(docs.Files, "docs", ""), take(copies, "", copySuffix)} {
		if err != nil {
			return nil, fmt.Errorf("read the manual: %w", err)
		}
	}
	return files, nil
}

// Manual is all pages, rendered.
type Manual struct {
	Sections []Section // the list of contents, as docs/README.md has it
	Problems []string  // links that lead nowhere, pages that nothing leads to, text that is not shown

	pages    map[string]*Page // by path in the repository
	pictures map[string][]byte
	root     *Page
	missing  []string // pages that docs links to and the manual does not hold, by path
}

// Section is a part of the list of contents.
type Section struct {
	Title   string
	Entries []Entry
}

// Entry is a line of it.
type Entry struct {
	Label string
	Page  *Page
}

// Page is one page, rendered.
type Page struct {
	Path     string    // from the top of the repository: docs/agent.md
	Address  string    // below /docs/: agent; "" is the first page, and a folder's own page ends in a slash
	Title    string    // its first heading
	Headings []Heading // below the title
	HTML     string    // what stands in the article
	Parts    []Part    // for the search

	section        string
	previous, next *Page
}

// Heading is one that can be linked to.
type Heading struct {
	Level    int // 2 to 6
	ID, Text string
}

// Part is the text from one heading to the next.
type Part struct {
	ID, Heading string // empty for what stands below the title
	Text        string
}

// first is the page that the others hang on.
const first = "docs/README.md"

// Build renders what Files returns. The error is for what cannot be a manual at all.
func Build(files map[string][]byte) (*Manual, error) {
	m := &Manual{pages: map[string]*Page{}, pictures: map[string][]byte{}}
	for name, content := range files {
		switch path.Ext(name) {
		case ".md":
			m.pages[name] = &Page{Path: name, Address: addressOf(name)}
		case ".png":
			m.pictures[name] = content
		}
	}
	if m.root = m.pages[first]; m.root == nil {
		return nil, fmt.Errorf("build the manual: %s is not there", first)
	}
	if err := m.render(files); err != nil {
		return nil, fmt.Errorf("build the manual: %w", err)
	}
	m.order()
	return m, nil
}

// addressOf says where below /docs/ a file of the repository stands.
func addressOf(name string) string {
	address, ok := strings.CutPrefix(name, "docs/")
	if !ok {
		address = "repository/" + name
	}
	if address, ok = strings.CutSuffix(address, ".md"); ok {
		address = strings.TrimSuffix(address, "README")
	}
	return address
}

// relative writes the way from one address to another, so that the manual works below any path of a proxy.
func relative(from, to string) string {
	up := strings.Repeat("../", strings.Count(from, "/"))
	if up+to == "" {
		return "./"
	}
	return up + to
}
