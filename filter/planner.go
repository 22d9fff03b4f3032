package filter

import "fmt"

// planner makes one Matcher. It lives as long as one call.
type planner struct {
	groups Groups
	open   []*Group // references that are being followed, the outermost first
	leaves int
}

// What groups may make of one expression. Thirty groups that each name the one before twice are a thousand million
// conditions.
const (
	maxLeaves     = 4096
	maxGroupDepth = 64
)

// Groups finds the current expression of a group by its name or its ARN; false when there is no such group. The group
// named Default, which has all traces, is not asked for by name.
type Groups func(by GroupField, value string) (*Expr, bool)

// leaf returns a condition, or its contrary.
func (p *planner) leaf(t Term, not bool) (Term, error) {
	if err := p.count(t); err != nil {
		return nil, err
	}
	if not {
		return &Not{t.span(), t}, nil
	}
	return t, nil
}

func (p *planner) count(t Term) error {
	if p.leaves++; p.leaves > maxLeaves {
		return wrong(p.outermost(t).span(), "make the groups simpler", "with its groups the expression has more than %d conditions", maxLeaves)
	}
	return nil
}

// outermost is what of the expression itself the term comes from.
func (p *planner) outermost(t Term) Term {
	if len(p.open) > 0 {
		return p.open[0]
	}
	return t
}

// body plans what stands in braces, if something does.
func (p *planner) body(t Term) (Term, error) {
	if t == nil {
		return nil, nil
	}
	return t.plan(p, false)
}

// all joins terms, or their contraries, by AND. What is always true falls away; what is never true is all there is.
func (p *planner) all(terms []Term, not bool) (Term, error) {
	kept, never, err := p.list(terms, not, false, factors)
	switch {
	case err != nil:
		return nil, err
	case never:
		return &Always{}, nil
	case len(kept) == 0:
		return &Always{Value: true}, nil
	case len(kept) == 1:
		return kept[0], nil
	}
	return &And{ends(kept), kept}, nil
}

// any joins terms, or their contraries, by OR. What is never true falls away; what is always true is all there is.
func (p *planner) any(terms []Term, not bool) (Term, error) {
	kept, always, err := p.list(terms, not, true, summands)
	switch {
	case err != nil:
		return nil, err
	case always:
		return &Always{Value: true}, nil
	case len(kept) == 0:
		return &Always{}, nil
	case len(kept) == 1:
		return kept[0], nil
	}
	return &Or{ends(kept), kept}, nil
}

// list plans terms. An Always of the value decides the whole; one of the other value falls away.
func (p *planner) list(terms []Term, not, value bool, open func(Term) []Term) (kept []Term, decided bool, err error) {
	for _, t := range terms {
		planned, err := t.plan(p, not)
		if err != nil {
			return nil, false, err
		}
		if always, ok := planned.(*Always); ok {
			decided = decided || always.Value == value
			continue
		}
		kept = append(kept, open(planned)...)
	}
	return kept, decided, nil
}

func ends(terms []Term) Span { return terms[0].span().to(terms[len(terms)-1].span()) }

// group returns what the group's expression is planned to, or its contrary.
func (p *planner) group(g *Group, not bool) (Term, error) {
	if g.Field == GroupName && g.Value == defaultGroup {
		return (&Always{g.Span, true}).plan(p, not)
	}
	at := p.outermost(g).span()
	if p.groups == nil {
		return nil, wrong(at, "write the group's own conditions", "groups are not known here, so not %s either", quote(g.Value))
	}
	if cycle := p.follows(g); cycle != "" {
		return nil, wrong(at, "change the expression of one of them", "the group refers to itself: %s", cycle)
	}
	if len(p.open) >= maxGroupDepth {
		return nil, wrong(at, "name the groups at the end of the chain", "groups refer to groups more than %d deep", maxGroupDepth)
	}
	e, ok := p.groups(g.Field, g.Value)
	if !ok || e == nil {
		return (&Always{g.Span, false}).plan(p, not)
	}
	p.open = append(p.open, g)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	return e.Root().plan(p, not)
}

// follows returns the way back to the group, if it is being followed already.
func (p *planner) follows(g *Group) string {
	way := ""
	for _, open := range p.open {
		if way != "" || open.Field == g.Field && open.Value == g.Value {
			way += fmt.Sprintf("%s, ", quote(open.Value))
		}
	}
	if way == "" {
		return ""
	}
	return way + quote(g.Value)
}
