package filter

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// Matcher is an expression made ready: the expressions of groups stand in their places, and it is simplified. It is
// safe for many goroutines.
type Matcher struct{ root Term }

// Matcher makes the expression ready, with the expressions that groups have now. groups may be nil where there are
// none, such as on agents; then an expression that names one is an error. The error is an *Error.
func (e *Expr) Matcher(groups Groups) (*Matcher, error) {
	p := &planner{groups: groups}
	root, err := e.Root().plan(p, false)
	if err != nil {
		return nil, err
	}
	return &Matcher{root}, nil
}

// Match says whether the trace matches. It reads no more of the rows than Needs says, changes nothing and allocates
// nothing.
func (m *Matcher) Match(r *roentgen.Rows) bool { return m.root.match(view{rows: r}) }

// Root is the tree for those who evaluate it elsewhere. In it
//   - there is no Group;
//   - an Always is the whole tree or is not there;
//   - And and Or hold no term of their own kind;
//   - a Not holds a Has, Compare, Service, Edge, RootCause or RootCauseJSON, in bodies too;
//   - booleans are a Has: error = false is a Not of a Has;
//   - a RootCauseJSON has OpEqual.
//
// Every term of an And at the root is necessary for a match, so an index may begin with any of them. The tree is not
// to be changed.
func (m *Matcher) Root() Term { return m.root }

// Conditions are the matchers of the terms of the AND at the root, and m alone
// where there is none: m matches what all of them match.
func (m *Matcher) Conditions() []*Matcher {
	and, ok := m.root.(*And)
	if !ok {
		return []*Matcher{m}
	}
	out := make([]*Matcher, len(and.Terms))
	for i, t := range and.Terms {
		out[i] = &Matcher{t}
	}
	return out
}

// Needs says what Match reads. Groups is empty.
func (m *Matcher) Needs() Needs { return needsOf(m.root) }

// String returns the tree in normal form; it is empty where every trace matches. Where none does it is "(nothing)",
// which is no expression.
func (m *Matcher) String() string {
	if always, ok := m.root.(*Always); ok && !always.Value {
		return "(nothing)"
	}
	var b strings.Builder
	m.root.print(&b)
	return b.String()
}
