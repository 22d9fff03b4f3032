package filter

import "strings"

// Service holds where the trace has a node that the Selector chooses; with a Body, where one segment of such a node
// satisfies all of it.
type Service struct {
	Span
	Selector Selector
	Body     Term // nil: none
}

func (s *Service) print(b *strings.Builder) {
	b.WriteString("service(")
	s.Selector.print(b)
	b.WriteByte(')')
	printBody(b, s.Body)
}

func printBody(b *strings.Builder, body Term) {
	if body != nil {
		b.WriteString(" { ")
		body.print(b)
		b.WriteString(" }")
	}
}

func (s *Service) check(scope Scope) error {
	if scope != ScopeTrace {
		return nested(s.Span, "service()", scope)
	}
	return checkBody(s.Body, s.Span, ScopeService)
}

// nested refuses what speaks of the whole trace in braces, which speak of one thing of it.
func nested(at Span, what string, scope Scope) error {
	return wrong(at, "close the braces and join the two with AND", "%s cannot stand %s", what, scope)
}

func checkBody(body Term, at Span, scope Scope) error {
	if body == nil {
		return nil
	}
	return checkTerm(body, at, scope)
}

func (s *Service) match(v view) bool {
	if s.Body == nil {
		for i := range v.rows.Nodes {
			if s.Selector.Match(&v.rows.Nodes[i], v.rows.Account) {
				return true
			}
		}
		return false
	}
	for i := range v.rows.Segments {
		row := &v.rows.Segments[i]
		if s.Selector.Match(row.Node, v.rows.Account) && s.Body.match(v.atSegment(row)) {
			return true
		}
	}
	return false
}

func (s *Service) needs(n *Needs, _ Scope) {
	if s.Body == nil {
		n.Nodes = true
		return
	}
	n.Segments = true
	s.Body.needs(n, ScopeService)
}

func (s *Service) plan(p *planner, not bool) (Term, error) {
	body, err := p.body(s.Body)
	if err != nil {
		return nil, err
	}
	return p.leaf(&Service{s.Span, s.Selector, body}, not)
}

// service reads service, service() or service(selector), with or without a body.
func (p *parser) service() (Term, error) {
	at := p.tok.Span
	if err := p.advance(); err != nil {
		return nil, err
	}
	s := &Service{}
	if p.tok.is("(") {
		if err := p.serviceSelector(s); err != nil {
			return nil, err
		}
	}
	body, err := p.optionalBody(ScopeService)
	s.Body = body
	s.Span = Span{at.From, p.last}
	return s, err
}

func (p *parser) serviceSelector(s *Service) (err error) {
	if err := p.advance(); err != nil {
		return err
	}
	if s.Selector, err = p.selector(); err != nil {
		return err
	}
	if p.tok.is(",") {
		return wrong(p.tok.Span, `two nodes belong to edge("a", "b")`, "service() takes one node")
	}
	return p.expect(")", "the node")
}
