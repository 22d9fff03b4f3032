package index

import (
	"fmt"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/wire"
)

// family draws documents that graph.Fold has much to say about: services that call one another, some of which have not
// answered yet, and queues, and accounts, and parents that never arrived.
type family struct{ random }

func (f family) documents() []roentgen.Stored {
	var out []roentgen.Stored
	var calls []string
	trace := fmt.Sprintf("1-%08x-%024x", f.IntN(1<<31), f.IntN(1<<62))
	n := 1 + f.IntN(4)
	for i := range n {
		parent := ""
		if i > 0 && f.IntN(6) > 0 && len(calls) > 0 {
			parent = fmt.Sprintf(`,"parent_id":"%s"`, calls[f.IntN(len(calls))])
		}
		subs := ""
		for j := range f.IntN(3) {
			id := fmt.Sprintf("%08x%08x", i+1, j+1)
			calls = append(calls, id)
			if j > 0 {
				subs += ","
			}
			subs += fmt.Sprintf(`{"id":"%s","name":"%s"%s%s}`, id, f.name(), f.namespace(), f.rest())
		}
		kind := ""
		if f.IntN(8) == 0 {
			kind = `,"type":"subsegment"`
		}
		doc := fmt.Sprintf(`{"trace_id":"%s","id":"%016x","name":"%s"%s%s%s,"subsegments":[%s]}`, trace, i+1, f.name(), parent, kind, f.rest(), subs)
		s, err := wire.ParseDocument([]byte(doc), wire.Limits{})
		if err != nil {
			continue // some subsegments have no parent
		}
		out = append(out, roentgen.Stored{Segment: s, Received: base + roentgen.Time(f.IntN(1e9))})
	}
	if len(out) == 0 {
		return f.documents()
	}
	return out
}

func (f family) name() string {
	return oneOf(f.random, "web", "orders", "www", fmt.Sprint("n-", f.IntN(f.many)))
}

func (f family) namespace() string {
	return oneOf(f.random, "", `,"namespace":"remote"`, `,"namespace":"aws"`, `,"namespace":"remote"`)
}

func (f family) rest() string {
	start := float64(base/1e9) + float64(f.IntN(4))
	out := fmt.Sprintf(`,"start_time":%.3f`, start)
	if f.IntN(8) == 0 {
		out += `,"in_progress":true`
	} else {
		out += fmt.Sprintf(`,"end_time":%.3f`, start+oneOf(f.random, 0, 0.5, 1, 200))
	}
	out += oneOf(f.random, "", "", `,"fault":true`, `,"error":true`, `,"throttle":true`)
	if f.half() {
		out += fmt.Sprintf(`,"http":{"request":{"method":"%s","url":"http://%s/","traced":%t},"response":{"status":%d}}`,
			oneOf(f.random, "web", "a"), f.name(), f.half(), oneOf(f.random, 200, 404, 429, 500))
	}
	if f.half() {
		out += fmt.Sprintf(`,"annotations":{"k":"%s","K":%d,"key-%d":true}`, oneOf(f.random, "a", "true", "1"), f.IntN(3), f.IntN(f.many))
	}
	if f.IntN(4) == 0 {
		out += `,"cause":{"exceptions":[{"id":"00000000000000ee","type":"a","message":"web"}]}`
	}
	return out
}

// A query folds anew, later and perhaps with other settings, and for the clock of ends it leaves out segments and
// calls beyond its window: what matches then has to be among the candidates too.
func TestNoMatchIsMissedByLaterQueries(t *testing.T) {
	const written = base + roentgen.Time(300e9)
	b := NewBuilder()
	ruledOut := 0
	for seed := range uint64(30) {
		f := family{newRandom(seed, 50)}
		var rows []Row
		var traces, later []*roentgen.Rows
		for range oneOf(f.random, 1, 2, 30) {
			docs := f.documents()
			row, folded := fold(docs, written, graph.Options{})
			_, after := fold(docs, base+roentgen.Time(10*time.Hour), graph.Options{MaxAnnotations: 17})
			rows, traces, later = append(rows, row), append(traces, folded), append(later, after)
		}
		copied := append([]Row(nil), rows...)
		sorted(copied, later)
		block := build(t, b, rows, traces)
		for range 80 {
			m := f.matcher()
			ruledOut += block.check(t, m)
			block.traces = later
			block.check(t, m)
			block.traces = nil
			for _, r := range later {
				block.traces = append(block.traces, cut(f.random, r))
			}
			block.check(t, m)
			block.traces = traces
		}
	}
	t.Logf("%d were ruled out", ruledOut)
	if ruledOut < 10000 {
		t.Error("too few were ruled out to prove anything")
	}
}

// cut leaves out some segments and calls, as a window does.
func cut(r random, rows *roentgen.Rows) *roentgen.Rows {
	out := *rows
	out.Segments, out.Calls = nil, nil
	for _, s := range rows.Segments {
		if r.half() {
			out.Segments = append(out.Segments, s)
		}
	}
	for _, c := range rows.Calls {
		if r.half() {
			out.Calls = append(out.Calls, c)
		}
	}
	return &out
}
