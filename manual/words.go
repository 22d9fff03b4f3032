package manual

import (
	"iter"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// nodes walks a tree, parents first.
func nodes(tree ast.Node) iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if entering && !yield(n) {
				return ast.WalkStop, nil
			}
			return ast.WalkContinue, nil
		})
	}
}

// words is what a reader sees of a node, in one line.
func (p *parsed) words(tree ast.Node) string {
	var b strings.Builder
	for n := range nodes(tree) {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(p.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(p.source))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			lines := n.Lines()
			for i := range lines.Len() {
				at := lines.At(i)
				b.Write(at.Value(p.source))
			}
		}
		if n.Type() == ast.TypeBlock && b.Len() > 0 {
			b.WriteByte(' ') // the words of two blocks do not touch
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// slug makes an id of a heading as GitHub does: small letters, digits, - and _; a dash for each space; the rest goes.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
