package query_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

func parse(t *testing.T, expression string) *filter.Expr {
	t.Helper()
	x, err := filter.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// pages asks until the end and calls see for each page.
func pages(t *testing.T, e *query.Engine, q query.SummaryQuery, see func(query.SummaryPage)) {
	t.Helper()
	for n := 0; ; n++ {
		page, err := e.Summaries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if n == 10_000 {
			t.Fatal("paging does not come to an end")
		}
		see(page)
		if page.Next == nil {
			return
		}
		q.After = throughText(t, page.Next)
	}
}

// throughText takes a cursor the way that callers send it.
func throughText(t *testing.T, c *query.Cursor) *query.Cursor {
	t.Helper()
	text, err := c.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	out := new(query.Cursor)
	if err := out.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPagesEndAfterMatchesAndAfterTracesLookedAt(t *testing.T) {
	var docs []string
	for i := range 100 {
		more := ``
		if i%10 == 0 {
			more = `,"fault":true`
		}
		docs = append(docs, segment(i, 1, 100+i, more))
	}
	s := newShelf(t, docs...)
	q := query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: 1, Filter: parse(t, `fault`)}
	seen := func(cfg query.Config) string {
		var got []string
		s.read = 0
		pages(t, s.engine(nil, cfg), q, func(p query.SummaryPage) {
			got = append(got, fmt.Sprint(len(p.Traces), " of ", p.Examined))
		})
		return fmt.Sprint(strings.Join(got, ", "), "; ", s.read, " read")
	}
	if got, want := seen(query.Config{MaxMatches: 4, MaxExamined: 30}), "3 of 30, 3 of 30, 3 of 30, 1 of 10; 100 read"; got != want {
		t.Errorf("pages %s, want %s", got, want)
	}
	s.sifts = true
	if got, want := seen(query.Config{MaxMatches: 4, MaxExamined: 30}), "4 of 40, 4 of 40, 2 of 20; 10 read"; got != want {
		t.Errorf("of a store that passes over the others, pages %s, want %s", got, want)
	}
	if got, want := seen(query.Config{MaxMatches: 4, MaxExamined: 3}), "3 of 30, 3 of 30, 3 of 30, 1 of 10; 10 read"; got != want {
		t.Errorf("of a store that passes over the others, pages %s, want %s", got, want)
	}
	q.Filter = nil
	q.MaxMatches, q.MaxExamined = 3, 1000
	pages(t, s.engine(nil, query.Config{}), q, func(p query.SummaryPage) {
		if len(p.Traces) != p.Examined || p.Examined > 3 {
			t.Errorf("a page of 3 has %d of %d", len(p.Traces), p.Examined)
		}
	})
}

// TestPagesEndAfterAWhileAndSayHowFarTheyCame has a store in which nothing is to
// be found, and a clock that moves with every look at it.
func TestPagesEndAfterAWhileAndSayHowFarTheyCame(t *testing.T) {
	var docs []string
	for i := range 100 {
		docs = append(docs, segment(i, 1, 100+i, ``))
	}
	for _, sifts := range []bool{false, true} {
		s := newShelf(t, docs...)
		s.sifts = sifts
		q := query.SummaryQuery{Window: roentgen.Window{From: 1e9, To: 1000e9}, Share: 1, Filter: parse(t, `fault`)}
		last, examined, n := q.Window.To, 0, 0
		pages(t, s.engine(nil, query.Config{MaxTime: 4}), q, func(p query.SummaryPage) {
			if p.Reached >= last || len(p.Traces) != 0 || p.Next != nil && p.Examined == 0 {
				t.Errorf("a page of %d traces came from %d to %d", p.Examined, last, p.Reached)
			}
			last, examined, n = p.Reached, examined+p.Examined, n+1
		})
		if n < 3 || examined != 100 || last != q.Window.From {
			t.Errorf("%d pages examined %d traces down to %d", n, examined, last)
		}
	}
}

func TestConditionsInBracesAreDecidedByTheWholeTrace(t *testing.T) {
	s := newShelf(t,
		segment(1, 1, 10, `,"subsegments":[{"id":"00000000000000aa","name":"db","namespace":"remote","start_time":10,"end_time":11,"fault":true}]`),
		segment(2, 1, 20, ``),
		segment(3, 1, 30, `,"fault":true`),
	)
	for expression, want := range map[string]string{
		`service("db") { fault }`:                  "[1]",
		`!fault AND edge("s1", "db") { fault }`:    "[1]",
		`fault OR service("db")`:                   "[3 1]",
		`service() { fault } AND !service("db")`:   "[3]",
		`service("s1") AND responsetime = 2 fault`: "[3]",
		`group.name = "Default" AND ok`:            "[2 1]",
	} {
		var got []int
		q := query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: 1, Filter: parse(t, expression)}
		pages(t, s.engine(nil, query.Config{}), q, func(p query.SummaryPage) {
			for _, r := range p.Traces {
				got = append(got, int(r.Summary.Trace[15])-1)
				if len(r.Segments) == 0 || len(r.Nodes) < 2 {
					t.Errorf("%s: trace %s came without all of its rows", expression, r.Summary.Trace)
				}
			}
		})
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", expression, got, want)
		}
	}
}

func TestByEndConditionsInBracesSeeWhatEndedInTheWindow(t *testing.T) {
	s := newShelf(t,
		segment(1, 1, 10, `,"subsegments":[{"id":"00000000000000aa","name":"db","namespace":"remote","start_time":10,"end_time":11,"fault":true}]`))
	e := s.engine(nil, query.Config{})
	for _, c := range []struct {
		from, to   roentgen.Time
		expression string
		want       int
	}{
		{11e9, 20e9, `service("db") { fault }`, 1},
		{11e9 + 1, 20e9, `service("db") { fault }`, 0},
		{11e9 + 1, 20e9, `service("db")`, 1},
		{11e9 + 1, 20e9, `edge("s1", "db") { fault }`, 0},
		{11e9 + 1, 20e9, `service("s1") { ok }`, 1},
	} {
		q := query.SummaryQuery{Window: roentgen.Window{Clock: roentgen.ClockEnd, From: c.from, To: c.to}, Share: 1, Filter: parse(t, c.expression)}
		page, err := e.Summaries(t.Context(), q)
		if err != nil || len(page.Traces) != c.want {
			t.Errorf("%s from %v: %d traces, want %d (%v)", c.expression, c.from, len(page.Traces), c.want, err)
		}
		q.Window.Clock = roentgen.ClockStart
		q.Window.From = 0
		if page, err = e.Summaries(t.Context(), q); err != nil || len(page.Traces) != 1 {
			t.Errorf("%s by start: %d traces, want 1 (%v)", c.expression, len(page.Traces), err)
		}
	}
}

func TestAnExpressionThatNothingMatchesReadsNothing(t *testing.T) {
	s := newShelf(t, segment(1, 1, 10, ``))
	e := s.engine(nil, query.Config{})
	page, err := e.Summaries(t.Context(), query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: 1, Filter: parse(t, `group.name != "Default"`)})
	if err != nil || len(page.Traces) != 0 || page.Examined != 0 || page.Next != nil {
		t.Errorf("%+v, %v", page, err)
	}
	_, err = e.Summaries(t.Context(), query.SummaryQuery{Window: roentgen.Window{To: 1000e9}, Share: 1, Filter: parse(t, `group.name = "g"`)})
	if roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("a group where there are none: %v", err)
	}
}

func TestACursorThatIsNoneIsRefused(t *testing.T) {
	good, err := new(query.Cursor).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "x", "!", string(good[1:]), string(good) + "AAAA", string(good) + "="} {
		if err := new(query.Cursor).UnmarshalText([]byte(text)); roentgen.KindOf(err) != roentgen.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestPagesAreCompleteWhileDocumentsArrive lets documents arrive at every
// point of a scan, and holds what the pages gave against what was there.
func TestPagesAreCompleteWhileDocumentsArrive(t *testing.T) {
	twice := 0
	for seed := range uint64(400) {
		h := newHistory(t, seed)
		h.begin()
		pages(t, h.shelf.engine(nil, h.bounds()), query.SummaryQuery{Window: h.window, Share: 1, Filter: h.filter}, h.see)
		h.check(seed)
		twice += h.twice
		if t.Failed() {
			return
		}
	}
	if twice < 100 {
		t.Errorf("%d traces were given twice: the draw says little", twice)
	}
}

// inFlight is how many ticks a document is on its way at most.
const inFlight = 12

// history is one random story of a store.
type history struct {
	*testing.T
	*rand.Rand
	shelf  *shelf
	window roentgen.Window
	filter *filter.Expr
	match  *filter.Matcher
	left   int               // documents still to arrive
	way    []roentgen.Stored // documents that were stamped, and cannot be read yet
	began  roentgen.Time
	open   [][3]int
	next   int // number of the next trace

	there map[roentgen.TraceID]bool // in the answer from the first page on
	young map[roentgen.TraceID]bool // came after it
	given map[roentgen.TraceID]int  // revision
	twice int
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), shelf: newShelf(t),
		there: map[roentgen.TraceID]bool{}, young: map[roentgen.TraceID]bool{}, given: map[roentgen.TraceID]int{}}
	for range 40 {
		h.arrive()
		h.file()
	}
	h.shelf.sifts = h.IntN(3) > 0
	h.filter = parse(t, []string{``, `fault`, `!fault`, `service("s") { fault }`, `!service("s") { fault }`, `partial OR service() { !ok }`}[h.IntN(6)])
	var err error
	if h.match, err = h.filter.Matcher(nil); err != nil {
		t.Fatal(err)
	}
	h.window = roentgen.Window{Clock: roentgen.Clock(h.IntN(3)), From: 0, To: 1 << 60}
	switch {
	case h.IntN(2) == 0: // cut into what is there
	case h.window.Clock == roentgen.ClockUpdated:
		h.window.From, h.window.To = h.shelf.now/4, h.shelf.now+roentgen.Time(h.IntN(100))
	default:
		h.window.From, h.window.To = 400e9, 850e9
	}
	return h
}

func (h *history) bounds() query.Config {
	return query.Config{MaxMatches: 1 + h.IntN(6), MaxExamined: 1 + h.IntN(12), Settled: h.settled}
}

// arrive brings a document to the door: of a new trace or of one that is there,
// with an end or without, or the end of one that had none.
func (h *history) arrive() {
	if n := len(h.open); n > 0 && h.IntN(2) == 0 {
		s := h.open[n-1]
		h.open = h.open[:n-1]
		h.put(fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"s","start_time":%d,"end_time":%d}`, id(s[0]), s[1], s[2], s[2]+h.IntN(100)))
		return
	}
	trace := h.next
	if h.next > 0 && h.IntN(2) == 0 {
		trace = h.IntN(h.next)
	} else {
		h.next++
	}
	segment, start := h.IntN(1<<30)+1, 1+h.IntN(800)
	if h.IntN(3) == 0 {
		h.open = append(h.open, [3]int{trace, segment, start})
		h.put(fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"s","start_time":%d,"in_progress":true}`, id(trace), segment, start))
		return
	}
	fault := h.IntN(4) == 0
	h.put(fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"s","start_time":%d,"end_time":%d,"fault":%t}`, id(trace), segment, start, start+h.IntN(100), fault))
}

// put sends a document on its way.
func (h *history) put(text string) { h.way = append(h.way, h.shelf.stamped(h.T, text)) }

// settled is the stamp of the first document that is on its way, or now.
func (h *history) settled() roentgen.Time {
	t := h.shelf.clock()
	for _, d := range h.way {
		t = min(t, d.Received)
	}
	return t
}

// file lets documents become readable: in any order, and none later than it may.
func (h *history) file() {
	h.way = slices.DeleteFunc(h.way, func(d roentgen.Stored) bool {
		due := h.shelf.now >= d.Received+inFlight/2 || h.IntN(4) == 0
		if due {
			h.shelf.file(d)
		}
		return due
	})
}

// begin is the moment of the first page.
func (h *history) begin() {
	h.left, h.began = 40, h.shelf.now
	for trace := range h.shelf.traces {
		h.there[trace] = h.answers(trace)
	}
	h.shelf.meanwhile = func() {
		if h.left > 0 && h.IntN(3) == 0 {
			h.left--
			h.arrive()
		}
		h.file()
		for trace := range h.shelf.traces {
			if _, old := h.there[trace]; !old {
				h.young[trace] = true
				continue
			}
			h.there[trace] = h.there[trace] && h.answers(trace)
		}
	}
}

// answers says whether the trace belongs to the answer as it is now.
func (h *history) answers(trace roentgen.TraceID) bool {
	held := h.shelf.traces[trace]
	at, ok := held.sum.At(h.window.Clock)
	if !ok || at < h.window.From || at >= h.window.To {
		return false
	}
	rows := *held.fold()
	if h.window.Clock == roentgen.ClockEnd {
		rows.Segments = slices.DeleteFunc(slices.Clone(rows.Segments), func(s roentgen.SegmentRow) bool {
			return s.End == 0 || s.End < h.window.From || s.End >= h.window.To
		})
	}
	return h.match.Match(&rows)
}

func (h *history) see(p query.SummaryPage) {
	for _, r := range p.Traces {
		s := r.Summary
		if before, again := h.given[s.Trace]; again {
			h.twice++
			if s.Revision <= before {
				h.Errorf("clock %d: trace %s was given with revision %d and then with %d", h.window.Clock, s.Trace, before, s.Revision)
			}
		}
		h.given[s.Trace] = s.Revision
	}
}

func (h *history) check(seed uint64) {
	for trace := range h.young {
		sure := !slices.ContainsFunc(h.shelf.traces[trace].partial.Parts, func(p roentgen.Part) bool { return len(p.Documents) > 1 || p.Received <= h.began })
		if h.window.Clock != roentgen.ClockStart && sure && h.given[trace] != 0 {
			h.Errorf("seed %d, clock %d: trace %s came after the first page and was given", seed, h.window.Clock, trace)
		}
	}
	for trace, there := range h.there {
		if there && h.given[trace] == 0 {
			h.Errorf("seed %d, clock %d: trace %s was in the window and matched all the time, and was not given", seed, h.window.Clock, trace)
		}
	}
}
