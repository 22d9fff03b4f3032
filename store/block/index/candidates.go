package index

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/roentgen/roentgen/filter"
)

// Candidates returns the rows that may match: every row that does is among them. all says that every row may, and then
// there are none in the set, which is the caller's. A nil matcher stands for every trace.
//
// It holds for the Rows that the traces were added with, for what graph.Fold makes of the same documents at any later
// time, also with another MaxAnnotations of 16 or more, and where query leaves out segments and calls beyond a window.
// Another Account, or a longer InferAfter, makes other nodes of the same documents; for these blocks are written anew.
func (x *Index) Candidates(m *filter.Matcher) (rows *roaring.Bitmap, all bool) {
	if m == nil {
		return roaring.New(), true
	}
	e := evaluation{x: x}
	set := e.may(m.Root())
	if set == nil || set.count() == x.rows {
		return roaring.New(), true
	}
	return roaring.FromDense(set, true), false
}

// evaluation decides one matcher. A nil set stands for every row.
type evaluation struct {
	x    *Index
	free []rowSet
}

func (e *evaluation) set() rowSet {
	if n := len(e.free); n > 0 {
		s := e.free[n-1]
		e.free = e.free[:n-1]
		s.clear()
		return s
	}
	return newRowSet(e.x.rows)
}

func (e *evaluation) done(s rowSet) {
	if s != nil {
		e.free = append(e.free, s)
	}
}

// may returns the rows that may satisfy a term that stands outside of braces.
func (e *evaluation) may(t filter.Term) rowSet {
	switch t := t.(type) {
	case *filter.Always:
		if t.Value {
			return nil
		}
		return e.set()
	case *filter.And:
		return e.all(t.Terms, e.may)
	case *filter.Or:
		return e.any(t.Terms, e.may)
	case *filter.Not:
		return e.contrary(t.Term)
	case *filter.Has:
		return e.certain(e.has(t.Operand, filter.ScopeTrace), t.Operand)
	case *filter.Compare:
		return e.certain(e.compare(t, filter.ScopeTrace), t.Operand)
	case *filter.Service:
		return e.withFlags(e.service(t), wild|waiting)
	case *filter.Edge:
		return e.withFlags(e.edge(t), wild|waiting)
	case *filter.RootCause:
		return e.withFlags(e.rootCause(t), wild|waiting)
	case *filter.RootCauseJSON:
		return e.withFlags(e.rootCauseJSON(t), wild|waiting)
	}
	return nil
}

// certain adds the rows of which nothing certain is known.
func (e *evaluation) certain(set rowSet, o filter.Operand) rowSet {
	if o.Keyword == filter.KeywordInferred { // calls that wait may lead to inferred nodes
		return e.withFlags(set, wild|waiting)
	}
	return e.withFlags(set, wild)
}

// all intersects, the terms that are known best and cheapest first, and stops where nothing is left.
func (e *evaluation) all(terms []filter.Term, one func(filter.Term) rowSet) rowSet {
	var out rowSet
	for want := range ranks {
		for _, t := range terms {
			if rank(t) != want {
				continue
			}
			out = e.meet(out, one(t))
			if out != nil && out.empty() {
				return out
			}
		}
	}
	return out
}

func (e *evaluation) meet(a, b rowSet) rowSet {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	a.and(b)
	e.done(b)
	return a
}

// any unites.
func (e *evaluation) any(terms []filter.Term, one func(filter.Term) rowSet) rowSet {
	out := e.set()
	for _, t := range terms {
		more := one(t)
		if more == nil {
			e.done(out)
			return nil
		}
		out.or(more)
		e.done(more)
	}
	return out
}

// ranks are how soon a term of an AND is looked at.
const ranks = 4

// rank is 0 for what is found by its value, 1 for what is a column, 2 for what tries every value, 3 for what is put
// together.
func rank(t filter.Term) int {
	switch t := t.(type) {
	case *filter.Compare:
		kind, fixed := t.Operand.Keyword.Kind()
		switch {
		case fixed && kind != t.Value.Kind || t.Operand.Keyword == filter.KeywordDuration || t.Operand.Keyword == filter.KeywordResponseTime:
			return 1
		case t.Op == filter.OpEqual:
			return 0
		}
		return 2
	case *filter.Has:
		return 1
	case *filter.Not:
		return max(1, rank(t.Term))
	case *filter.Always:
		return 0
	}
	return 3
}

// contrary returns the rows that may not satisfy the term: all but those that do for certain. Of what stands in braces
// nothing is certain, because a query may look at fewer segments and calls; nor of root causes.
func (e *evaluation) contrary(t filter.Term) rowSet {
	var must rowSet
	unsure := wild
	switch t := t.(type) {
	case *filter.Has:
		must = e.surelyHas(t.Operand)
		unsure |= e.unsure(t.Operand)
	case *filter.Compare:
		if !e.x.exact(t) {
			return nil
		}
		must = e.compare(t, filter.ScopeTrace)
		unsure |= e.unsure(t.Operand)
	default:
		return nil
	}
	if must == nil {
		return nil
	}
	must.not(e.x.rows)
	return e.withFlags(must, unsure)
}

// surelyHas returns the rows in which an operand has a value for certain.
func (e *evaluation) surelyHas(o filter.Operand) rowSet {
	f := e.x.field(o, filter.ScopeTrace)
	switch {
	case f != nil:
		return e.list(f.has)
	case o.Keyword == filter.KeywordAnnotation && e.x.overflow:
		return nil
	}
	return e.has(o, filter.ScopeTrace)
}

// unsure are the flags of the rows of which the index may say too much.
func (e *evaluation) unsure(o filter.Operand) flags {
	switch o.Keyword {
	case filter.KeywordInferred:
		return waiting
	case filter.KeywordAnnotation, filter.KeywordUser, filter.KeywordAvailabilityZone, filter.KeywordInstanceID, filter.KeywordResourceARN:
		return extra
	}
	return 0
}

// withFlags adds the rows that have one of the flags.
func (e *evaluation) withFlags(set rowSet, f flags) rowSet {
	if set == nil {
		return nil
	}
	for f &= e.x.any; f != 0; f &= f - 1 {
		set.or(e.x.flagged[bits.TrailingZeros32(uint32(f))])
	}
	return set
}

// flagged returns the rows that have one of the flags.
func (e *evaluation) flagged(f flags) rowSet { return e.withFlags(e.set(), f) }

// list returns the rows of a list; every row where it is damaged.
func (e *evaluation) list(p posting) rowSet {
	set := e.set()
	if !p.into(set, e.x.rows) {
		e.done(set)
		return nil
	}
	return set
}

// add adds the rows of a list to a set.
func (e *evaluation) add(set rowSet, p posting) rowSet {
	if set != nil && !p.into(set, e.x.rows) {
		e.done(set)
		return nil
	}
	return set
}
