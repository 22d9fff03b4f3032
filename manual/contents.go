package manual

import (
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// rest is the section of pages that docs/README.md does not lead to: those beside the code that only some page names.
const rest = "Beside the code"

// arrange reads the list of contents from docs/README.md: each heading of the second level is a section, and each page
// that a list below it links to an entry. An entry that is a folder's README.md brings in what that page leads to
// within its folder.
func (m *Manual) arrange(all map[string]*parsed) {
	start := all[first]
	placed := map[*Page]bool{start.page: true}
	for n := start.tree.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			m.Sections = append(m.Sections, Section{Title: start.words(h)})
			continue
		}
		if len(m.Sections) == 0 || n.Kind() != ast.KindList {
			continue
		}
		for _, e := range start.entries(n, all) {
			m.place(e, placed)
			folder := all[e.Page.Path]
			if path.Base(e.Page.Path) != "README.md" || !strings.HasPrefix(e.Page.Path, "docs/") {
				continue
			}
			for _, inner := range folder.entries(folder.tree, all) {
				if path.Dir(inner.Page.Path) == path.Dir(e.Page.Path) {
					m.place(Entry{inner.Page.Title, inner.Page}, placed)
				}
			}
		}
	}
	m.placeRest(all, placed)
}

// entries are the pages that a part of a page links to. Where a link opens an item of a list its words are the label,
// else the title of the page is.
func (p *parsed) entries(part ast.Node, all map[string]*parsed) (entries []Entry) {
	byAddress := map[string]*parsed{}
	for _, other := range all {
		byAddress[relative(p.page.Address, other.page.Address)] = other
	}
	for n := range nodes(part) {
		link, ok := n.(*ast.Link)
		if !ok {
			continue
		}
		way, _, _ := strings.Cut(string(link.Destination), "#")
		if target := byAddress[way]; target != nil {
			label := target.page.Title
			if link.PreviousSibling() == nil {
				label = p.words(link)
			}
			entries = append(entries, Entry{label, target.page})
		}
	}
	return entries
}

// place puts an entry into the last section, where its page is in none yet.
func (m *Manual) place(e Entry, placed map[*Page]bool) {
	if placed[e.Page] {
		return
	}
	placed[e.Page] = true
	last := &m.Sections[len(m.Sections)-1]
	last.Entries = append(last.Entries, e)
	e.Page.section = last.Title
}

// placeRest puts up what is in no section yet, and says so of pages of docs.
func (m *Manual) placeRest(all map[string]*parsed, placed map[*Page]bool) {
	var left []string
	for name, p := range all {
		if !placed[p.page] {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return
	}
	slices.Sort(left)
	m.Sections = append(m.Sections, Section{Title: rest})
	for _, name := range left {
		if strings.HasPrefix(name, "docs/") {
			m.problem(all[name], "is a page that %s does not lead to; add it there, below a heading", first)
		}
		m.place(Entry{all[name].page.Title, all[name].page}, placed)
	}
}

// order ties each page to the one before and after it.
func (m *Manual) order() {
	before := m.root
	for _, s := range m.Sections {
		for _, e := range s.Entries {
			before.next, e.Page.previous = e.Page, before
			before = e.Page
		}
	}
}
