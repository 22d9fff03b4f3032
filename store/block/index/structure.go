package index

import (
	"github.com/roentgen/roentgen/filter"
)

// service returns the rows with a node that may be chosen and, of a body, with segments that may satisfy it. The two
// may be of different segments: an index knows of traces only.
func (e *evaluation) service(t *filter.Service) rowSet {
	set := e.selected(t.Selector)
	if t.Body == nil || set != nil && set.empty() {
		return set
	}
	return e.meet(e.meet(set, e.flagged(segmentAny)), e.body(t.Body, filter.ScopeService))
}

// selected returns the rows with a node that may be chosen.
func (e *evaluation) selected(s filter.Selector) rowSet {
	f := e.x.fixed[codeNode]
	if f == nil {
		return e.set()
	}
	if s == (filter.Selector{}) {
		return e.add(e.list(f.has), f.rest)
	}
	return e.nodes(func(n *nodeValue) bool { return s.Match(&n.NodeRow, n.owner) }, s.Name)
}

// hashOfName is the hash by which nodes are found that are not kept in words.
func hashOfName(name string) uint64 { return hashText(fieldSeed(codeNodeName, ""), name) }

// nodes returns the rows with a node that is chosen, and of nodes that are hashed only those with the name, or all.
func (e *evaluation) nodes(choose func(*nodeValue) bool, name filter.Want) rowSet {
	f := e.x.fixed[codeNode]
	if f == nil {
		return e.set()
	}
	set := e.set()
	switch {
	case f.rest.count == 0:
	case name.Asked:
		e.x.withHash(hashOfName(name.Text), set, e.x.rows)
	default:
		set = e.add(set, f.rest)
	}
	var names []string
	for i := range f.values {
		n, ok := parseNode(e.x.textOf(&f.values[i]), names[:0])
		if !ok || choose(&n) {
			set = e.add(set, e.x.listOf(&f.values[i]))
		}
		names = n.Names
	}
	return set
}

// nodeText decides a comparison of what nodes say of themselves, in the braces of service().
func (e *evaluation) nodeText(c *filter.Compare, any func(n *nodeValue, holds func(string) bool) bool) rowSet {
	holds := func(s string) bool { return s != "" && c.Op.Holds(filter.Text(s), c.Value) }
	var name filter.Want
	if c.Operand.Keyword == filter.KeywordName && c.Op == filter.OpEqual {
		name = filter.Want{Asked: true, Text: c.Value.String}
	}
	return e.nodes(func(n *nodeValue) bool { return any(n, holds) }, name)
}

// edge returns the rows with an edge between nodes that may be chosen and, of a body, with calls that may satisfy it.
func (e *evaluation) edge(t *filter.Edge) rowSet {
	set := e.edges(t)
	if t.Body == nil || set != nil && set.empty() {
		return set
	}
	return e.meet(e.meet(set, e.flagged(callAny)), e.body(t.Body, filter.ScopeEdge))
}

func (e *evaluation) edges(t *filter.Edge) rowSet {
	f, nodes := e.x.fixed[codeEdge], e.x.fixed[codeNode]
	if f == nil || nodes == nil {
		return e.set()
	}
	set := e.hashedEdges(t, f)
	from, to := e.chosen(nodes, t.Source), e.chosen(nodes, t.Destination)
	for i := range f.values {
		source, destination := e.x.edgeOf(&f.values[i])
		if at(from, source) && at(to, destination) {
			set = e.add(set, e.x.listOf(&f.values[i]))
		}
	}
	return set
}

// at reads a list of yes and no, beyond its end as yes.
func at(list []bool, i uint64) bool { return i >= uint64(len(list)) || list[i] }

// chosen says of each node that is kept whether it is chosen.
func (e *evaluation) chosen(nodes *fieldIndex, s filter.Selector) []bool {
	out := make([]bool, len(nodes.values))
	var names []string
	for i := range nodes.values {
		n, ok := parseNode(e.x.textOf(&nodes.values[i]), names[:0])
		out[i] = !ok || s.Match(&n.NodeRow, n.owner)
		names = n.Names
	}
	return out
}

// hashedEdges returns the rows with an edge that is hashed only and may be meant.
func (e *evaluation) hashedEdges(t *filter.Edge, f *fieldIndex) rowSet {
	switch {
	case f.rest.count == 0:
		return e.set()
	case t.Source.Name.Asked && t.Destination.Name.Asked:
		return e.hashed(hashPair(fieldSeed(codeEdgeName, ""), t.Source.Name.Text, t.Destination.Name.Text))
	}
	return e.meet(e.list(f.rest), e.meet(e.selected(t.Source), e.selected(t.Destination)))
}

// body returns the rows in which something of the scope may satisfy what stands in braces.
func (e *evaluation) body(t filter.Term, s filter.Scope) rowSet {
	one := func(t filter.Term) rowSet { return e.body(t, s) }
	switch t := t.(type) {
	case *filter.And:
		return e.all(t.Terms, one)
	case *filter.Or:
		return e.any(t.Terms, one)
	case *filter.Has:
		return e.has(t.Operand, s)
	case *filter.Compare:
		return e.compare(t, s)
	}
	return nil
}
