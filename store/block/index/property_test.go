package index

import (
	"fmt"
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// block is traces, and what was written and read of them.
type block struct {
	rows    []Row
	traces  []*roentgen.Rows
	index   *Index
	summary *Summary
}

// sorted puts traces into the order in which they are added.
func sorted(rows []Row, traces []*roentgen.Rows) {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := roentgen.Place{At: rows[i].Start, Trace: rows[i].ID}, roentgen.Place{At: rows[j].Start, Trace: rows[j].ID}
		if b.Behind(a) {
			return -1
		}
		return 1
	})
	r, t := slices.Clone(rows), slices.Clone(traces)
	for to, from := range order {
		rows[to], traces[to] = r[from], t[from]
	}
}

func build(t testing.TB, b *Builder, rows []Row, traces []*roentgen.Rows) block {
	t.Helper()
	sorted(rows, traces)
	b.Reset()
	for i := range rows {
		b.Add(rows[i], traces[i])
	}
	x, err := Parse(b.Encode(nil))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSummary(b.Summary(nil))
	if err != nil {
		t.Fatal(err)
	}
	return block{rows, traces, x, s}
}

// check holds a matcher against every trace. It returns how many were ruled out.
func (b *block) check(t *testing.T, m *filter.Matcher) (ruledOut int) {
	t.Helper()
	rows, all := b.index.Candidates(m)
	may := b.summary.MayMatch(m)
	for i, r := range b.traces {
		candidate := all || rows.ContainsInt(i)
		if !candidate {
			ruledOut++
		}
		if !m.Match(r) {
			continue
		}
		if !candidate {
			t.Fatalf("%s\nmatches row %d, which is no candidate", m, i)
		}
		if !may {
			t.Fatalf("%s\nmatches row %d, and the summary rules the block out", m, i)
		}
	}
	return ruledOut
}

func TestNoMatchIsMissed(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  Options
		many int
	}{
		{"few values", Options{}, 3},
		{"many values", Options{}, 1000},
		{"values beyond the bound are hashed", Options{MaxValues: 3}, 20},
		{"keys beyond the bound are hashed", Options{MaxKeys: 2}, 20},
		{"terms beyond the table are hashed", Options{MaxTerms: 60}, 20},
		{"all bounds are passed", Options{MaxKeys: 1, MaxValues: 1, MaxTerms: 30, MaxHashed: 40}, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.opt.NewBuilder()
			asked, ruledOut := 0, 0
			for seed := range uint64(25) {
				r := newRandom(seed, c.many)
				var rows []Row
				var traces []*roentgen.Rows
				for range oneOf(r, 1, 7, 64, 100) {
					row, trace := r.rows()
					rows, traces = append(rows, row), append(traces, trace)
				}
				block := build(t, b, rows, traces)
				for range 120 {
					asked += len(rows)
					ruledOut += block.check(t, r.matcher())
				}
			}
			t.Logf("%d of %d were ruled out", ruledOut, asked)
			if ruledOut == 0 {
				t.Error("an index that rules nothing out is none")
			}
		})
	}
}

func TestRowsComeBack(t *testing.T) {
	b := NewBuilder()
	for seed := range uint64(20) {
		r := newRandom(seed, 100)
		var rows []Row
		var traces []*roentgen.Rows
		for range oneOf(r, 0, 1, 3, 200) {
			row, trace := r.rows()
			rows, traces = append(rows, row), append(traces, trace)
		}
		block := build(t, b, rows, traces)
		if block.index.Len() != len(rows) {
			t.Fatalf("%d rows, want %d", block.index.Len(), len(rows))
		}
		for i, want := range rows {
			if got := block.index.Row(i); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("row %d is\n%+v, want\n%+v", i, got, want)
			}
			if at, ok := block.index.Find(want.ID); !ok || at != i {
				t.Fatalf("%s is found in row %d (%t), want %d", want.ID, at, ok, i)
			}
			if !block.summary.HasTrace(want.ID) {
				t.Fatalf("the summary does not have %s", want.ID)
			}
		}
		if _, ok := block.index.Find(roentgen.TraceID{1}); ok {
			t.Error("a trace is found that was not added")
		}
		checkTotals(t, &block)
		checkOrders(t, &block)
	}
}

func checkTotals(t *testing.T, b *block) {
	t.Helper()
	want := Totals{Traces: len(b.rows)}
	for i, r := range b.rows {
		want.Documents += r.Documents
		want.Revision += r.Revision
		want.Bytes += int64(r.Bytes)
		want.AllBytes += int64(r.AllBytes)
		if r.Failing {
			want.Failing++
		}
		if i == 0 {
			want.MinStart, want.MinUpdated, want.MaxUpdated, want.Newest, want.Oldest = r.Start, r.Updated, r.Updated, r.First, r.First
		}
		want.MinStart, want.MinUpdated, want.MaxUpdated = min(want.MinStart, r.Start), min(want.MinUpdated, r.Updated), max(want.MaxUpdated, r.Updated)
		want.Newest, want.Oldest = max(want.Newest, r.First), min(want.Oldest, r.First)
		if r.Due != 0 && (want.Due == 0 || r.Due < want.Due) {
			want.Due = r.Due
		}
	}
	if got := b.summary.Totals(); got != want {
		t.Errorf("totals are\n%+v, want\n%+v", got, want)
	}
}

func checkOrders(t *testing.T, b *block) {
	t.Helper()
	for _, c := range []roentgen.Clock{roentgen.ClockStart, roentgen.ClockUpdated, roentgen.ClockEnd} {
		order := b.index.Order(c)
		have := 0
		var least, most roentgen.Time
		for i, r := range b.rows {
			at, ok := r.Start, true
			switch c {
			case roentgen.ClockUpdated:
				at = r.Updated
			case roentgen.ClockEnd:
				at, ok = r.End, r.End != 0
			}
			if got, has := b.index.At(i, c); has != ok || ok && got != at {
				t.Errorf("clock %d of row %d is %d %t, want %d %t", c, i, got, has, at, ok)
			}
			if !ok {
				continue
			}
			if have++; have == 1 {
				least, most = at, at
			}
			least, most = min(least, at), max(most, at)
		}
		if len(order) != have {
			t.Errorf("%d rows have clock %d, want %d", len(order), c, have)
		}
		for i := 1; i < len(order); i++ {
			if !b.place(order[i], c).Behind(b.place(order[i-1], c)) {
				t.Errorf("by clock %d row %d does not stand behind row %d", c, order[i], order[i-1])
			}
		}
		if low, high, any := b.summary.Bounds(c); any != (have > 0) || any && (low != least || high != most) {
			t.Errorf("clock %d is from %d to %d (%t), want %d to %d", c, low, high, any, least, most)
		}
	}
}

func (b *block) place(row uint32, c roentgen.Clock) roentgen.Place {
	at, _ := b.index.At(int(row), c)
	return roentgen.Place{At: at, Trace: b.index.ID(int(row))}
}
