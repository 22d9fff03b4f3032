package filter

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// Needs says which parts of Rows an expression reads, so that a store can leave the others where they are. What a
// place needs of its own comes on top of the place: Nodes of Segments, Segments and Nodes of Calls.
type Needs struct {
	// Trace are the fields read of Summary; partial in braces is among them.
	Trace Fields
	// Segment are those read of SegmentRow and its node: name, type, inferred and root are the node's.
	Segment Fields
	// Call are those read of CallRow.
	Call Fields

	Nodes, Edges, Segments, Calls bool
	// Causes says which root causes.
	Causes Causes
	// Groups are the references that Expr.Matcher will follow, in the order of the text.
	Groups []*Group
}

// Fields are keywords, and the keys of annotations in ascending order.
type Fields struct {
	Keywords    Keywords // KeywordAnnotation stands for Annotations
	Annotations []string
}

// Causes is a set of CauseKind.
type Causes uint8

// Has says whether k is in the set.
func (set Causes) Has(k CauseKind) bool { return set&(1<<k) != 0 }

func (set *Causes) add(k CauseKind) { *set |= 1 << k }

// Needs says what the expression reads, apart from its groups.
func (e *Expr) Needs() Needs { return needsOf(e.Root()) }

// SummaryOnly says whether Summary alone is enough.
func (n *Needs) SummaryOnly() bool {
	return !n.Nodes && !n.Edges && !n.Segments && !n.Calls && n.Causes == 0
}

func needsOf(t Term) Needs {
	var n Needs
	t.needs(&n, ScopeTrace)
	n.close()
	return n
}

// close adds the places that others point to.
func (n *Needs) close() {
	n.Segments = n.Segments || n.Segment.Keywords != 0
	n.Nodes = n.Nodes || n.Segments || n.Calls || n.Edges
	for _, f := range []*Fields{&n.Trace, &n.Segment, &n.Call} {
		slices.Sort(f.Annotations)
		f.Annotations = slices.Compact(f.Annotations)
	}
}

// operand notes one field. Those of root causes come with the cause.
func (n *Needs) operand(o Operand, s Scope) {
	switch s {
	case ScopeTrace:
		n.trace(o)
	case ScopeService:
		n.segment(o)
	case ScopeEdge:
		n.call(o)
	}
}

func (n *Needs) trace(o Operand) {
	n.Trace.add(o)
	if o.Keyword == KeywordInferred {
		n.Nodes = true
	}
}

func (n *Needs) segment(o Operand) {
	if o.Keyword == KeywordPartial {
		n.Trace.add(o)
		return
	}
	n.Segment.add(o)
}

// call follows CallRow.anyText and CallRow.annotations: some of what is said of a call stands in segments.
func (n *Needs) call(o Operand) {
	kind, _ := o.Keyword.Kind()
	switch {
	case o.Keyword == KeywordPartial:
		n.Trace.add(o)
	case o.Side != SideNone:
		n.Segment.add(o)
	case kind == roentgen.StringValue && o.Keyword >= KeywordUser && o.Keyword != KeywordAnnotation:
		n.Segment.add(o)
	default:
		n.Call.add(o)
	}
}

func (f *Fields) add(o Operand) {
	f.Keywords.add(o.Keyword)
	if o.Keyword == KeywordAnnotation {
		f.Annotations = append(f.Annotations, o.Key)
	}
}
