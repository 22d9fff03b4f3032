package verify

import (
	"cmp"
	"fmt"
	"slices"
)

// Trace is a trace as it was read back.
type Trace struct {
	ID        string
	Documents []*Document // segments, and subsegments that came apart from theirs; none that the store made up
	all       []any       // as they stand, the inferred ones too
	nodes     []*node     // every segment and subsegment, parents before children
	byID      map[string]*node
	guessed   map[string]bool // ids of calls for whose callee the store has made a segment up, because none came
}

// node is a segment or subsegment in its place.
type node struct {
	*Document
	parent   *node // nil at the top, and where the parent has not come
	segment  *node // that it belongs to; itself for a segment; nil for a loose subsegment
	children []*node
	trace    *Trace
}

// newTrace puts documents into their places.
func newTrace(id string, texts []string) (*Trace, error) {
	documents, all, err := parse(texts)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", id, err)
	}
	t := &Trace{ID: id, all: all, byID: map[string]*node{}, guessed: map[string]bool{}}
	slices.SortStableFunc(documents, func(a, b *Document) int { return cmp.Compare(a.StartTime, b.StartTime) })
	for _, d := range documents {
		if d.Inferred {
			t.guessed[d.ParentID] = true
			continue
		}
		t.Documents = append(t.Documents, d)
		top := t.enrol(d, nil, nil)
		if d.Type != "subsegment" {
			t.own(top, top)
		}
	}
	t.hang()
	return t, nil
}

func (t *Trace) enrol(d *Document, parent, segment *node) *node {
	n := &node{Document: d, parent: parent, segment: segment, trace: t}
	t.nodes = append(t.nodes, n)
	t.byID[d.ID] = n
	for _, s := range d.Subsegments {
		n.children = append(n.children, t.enrol(s, n, segment))
	}
	return n
}

// own says which segment a node and everything nested in it belong to.
func (t *Trace) own(n, segment *node) {
	n.segment = segment
	for _, c := range n.children {
		t.own(c, segment)
	}
}

// hang puts documents beneath the parents that they name; loose subsegments get their segment so.
func (t *Trace) hang() {
	for _, n := range t.nodes {
		if n.parent != nil || n.ParentID == "" {
			continue
		}
		if parent := t.byID[n.ParentID]; parent != nil && parent != n {
			n.parent = parent
			parent.children = append(parent.children, n)
		}
	}
	for _, n := range t.nodes {
		n.segment = n.owner()
	}
}

// owner is the segment around n. The climb is bounded, for loose subsegments can name each other as parents.
func (n *node) owner() *node {
	up := n
	for range n.trace.nodes {
		if up.segment != nil || up.parent == nil {
			break
		}
		up = up.parent
	}
	return up.segment
}

// segments are those of a service.
func (t *Trace) segments(service string) []*node {
	return t.filter(func(n *node) bool { return n.segment == n && n.Name == service })
}

// named are the subsegments of that name.
func (t *Trace) named(name string) []*node {
	return t.filter(func(n *node) bool { return n.segment != n && n.Name == name })
}

func (t *Trace) filter(keep func(*node) bool) (kept []*node) {
	for _, n := range t.nodes {
		if keep(n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// orphans are the documents that name a parent which is not in the trace.
func (t *Trace) orphans() []*node {
	return t.filter(func(n *node) bool { return n.ParentID != "" && n.parent == nil })
}

// complete reports whether each service has a segment that has ended, each answered call of it the segment of its callee, and nothing
// waits for its parent.
func (t *Trace) complete(services ...string) bool {
	for _, name := range services {
		if !slices.ContainsFunc(t.segments(name), func(n *node) bool { return n.EndTime > 0 && !n.InProgress }) {
			return false
		}
		if slices.ContainsFunc(t.named(name), waitsForCallee) {
			return false
		}
	}
	return len(t.orphans()) == 0
}

// waitsForCallee reports whether n is a call that was answered, and the segment of who answered has not come.
func waitsForCallee(n *node) bool {
	return n.HTTP != nil && n.HTTP.Response.Status > 0 && !slices.ContainsFunc(n.children, func(c *node) bool { return c.segment == c })
}

// exceptions are those of the cause, also where it only names one.
func (n *node) exceptions() []Exception {
	if n.Cause.Ref == "" {
		return n.Cause.Exceptions
	}
	for _, other := range n.trace.nodes {
		for _, e := range other.Cause.Exceptions {
			if e.ID == n.Cause.Ref {
				return []Exception{e}
			}
		}
	}
	return nil
}

// what names a node in a finding.
func (n *node) what() string {
	if n.segment == n {
		return fmt.Sprintf("trace %s, segment %s", n.trace.ID, n.Name)
	}
	if n.segment == nil {
		return fmt.Sprintf("trace %s, subsegment %s", n.trace.ID, n.Name)
	}
	return fmt.Sprintf("trace %s, subsegment %s of %s", n.trace.ID, n.Name, n.segment.Name)
}
