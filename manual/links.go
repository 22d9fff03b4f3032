package manual

import (
	"net/url"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Attributes by which followLinks tells the renderer what a link is.
const (
	attrOutside = "outside" // it leads to another host
	attrPath    = "path"    // of a file of the repository that the manual does not hold
)

// followLinks sends the links of a page to where their targets stand in the manual, and notes those that lead nowhere.
// A file of the repository that is no page, such as a Go file, is not in the program: its path is shown in place of a
// link, which would work for those with internet alone.
func (m *Manual) followLinks(p *parsed, all map[string]*parsed) {
	for n := range nodes(p.tree) {
		switch n := n.(type) {
		case *ast.Link:
			m.followLink(p, n, all)
		case *ast.Image:
			m.followImage(p, n)
		case *ast.RawHTML, *ast.HTMLBlock:
			m.problem(p, "has HTML, which the manual does not show; write it as Markdown or as code")
		}
	}
}

func (m *Manual) followLink(p *parsed, link *ast.Link, all map[string]*parsed) {
	to, err := url.Parse(string(link.Destination))
	if err != nil {
		m.problem(p, "has a link that is none: %v", err)
		return
	}
	if to.Scheme != "" || to.Host != "" {
		link.SetAttributeString(attrOutside, true)
		return
	}
	target := p
	if to.Path != "" {
		name := path.Join(path.Dir(p.page.Path), to.Path)
		if target = firstOf(all, name, path.Join(name, "README.md")); target == nil {
			if strings.HasSuffix(name, ".md") && strings.HasPrefix(p.page.Path, "docs/") {
				m.missing = append(m.missing, name)
				m.problem(p, "links to %s, which is not in the manual; mend the link, or copy the page: go test ./manual -run TestCopiesAreFresh -rewrite", name)
			}
			link.SetAttributeString(attrPath, name)
			return
		}
	}
	if to.Fragment != "" && !target.ids[to.Fragment] {
		m.problem(p, "links to %s, and %s has no such heading", link.Destination, target.page.Path)
	}
	way := ""
	if target != p {
		way = relative(p.page.Address, target.page.Address)
	}
	if to.Fragment != "" {
		way += "#" + to.Fragment
	}
	link.Destination = []byte(way)
}

func firstOf(all map[string]*parsed, names ...string) *parsed {
	for _, name := range names {
		if p := all[name]; p != nil {
			return p
		}
	}
	return nil
}

func (m *Manual) followImage(p *parsed, image *ast.Image) {
	name := path.Join(path.Dir(p.page.Path), string(image.Destination))
	picture, ok := m.pictures[name]
	if !ok {
		m.problem(p, "shows the picture %s, which is not in the manual; pictures are PNG files in docs/images", image.Destination)
		return
	}
	image.Destination = []byte(relative(p.page.Address, addressOf(name)))
	if width, height, ok := sizeOfPNG(picture); ok { // so that nothing moves when it has loaded
		image.SetAttributeString("width", []byte(width))
		image.SetAttributeString("height", []byte(height))
	}
	image.SetAttributeString("loading", []byte("lazy"))
}
