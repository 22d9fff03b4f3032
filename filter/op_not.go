package filter

import "strings"

// Not holds where its term does not. NOT as a word is our addition to X-Ray's "!".
type Not struct {
	Span
	Term Term
}

func (n *Not) print(b *strings.Builder) {
	b.WriteByte('!')
	switch n.Term.(type) {
	case *Compare, *Group, *RootCauseJSON: // !a = 1 reads as (!a) = 1, and is not
		b.WriteByte('(')
		n.Term.print(b)
		b.WriteByte(')')
	default:
		printBracketed(b, n.Term)
	}
}

func (n *Not) check(s Scope) error { return checkTerm(n.Term, n.Span, s) }

func (n *Not) match(v view) bool { return !n.Term.match(v) }

func (n *Not) needs(needs *Needs, s Scope) { n.Term.needs(needs, s) }

func (n *Not) plan(p *planner, not bool) (Term, error) { return n.Term.plan(p, !not) }
