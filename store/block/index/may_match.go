package index

import (
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// MayMatch says whether a trace of the block may match, by what stays in memory alone: false only where none can, in
// the sense of Index.Candidates. A nil matcher stands for every trace.
func (s *Summary) MayMatch(m *filter.Matcher) bool {
	switch {
	case s.totals.Traces == 0:
		return false
	case m == nil || s.any&wild != 0:
		return true
	}
	return s.may(m.Root())
}

// may decides a term that stands outside of braces.
func (s *Summary) may(t filter.Term) bool {
	switch t := t.(type) {
	case *filter.Always:
		return t.Value
	case *filter.And:
		return !slices.ContainsFunc(t.Terms, func(t filter.Term) bool { return !s.may(t) })
	case *filter.Or:
		return slices.ContainsFunc(t.Terms, s.may)
	case *filter.Not:
		return s.mayNot(t.Term)
	case *filter.Has:
		return s.has(t.Operand, filter.ScopeTrace)
	case *filter.Compare:
		return s.compare(t, filter.ScopeTrace)
	case *filter.Service:
		return s.service(t)
	case *filter.Edge:
		return s.edge(t)
	case *filter.RootCause:
		return s.waits() || s.any&(faultCauses<<t.Kind) != 0 && s.causeBody(t, t.Body)
	case *filter.RootCauseJSON:
		return s.waits() || len(t.Causes) == 0 || s.any&(faultCauses|errorCauses|timeCauses) != 0
	}
	return true
}

// waits says whether there are traces of which more will be said: of their nodes, segments, calls and causes nothing
// can be ruled out.
func (s *Summary) waits() bool { return s.any&waiting != 0 }

// mayNot says whether some trace may not satisfy the term: of booleans it is known whether all are true.
func (s *Summary) mayNot(t filter.Term) bool {
	h, ok := t.(*filter.Has)
	if !ok {
		return true
	}
	f := flagOf(h.Operand.Keyword, filter.ScopeTrace)
	return f == 0 || s.every&f == 0 || f == someInferred && s.waits()
}

func (s *Summary) has(o filter.Operand, in filter.Scope) bool {
	kind, fixed := o.Keyword.Kind()
	switch {
	case fixed && kind == roentgen.BoolValue:
		f := flagOf(o.Keyword, in)
		loose := s.waits() && o.Keyword != filter.KeywordPartial && (in != filter.ScopeTrace || f == someInferred)
		return f == 0 || loose || s.any&f != 0
	case o.Keyword == filter.KeywordDuration && in == filter.ScopeTrace:
		return s.durations[wholeDuration].n > 0
	case o.Keyword == filter.KeywordResponseTime && in == filter.ScopeTrace:
		return s.durations[rootDuration].n > 0
	case o.Keyword == filter.KeywordAnnotation:
		return s.terms.has(fieldSeed(codeKey, o.Key))
	}
	c, ok := textCode(o.Keyword, in)
	return !ok || s.present&(1<<c) != 0 || s.later(c)
}

// later says whether a trace that waits may get values of a field that it has not now.
func (s *Summary) later(c code) bool { return s.waits() && c >= codeURL && c <= codeStatus }

func (s *Summary) compare(c *filter.Compare, in filter.Scope) bool {
	o := c.Operand
	switch {
	case o.Keyword == filter.KeywordDuration || o.Keyword == filter.KeywordResponseTime:
		return s.duration(c, in)
	case o.Keyword == filter.KeywordName && c.Op == filter.OpEqual:
		return s.waits() || s.terms.has(hashOfName(c.Value.String))
	case c.Op != filter.OpEqual:
		return s.has(o, in)
	}
	code, ok := codeAnnotation, true
	if o.Keyword != filter.KeywordAnnotation {
		if code, ok = textCode(o.Keyword, in); !ok || s.later(code) {
			return true
		}
	}
	seed := seedOf(o, in, s.cut&(1<<code) != 0)
	wanted := equalTo(c)
	for _, want := range wanted.values[:wanted.n] {
		if s.terms.has(hashValue(seed, want)) {
			return true
		}
	}
	return false
}

func (s *Summary) duration(c *filter.Compare, in filter.Scope) bool {
	if in != filter.ScopeTrace {
		return s.entityDuration(c)
	}
	b := s.durations[wholeDuration]
	if c.Operand.Keyword == filter.KeywordResponseTime {
		b = s.durations[rootDuration]
	}
	r, ok := rangeOf(c)
	switch {
	case !ok || b.n == 0:
		return !ok
	case r.contrary:
		return !(r.from <= b.min && b.max < r.to)
	}
	return r.from <= b.max && b.min < r.to
}

// entityDuration decides about some segment or call: see evaluation.entityDuration.
func (s *Summary) entityDuration(c *filter.Compare) bool {
	if c.Op != filter.OpGreater && c.Op != filter.OpGreaterOrEqual && c.Op != filter.OpEqual || s.any&longer != 0 || s.waits() {
		return true
	}
	b := s.durations[spanDuration]
	return b.n > 0 && b.max >= atLeast(c.Value.Number)
}

func (s *Summary) service(t *filter.Service) bool {
	if !s.named(t.Selector) {
		return false
	}
	return t.Body == nil || (s.waits() || s.any&segmentAny != 0) && s.body(t.Body, filter.ScopeService)
}

// named says whether a node that is asked for by name may be there.
func (s *Summary) named(sel filter.Selector) bool {
	return !sel.Name.Asked || s.waits() || s.terms.has(hashOfName(sel.Name.Text))
}

func (s *Summary) edge(t *filter.Edge) bool {
	if !s.named(t.Source) || !s.named(t.Destination) {
		return false
	}
	if t.Source.Name.Asked && t.Destination.Name.Asked && !s.waits() &&
		!s.terms.has(hashPair(fieldSeed(codeEdgeName, ""), t.Source.Name.Text, t.Destination.Name.Text)) {
		return false
	}
	return t.Body == nil || (s.waits() || s.any&callAny != 0) && s.body(t.Body, filter.ScopeEdge)
}

// body decides what stands in the braces of service() and edge().
func (s *Summary) body(t filter.Term, in filter.Scope) bool {
	switch t := t.(type) {
	case *filter.And:
		return !slices.ContainsFunc(t.Terms, func(t filter.Term) bool { return !s.body(t, in) })
	case *filter.Or:
		return slices.ContainsFunc(t.Terms, func(t filter.Term) bool { return s.body(t, in) })
	case *filter.Has:
		return s.has(t.Operand, in)
	case *filter.Compare:
		return s.compare(t, in)
	}
	return true
}

// causeBody decides what stands in the braces of a root cause. No trace waits.
func (s *Summary) causeBody(t *filter.RootCause, body filter.Term) bool {
	switch body := body.(type) {
	case *filter.And:
		return !slices.ContainsFunc(body.Terms, func(b filter.Term) bool { return !s.causeBody(t, b) })
	case *filter.Or:
		return slices.ContainsFunc(body.Terms, func(b filter.Term) bool { return s.causeBody(t, b) })
	case *filter.Has:
		c, ok := causeCode(t, body.Operand.Keyword)
		return !ok || s.present&(1<<c) != 0
	case *filter.Compare:
		c, ok := causeCode(t, body.Operand.Keyword)
		switch {
		case !ok:
			return true
		case body.Op == filter.OpEqual:
			return s.terms.has(hashValue(fieldSeed(c, ""), body.Value))
		}
		return s.present&(1<<c) != 0
	}
	return true
}
