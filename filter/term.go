package filter

import "strings"

// Term is a node of the tree: *And, *Or, *Not, *Has, *Compare, *Service, *Edge, *RootCause, *RootCauseJSON, *Group or
// *Always, and no other.
type Term interface {
	span() Span
	print(*strings.Builder)
	// check refuses what may not stand in the scope.
	check(Scope) error
	// match decides about the place of a trace that the view shows.
	match(view) bool
	// needs notes what match reads.
	needs(*Needs, Scope)
	// plan returns the term, or its contrary, without groups and in the form that Matcher.Root promises.
	plan(p *planner, not bool) (Term, error)
}

// Span is a range of bytes of the text: From up to, not including, To.
type Span struct{ From, To int }

func (s Span) span() Span { return s }

// to reaches from the begin of s to the end of t.
func (s Span) to(t Span) Span { return Span{s.From, t.To} }

// Always is a condition that does not look at the trace. It is the empty expression, and in a Matcher the whole tree
// where the rest fell away.
type Always struct {
	Span
	Value bool
}

func (a *Always) print(*strings.Builder) {}

func (a *Always) check(s Scope) error {
	if s != ScopeTrace || !a.Value {
		return wrong(a.Span, "", "Always is the empty expression or the outcome of a plan, and cannot be written")
	}
	return nil
}

func (a *Always) match(view) bool { return a.Value }

func (a *Always) needs(*Needs, Scope) {}

func (a *Always) plan(p *planner, not bool) (Term, error) {
	return &Always{Value: a.Value != not}, p.count(a)
}
