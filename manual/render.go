package manual

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// parsed is a page on its way to HTML.
type parsed struct {
	page   *Page
	source []byte
	tree   ast.Node
	ids    map[string]bool // of its headings
}

// newMarkdown is GitHub's Markdown as far as the pages use it. Raw HTML is left out: the pages need none. Cells are
// aligned by an attribute, as the content security policy forbids style.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough, extension.TaskList),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(ourNodes{}, 100))),
	)
}

// render parses every page, follows its links, and writes its HTML.
func (m *Manual) render(files map[string][]byte) error {
	md := newMarkdown()
	all := map[string]*parsed{}
	names := slices.Sorted(maps.Keys(m.pages))
	for _, name := range names {
		p := &parsed{page: m.pages[name], source: files[name], ids: map[string]bool{}}
		p.tree = md.Parser().Parse(text.NewReader(p.source))
		p.nameHeadings()
		p.tidy()
		all[name] = p
	}
	for _, name := range names {
		p := all[name]
		m.followLinks(p, all)
		p.page.Parts = p.parts()
		var out bytes.Buffer
		if err := md.Renderer().Render(&out, p.source, p.tree); err != nil {
			return fmt.Errorf("render %s: %w", name, err)
		}
		p.page.HTML = out.String()
	}
	m.arrange(all)
	return nil
}

// problem notes what is wrong with a page.
func (m *Manual) problem(p *parsed, format string, args ...any) {
	m.Problems = append(m.Problems, p.page.Path+" "+fmt.Sprintf(format, args...))
}

// nameHeadings gives each heading the id that GitHub gives it, so that links work in both places.
func (p *parsed) nameHeadings() {
	for n := range nodes(p.tree) {
		h, ok := n.(*ast.Heading)
		if !ok {
			continue
		}
		words := p.words(h)
		if h.Level == 1 && p.page.Title == "" {
			p.page.Title = words
		}
		id := slug(words)
		for i := 1; p.ids[id]; i++ {
			id = fmt.Sprintf("%s-%d", slug(words), i)
		}
		p.ids[id] = true
		h.SetAttributeString("id", []byte(id))
		if h.Level > 1 {
			p.page.Headings = append(p.page.Headings, Heading{h.Level, id, words})
		}
	}
	if p.page.Title == "" {
		p.page.Title = strings.TrimSuffix(p.page.Address, "/")
	}
}

// tidy takes away what a reader has nothing of: comments, and heads of tables that say nothing, as Markdown has no table
// without one.
func (p *parsed) tidy() {
	var useless []ast.Node
	for n := range nodes(p.tree) {
		isHead := n.Kind() == extast.KindTableHeader
		if isHead && p.words(n) == "" || p.isComment(n) {
			useless = append(useless, n)
		}
	}
	for _, n := range useless {
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

func (p *parsed) isComment(n ast.Node) bool {
	block, ok := n.(*ast.HTMLBlock)
	return ok && block.HTMLBlockType == ast.HTMLBlockType2
}

// parts cuts the text at its headings.
func (p *parsed) parts() []Part {
	parts := []Part{{}}
	for n := p.tree.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			if h.Level > 1 {
				id, _ := h.AttributeString("id")
				parts = append(parts, Part{ID: string(id.([]byte)), Heading: p.words(h)})
			}
			continue
		}
		last := &parts[len(parts)-1]
		last.Text = strings.TrimSpace(last.Text + " " + p.words(n))
	}
	return parts
}
