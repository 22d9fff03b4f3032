package graph

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// tracedCall is a segment with a call at depth two that says its callee is
// traced, and ended that long after noon.
func tracedCall(end time.Duration) roentgen.Stored {
	call := roentgen.Segment{ID: roentgen.SegmentID{7}, End: noon + roentgen.Time(end), HTTP: &roentgen.HTTP{Traced: true}}
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
		got, ok := Due(&roentgen.Trace{Documents: c.docs}, c.now, c.opt)
		if ok != (c.want != 0) || ok && got != c.want {
			t.Errorf("%s: %d, %v; want %d", c.what, got-noon, ok, c.want-noon)
		}
	}
}

// TestFoldChangesWhenItIsDue holds Due against Fold.
func TestFoldChangesWhenItIsDue(t *testing.T) {
	doc := tracedCall(0)
	call := &doc.Segment.Subsegments[0].Subsegments[0]
	call.Name, call.Namespace, call.Start = "far", roentgen.NamespaceRemote, noon-1e9
	trace := &roentgen.Trace{Documents: []roentgen.Stored{doc}}
	summary := roentgen.NewPartial(doc).Summary()
	due, ok := Due(trace, noon, Options{})
	before, after := Fold(trace, &summary, due-1, Options{}), Fold(trace, &summary, due, Options{})
	if !ok || len(before.Segments) != 1 || len(after.Segments) != 2 {
		t.Errorf("%v: %d segments before and %d after, want the callee to be one more", ok, len(before.Segments), len(after.Segments))
	}
}
