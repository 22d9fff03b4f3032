package roentgen_test

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func subsegment(d *roentgen.Stored) { d.Segment.Kind = roentgen.KindSubsegment }

func TestTheRootIsTheSegmentWithoutACaller(t *testing.T) {
	early := func(d *roentgen.Stored) { d.Segment.Start = 1 }
	cases := []struct {
		sentence string
		docs     []roentgen.Stored
		want     int // 0: none
	}{
		{"one without a parent", []roentgen.Stored{entity(1, 2, early), entity(2, 0, nil)}, 2},
		{"of two without a parent the earlier", []roentgen.Stored{entity(3, 0, nil), entity(4, 0, early)}, 4},
		{"of two that start together that with the smaller id", []roentgen.Stored{entity(4, 0, early), entity(3, 0, early)}, 3},
		{"without a parent beats an earlier orphan", []roentgen.Stored{entity(1, 9, early), entity(2, 0, nil)}, 2},
		{"an orphan, while its parent is on its way", []roentgen.Stored{entity(2, 9, nil), entity(3, 2, early)}, 2},
		{"a parent within another segment is there", []roentgen.Stored{entity(1, 0, func(d *roentgen.Stored) {
			d.Segment.Subsegments = []roentgen.Segment{{ID: segmentID(9)}}
		}), entity(2, 9, early)}, 1},
		{"below a subsegment whose segment has not arrived", []roentgen.Stored{entity(2, 9, subsegment), entity(3, 2, nil)}, 3},
		{"below a subsegment of a segment that has", []roentgen.Stored{entity(1, 0, nil), entity(2, 1, subsegment), entity(3, 2, early)}, 1},
		{"subsegments alone have none", []roentgen.Stored{entity(1, 9, subsegment), entity(2, 1, subsegment)}, 0},
		{"parents in a ring have none", []roentgen.Stored{entity(1, 2, nil), entity(2, 3, nil), entity(3, 1, nil)}, 0},
		{"nor has its own parent", []roentgen.Stored{entity(1, 1, nil)}, 0},
		{"nor has a ring over subsegments", []roentgen.Stored{entity(1, 2, nil), entity(2, 3, subsegment), entity(3, 2, subsegment)}, 0},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			s := fold(c.docs...).Summary()
			switch {
			case c.want == 0 && s.Root != nil:
				t.Errorf("root %s, want none", s.Root.ID)
			case c.want != 0 && (s.Root == nil || s.Root.ID != segmentID(c.want)):
				t.Errorf("root %+v, want %d", s.Root, c.want)
			}
		})
	}
}

func TestATraceIsPartialWhileSomethingIsMissing(t *testing.T) {
	cases := []struct {
		sentence      string
		docs          []roentgen.Stored
		partial, open bool
	}{
		{"whole", []roentgen.Stored{entity(1, 0, nil), entity(2, 1, nil)}, false, false},
		{"a parent has not arrived", []roentgen.Stored{entity(2, 1, nil)}, true, false},
		{"a segment has no end", []roentgen.Stored{entity(1, 0, open)}, true, true},
		{"a nested one has no end", []roentgen.Stored{entity(1, 0, func(d *roentgen.Stored) {
			d.Segment.Subsegments = []roentgen.Segment{{ID: segmentID(9), InProgress: true}}
		})}, true, true},
	}
	for _, c := range cases {
		if s := fold(c.docs...).Summary(); s.Partial != c.partial || s.Open != c.open {
			t.Errorf("%s: partial %v, open %v", c.sentence, s.Partial, s.Open)
		}
	}
}

func TestTimesSpanAllDocuments(t *testing.T) {
	nested := func(d *roentgen.Stored) {
		d.Segment.Subsegments = []roentgen.Segment{{ID: segmentID(9), Start: 5, End: 9000}} // asynchronous: ends after its segment
	}
	s := fold(entity(1, 0, nested), entity(3, 1, nil)).Summary()
	if s.Start != 100 || s.End != 9000 || s.Updated != 1003 {
		t.Errorf("start %d, end %d, updated %d", s.Start, s.End, s.Updated)
	}
	if d, ok := s.Duration(); d != 8900 || !ok {
		t.Errorf("duration %s, %v", d, ok)
	}
	if d, ok := s.ResponseTime(); d != 50 || !ok {
		t.Errorf("response time %s, %v", d, ok)
	}
	s = fold(entity(1, 0, func(d *roentgen.Stored) { d.Segment.Start = 0 }), entity(2, 1, nil)).Summary()
	if s.Start != 0 {
		t.Errorf("a start at the epoch became %d", s.Start)
	}
}

func TestDurationsAreUnknownWhileOpenAndNeverNegative(t *testing.T) {
	s := fold(entity(1, 0, open), entity(2, 1, nil)).Summary()
	if _, ok := s.Duration(); ok {
		t.Error("an open trace has a duration")
	}
	if _, ok := s.ResponseTime(); ok {
		t.Error("an open root has a response time")
	}
	s = fold(entity(1, 9, subsegment)).Summary()
	if _, ok := s.ResponseTime(); ok {
		t.Error("no root has a response time")
	}
	s = fold(entity(1, 0, func(d *roentgen.Stored) { d.Segment.End = 1 })).Summary()
	if d, ok := s.Duration(); d != 0 || !ok {
		t.Errorf("an end before the start: %s, %v", d, ok)
	}
	if d, ok := s.ResponseTime(); d != 0 || !ok {
		t.Errorf("an end before the start: %s, %v", d, ok)
	}
}

func TestOutcomesComeFromTheRootAndThrottleFromAnywhere(t *testing.T) {
	status := func(n int) func(*roentgen.Stored) {
		return func(d *roentgen.Stored) { d.Segment.HTTP = &roentgen.HTTP{Status: n} }
	}
	cases := []struct {
		sentence               string
		docs                   []roentgen.Stored
		isError, throttle, bad bool
	}{
		{"a callee's fault is its own", []roentgen.Stored{entity(1, 0, nil), entity(2, 1, status(500))}, false, false, false},
		{"a callee's throttle is the trace's", []roentgen.Stored{entity(1, 0, nil), entity(2, 1, status(429))}, false, true, false},
		{"a root's throttle is an error too", []roentgen.Stored{entity(1, 0, status(429))}, true, true, false},
		{"4xx", []roentgen.Stored{entity(1, 0, status(404))}, true, false, false},
		{"5xx", []roentgen.Stored{entity(1, 0, status(503))}, false, false, true},
		{"600 is no fault", []roentgen.Stored{entity(1, 0, status(600))}, false, false, false},
		{"a flag without a status", []roentgen.Stored{entity(1, 0, func(d *roentgen.Stored) { d.Segment.Fault = true })}, false, false, true},
		{"a nested throttle", []roentgen.Stored{entity(1, 0, func(d *roentgen.Stored) {
			d.Segment.Subsegments = []roentgen.Segment{{ID: segmentID(9), Throttle: true}}
		})}, false, true, false},
	}
	for _, c := range cases {
		if s := fold(c.docs...).Summary(); s.Error != c.isError || s.Throttle != c.throttle || s.Fault != c.bad {
			t.Errorf("%s: error %v, throttle %v, fault %v", c.sentence, s.Error, s.Throttle, s.Fault)
		}
	}
}

func TestAnnotationsAndUsersAreJoinedWithTheirServices(t *testing.T) {
	order := roentgen.Annotation{Key: "order", Value: roentgen.AnnotationValue{Kind: roentgen.NumberValue, Number: 7}}
	paid := roentgen.Annotation{Key: "order", Value: roentgen.AnnotationValue{Kind: roentgen.StringValue, String: "7"}}
	with := func(user string, kind roentgen.Kind, as ...roentgen.Annotation) func(*roentgen.Stored) {
		return func(d *roentgen.Stored) { d.Segment.User, d.Segment.Kind, d.Segment.Annotations = user, kind, as }
	}
	nested := func(d *roentgen.Stored) {
		d.Segment.Annotations = []roentgen.Annotation{order, order}
		d.Segment.Subsegments = []roentgen.Segment{{ID: segmentID(9), Annotations: []roentgen.Annotation{order, paid}}}
	}
	s := fold(
		entity(1, 0, nested),
		entity(2, 1, with("ana", roentgen.KindSegment, order)),
		entity(3, 2, with("ana", roentgen.KindSubsegment, paid)), // belongs to service 2
		entity(4, 8, with("bo", roentgen.KindSubsegment, order)), // belongs to nobody known
	).Summary()
	one, two := roentgen.ServiceID{Name: "service-1"}, roentgen.ServiceID{Name: "service-2"}
	want := roentgen.Summary{
		Annotations: []roentgen.AnnotationUse{
			{Annotation: paid, Services: []roentgen.ServiceID{one, two}},
			{Annotation: order, Services: []roentgen.ServiceID{one, two}},
		},
		Users:    []roentgen.UserUse{{Name: "ana", Services: []roentgen.ServiceID{two}}, {Name: "bo"}},
		Services: []roentgen.ServiceID{one, two},
	}
	if text(t, s.Annotations) != text(t, want.Annotations) || text(t, s.Users) != text(t, want.Users) || text(t, s.Services) != text(t, want.Services) {
		t.Errorf("got  %s\nwant %s", text(t, s), text(t, want))
	}
}

func TestPlacesAreDistinctAndSorted(t *testing.T) {
	in := func(arn, instance, zone, account string) func(*roentgen.Stored) {
		return func(d *roentgen.Stored) {
			d.Segment.Name, d.Segment.Origin = "shop", "AWS::EC2::Instance"
			d.Segment.ResourceARN, d.Segment.AWS = arn, &roentgen.AWS{InstanceID: instance, AvailabilityZone: zone, AccountID: account}
		}
	}
	function := func(d *roentgen.Stored) {
		in("", "", "", "2")(d)
		d.Segment.AWS.FunctionARN, d.Segment.AWS.ContainerARN = "arn:f", "arn:c"
	}
	s := fold(entity(1, 0, in("arn:b", "i-2", "eu-1a", "1")), entity(2, 1, in("arn:a", "i-1", "eu-1a", "1")), entity(3, 1, function)).Summary()
	got := text(t, []any{s.ResourceARNs, s.InstanceIDs, s.Zones, s.Services})
	want := `[["arn:a","arn:b","arn:c","arn:f"],["i-1","i-2"],["eu-1a"],[{"Name":"shop","Type":"AWS::EC2::Instance","AccountID":"1"},{"Name":"shop","Type":"AWS::EC2::Instance","AccountID":"2"}]]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestClocksOfASummary(t *testing.T) {
	s := fold(entity(1, 0, nil)).Summary()
	for c, want := range map[roentgen.Clock]roentgen.Time{roentgen.ClockStart: 100, roentgen.ClockUpdated: 1001, roentgen.ClockEnd: 150} {
		if got, ok := s.At(c); got != want || !ok {
			t.Errorf("clock %d: %d, %v", c, got, ok)
		}
	}
	s = fold(entity(1, 0, open)).Summary()
	if _, ok := s.At(roentgen.ClockEnd); ok {
		t.Error("an open trace has an end")
	}
}

func TestPlacesAreOrderedNewestFirst(t *testing.T) {
	a := roentgen.Place{At: 2, Trace: roentgen.TraceID{1}}
	b := roentgen.Place{At: 2, Trace: roentgen.TraceID{2}}
	c := roentgen.Place{At: 1, Trace: roentgen.TraceID{0}}
	for _, x := range []struct {
		p, q roentgen.Place
		want bool
	}{{b, a, true}, {a, b, false}, {c, b, true}, {b, c, false}, {a, a, false}} {
		if got := x.p.Behind(x.q); got != x.want {
			t.Errorf("%v behind %v: %v", x.p, x.q, got)
		}
	}
}

func TestSupersedesIsATotalOrder(t *testing.T) {
	doc := func(hash uint64, text string, inProgress bool) *roentgen.Segment {
		return &roentgen.Segment{Hash: hash, Document: []byte(text), InProgress: inProgress}
	}
	type version struct {
		s        *roentgen.Segment
		received roentgen.Time
	}
	rising := []version{
		{doc(9, "", true), 1}, {doc(1, "", true), 2}, {doc(5, "", false), 0},
		{doc(1, "", false), 3}, {doc(2, "a", false), 3}, {doc(2, "b", false), 3},
	}
	for i, a := range rising {
		for j, b := range rising {
			if got := a.s.Supersedes(b.s, a.received, b.received); got != (i > j) {
				t.Errorf("%d supersedes %d: %v", i, j, got)
			}
		}
	}
}

func TestTime(t *testing.T) {
	now := time.Date(2026, 2, 25, 9, 0, 0, 123_456_000, time.FixedZone("x", 3600))
	at := roentgen.At(now)
	if !at.Time().Equal(now) || at.Time().Location() != time.UTC || at.Seconds() != 1772006400.123456 || (at+5).Sub(at) != 5 {
		t.Errorf("%v, %v", at.Time(), at.Seconds())
	}
}
