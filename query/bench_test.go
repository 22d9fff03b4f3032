package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/store/memory"
	"github.com/roentgen/roentgen/wire"
)

// busy is a store in which n traces of three services and a dozen entities
// started within an hour, one in a hundred of them with a fault in the
// database.
func busy(b *testing.B, n int) (*memory.Store, roentgen.Window) {
	b.Helper()
	s := memory.New(memory.Options{MaxBytes: -1})
	b.Cleanup(func() { s.Close() })
	from := time.Now().Add(-time.Hour).Truncate(time.Hour)
	var docs []roentgen.Stored
	for i := range n {
		at := float64(from.UnixMilli())/1e3 + float64(i)*3599/float64(n)
		for _, text := range busyTrace(i, at) {
			seg, err := wire.ParseDocument([]byte(text), wire.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			docs = append(docs, roentgen.Stored{Segment: seg, Received: roentgen.At(from)})
		}
	}
	if _, err := s.Append(b.Context(), docs); err != nil {
		b.Fatal(err)
	}
	return s, roentgen.Window{From: roentgen.At(from), To: roentgen.At(from.Add(time.Hour))}
}

func busyTrace(i int, at float64) []string {
	fault := ""
	if i%100 == 0 {
		fault = `,"fault":true`
	}
	segment := func(id, parent int, name, calls string) string {
		return fmt.Sprintf(`{"trace_id":"1-5759e988-%024x","id":"%016x","parent_id":"%016x","name":%q,"origin":"AWS::ECS::Container","start_time":%f,"end_time":%f,
			"http":{"request":{"method":"POST","url":"http://shop.test/cart"},"response":{"status":200}},"annotations":{"tenant":"t%d"},"subsegments":[%s]}`,
			i+1, id, parent, name, at, at+0.2, i%50, calls)
	}
	call := func(id int, name, more string) string {
		return fmt.Sprintf(`{"id":"%016x","name":%q,"start_time":%f,"end_time":%f%s}`, id, name, at, at+0.1, more)
	}
	const remote = `,"namespace":"remote"`
	return []string{
		segment(1, 0, "front", call(11, "parse", "")+","+call(12, "middle", remote)+","+call(13, "render", "")),
		segment(2, 12, "middle", call(21, "check", "")+","+call(22, "back", remote)+","+call(23, "db@host", remote+fault)),
		segment(3, 22, "back", call(31, "work", "")+","+call(32, "cache", remote)+","+call(33, "more", "")),
	}
}

func BenchmarkSummaries(b *testing.B) {
	s, w := busy(b, 10_000)
	e := query.New(s, nil, query.Config{})
	for _, c := range []struct {
		name, expression string
		matches          int
	}{
		{"all", ``, 1000},
		{"by the summary", `annotation.tenant = "t7"`, 200},
		{"by the summary, nothing", `responsetime > 5`, 0},
		{"by segments", `service("db@host") { fault }`, 100},
		{"by summary and segments", `annotation.tenant = "t0" AND service("db@host") { fault }`, 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				q := query.SummaryQuery{Window: w, Share: 1}
				var err error
				if q.Filter, err = filter.Parse(c.expression); err != nil {
					b.Fatal(err)
				}
				page, err := e.Summaries(b.Context(), q)
				if err != nil || len(page.Traces) != c.matches {
					b.Fatalf("%d traces, want %d (%v)", len(page.Traces), c.matches, err)
				}
			}
		})
	}
}

func BenchmarkTimeSeries(b *testing.B) {
	s, w := busy(b, 20_000)
	e := query.New(s, nil, query.Config{})
	q := query.SeriesQuery{From: w.From - 6*3600e9, To: w.To + 60e9}
	if _, err := e.TimeSeries(b.Context(), q); err != nil { // counts what was appended
		b.Fatal(err)
	}
	for b.Loop() {
		out, err := e.TimeSeries(b.Context(), q)
		if err != nil || len(out.Points) != 60 {
			b.Fatalf("%d points (%v)", len(out.Points), err)
		}
	}
}
