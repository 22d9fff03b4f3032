package filter

import "strings"

// And holds where all its terms do. Conditions that stand side by side are joined by it too.
type And struct {
	Span
	Terms []Term // two or more; the parser leaves no And among them
}

// and joins two terms, taking in the terms of those that are Ands already.
func and(a, b Term) Term {
	return &And{a.span().to(b.span()), append(factors(a), factors(b)...)}
}

func factors(t Term) []Term {
	if a, ok := t.(*And); ok {
		return a.Terms
	}
	return []Term{t}
}

func (a *And) print(b *strings.Builder) {
	for i, t := range a.Terms {
		if i > 0 {
			b.WriteString(" AND ")
		}
		if inner, ok := t.(*And); ok {
			inner.print(b)
			continue
		}
		printBracketed(b, t)
	}
}

// printBracketed brackets ANDs and ORs within each other, so that nobody has to know which binds tighter.
func printBracketed(b *strings.Builder, t Term) {
	switch t.(type) {
	case *And, *Or:
		b.WriteByte('(')
		t.print(b)
		b.WriteByte(')')
	default:
		t.print(b)
	}
}

func (a *And) check(s Scope) error { return checkAll(a.Span, a.Terms, s) }

func checkAll(at Span, terms []Term, s Scope) error {
	if len(terms) < 2 {
		return wrong(at, "", "AND and OR join two conditions or more, here are %d", len(terms))
	}
	for _, t := range terms {
		if err := checkTerm(t, at, s); err != nil {
			return err
		}
	}
	return nil
}

func (a *And) match(v view) bool {
	for _, t := range a.Terms {
		if !t.match(v) {
			return false
		}
	}
	return true
}

func (a *And) needs(n *Needs, s Scope) {
	for _, t := range a.Terms {
		t.needs(n, s)
	}
}

func (a *And) plan(p *planner, not bool) (Term, error) {
	if not {
		return p.any(a.Terms, not)
	}
	return p.all(a.Terms, not)
}
