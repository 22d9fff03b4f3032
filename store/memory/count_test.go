package memory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/storetest"
)

// TestGraphsAreOfWhatIsThere has documents arrive, wait for callees, be refused
// and be evicted, groups come and go, and the store opened again. At any time a
// graph is that of the traces that can be read.
func TestGraphsAreOfWhatIsThere(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c, fs, random := newClock(), vfs.NewFault(seed), rand.New(rand.NewPCG(seed, 3))
			opt := Options{Retention: 16 * time.Hour, MaxBytes: 30_000, MaxTraceBytes: 6000, Now: c.Now}
			s := mustOpen(t, fs, opt)
			setUsers(t, s, "u0", "u1")
			evicted := int64(0)
			for step := range 400 {
				randomStep(t, s, c, random)
				if step%40 == 39 {
					evicted += statsOf(t, s).Evicted
					mustClose(t, s)
					s = mustOpen(t, fs, opt)
					setUsers(t, s, "u0", "u1")
				}
				if random.IntN(3) == 0 {
					wantGraphsOfWhatIsThere(t, s)
				}
			}
			if evicted < 100 {
				t.Errorf("%d documents were evicted", evicted)
			}
		})
	}
}

func randomStep(t *testing.T, s *Store, c *clock, random *rand.Rand) {
	t.Helper()
	c.add(time.Duration(random.IntN(int(20 * time.Minute))))
	switch random.IntN(12) {
	case 0:
		maintain(t, s)
	case 1:
		setUsers(t, s, "u0", "u1", fmt.Sprint("u", 2+random.IntN(3)))
	case 2:
		setUsers(t, s, "u0", "u1")
	}
	var docs []roentgen.Stored
	for range 1 + random.IntN(4) {
		docs = append(docs, randomDoc(t, c, random))
	}
	if _, err := s.Append(context.Background(), docs); err != nil {
		t.Fatal(err)
	}
}

// randomDoc is of one of a few traces, with a call whose callee may come.
func randomDoc(t *testing.T, c *clock, random *rand.Rand) roentgen.Stored {
	now := roentgen.At(c.Now())
	id := random.IntN(6)
	return storetest.Document{
		Trace: random.IntN(30), ID: id, Parent: 100 + random.IntN(8) - 2, Subsegment: random.IntN(3) == 0, Received: now,
		Start: now - roentgen.Time(random.IntN(int(time.Hour))), End: now * roentgen.Time(min(1, random.IntN(4))),
		More: fmt.Sprintf(`,"user":"u%d","subsegments":[{"id":%q,"name":"far","namespace":"remote","start_time":%[3]d,"end_time":%[3]d,"http":{"request":{"url":"http://far/","traced":true}}}]`,
			random.IntN(5), storetest.SegmentID(100+id), now/1e9) + padding(random.IntN(600)),
	}.Stored(t)
}

func wantGraphsOfWhatIsThere(t *testing.T, s *Store) {
	t.Helper()
	graphs := map[string]*graph.Graph{}
	for _, group := range []string{"", "u0", "u1"} {
		graphs[group] = graphOf(t, s, group)
	}
	rows := map[string][]*roentgen.Rows{}
	for p, err := range s.Partials(context.Background(), roentgen.Window{From: math.MinInt64, To: math.MaxInt64}) {
		if err != nil {
			t.Fatal(err)
		}
		tr, summary := s.mu.traces[p.Trace], p.Summary()
		one := graph.Fold(tr.whole(), &summary, s.opt.now(), s.opt.Graph)
		rows[""] = append(rows[""], one)
		for _, m := range tr.members {
			rows[m.Group] = append(rows[m.Group], one)
		}
	}
	for group, got := range graphs {
		if want := graph.Of(rows[group]...); !reflect.DeepEqual(got, want) {
			t.Fatalf("group %q:\n got  %+v\n want %+v", group, got, want)
		}
	}
}

// Where counting is slower than writing, writers wait for it at last: what
// waits to be counted is held though it was evicted.
func TestWritersWaitForALongBacklog(t *testing.T) {
	c := newClock()
	s := New(Options{MaxBytes: -1, Now: c.Now})
	for n := range backlogLimit + 1 {
		s.soilLocked(&trace{id: storetest.TraceID(n)})
	}
	s.counter.Lock()
	done := make(chan error)
	go func() { done <- s.keepUp(context.Background(), 1) }()
	for range 100 {
		runtime.Gosched()
	}
	select {
	case <-done:
		t.Fatal("a writer did not wait")
	default:
	}
	s.counter.Unlock()
	if err := <-done; err != nil || s.waiting() != backlogLimit-countBatch {
		t.Errorf("%d traces wait, %v; want %d", s.waiting(), err, backlogLimit-countBatch)
	}
}

// A minute's worth of calls may have waited long enough at once.
func TestAllWhoseTimeHasComeAreCounted(t *testing.T) {
	c := newClock()
	s := New(Options{Now: c.Now, Graph: graph.Options{InferAfter: time.Minute}})
	const traces = 3*countBatch + 1
	second := roentgen.At(c.Now()) / 1e9
	for n := range traces {
		mustAppend(t, s, c.doc(t, n, 1, fmt.Sprintf(`,"subsegments":[{"id":"00000000000000aa","name":"far","namespace":"remote","start_time":%[1]d,"end_time":%[1]d,"http":{"request":{"url":"http://far/","traced":true}}}]`, second)))
	}
	wantCounted(t, s, "", traces)
	c.add(time.Hour)
	wantCounted(t, s, "", 2*traces)
}
