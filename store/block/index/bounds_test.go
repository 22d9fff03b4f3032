package index

import (
	"fmt"
	"sync"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// plain is a trace of one segment.
func plain(i int, notes ...roentgen.Annotation) (Row, *roentgen.Rows) {
	s := &roentgen.Summary{Start: base - roentgen.Time(i), End: base, Updated: base, Root: &roentgen.Part{}}
	s.Trace = roentgen.TraceID{12: byte(i >> 16), 13: byte(i >> 8), 14: byte(i), 15: 1}
	for _, a := range notes {
		s.Annotations = append(s.Annotations, roentgen.AnnotationUse{Annotation: a})
	}
	rows := &roentgen.Rows{Summary: s, Nodes: []roentgen.NodeRow{{}, {}}}
	rows.Segments = []roentgen.SegmentRow{{Node: &rows.Nodes[0], Annotations: notes}}
	rows.Edges = []roentgen.EdgeRow{{Source: &rows.Nodes[0], Destination: &rows.Nodes[1]}}
	return Row{ID: s.Trace, Start: s.Start, End: s.End, Updated: s.Updated, First: base}, rows
}

// found checks that an expression names the one row, and at most so many besides.
func (b *block) found(t *testing.T, expression string, row, besides int) {
	t.Helper()
	m := matcher(t, expression)
	rows, all := b.index.Candidates(m)
	if all || !rows.ContainsInt(row) || int(rows.GetCardinality()) > 1+besides {
		t.Errorf("%s has the candidates %v (all: %t), want %d and at most %d besides", expression, rows, all, row, besides)
	}
	if !b.summary.MayMatch(m) {
		t.Errorf("%s: the summary rules the block out", expression)
	}
}

func TestThousandsOfServicesAreFound(t *testing.T) {
	var rows []Row
	var traces []*roentgen.Rows
	for i := range 5000 {
		row, trace := plain(i)
		trace.Nodes[0].Name, trace.Nodes[1].Name, trace.Nodes[1].Names = fmt.Sprint("service-", 2*i), fmt.Sprint("service-", 2*i+1), []string{fmt.Sprint("also-", i)}
		rows, traces = append(rows, row), append(traces, trace)
	}
	b := NewBuilder()
	block := build(t, b, rows, traces)
	for _, i := range []int{0, 1, 777, 4999} {
		block.found(t, fmt.Sprintf(`service("service-%d")`, 2*i), i, 1)
		block.found(t, fmt.Sprintf(`service("also-%d")`, i), i, 1)
		block.found(t, fmt.Sprintf(`edge("service-%d", "service-%d")`, 2*i, 2*i+1), i, 1)
		block.found(t, fmt.Sprintf(`edge("service-%d", "also-%d")`, 2*i, i), i, 1)
		block.found(t, fmt.Sprintf(`service("service-%d") { ok }`, 2*i), i, 1)
		block.found(t, fmt.Sprintf(`service { name = "service-%d" }`, 2*i), i, 1)
	}
	if rows, all := block.index.Candidates(matcher(t, `edge("service-0", "service-3")`)); all || !rows.IsEmpty() {
		t.Errorf("an edge that is not there has the candidates %v (all: %t)", rows, all)
	}
	if n := len(b.Encode(nil)); n > 5000*60 {
		t.Errorf("the part takes %d bytes", n)
	}
}

func TestHundredThousandKeysAreFound(t *testing.T) {
	var rows []Row
	var traces []*roentgen.Rows
	for i := range 5000 {
		var notes []roentgen.Annotation
		for j := range 20 {
			notes = append(notes, roentgen.Annotation{Key: fmt.Sprint("key-", 20*i+j), Value: filter.Text(fmt.Sprint("value-", i))})
		}
		row, trace := plain(i, append(notes, roentgen.Annotation{Key: "common", Value: filter.Float(float64(i % 7))})...)
		rows, traces = append(rows, row), append(traces, trace)
	}
	b := NewBuilder()
	block := build(t, b, rows, traces)
	for _, i := range []int{0, 5, 2500, 4999} {
		block.found(t, fmt.Sprintf(`annotation[key-%d] = "value-%d"`, 20*i+3, i), i, 1)
		block.found(t, fmt.Sprintf(`annotation[key-%d] BEGINSWITH "value"`, 20*i+3), i, 2)
		block.found(t, fmt.Sprintf(`annotation[key-%d]`, 20*i+19), i, 2)
		block.found(t, fmt.Sprintf(`annotation[key-%d] AND annotation.common = %d`, 20*i+19, i%7), i, 1)
		block.found(t, fmt.Sprintf(`service { annotation[key-%d] != "x" }`, 20*i+19), i, 2)
	}
	if block.summary.any&wild != 0 {
		t.Error("some trace matches whatever is asked")
	}
	if n := len(b.table.terms); n > b.opt.MaxTerms {
		t.Errorf("%d terms are kept apart", n)
	}
	if n := len(b.Encode(nil)); n > 100_000*16 {
		t.Errorf("the part takes %d bytes", n)
	}
}

// Whatever is added, the memory of a Builder is bounded by its Options and the number of entries.
func TestBoundsHold(t *testing.T) {
	b := Options{MaxTerms: 1000, MaxHashed: 8000, MaxKeys: 40, MaxValues: 10}.NewBuilder()
	var rows []Row
	var traces []*roentgen.Rows
	for i := range 300 {
		var notes []roentgen.Annotation
		for j := range 30 {
			notes = append(notes, roentgen.Annotation{Key: fmt.Sprint("key-", j), Value: filter.Text(fmt.Sprint("value-", i, "-", j))})
		}
		row, trace := plain(i, notes...)
		rows, traces = append(rows, row), append(traces, trace)
	}
	block := build(t, b, rows, traces)
	if len(b.table.terms) > 2*b.opt.MaxTerms || len(b.done.hashed) > b.opt.MaxHashed {
		t.Errorf("%d terms and %d hashed ones are kept", len(b.table.terms), len(b.done.hashed))
	}
	for i := range 5 {
		block.found(t, fmt.Sprintf(`annotation[key-7] = "value-%d-7"`, i), i, 300)
	}
	rest, all := block.index.Candidates(matcher(t, `annotation[key-7] = "nothing"`))
	if n := rest.GetCardinality(); all || n == 0 || n > 200 {
		t.Errorf("%d of 300 traces match whatever is asked (all: %t); there was room for some and not for all", n, all)
	}
}

func TestSummaryRulesMostBlocksOut(t *testing.T) {
	rows, traces := night(t, 500)
	block := build(t, NewBuilder(), rows, traces)
	ids, values := 0, 0
	const asked = 4000
	for i := range asked {
		if block.summary.HasTrace(roentgen.TraceID{0: 0x6a, 4: byte(i), 5: byte(i >> 8)}) {
			ids++
		}
		if block.summary.MayMatch(matcher(t, fmt.Sprintf(`annotation.session_id = "nobody-%d"`, i))) {
			values++
		}
	}
	if ids > asked*2/100 || values > asked*2/100 {
		t.Errorf("of %d ids and values that are not there, %d and %d may be: want about one in a hundred", asked, ids, values)
	}
}

// Many ask at once.
func TestManyAsk(t *testing.T) {
	rows, traces := night(t, 200)
	block := build(t, NewBuilder(), rows, traces)
	matchers := []*filter.Matcher{matcher(t, `duration > 1`), matcher(t, `fault`), matcher(t, `service("afirgen-gguf-server")`)}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range rows {
				block.index.Candidates(matchers[i%len(matchers)])
				block.summary.MayMatch(matchers[i%len(matchers)])
				block.index.Find(rows[i].ID)
				block.index.Order(roentgen.Clock(i % 3))
				block.index.Row(i)
			}
		})
	}
	all.Wait()
}

// What a block of the usual traces takes, so that nobody makes it larger without noticing.
func TestUsualTracesTakeLittle(t *testing.T) {
	rows, traces := night(t, 1000)
	b := NewBuilder()
	block := build(t, b, rows, traces)
	index, summary, spans := len(b.Encode(nil)), len(b.Summary(nil)), 12*len(rows)
	t.Logf("%.2f and %.2f bytes a span, %d bytes in memory", float64(index)/float64(spans), float64(summary)/float64(spans), block.index.Size())
	if index > 4*spans || 10*summary > 9*spans {
		t.Errorf("the index takes %.2f bytes a span, the summary %.2f", float64(index)/float64(spans), float64(summary)/float64(spans))
	}
}

// Adding what was met before, and asking a summary, allocate nothing.
func TestWhatIsDoneOftenAllocatesNothing(t *testing.T) {
	rows, traces := night(t, 50)
	b := NewBuilder()
	add := func() {
		b.Reset()
		for i := range rows {
			b.Add(rows[i], traces[i])
		}
	}
	add()
	// The keys and the nodes are copied for the first trace of a block.
	if n := testing.AllocsPerRun(10, add); n > 20 {
		t.Errorf("adding %d traces allocates %.0f times", len(rows), n)
	}
	block := build(t, b, rows, traces)
	for _, expression := range []string{`annotation.session_id = "x" AND fault`, `user = "x" OR duration > 8`, `edge("a", "b") { fault }`,
		`service("afirgen-gguf-server") { annotation.model_name = "x" }`, `http.url CONTAINS "x"`} {
		m := matcher(t, expression)
		if n := testing.AllocsPerRun(100, func() { block.summary.MayMatch(m) }); n != 0 {
			t.Errorf("asking a summary for %s allocates %.0f times", expression, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { block.summary.HasTrace(rows[0].ID) }); n != 0 {
		t.Errorf("asking a summary for a trace allocates %.0f times", n)
	}
}
