package filter

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/roentgen/roentgen"
)

// random draws terms that are sound and traces that they have something to say about: names, keys and values are
// drawn from few, so that conditions are met about as often as not.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 1895))} }

func oneOf[T any](r random, list ...T) T { return list[r.IntN(len(list))] }

func (r random) half() bool { return r.IntN(2) == 0 }

// term draws a term that may stand in the scope, at most so deep.
func (r random) term(s Scope, depth int) Term {
	if depth > 0 {
		switch r.IntN(6) {
		case 0:
			return &And{Terms: r.terms(s, depth-1)}
		case 1:
			return &Or{Terms: r.terms(s, depth-1)}
		case 2:
			return &Not{Term: r.term(s, depth-1)}
		}
	}
	if s == ScopeTrace && r.half() {
		return r.structure(depth)
	}
	return r.condition(s)
}

func (r random) terms(s Scope, depth int) []Term {
	list := make([]Term, 2+r.IntN(2))
	for i := range list {
		list[i] = r.term(s, depth)
	}
	return list
}

func (r random) structure(depth int) Term {
	switch r.IntN(5) {
	case 0:
		return &Service{Selector: r.selector(), Body: r.body(ScopeService, depth)}
	case 1:
		return &Edge{Source: r.selector(), Destination: r.selector(), Body: r.body(ScopeEdge, depth)}
	case 2:
		c := &RootCause{Kind: oneOf(r, CauseOfFault, CauseOfError, CauseOfResponseTime), Level: oneOf(r, CauseService, CauseEntity)}
		if c.Kind != CauseOfResponseTime && r.IntN(3) == 0 {
			c.Level = CauseException
		}
		c.Body = r.term(c.scope(), depth)
		return c
	case 3:
		return &RootCauseJSON{Op: oneOf(r, OpEqual, OpNotEqual), Causes: []CausePattern{r.pattern()}}
	}
	return &Group{Field: oneOf(r, GroupName, GroupARN), Op: oneOf(r, OpEqual, OpNotEqual), Value: oneOf(r, "Default", "a", "b", "nowhere")}
}

func (r random) body(s Scope, depth int) Term {
	if r.half() {
		return nil
	}
	return r.term(s, depth)
}

func (r random) selector() Selector {
	want := func(texts ...string) Want {
		if r.half() {
			return Want{}
		}
		return Want{true, oneOf(r, texts...)}
	}
	return Selector{want("web", "orders", "www"), want("", "T"), want("", "1", "2")}
}

func (r random) pattern() CausePattern {
	var p CausePattern
	if r.half() {
		p.ClientImpacting = new(bool)
		*p.ClientImpacting = r.half()
	}
	for range r.IntN(3) {
		name := r.text()
		s := CauseServicePattern{Name: &name}
		if r.half() {
			n, remote := 0.5, r.half()
			s.EntityPath = append(s.EntityPath, CauseEntityPattern{Coverage: &n}, CauseEntityPattern{Remote: &remote, Exceptions: []CauseExceptionPattern{{Message: &name}}})
		}
		p.Services = append(p.Services, s)
	}
	return p
}

// condition draws a keyword of the scope, and what it is compared with.
func (r random) condition(s Scope) Term {
	o := Operand{Keyword: r.keyword(s)}
	if o.Keyword == KeywordAnnotation {
		o.Key = r.key()
		if s == ScopeEdge {
			o.Side = oneOf(r, SideNone, SideSource, SideDestination)
		}
	}
	if r.IntN(3) == 0 {
		return &Has{Operand: o}
	}
	kind, fixed := o.Keyword.Kind()
	if !fixed {
		kind = oneOf(r, roentgen.StringValue, roentgen.NumberValue, roentgen.BoolValue)
	}
	c := &Compare{Operand: o, Op: r.op(kind), Value: r.value()}
	for c.Value.Kind != kind {
		c.Value = r.value()
	}
	return c
}

func (r random) keyword(s Scope) Keyword {
	for {
		if k := Keyword(1 + r.IntN(int(keywordCount)-1)); keywords[k].scopes.has(s) {
			return k
		}
	}
}

func (r random) op(kind roentgen.ValueKind) Op {
	for {
		if o := Op(r.IntN(int(opCount))); o.Compares(kind) {
			return o
		}
	}
}

func (r random) key() string { return oneOf(r, "k", "k.l", "k l", "K", "ключ", `"]`) }

func (r random) text() string {
	return oneOf(r, "", "a", "web", "orders", "true", "a\"\\\n\u200b🚀", "T", "1")
}

func (r random) value() Value {
	switch r.IntN(3) {
	case 0:
		return Text(r.text())
	case 1:
		return Float(oneOf(r, 0, 1, 0.5, 200, -3, 1e-9, 1e22))
	}
	return Bool(r.half())
}

// rows draws a trace.
func (r random) rows() *roentgen.Rows {
	t := &roentgen.Rows{Account: oneOf(r, "", "1"), Nodes: make([]roentgen.NodeRow, r.IntN(4))}
	for i := range t.Nodes {
		t.Nodes[i] = roentgen.NodeRow{ServiceID: roentgen.ServiceID{Name: oneOf(r, "web", "orders", ""), Type: oneOf(r, "", "T"), AccountID: oneOf(r, "", "2")},
			Inferred: r.half(), Root: r.half()}
		if r.half() {
			t.Nodes[i].Names = []string{"www"}
		}
	}
	t.Segments = make([]roentgen.SegmentRow, r.IntN(4))
	for i := range t.Segments {
		part := r.part()
		t.Segments[i] = segmentRow(pointer(r, t.Nodes), &part)
	}
	for range r.IntN(4) {
		edge := roentgen.EdgeRow{Source: pointer(r, t.Nodes), Destination: pointer(r, t.Nodes)}
		part := r.part()
		t.Edges = append(t.Edges, edge)
		t.Calls = append(t.Calls, roentgen.CallRow{EdgeRow: edge, Flags: roentgen.Flags{Error: part.Error, Throttle: part.Throttle, Fault: part.Fault}, Duration: r.number(), HTTP: part.HTTP,
			Annotations: part.Annotations, Caller: pointer(r, t.Segments), Callee: pointer(r, t.Segments)})
	}
	t.Summary = r.summary()
	t.FaultCauses, t.ErrorCauses, t.ResponseTimeCauses = r.causes(), r.causes(), r.causes()
	return t
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
		Error: r.half(), Throttle: r.half(), Fault: r.half(),
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
	s := &roentgen.Summary{Start: base, End: base + roentgen.Time(oneOf(r, 0, 500_000_000, 1_000_000_000)), Open: r.half(), Partial: r.half()}
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
	list := make([]roentgen.CauseRow, r.IntN(3))
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

// someGroups are the groups that drawn terms refer to.
func someGroups(by GroupField, value string) (*Expr, bool) {
	switch fmt.Sprint(by, " ", strings.TrimPrefix(value, "arn:")) {
	case "group.name a":
		return &Expr{&Has{Operand: Operand{Keyword: KeywordFault}}}, true
	case "group.name b":
		return &Expr{&Not{Term: &Group{Field: GroupName, Op: OpNotEqual, Value: "a"}}}, true
	case "group.arn a":
		return &Expr{}, true
	}
	return nil, false
}
