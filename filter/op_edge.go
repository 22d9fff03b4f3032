package filter

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// Edge holds where a node that Source chooses called one that Destination chooses, without another between them; with
// a Body, where one such call satisfies all of it.
type Edge struct {
	Span
	Source, Destination Selector
	Body                Term // nil: none
}

func (e *Edge) print(b *strings.Builder) {
	b.WriteString("edge(")
	if !e.Source.any() || !e.Destination.any() {
		e.Source.print(b)
		b.WriteString(", ")
		e.Destination.print(b)
	}
	b.WriteByte(')')
	printBody(b, e.Body)
}

func (e *Edge) check(scope Scope) error {
	if scope != ScopeTrace {
		return nested(e.Span, "edge()", scope)
	}
	return checkBody(e.Body, e.Span, ScopeEdge)
}

// chooses says whether the edge is one between nodes that are chosen.
func (e *Edge) chooses(row roentgen.EdgeRow, account string) bool {
	return e.Source.Match(row.Source, account) && e.Destination.Match(row.Destination, account)
}

func (e *Edge) match(v view) bool {
	if e.Body == nil {
		for _, row := range v.rows.Edges {
			if e.chooses(row, v.rows.Account) {
				return true
			}
		}
		return false
	}
	for i := range v.rows.Calls {
		row := &v.rows.Calls[i]
		if e.chooses(row.EdgeRow, v.rows.Account) && e.Body.match(v.atCall(row)) {
			return true
		}
	}
	return false
}

func (e *Edge) needs(n *Needs, _ Scope) {
	if e.Body == nil {
		n.Edges = true
		return
	}
	n.Calls = true
	e.Body.needs(n, ScopeEdge)
}

func (e *Edge) plan(p *planner, not bool) (Term, error) {
	body, err := p.body(e.Body)
	if err != nil {
		return nil, err
	}
	return p.leaf(&Edge{e.Span, e.Source, e.Destination, body}, not)
}

// edge reads edge() or edge(selector, selector), with or without a body. Either selector may be left out.
func (p *parser) edge() (Term, error) {
	at := p.tok.Span
	if err := p.advance(); err != nil {
		return nil, err
	}
	e := &Edge{}
	if err := p.edgeSelectors(e); err != nil {
		return nil, err
	}
	body, err := p.optionalBody(ScopeEdge)
	e.Body = body
	e.Span = Span{at.From, p.last}
	return e, err
}

func (p *parser) edgeSelectors(e *Edge) (err error) {
	if err := p.expect("(", "edge"); err != nil {
		return err
	}
	if e.Source, err = p.selector(); err != nil {
		return err
	}
	if p.tok.is(")") && e.Source.any() {
		return p.advance()
	}
	if !p.tok.is(",") {
		return wrong(p.tok.Span, `write edge("a", "b")`, "expected a comma and the node that is called, found %s", p.tok)
	}
	if err := p.advance(); err != nil {
		return err
	}
	if e.Destination, err = p.selector(); err != nil {
		return err
	}
	return p.expect(")", "the two nodes")
}
