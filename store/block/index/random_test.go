package index

import (
	"fmt"
	"math/rand/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
)

// random draws traces and terms of which each has something to say about the other: names, keys and values are drawn
// from few, but for some of which every trace has its own.
type random struct {
	*rand.Rand
	many int // how many different values there may be of what has many
}

func newRandom(seed uint64, many int) random {
	return random{rand.New(rand.NewPCG(seed, 1895)), many}
}

func oneOf[T any](r random, list ...T) T { return list[r.IntN(len(list))] }

func (r random) half() bool { return r.IntN(2) == 0 }

const base = roentgen.Time(1_780_165_693_000_000_000)

func (r random) key() string {
	if r.IntN(4) == 0 {
		return fmt.Sprint("key-", r.IntN(r.many))
	}
	return oneOf(r, "k", "k.l", "K", "ключ")
}

func (r random) text() string {
	if r.IntN(4) == 0 {
		return fmt.Sprint("v-", r.IntN(r.many))
	}
	return oneOf(r, "", "a", "web", "orders", "true", "FALSE", "\x00\xff", "1")
}

func (r random) value() roentgen.AnnotationValue {
	switch r.IntN(3) {
	case 0:
		return filter.Text(r.text())
	case 1:
		return filter.Float(oneOf(r, 0, 1, 0.5, 200, -3, 1e-9, 1e22, float64(r.IntN(r.many))))
	}
	return filter.Bool(r.half())
}

// rows draws a trace that graph.Fold need not have made.
func (r random) rows() (Row, *roentgen.Rows) {
	t := &roentgen.Rows{Account: oneOf(r, "", "1"), Nodes: make([]roentgen.NodeRow, r.IntN(4))}
	for i := range t.Nodes {
		t.Nodes[i] = roentgen.NodeRow{ServiceID: roentgen.ServiceID{Name: oneOf(r, "web", "orders", "", fmt.Sprint("n-", r.IntN(r.many))), Type: oneOf(r, "", "T"), AccountID: oneOf(r, "", "2")},
			Inferred: r.half(), Root: r.half()}
		if r.half() {
			t.Nodes[i].Names = []string{"www", r.text()}
		}
	}
	t.Segments = make([]roentgen.SegmentRow, r.IntN(4))
	for i := range t.Segments {
		p := r.part()
		t.Segments[i] = roentgen.SegmentRow{Node: pointer(r, t.Nodes), Flags: flagsOf(p), Duration: r.number(), HTTP: p.HTTP, User: p.User, Zone: p.Zone,
			InstanceID: p.InstanceID, ResourceARNs: []string{p.ResourceARN, r.text()}, Annotations: p.Annotations}
	}
	for range r.IntN(4) {
		p := r.part()
		edge := roentgen.EdgeRow{Source: pointer(r, t.Nodes), Destination: pointer(r, t.Nodes)}
		t.Edges = append(t.Edges, edge)
		t.Calls = append(t.Calls, roentgen.CallRow{EdgeRow: edge, Flags: flagsOf(p), Duration: r.number(), HTTP: p.HTTP,
			Annotations: p.Annotations, Caller: pointer(r, t.Segments), Callee: pointer(r, t.Segments)})
	}
	t.Summary = r.summary()
	t.FaultCauses, t.ErrorCauses, t.ResponseTimeCauses = r.causes(), r.causes(), r.causes()
	return r.row(t.Summary), t
}

// row draws the columns that a summary leaves open.
func (r random) row(s *roentgen.Summary) Row {
	row := Row{ID: s.Trace, Start: s.Start, End: s.End, Updated: s.Updated, First: s.Updated - roentgen.Time(r.IntN(1e9)),
		Documents: r.IntN(5), Bytes: r.IntN(10000), Limited: r.half(), Failing: r.half()}
	row.Revision, row.AllBytes = row.Documents+r.IntN(2), row.Bytes+r.IntN(2)*r.IntN(1000)
	if r.IntN(50) == 0 {
		row.Due = base + roentgen.Time(r.IntN(1e9))
	}
	if r.half() {
		row.Members = []graph.Member{{Group: "a", Version: uint64(1 + r.IntN(2))}, {Group: "b", Version: 7}}
	}
	return row
}

func flagsOf(p roentgen.Part) roentgen.Flags {
	return roentgen.Flags{Error: p.Error, Throttle: p.Throttle, Fault: p.Fault}
}

// pointer draws an element, or nil.
func pointer[T any](r random, list []T) *T {
	if len(list) == 0 || r.IntN(5) == 0 {
		return nil
	}
	return &list[r.IntN(len(list))]
}

func (r random) number() roentgen.Number {
	return roentgen.Number{Value: oneOf(r, 0, 0.5, 1, 200), Known: r.half()}
}

func (r random) part() roentgen.Part {
	p := roentgen.Part{Start: base, End: base + roentgen.Time(oneOf(r, 0, 500_000_000, 1_000_000_000)), InProgress: r.half(),
		Error: r.IntN(3) == 0, Throttle: r.IntN(3) == 0, Fault: r.IntN(3) == 0,
		User: r.text(), ResourceARN: r.text(), InstanceID: r.text(), Zone: r.text()}
	if r.half() {
		p.HTTP = &roentgen.HTTP{Method: r.text(), URL: r.text(), UserAgent: r.text(), ClientIP: r.text(), Status: oneOf(r, 0, 200, 500)}
	}
	for range r.IntN(4) {
		p.Annotations = append(p.Annotations, roentgen.Annotation{Key: r.key(), Value: r.value()})
	}
	return p
}

func (r random) summary() *roentgen.Summary {
	start := base - roentgen.Time(r.IntN(10))*1_000_000
	s := &roentgen.Summary{Start: start, End: start + roentgen.Time(oneOf(r, 0, 500_000_000, 1_000_000_000)), Updated: base + roentgen.Time(r.IntN(1e9)),
		Open: r.half(), Partial: r.half()}
	if r.IntN(5) == 0 {
		s.End = 0
	}
	for i := range s.Trace {
		s.Trace[i] = byte(r.IntN(256))
	}
	if r.half() {
		root := r.part()
		s.Root = &root
	}
	for range r.IntN(4) {
		p := r.part()
		for _, a := range p.Annotations {
			s.Annotations = append(s.Annotations, roentgen.AnnotationUse{Annotation: a})
		}
		s.Users = append(s.Users, roentgen.UserUse{Name: p.User})
		s.ResourceARNs, s.InstanceIDs, s.Zones = append(s.ResourceARNs, p.ResourceARN), append(s.InstanceIDs, p.InstanceID), append(s.Zones, p.Zone)
	}
	return s
}

func (r random) causes() []roentgen.CauseRow {
	list := make([]roentgen.CauseRow, max(0, r.IntN(5)-2))
	for i := range list {
		list[i] = roentgen.CauseRow{ClientImpacting: r.half(), Services: make([]roentgen.CauseServiceRow, r.IntN(3))}
		for j := range list[i].Services {
			s := &list[i].Services[j]
			s.Name, s.Type, s.Inferred, s.Entities = r.text(), r.text(), r.half(), make([]roentgen.CauseEntityRow, r.IntN(3))
			for k := range s.Entities {
				s.Entities[k] = roentgen.CauseEntityRow{Name: r.text(), Coverage: r.number(), Remote: r.half(), Exceptions: make([]roentgen.CauseExceptionRow, r.IntN(3))}
				for l := range s.Entities[k].Exceptions {
					s.Entities[k].Exceptions[l] = roentgen.CauseExceptionRow{Name: r.text(), Message: r.text()}
				}
			}
		}
	}
	return list
}

// matcher draws one.
func (r random) matcher() *filter.Matcher {
	for {
		x, err := filter.New(r.term(filter.ScopeTrace, r.IntN(4)))
		if err != nil {
			continue // some texts cannot be written, some keywords do not stand everywhere
		}
		m, err := x.Matcher(nil)
		if err != nil {
			continue
		}
		return m
	}
}

func (r random) term(s filter.Scope, depth int) filter.Term {
	if depth > 0 {
		switch r.IntN(6) {
		case 0:
			return &filter.And{Terms: r.terms(s, depth-1)}
		case 1:
			return &filter.Or{Terms: r.terms(s, depth-1)}
		case 2:
			return &filter.Not{Term: r.term(s, depth-1)}
		}
	}
	if s == filter.ScopeTrace && r.IntN(3) == 0 {
		return r.structure(depth)
	}
	return r.condition(s)
}

func (r random) terms(s filter.Scope, depth int) []filter.Term {
	list := make([]filter.Term, 2+r.IntN(2))
	for i := range list {
		list[i] = r.term(s, depth)
	}
	return list
}

func (r random) structure(depth int) filter.Term {
	switch r.IntN(4) {
	case 0:
		return &filter.Service{Selector: r.selector(), Body: r.body(filter.ScopeService, depth)}
	case 1:
		return &filter.Edge{Source: r.selector(), Destination: r.selector(), Body: r.body(filter.ScopeEdge, depth)}
	case 2:
		c := &filter.RootCause{Kind: oneOf(r, filter.CauseOfFault, filter.CauseOfError, filter.CauseOfResponseTime),
			Level: oneOf(r, filter.CauseService, filter.CauseEntity, filter.CauseException)}
		scope := filter.ScopeCauseService
		switch {
		case c.Level == filter.CauseException:
			scope, c.Kind = filter.ScopeCauseException, oneOf(r, filter.CauseOfFault, filter.CauseOfError)
		case c.Level == filter.CauseEntity && c.Kind == filter.CauseOfResponseTime:
			scope = filter.ScopeTimeEntity
		case c.Level == filter.CauseEntity:
			scope = filter.ScopeCauseEntity
		}
		c.Body = r.term(scope, depth)
		return c
	}
	name := r.text()
	p := filter.CausePattern{Services: []filter.CauseServicePattern{{Name: &name}}}
	if r.IntN(3) == 0 {
		p.Services = nil
	}
	return &filter.RootCauseJSON{Op: oneOf(r, filter.OpEqual, filter.OpNotEqual), Causes: []filter.CausePattern{p}[:r.IntN(2)]}
}

func (r random) body(s filter.Scope, depth int) filter.Term {
	if r.half() {
		return nil
	}
	return r.term(s, depth)
}

func (r random) selector() filter.Selector {
	want := func(texts ...string) filter.Want {
		if r.half() {
			return filter.Want{}
		}
		return filter.Want{Asked: true, Text: oneOf(r, texts...)}
	}
	return filter.Selector{Name: want("web", "orders", "www", fmt.Sprint("n-", r.IntN(r.many))), Type: want("", "T"), Account: want("", "1", "2")}
}

// condition draws a keyword, and what it is compared with.
func (r random) condition(s filter.Scope) filter.Term {
	o := filter.Operand{Keyword: filter.Keyword(1 + r.IntN(int(filter.KeywordAnnotation)))}
	if r.IntN(4) == 0 {
		o.Keyword = filter.KeywordAnnotation
	}
	if o.Keyword == filter.KeywordAnnotation {
		o.Key = r.key()
		if s == filter.ScopeEdge {
			o.Side = oneOf(r, filter.SideNone, filter.SideSource, filter.SideDestination)
		}
	}
	var t filter.Term = &filter.Has{Operand: o}
	if r.IntN(4) > 0 {
		t = r.compare(o)
	}
	if wrong := checkIn(t, s); wrong {
		return r.condition(s)
	}
	return t
}

func (r random) compare(o filter.Operand) filter.Term {
	kind, fixed := o.Keyword.Kind()
	if !fixed {
		kind = oneOf(r, roentgen.StringValue, roentgen.NumberValue, roentgen.BoolValue)
	}
	c := &filter.Compare{Operand: o, Op: filter.Op(r.IntN(9)), Value: r.value()}
	for !c.Op.Compares(kind) {
		c.Op = filter.Op(r.IntN(9))
	}
	for c.Value.Kind != kind {
		c.Value = r.value()
	}
	return c
}

// checkIn says whether a condition may not stand in a scope.
func checkIn(t filter.Term, s filter.Scope) bool {
	switch s {
	case filter.ScopeService:
		t = &filter.Service{Body: t}
	case filter.ScopeEdge:
		t = &filter.Edge{Body: t}
	case filter.ScopeCauseService:
		t = &filter.RootCause{Level: filter.CauseService, Body: t}
	case filter.ScopeCauseEntity:
		t = &filter.RootCause{Level: filter.CauseEntity, Body: t}
	case filter.ScopeTimeEntity:
		t = &filter.RootCause{Kind: filter.CauseOfResponseTime, Level: filter.CauseEntity, Body: t}
	case filter.ScopeCauseException:
		t = &filter.RootCause{Level: filter.CauseException, Body: t}
	}
	return filter.Check(t) != nil
}
