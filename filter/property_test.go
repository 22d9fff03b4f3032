package filter

import (
	"fmt"
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
)

func TestRandomTermsKeepTheirMeaning(t *testing.T) {
	matched := 0
	const seeds = 3000
	for seed := range uint64(seeds) {
		r := newRandom(seed)
		term := r.term(ScopeTrace, 4)
		if err := Check(term); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if checkMeaning(t, &Expr{term}, r) {
			matched++
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, &Expr{term})
		}
	}
	if matched < seeds/5 || matched > seeds*4/5 {
		t.Errorf("%d of %d traces matched: the draw says little", matched, seeds)
	}
}

// checkMeaning holds an expression against everything that has to mean the same, on drawn traces. It returns whether
// the last of them matched.
func checkMeaning(t *testing.T, e *Expr, r random) (matched bool) {
	t.Helper()
	again := reparsed(t, e)
	m, contrary := matcherOf(t, e), matcherOf(t, &Expr{&Not{Term: e.Root()}})
	if m == nil || contrary == nil || again == nil {
		return false
	}
	checkPlan(t, m.Root(), nil)
	for range 4 {
		rows := r.rows()
		matched = m.Match(rows)
		for what, got := range map[string]bool{
			"the tree as written":        withGroups(e.Root()).match(view{rows: rows}),
			"the normal form":            matcherOf(t, again).Match(rows),
			"the contrary":               !contrary.Match(rows),
			"the rows that it needs":     m.Match(only(rows, m.Needs())),
			"the matcher's own contrary": !(&Not{Term: m.Root()}).match(view{rows: rows}),
		} {
			if got != matched {
				t.Errorf("%s: %s says %v, the matcher %s says %v", e, what, got, m, matched)
			}
		}
	}
	return matched
}

func reparsed(t *testing.T, e *Expr) *Expr {
	t.Helper()
	limits := Limits{1 << 20, 1 << 10, 1 << 16}
	again, err := limits.Parse(e.String())
	if err != nil {
		t.Errorf("the normal form %s: %v", e, err)
		return nil
	}
	if again.String() != e.String() {
		t.Errorf("the normal form of\n%s is\n%s", e, again)
	}
	return again
}

func matcherOf(t *testing.T, e *Expr) *Matcher {
	t.Helper()
	m, err := e.Matcher(someGroups)
	if err != nil {
		t.Errorf("%s: %v", e, err)
	}
	return m
}

// withGroups puts the meaning of groups in their places without simplifying, as an oracle for the planner.
func withGroups(term Term) Term {
	list := func(terms []Term) (out []Term) {
		for _, t := range terms {
			out = append(out, withGroups(t))
		}
		return out
	}
	switch term := term.(type) {
	case *And:
		return &And{Terms: list(term.Terms)}
	case *Or:
		return &Or{Terms: list(term.Terms)}
	case *Not:
		return &Not{Term: withGroups(term.Term)}
	case *Group:
		var meaning Term = &Always{}
		if term.Field == GroupName && term.Value == "Default" {
			meaning = &Always{Value: true}
		} else if e, ok := someGroups(term.Field, term.Value); ok {
			meaning = withGroups(e.Root())
		}
		if term.Op == OpNotEqual {
			return &Not{Term: meaning}
		}
		return meaning
	}
	return term
}

// checkPlan holds a tree to what Matcher.Root promises.
func checkPlan(t *testing.T, term, above Term) {
	t.Helper()
	refuse := func(is bool, what string) {
		if is {
			t.Errorf("a plan has %s", what)
		}
	}
	refuse(term == nil, "a hole")
	switch term := term.(type) {
	case *Group:
		t.Error("a plan has a group")
	case *Always:
		refuse(above != nil, "an Always below its top")
	case *Not:
		switch term.Term.(type) {
		case *Not, *And, *Or, *Always:
			t.Errorf("a plan has a Not of a %T", term.Term)
		}
		checkPlan(t, term.Term, term)
	case *And:
		for _, inner := range term.Terms {
			_, same := inner.(*And)
			refuse(same, "an And in an And")
			checkPlan(t, inner, term)
		}
	case *Or:
		for _, inner := range term.Terms {
			_, same := inner.(*Or)
			refuse(same, "an Or in an Or")
			checkPlan(t, inner, term)
		}
	case *Compare:
		kind, fixed := term.Operand.Keyword.Kind()
		refuse(fixed && kind == roentgen.BoolValue, "a comparison of a boolean")
	case *RootCauseJSON:
		refuse(term.Op != OpEqual, "a shape with !=")
	}
	if body := bodyOf(term); body != nil {
		checkPlan(t, body, term)
	}
}

func bodyOf(term Term) Term {
	switch term := term.(type) {
	case *Service:
		return term.Body
	case *Edge:
		return term.Body
	case *RootCause:
		return term.Body
	}
	return nil
}

// only returns the rows with nothing in them but what is needed.
func only(rows *roentgen.Rows, n Needs) *roentgen.Rows {
	out := &roentgen.Rows{Account: rows.Account, Summary: onlySummary(rows.Summary, n.Trace)}
	keep(&out.Nodes, rows.Nodes, n.Nodes)
	keep(&out.Edges, rows.Edges, n.Edges)
	keep(&out.FaultCauses, rows.FaultCauses, n.Causes.Has(CauseOfFault))
	keep(&out.ErrorCauses, rows.ErrorCauses, n.Causes.Has(CauseOfError))
	keep(&out.ResponseTimeCauses, rows.ResponseTimeCauses, n.Causes.Has(CauseOfResponseTime))
	lean := map[*roentgen.SegmentRow]*roentgen.SegmentRow{nil: nil}
	for i := range rows.Segments {
		s := onlySegment(rows.Segments[i], n.Segment)
		if n.Segments {
			lean[&rows.Segments[i]] = &s
			out.Segments = append(out.Segments, s)
		}
	}
	for i := range rows.Calls {
		c := onlyCall(rows.Calls[i], n.Call)
		c.Caller, c.Callee = lean[c.Caller], lean[c.Callee]
		if n.Calls {
			out.Calls = append(out.Calls, c)
		}
	}
	return out
}

func keep[T any](to *T, from T, needed bool) {
	if needed {
		*to = from
	}
}

func onlySummary(s *roentgen.Summary, f Fields) *roentgen.Summary {
	out := &roentgen.Summary{}
	has := f.Keywords.Has
	keep(&out.Partial, s.Partial, has(KeywordPartial))
	if has(KeywordDuration) {
		out.Start, out.End, out.Open = s.Start, s.End, s.Open
	}
	keep(&out.Users, s.Users, has(KeywordUser))
	keep(&out.Zones, s.Zones, has(KeywordAvailabilityZone))
	keep(&out.InstanceIDs, s.InstanceIDs, has(KeywordInstanceID))
	keep(&out.ResourceARNs, s.ResourceARNs, has(KeywordResourceARN))
	for _, a := range s.Annotations {
		if slices.Contains(f.Annotations, a.Key) {
			out.Annotations = append(out.Annotations, a)
		}
	}
	if s.Root != nil {
		out.Root = &roentgen.Part{HTTP: onlyHTTP(s.Root.HTTP, f)}
		flags := onlyFlags(roentgen.Flags{Error: s.Root.Error, Throttle: s.Root.Throttle, Fault: s.Root.Fault}, f)
		out.Root.Error, out.Root.Throttle, out.Root.Fault = flags.Error, flags.Throttle, flags.Fault
		if has(KeywordResponseTime) {
			out.Root.Start, out.Root.End, out.Root.InProgress = s.Root.Start, s.Root.End, s.Root.InProgress
		}
	}
	return out
}

func onlyFlags(flags roentgen.Flags, f Fields) (out roentgen.Flags) {
	ok := f.Keywords.Has(KeywordOK)
	keep(&out.Error, flags.Error, ok || f.Keywords.Has(KeywordError))
	keep(&out.Throttle, flags.Throttle, ok || f.Keywords.Has(KeywordThrottle))
	keep(&out.Fault, flags.Fault, ok || f.Keywords.Has(KeywordFault))
	return out
}

func onlyHTTP(h *roentgen.HTTP, f Fields) *roentgen.HTTP {
	if h == nil {
		return nil
	}
	out := &roentgen.HTTP{}
	keep(&out.Status, h.Status, f.Keywords.Has(KeywordHTTPStatus))
	keep(&out.URL, h.URL, f.Keywords.Has(KeywordHTTPURL))
	keep(&out.Method, h.Method, f.Keywords.Has(KeywordHTTPMethod))
	keep(&out.UserAgent, h.UserAgent, f.Keywords.Has(KeywordHTTPUserAgent))
	keep(&out.ClientIP, h.ClientIP, f.Keywords.Has(KeywordHTTPClientIP))
	return out
}

func onlySegment(s roentgen.SegmentRow, f Fields) roentgen.SegmentRow {
	has := f.Keywords.Has
	out := roentgen.SegmentRow{Node: s.Node, Flags: onlyFlags(s.Flags, f), HTTP: onlyHTTP(s.HTTP, f), Annotations: onlyAnnotations(s.Annotations, f)}
	keep(&out.Duration, s.Duration, has(KeywordDuration) || has(KeywordResponseTime))
	keep(&out.User, s.User, has(KeywordUser))
	keep(&out.Zone, s.Zone, has(KeywordAvailabilityZone))
	keep(&out.InstanceID, s.InstanceID, has(KeywordInstanceID))
	keep(&out.ResourceARNs, s.ResourceARNs, has(KeywordResourceARN))
	return out
}

func onlyCall(c roentgen.CallRow, f Fields) roentgen.CallRow {
	out := roentgen.CallRow{EdgeRow: c.EdgeRow, Flags: onlyFlags(c.Flags, f), HTTP: onlyHTTP(c.HTTP, f), Annotations: onlyAnnotations(c.Annotations, f), Caller: c.Caller, Callee: c.Callee}
	keep(&out.Duration, c.Duration, f.Keywords.Has(KeywordDuration) || f.Keywords.Has(KeywordResponseTime))
	return out
}

func onlyAnnotations(list []roentgen.Annotation, f Fields) (out []roentgen.Annotation) {
	for _, a := range list {
		if slices.Contains(f.Annotations, a.Key) {
			out = append(out, a)
		}
	}
	return out
}

func TestNeedsNamesTheFieldsOfAllScopes(t *testing.T) {
	for k := KeywordNone + 1; k < keywordCount; k++ {
		for s := ScopeTrace; s <= ScopeEdge; s++ {
			if !keywords[k].scopes.has(s) {
				continue
			}
			var n Needs
			n.operand(Operand{Keyword: k, Key: "k"}, s)
			if all := n.Trace.Keywords | n.Segment.Keywords | n.Call.Keywords; all != 1<<k {
				t.Errorf("%s %s needs %v", k, s, fmt.Sprint(slices.Collect(all.All())))
			}
		}
	}
}
