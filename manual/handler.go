package manual

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/roentgen/roentgen/internal/static"
)

//go:embed assets/manual.css
var styles []byte

//go:embed assets/manual.js
var script []byte

//go:embed assets/icon.svg
var icon []byte

//go:embed assets/page.html
var pageText string

// policy lets a page load and reach this server alone, and nothing frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

// Handler answers GET and HEAD of /docs and everything below it. Mount it at "/docs" and "/docs/". It is open to all,
// like the console's files: it holds nothing that is not in the program.
func Handler() http.Handler {
	return &handler{files: sync.OnceValues(load)}
}

type handler struct {
	files func() (map[string]*static.File, error) // by address below /docs/
}

// load builds the manual that is in the program.
func load() (map[string]*static.File, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	m, err := Build(files)
	if err != nil {
		return nil, err
	}
	return m.files()
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	static.Guard(w.Header(), policy)
	address, below := strings.CutPrefix(r.URL.Path, "/docs/")
	if !below {
		redirect(w, "docs/")
		return
	}
	files, err := h.files()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if f := files[address]; f != nil {
		f.ServeHTTP(w, r)
		return
	}
	if other := usualAddress(address); files[other] != nil {
		redirect(w, relative(address, other))
		return
	}
	http.Error(w, "The documentation has no page "+strconv.Quote(address)+"; it begins at /docs/.", http.StatusNotFound)
}

// usualAddress is that of a page whose file's name somebody typed, or a folder without its slash.
func usualAddress(address string) string {
	if strings.HasSuffix(address, ".md") {
		return addressOf("docs/" + address)
	}
	return address + "/"
}

// redirect is http.Redirect with a relative address, which stays right behind a proxy that adds a path.
func redirect(w http.ResponseWriter, way string) {
	w.Header().Set("Location", way)
	w.WriteHeader(http.StatusMovedPermanently)
}

// view is what the template sees.
type view struct {
	*Page
	Home     string // the way to the console
	Base     string // the way to /docs/
	CSS, JS  string
	Sections []sectionView
	Body     template.HTML
	Section  string
	Previous *linkView
	Next     *linkView
}

type sectionView struct {
	Title string
	Links []linkView
}

type linkView struct {
	Label, Way string
	Here       bool
}

// files makes everything that is served.
func (m *Manual) files() (map[string]*static.File, error) {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the manual's page: %w", err)
	}
	css, js := static.New("text/css; charset=utf-8", styles), static.New("text/javascript; charset=utf-8", script)
	files := map[string]*static.File{
		"manual.css": css, "manual.js": js, "icon.svg": static.New("image/svg+xml", icon),
		"search.json": static.New("application/json", m.searchIndex()),
	}
	for name, picture := range m.pictures {
		files[addressOf(name)] = static.New("image/png", picture)
	}
	for _, p := range m.pages {
		var out bytes.Buffer
		base := relative(p.Address, "")
		v := view{
			Page: p, Home: relative("docs/"+p.Address, ""), Base: base,
			CSS: base + "manual.css?v=" + css.Hash(), JS: base + "manual.js?v=" + js.Hash(),
			Sections: m.contents(p), Section: p.section,
			Body:     template.HTML(p.HTML), // goldmark's, which lets no HTML of the pages through
			Previous: p.linkTo(p.previous), Next: p.linkTo(p.next),
		}
		if err := page.Execute(&out, v); err != nil {
			return nil, fmt.Errorf("write the page of %s: %w", p.Path, err)
		}
		files[p.Address] = static.New("text/html; charset=utf-8", out.Bytes())
	}
	return files, nil
}

// contents is the list of contents, with the ways from a page.
func (m *Manual) contents(from *Page) []sectionView {
	var sections []sectionView
	for _, s := range m.Sections {
		v := sectionView{Title: s.Title}
		for _, e := range s.Entries {
			v.Links = append(v.Links, linkView{e.Label, relative(from.Address, e.Page.Address), e.Page == from})
		}
		sections = append(sections, v)
	}
	return sections
}

func (p *Page) linkTo(other *Page) *linkView {
	if other == nil {
		return nil
	}
	return &linkView{Label: other.Title, Way: relative(p.Address, other.Address)}
}

// Open says whether the section stands open in the list of contents: the current page is in it, or it is short enough.
func (s sectionView) Open() bool {
	const short = 12
	for _, l := range s.Links {
		if l.Here {
			return true
		}
	}
	return len(s.Links) <= short
}

// Outline is the headings that a page lists beside itself.
func (p *Page) Outline() []Heading {
	var outline []Heading
	for _, h := range p.Headings {
		if h.Level <= 3 {
			outline = append(outline, h)
		}
	}
	if len(outline) < 3 {
		return nil
	}
	return outline
}

// File is the page's name, for those who look for it in the repository.
func (p *Page) File() string { return path.Clean(p.Path) }
