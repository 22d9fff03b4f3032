package manual

import (
	"bytes"
	"image/png"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// ourNodes writes what looks different here than in plain Markdown.
type ourNodes struct{}

func (ourNodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, writeHeading)
	r.Register(ast.KindLink, writeLink)
	r.Register(ast.KindFencedCodeBlock, writeCode)
	usual := usualFuncs{}
	extension.NewTableHTMLRenderer().RegisterFuncs(usual)
	r.Register(extast.KindTable, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		return writeTable(usual[extast.KindTable], w, source, n, entering)
	})
}

// usualFuncs gathers what goldmark would have written.
type usualFuncs map[ast.NodeKind]renderer.NodeRendererFunc

func (u usualFuncs) Register(kind ast.NodeKind, f renderer.NodeRendererFunc) { u[kind] = f }

// writeTable puts a table into a box that scrolls, for narrow screens. A table whose head was empty has no head.
func writeTable(usual renderer.NodeRendererFunc, w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(`<div class="scroll">` + "\n")
	}
	if first := n.FirstChild(); first != nil && first.Kind() == extast.KindTableRow {
		// The rows below a head open the body of the table, and the last one closes it.
		if entering {
			w.WriteString("<table>\n<tbody>\n")
		} else {
			w.WriteString("</table>\n</div>\n")
		}
		return ast.WalkContinue, nil
	}
	status, err := usual(w, source, n, entering)
	if !entering {
		w.WriteString("</div>\n")
	}
	return status, err
}

func writeHeading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	tag := "h" + strconv.Itoa(h.Level)
	id, _ := h.AttributeString("id")
	anchor := string(id.([]byte))
	if entering {
		w.WriteString("<" + tag + ` id="` + escape(anchor) + `">`)
		return ast.WalkContinue, nil
	}
	if h.Level > 1 {
		w.WriteString(` <a class="anchor" href="#` + escape(anchor) + `" aria-hidden="true" tabindex="-1">#</a>`)
	}
	w.WriteString("</" + tag + ">\n")
	return ast.WalkContinue, nil
}

func writeLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	link := n.(*ast.Link)
	if path, ok := link.AttributeString(attrPath); ok {
		if entering {
			w.WriteString(`<span class="path" title="` + escape(path.(string)) + ` in the repository">`)
		} else {
			w.WriteString("</span>")
		}
		return ast.WalkContinue, nil
	}
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	w.WriteString(`<a href="`)
	w.Write(util.EscapeHTML(util.URLEscape(link.Destination, true)))
	w.WriteString(`"`)
	if _, ok := link.AttributeString(attrOutside); ok {
		w.WriteString(` class="outside" rel="noopener noreferrer"`)
	}
	w.WriteString(">")
	return ast.WalkContinue, nil
}

// writeCode says above a block what its fence says of it: the file that it is, or that it is what a command prints.
func writeCode(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	code := n.(*ast.FencedCodeBlock)
	info := ""
	if code.Info != nil {
		info = string(code.Info.Segment.Value(source))
	}
	language, _, _ := strings.Cut(info, " ")
	w.WriteString(`<div class="code">`)
	if caption := captionOf(info); caption != "" {
		w.WriteString(`<p class="caption">` + caption + `</p>`)
	}
	w.WriteString(`<pre><code class="language-` + escape(language) + `">`)
	for i := range code.Lines().Len() {
		line := code.Lines().At(i)
		w.Write(util.EscapeHTML(line.Value(source)))
	}
	w.WriteString("</code></pre></div>\n")
	return ast.WalkSkipChildren, nil
}

// captionOf reads the fences of guides; see docs/guides/README.md. It returns HTML.
func captionOf(info string) string {
	if strings.HasPrefix(info, "text output") {
		return "prints"
	}
	for word := range strings.FieldsSeq(info) {
		for _, key := range []string{"file=", "from="} {
			if path, ok := strings.CutPrefix(word, key); ok {
				return "<code>" + escape(path) + "</code>"
			}
		}
	}
	if strings.HasPrefix(info, "sh start") {
		return "goes on running: give it a terminal of its own"
	}
	return ""
}

func escape(s string) string { return string(util.EscapeHTML([]byte(s))) }

// sizeOfPNG reads width and height in pixels.
func sizeOfPNG(picture []byte) (width, height string, ok bool) {
	c, err := png.DecodeConfig(bytes.NewReader(picture))
	return strconv.Itoa(c.Width), strconv.Itoa(c.Height), err == nil
}
