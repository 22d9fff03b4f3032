package tracing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// family rebuilds the tree of a trace from all its documents, nested or not:
// the name of each (sub)segment with the name of its parent.
func family(t *testing.T, docs []doc) map[string]string {
	t.Helper()
	names, parents := map[any]string{}, map[any]any{}
	var walk func(d doc, parent any)
	walk = func(d doc, parent any) {
		id := d["id"]
		if names[id] != "" {
			t.Errorf("%v (%v) stands twice", d["name"], id)
		}
		names[id], parents[id] = d["name"].(string), parent
		kids, _ := d["subsegments"].([]any)
		for _, k := range kids {
			walk(k.(doc), id)
		}
	}
	for _, d := range docs {
		if d["trace_id"] != docs[0]["trace_id"] {
			t.Errorf("document of another trace: %v", d)
		}
		walk(d, d["parent_id"])
	}
	tree := map[string]string{}
	for id, name := range names {
		tree[name] = names[parents[id]]
	}
	return tree
}

func TestConcurrentChildrenKeepTheirParent(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				_ = Trace(ctx, fmt.Sprint("child ", i), func(ctx context.Context) error {
					Annotate(ctx, "i", i)
					AnnotateSegment(ctx, "last", i)
					Metadata(ctx, "", "i", i)
					return Trace(ctx, fmt.Sprint("grandchild ", i), func(context.Context) error { return nil })
				})
			})
		}
		all.Wait()
	})
	tree := family(t, []doc{d})
	if len(tree) != 41 {
		t.Errorf("%d entities, want 41", len(tree))
	}
	for i := range 20 {
		if tree[fmt.Sprint("child ", i)] != "shop" || tree[fmt.Sprint("grandchild ", i)] != fmt.Sprint("child ", i) {
			t.Errorf("family %d is torn: %v", i, tree)
		}
	}
	kids := d["subsegments"].([]any)
	for i := range kids[1:] {
		if fmt.Sprint(kids[i].(doc)["start_time"]) > fmt.Sprint(kids[i+1].(doc)["start_time"]) {
			t.Errorf("child %d starts after child %d", i, i+1)
		}
	}
}

func TestWorkThatOutlivesItsSegmentFollowsOnItsOwn(t *testing.T) {
	tr, a := start(t, Config{})
	release, done := make(chan struct{}), sync.WaitGroup{}
	request, cancel := context.WithCancel(context.Background())
	_ = tr.Segment(request, "", func(ctx context.Context) error {
		_ = Trace(ctx, "quick", func(context.Context) error { return nil })
		started := make(chan struct{})
		done.Go(func() {
			_ = Trace(context.WithoutCancel(ctx), "background", func(ctx context.Context) error {
				_ = Trace(ctx, "before", func(context.Context) error { return nil })
				close(started)
				<-release
				Annotate(ctx, "late", true)
				AnnotateSegment(ctx, "too", "late")
				_ = Trace(ctx, "after", func(context.Context) error { return nil })
				return ctx.Err()
			})
		})
		<-started
		return nil
	})
	cancel()
	first := a.wait(1)[0]
	a.is(first, `null`, "subsegments", 1)
	a.is(first, `null`, "annotations")
	close(release)
	done.Wait()
	docs := a.wait(2)
	late := docs[1]
	a.is(late, `"subsegment"`, "type")
	a.is(late, `{"late":true}`, "annotations")
	a.is(late, text(t, first, "id"), "parent_id")
	a.is(late, `null`, "service")
	want := map[string]string{"shop": "", "quick": "shop", "background": "shop", "before": "background", "after": "background"}
	if got := family(t, docs); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("family is %v, want %v", got, want)
	}
	if st := tr.Stats(); st.Detached != 1 || st.UsesAfterEnd != 1 {
		t.Errorf("stats are %+v", st)
	}
}

func TestAChildOfAnEndedParentFindsItsPlace(t *testing.T) {
	tr, a := start(t, Config{})
	var orphan trace.Span
	var lost context.Context
	d := a.segment(tr, func(ctx context.Context) {
		inner, s := Begin(ctx, "ended")
		End(s, nil)
		_ = Trace(inner, "while the segment is open", func(context.Context) error { return nil })
		lost, orphan = Begin(inner, "after the segment")
	})
	a.is(d, `"while the segment is open"`, "subsegments", 0, "subsegments", 0, "name")
	_ = Trace(lost, "child", func(context.Context) error { return nil })
	End(orphan, nil)
	late := a.wait(2)[1]
	a.is(late, text(t, d, "subsegments", 0, "id"), "parent_id")
	a.is(late, `"child"`, "subsegments", 0, "name")
}

func TestALongSegmentHoldsOnlySoManySubsegments(t *testing.T) {
	tr, a := start(t, Config{Limits: Limits{HeldSubsegments: 10}})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		for i := range 30 {
			_ = Trace(ctx, fmt.Sprint("step ", i), func(context.Context) error { return nil })
		}
		return nil
	})
	docs := a.wait(23) // eleven twice, and the segment with the other eight
	tree := family(t, docs)
	if len(docs) != 23 || len(tree) != 31 || tree["step 29"] != "shop" || tree["step 0"] != "shop" {
		t.Errorf("tree is %v", tree)
	}
}

func TestABurstOfSubsegmentsDoesNotCrowdTheQueue(t *testing.T) {
	tr, _ := start(t, Config{QueueSize: 8})
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		for range 5000 {
			_ = Trace(ctx, "step", func(context.Context) error { return nil })
		}
		return nil
	})
	if got := tr.Stats(); got.QueueFull != 0 || got.Detached != 4*1001 {
		t.Errorf("%d subsegments were dropped, %d sent ahead of their segment; want 0 and 4004", got.QueueFull, got.Detached)
	}
}

func TestALargeTreeIsSentInParts(t *testing.T) {
	const limit = 8192
	tr, a := start(t, Config{MaxDocumentBytes: limit})
	want := map[string]string{"shop": ""}
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
		for i := range 15 {
			name := fmt.Sprint("outer ", i)
			want[name] = "shop"
			_ = Trace(ctx, name, func(ctx context.Context) error {
				Metadata(ctx, "", "blob", strings.Repeat("x", 500*(i%7)))
				for j := range 5 {
					inner := fmt.Sprint("inner ", i, " ", j)
					want[inner] = name
					_ = Trace(ctx, inner, func(ctx context.Context) error {
						Metadata(ctx, "", "blob", strings.Repeat("y", 300*j))
						return nil
					})
				}
				return nil
			})
		}
		return nil
	})
	tr.shutdownForTest(t)
	raw := a.waitRaw(int(tr.Stats().DocumentsSent))
	var docs []doc
	for _, r := range raw {
		if n := len(r) - len(sampledLine); n > limit {
			t.Errorf("a document has %d bytes", n)
		}
		docs = append(docs, a.decode(r))
	}
	if got := family(t, docs); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("family is %v, want %v", got, want)
	}
	if st := tr.Stats(); st.Split != 1 || len(raw) < 4 || len(raw) > 40 {
		t.Errorf("%d documents, stats %+v", len(raw), st)
	}
}

func TestADeepTreeIsCutIntoReadableDepths(t *testing.T) {
	tr, a := start(t, Config{})
	var dive func(ctx context.Context, n int) error
	dive = func(ctx context.Context, n int) error {
		if n == 0 {
			return nil
		}
		return Trace(ctx, fmt.Sprint("level ", n), func(ctx context.Context) error { return dive(ctx, n-1) })
	}
	_ = tr.Segment(context.Background(), "", func(ctx context.Context) error { return dive(ctx, 350) })
	tr.shutdownForTest(t)
	docs := a.wait(int(tr.Stats().DocumentsSent))
	tree := family(t, docs)
	if len(tree) != 351 || tree["level 350"] != "shop" || tree["level 1"] != "level 2" {
		t.Errorf("%d entities in %d documents", len(tree), len(docs))
	}
	for _, d := range docs {
		if n := depth(d); n > maxDepth {
			t.Errorf("a document is %d deep", n)
		}
	}
}

// maxOpen is how many objects and arrays may stand in one another for
// Roentgen's server (docs/protocol/document.md).
const maxOpen = 128

func TestDocumentsAreNotTooDeepForTheServer(t *testing.T) {
	tr, a := start(t, Config{})
	deepest := json.RawMessage(strings.Repeat(`{"[\"":[`, maxValueDepth/2) + strings.Repeat("]}", maxValueDepth/2))
	var dive func(ctx context.Context, n int) error
	dive = func(ctx context.Context, n int) error {
		Metadata(ctx, "", "deepest", deepest)
		Metadata(ctx, "", "too deep", json.RawMessage(strings.Repeat("[", maxValueDepth+1)+strings.Repeat("]", maxValueDepth+1)))
		if n == 0 {
			return io.EOF
		}
		return Trace(ctx, "level", func(ctx context.Context) error { return dive(ctx, n-1) })
	}
	for n := range 120 {
		_ = tr.Segment(context.Background(), "", func(ctx context.Context) error { return dive(ctx, n) })
	}
	tr.shutdownForTest(t)
	for _, d := range a.wait(int(tr.Stats().DocumentsSent)) {
		if n := open(d); n > maxOpen {
			t.Fatalf("%d objects and arrays stand in one another", n)
		}
		a.is(d, `"value of type json.RawMessage could not be encoded"`, "metadata", "default", "too deep")
	}
}

// open counts the objects and arrays that stand in one another.
func open(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for _, m := range v {
			n = max(n, open(m))
		}
	case []any:
		for _, m := range v {
			n = max(n, open(m))
		}
	default:
		return 0
	}
	return n + 1
}

func depth(d doc) (n int) {
	kids, _ := d["subsegments"].([]any)
	for _, k := range kids {
		n = max(n, depth(k.(doc)))
	}
	return n + 1
}

func TestAnOverlargeSubsegmentShedsAndSaysSo(t *testing.T) {
	long := strings.Repeat("m", 2000)
	cases := []struct {
		title string
		fill  func(ctx context.Context)
		count func(Stats) uint64
		note  string
	}{
		{"metadata first", func(ctx context.Context) { Metadata(ctx, "", "blob", strings.Repeat("x", 8000)) },
			func(s Stats) uint64 { return s.MetadataShed }, shedNotes[shedMetadata]},
		{"then stacks", func(ctx context.Context) { s, _ := current(ctx); s.addError(longError(long), true); deepError(ctx, 40) },
			func(s Stats) uint64 { return s.StacksShed }, shedNotes[shedStacks]},
		{"then everything", func(ctx context.Context) {
			for i := range 10 {
				Annotate(ctx, fmt.Sprint("k", i), long)
			}
		}, func(s Stats) uint64 { return s.DetailsShed }, shedNotes[shedDetails]},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			tr, a := start(t, Config{MaxDocumentBytes: 4096})
			_ = tr.Segment(context.Background(), "", func(ctx context.Context) error {
				return Trace(ctx, "big", func(ctx context.Context) error { c.fill(ctx); return nil })
			})
			tr.shutdownForTest(t)
			docs := a.wait(int(tr.Stats().DocumentsSent))
			found := false
			for _, d := range docs {
				b := d
				if kid, ok := at(t, d, "subsegments", 0).(doc); ok {
					b = kid
				}
				found = found || text(t, b, "metadata", "roentgen", "shed") == `"`+c.note+`"`
			}
			if !found || c.count(tr.Stats()) != 1 {
				t.Errorf("note found %v, stats %+v, documents %v", found, tr.Stats(), docs)
			}
		})
	}
}

type longError string

func (e longError) Error() string { return string(e) }

// deepError records an error under n more frames, whose stack is long.
func deepError(ctx context.Context, n int) {
	if n > 0 {
		deepError(ctx, n-1)
		return
	}
	s, _ := current(ctx)
	s.addError(longError("deep"), true)
}

func TestTimesAreMonotonicMicroseconds(t *testing.T) {
	c := newClock()
	tr, a := start(t, Config{Now: c.now})
	d := a.segment(tr, func(ctx context.Context) {
		_, s := tr.Tracer("").Start(ctx, "backwards", trace.WithTimestamp(time.Unix(1780165690, 123456789)))
		s.End(trace.WithTimestamp(time.Unix(1, 0)))
		_, s = tr.Tracer("").Start(ctx, "before 1970", trace.WithTimestamp(time.Unix(-5, 0)))
		s.End()
	})
	a.is(d, `1780165693.101000`, "start_time")
	kids := map[string]any{}
	for _, k := range d["subsegments"].([]any) {
		kids[k.(doc)["name"].(string)] = k
	}
	a.is(kids["backwards"], `1780165690.123456`, "start_time")
	a.is(kids["backwards"], `1780165690.123456`, "end_time")
	a.is(kids["before 1970"], `0.000000`, "start_time")
}
