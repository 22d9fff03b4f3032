package graph

import (
	"math"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// tracedCall is a segment with a call at depth two that says its callee is
// traced, and ended that long after noon.
func tracedCall(end time.Duration) roentgen.Stored {
	call := roentgen.Segment{ID: roentgen.SegmentID{7}, End: noon + roentgen.Time(end), Namespace: roentgen.NamespaceRemote, HTTP: &roentgen.HTTP{Traced: true}}
	local := roentgen.Segment{ID: roentgen.SegmentID{6}, Subsegments: []roentgen.Segment{call}}
	return roentgen.Stored{Segment: &roentgen.Segment{ID: roentgen.SegmentID{5}, Subsegments: []roentgen.Segment{local}}}
}

func TestDueIsWhenACallHasWaitedLongEnough(t *testing.T) {
	wait := Options{InferAfter: time.Minute}
	due := noon + roentgen.Time(time.Minute) + 1
	open := tracedCall(0)
	open.Segment.Subsegments[0].Subsegments[0].InProgress = true
	callee := roentgen.Stored{Segment: &roentgen.Segment{ID: roentgen.SegmentID{8}, Parent: roentgen.SegmentID{7}}}
	other := roentgen.Stored{Segment: &roentgen.Segment{ID: roentgen.SegmentID{8}, Parent: roentgen.SegmentID{5}}}
	later := tracedCall(time.Second)
	later.Segment.ID, later.Segment.Subsegments[0].ID, later.Segment.Subsegments[0].Subsegments[0].ID = roentgen.SegmentID{2}, roentgen.SegmentID{3}, roentgen.SegmentID{4}
	own := tracedCall(0)
	own.Segment.Parent = roentgen.SegmentID{7}
	apart, ring := tracedCall(0), tracedCall(0)
	apart.Segment.Kind, apart.Segment.Parent = roentgen.KindSubsegment, roentgen.SegmentID{8}
	ring.Segment.Kind, ring.Segment.Parent = roentgen.KindSubsegment, roentgen.SegmentID{7}
	second := roentgen.Stored{Segment: &roentgen.Segment{ID: roentgen.SegmentID{9}, Parent: roentgen.SegmentID{7}}}
	for _, c := range []struct {
		what string
		docs []roentgen.Stored
		now  roentgen.Time
		opt  Options
		want roentgen.Time // 0: never
	}{
		{"a call that waits", []roentgen.Stored{tracedCall(0)}, noon, wait, due},
		{"by the default", []roentgen.Stored{tracedCall(0)}, noon, Options{}, noon + roentgen.Time(10*time.Minute) + 1},
		{"the last instant of waiting", []roentgen.Stored{tracedCall(0)}, due - 1, wait, due},
		{"a call that has waited", []roentgen.Stored{tracedCall(0)}, due, wait, 0},
		{"two calls", []roentgen.Stored{later, tracedCall(0)}, noon, wait, due},
		{"two calls of which one has waited", []roentgen.Stored{later, tracedCall(0)}, due, wait, due + 1e9},
		{"a call in progress", []roentgen.Stored{open}, noon, wait, 0},
		{"the callee is here", []roentgen.Stored{callee, tracedCall(0)}, noon, wait, 0},
		{"another segment is here", []roentgen.Stored{other, tracedCall(0)}, noon, wait, due},
		{"a segment that names its own call", []roentgen.Stored{own}, noon, wait, due},
		{"and the callee is here as well", []roentgen.Stored{own, callee}, noon, wait, 0},
		{"a segment that names the call of its subsegment", []roentgen.Stored{callee, apart}, noon, wait, due},
		{"and another one does", []roentgen.Stored{callee, apart, second}, noon, wait, 0},
		{"a ring of subsegments", []roentgen.Stored{ring}, noon, wait, due},
		{"a ring of subsegments and a callee", []roentgen.Stored{ring, callee}, noon, wait, 0},
		{"nothing", nil, noon, wait, 0},
	} {
		if got := Fold(&roentgen.Trace{Documents: c.docs}, nil, c.now, c.opt).Due; got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got-noon, c.want-noon)
		}
	}
}

// TestFoldChangesWhenItIsDue, to the nanosecond.
func TestFoldChangesWhenItIsDue(t *testing.T) {
	doc := tracedCall(0)
	call := &doc.Segment.Subsegments[0].Subsegments[0]
	call.Name, call.Start = "far", noon-1e9
	trace := &roentgen.Trace{Documents: []roentgen.Stored{doc}}
	summary := roentgen.NewPartial(doc).Summary()
	due := Fold(trace, &summary, noon, Options{}).Due
	before, after := Fold(trace, &summary, due-1, Options{}), Fold(trace, &summary, due, Options{})
	if len(before.Segments) != 1 || len(after.Segments) != 2 {
		t.Errorf("%d segments before and %d after, want the callee to be one more", len(before.Segments), len(after.Segments))
	}
	if before.Due != due || after.Due != 0 {
		t.Errorf("due %d before and %d after, want %d and never", before.Due, after.Due, due)
	}
}

func TestACallThatWaitsUntilTheEndOfTimeIsNeverDue(t *testing.T) {
	doc := tracedCall(0)
	doc.Segment.Subsegments[0].Subsegments[0].End = math.MaxInt64 - 5
	if due := Fold(&roentgen.Trace{Documents: []roentgen.Stored{doc}}, nil, noon, Options{}).Due; due != 0 {
		t.Errorf("due at %d", due)
	}
}
