package filter

import "strings"

// Or holds where at least one of its terms does.
type Or struct {
	Span
	Terms []Term // two or more; the parser leaves no Or among them
}

// or joins two terms, taking in the terms of those that are Ors already.
func or(a, b Term) Term {
	return &Or{a.span().to(b.span()), append(summands(a), summands(b)...)}
}

func summands(t Term) []Term {
	if o, ok := t.(*Or); ok {
		return o.Terms
	}
	return []Term{t}
}

func (o *Or) print(b *strings.Builder) {
	for i, t := range o.Terms {
		if i > 0 {
			b.WriteString(" OR ")
		}
		if inner, ok := t.(*Or); ok {
			inner.print(b)
			continue
		}
		printBracketed(b, t)
	}
}

func (o *Or) check(s Scope) error { return checkAll(o.Span, o.Terms, s) }

func (o *Or) match(v view) bool {
	for _, t := range o.Terms {
		if t.match(v) {
			return true
		}
	}
	return false
}

func (o *Or) needs(n *Needs, s Scope) {
	for _, t := range o.Terms {
		t.needs(n, s)
	}
}

func (o *Or) plan(p *planner, not bool) (Term, error) {
	if not {
		return p.all(o.Terms, not)
	}
	return p.any(o.Terms, not)
}
