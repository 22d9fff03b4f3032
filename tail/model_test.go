package tail

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// handClock is moved by hand.
type handClock struct{ at time.Time }

func newClock() *handClock { return &handClock{time.Date(2026, 2, 25, 9, 0, 0, 0, time.UTC)} }

func (c *handClock) now() time.Time { return c.at }

func traceOf(n int) roentgen.TraceID {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var id roentgen.TraceID
	le.PutUint64(id[:], r.Uint64())
	le.PutUint64(id[8:], r.Uint64()|1)
	return id
}

// segment is one document of a trace; how says what is wrong with it.
func segment(trace int, how string) *roentgen.Segment {
	s := &roentgen.Segment{Trace: traceOf(trace), Name: "checkout", Start: 1e18, End: 1e18 + 1e8}
	switch how {
	case "error":
		s.Error = true
	case "fault":
		s.Subsegments = []roentgen.Segment{{HTTP: &roentgen.HTTP{Status: 503}}}
	case "throttle":
		s.Throttle = true
	case "slow":
		s.End = s.Start + 3e9
	}
	return s
}

// document of a trace and a number, some kilobytes that do not compress away.
func document(trace, number int) []byte {
	r := rand.New(rand.NewPCG(uint64(number), 9))
	b := fmt.Appendf(nil, `{"trace":%d,"n":%d,"x":"`, trace, number)
	for range 20 + r.IntN(150) {
		b = le.AppendUint64(b, r.Uint64())
	}
	return b
}

func numberOf(doc []byte) (trace, number int) {
	if n, err := fmt.Sscanf(string(doc[:min(len(doc), 60)]), `{"trace":%d,"n":%d`, &trace, &number); n != 2 {
		panic(fmt.Sprintf("no document: %.40q: %v", doc, err))
	}
	return trace, number
}

func mustOpen(t testing.TB, opt Options) *Tail {
	t.Helper()
	if opt.Logger == nil {
		opt.Logger = quiet()
	}
	tl, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// model says what a tail should do, with lists and maps.
type model struct {
	waiting    []modelDoc // in order of arrival
	kept       map[int]roentgen.KeepReason
	own        []int // traces that were announced, not yet sent
	forwarded  int
	shed       int
	drained    int
	overwrites int
	offered    int
	shedding   func(trace int) bool
}

type modelDoc struct{ trace, number int }

// offer returns the numbers of the documents that leave, in order, and the verdict.
func (m *model) offer(trace, number int, mark Mark, matches bool) ([]int, Verdict) {
	m.offered++
	_, known := m.kept[trace]
	switch {
	case mark == MarkForced:
	case known && mark != MarkSampled:
		if matches {
			m.kept[trace] = roentgen.KeepTrigger
		}
	case m.shedding(trace):
		m.shed++
		return nil, Shed
	case mark == MarkSampled:
	case mark == MarkHead || mark == MarkKept || matches:
		out := m.keep(trace, matches || mark == MarkKept, true)
		m.forwarded++
		return append(out, number), Forwarded
	default:
		m.waiting = append(m.waiting, modelDoc{trace, number})
		return nil, Held
	}
	m.forwarded++
	return []int{number}, Forwarded
}

// keep drains a trace.
func (m *model) keep(trace int, trigger, own bool) (out []int) {
	m.kept[trace] = roentgen.KeepHead
	if trigger {
		m.kept[trace] = roentgen.KeepTrigger
	}
	if own {
		m.own = append(m.own, trace)
	}
	m.waiting = slices.DeleteFunc(m.waiting, func(d modelDoc) bool {
		if d.trace == trace {
			out = append(out, d.number)
		}
		return d.trace == trace
	})
	m.drained += len(out)
	return out
}

// history runs random steps on a tail and on the model.
type history struct {
	*testing.T
	rnd   *rand.Rand
	opt   Options
	tail  *Tail
	model model
	left  []int // what Leave was handed in this step
	keeps map[int]roentgen.Keep
}

func (h *history) leave(doc []byte, keep roentgen.Keep) {
	trace, number := numberOf(doc)
	if string(doc) != string(document(trace, number)) {
		h.Fatalf("document %d left as something else", number)
	}
	h.left = append(h.left, number)
	h.keeps[number] = keep
}

func TestRandomHistoriesAgainstAModel(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runHistory(t, seed, seed%3 != 2) })
	}
}

func runHistory(t *testing.T, seed uint64, disk bool) {
	h := &history{T: t, rnd: rand.New(rand.NewPCG(seed, 3)), keeps: map[int]roentgen.Keep{}}
	h.opt = Options{RingBytes: 1 << 20, Now: newClock().now, Triggers: DefaultTriggers()}
	for i := range h.opt.Triggers.Triggers {
		h.opt.Triggers.Triggers[i].Burst = 1e9
	}
	h.opt.Triggers.ToldBurst = 1e9
	if disk {
		h.opt.Dir = t.TempDir()
	}
	h.tail = mustOpen(t, h.opt)
	defer func() { h.tail.Close() }()
	h.model.kept, h.model.shedding = map[int]roentgen.KeepReason{}, func(int) bool { return false }
	for n := range 4000 {
		h.step(n)
		h.compare()
	}
	if h.model.overwrites == 0 || h.model.drained == 0 || h.model.shed == 0 {
		t.Fatalf("the history was too tame: %+v", h.tail.Stats())
	}
}

func (h *history) step(n int) {
	h.left = nil
	trace := n/4 - h.rnd.IntN(min(n/4+1, 200)) // traces come and go
	switch k := h.rnd.IntN(1000); {
	case k < 950:
		h.offer(trace, n)
	case k < 970:
		h.notice(trace)
	case k < 980:
		h.sent()
	case k < 990:
		h.pressure()
	case h.opt.Dir != "":
		h.reopen()
	}
}

func (h *history) offer(trace, number int) {
	mark := []Mark{MarkUndecided, MarkDeferred, MarkSampled, MarkForced, MarkKept, MarkHead}[weighted(h.rnd, 70, 15, 8, 1, 1, 3)]
	how := []string{"", "error", "fault", "throttle"}[weighted(h.rnd, 97, 1, 1, 1)]
	want, verdict := h.model.offer(trace, number, mark, how != "")
	got := h.tail.Offer(segment(trace, how), document(trace, number), mark, 0.05, h.leave)
	if got != verdict {
		h.Fatalf("document %d, mark %s, %q: verdict %d, want %d", number, mark, how, got, verdict)
	}
	h.wantLeft(want)
	if keep, left := h.keeps[number]; left {
		h.wantKeep(keep, mark, h.model.kept[trace], how != "")
	}
}

func (h *history) wantKeep(got roentgen.Keep, mark Mark, trace roentgen.KeepReason, matched bool) {
	want := roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.05}
	switch {
	case matched || trace == roentgen.KeepTrigger && mark != MarkSampled && mark != MarkForced:
		want = roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}
	case mark == MarkForced:
		want.Reason = roentgen.KeepForced
	}
	if got != want {
		h.Fatalf("mark %s of a trace kept by %s, matched %v: kept as %+v, want %+v", mark, trace, matched, got, want)
	}
}

func (h *history) notice(trace int) {
	var want []int
	if _, known := h.model.kept[trace]; !known {
		want = h.model.keep(trace, true, false)
	}
	h.model.kept[trace] = roentgen.KeepTrigger
	h.tail.Notice(traceOf(trace), "fault", h.leave)
	h.wantLeft(want)
	h.left = nil
	h.tail.Notice(traceOf(trace), "fault", h.leave)
	h.wantLeft(nil)
}

func (h *history) sent() {
	max := h.rnd.IntN(20)
	got := h.tail.Unsent(max)
	want := h.model.own[:min(max, len(h.model.own))]
	if len(got) != len(want) {
		h.Fatalf("%d notices wait, want %d", len(got), len(want))
	}
	for i, n := range got {
		if n.Trace != traceOf(want[i]) || n.Reason == "" {
			h.Fatalf("notice %d is %v, want trace %v", i, n, traceOf(want[i]))
		}
	}
	n := h.rnd.IntN(len(got) + 1)
	h.tail.Sent(n)
	h.model.own = h.model.own[n:]
}

func (h *history) pressure() {
	level := []float64{0, 0, 0.1, 0.5}[h.rnd.IntN(4)]
	h.tail.SetPressure(level)
	h.model.shedding = func(trace int) bool { return h.tail.sheds(traceOf(trace)) }
}

// reopen is a restart, or a kill: then nothing is said to the tail, and only the lock is given back.
func (h *history) reopen() {
	killed := h.rnd.IntN(2) == 0
	old := h.tail
	if killed {
		old.lock.Close()
		old.lock = nil
	} else if err := old.Close(); err != nil {
		h.Fatal(err)
	}
	h.tail = mustOpen(h.T, h.opt)
	h.tail.pressure.Store(old.pressure.Load())
	if killed {
		old.Close()
	}
	h.tail.Recover(h.leave)
	h.wantLeft(nil) // no step was cut in two
}

func (h *history) wantLeft(want []int) {
	h.Helper()
	// What the ring has overwritten in this step could not leave.
	if fmt.Sprint(h.left) != fmt.Sprint(want) {
		h.Fatalf("documents %v left, want %v", h.left, want)
	}
}

// compare holds the sums against the model's.
func (h *history) compare() {
	h.Helper()
	s, m := h.tail.Stats(), &h.model
	gone := int(s.Overwritten) - m.overwrites
	m.waiting, m.overwrites = m.waiting[gone:], m.overwrites+gone
	if s.Offered != s.Forwarded+s.Drained+s.Overwritten+s.Shed+s.Damaged+s.Ring.Documents {
		h.Fatalf("the sums do not balance: %+v", s)
	}
	got := []int64{s.Offered, s.Forwarded, s.Drained, s.Shed, s.Damaged, s.Again, s.Ring.Documents, s.Unsent}
	want := []int{m.offered, m.forwarded, m.drained, m.shed, 0, 0, len(m.waiting), len(m.own)}
	if strings.Trim(fmt.Sprint(got), "[]") != strings.Trim(fmt.Sprint(want), "[]") {
		h.Fatalf("offered, forwarded, drained, shed, damaged, again, waiting, unsent are %v, want %v", got, want)
	}
}

// weighted returns an index with the probability of its weight.
func weighted(rnd *rand.Rand, weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := rnd.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}
