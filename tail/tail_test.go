package tail

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/tail/ring"
	"github.com/roentgen/roentgen/wire"
)

func none([]byte, roentgen.Keep) {}

// A document that fails takes along what came before, and what comes after follows.
func TestATriggeredTraceLeavesWholeAndInOrder(t *testing.T) {
	tl := mustOpen(t, Options{Dir: t.TempDir(), RingBytes: 1 << 20})
	defer tl.Close()
	var got []string
	leave := func(doc []byte, keep roentgen.Keep) {
		trace, n := numberOf(doc)
		got = append(got, fmt.Sprintf("%d.%d %s %g", trace, n, keep.Reason, keep.Probability))
	}
	tl.Offer(segment(1, ""), document(1, 1), MarkUndecided, 0, leave)
	tl.Offer(segment(2, ""), document(2, 2), MarkUndecided, 0, leave)
	tl.Offer(segment(1, ""), document(1, 3), MarkDeferred, 1, leave)
	tl.Offer(segment(1, "fault"), document(1, 4), MarkUndecided, 0, leave)
	tl.Offer(segment(1, ""), document(1, 5), MarkUndecided, 0, leave)
	tl.Notice(traceOf(2), "slow", leave)
	tl.Notice(traceOf(3), "head 0.05", leave)
	tl.Offer(segment(3, ""), document(3, 6), MarkDeferred, 1, leave)
	tl.Offer(segment(4, ""), document(4, 7), MarkDeferred, 1, leave)
	tl.Offer(segment(4, ""), document(4, 8), MarkHead, 0.2, leave)
	tl.Offer(segment(4, "error"), document(4, 9), MarkDeferred, 1, leave)
	tl.Offer(segment(5, ""), document(5, 10), MarkSampled, 0.1, leave)
	tl.Offer(segment(5, "error"), document(5, 11), MarkSampled, 0.1, leave)
	tl.Offer(segment(6, ""), document(6, 12), MarkForced, 0, leave)
	want := []string{"1.1 trigger 1", "1.3 trigger 1", "1.4 trigger 1", "1.5 trigger 1", "2.2 trigger 1", "3.6 head 0.05",
		"4.7 head 0.2", "4.8 head 0.2", "4.9 trigger 1", "5.10 head 0.1", "5.11 trigger 1", "6.12 forced 1"}
	if !slices.Equal(got, want) {
		t.Errorf("left:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var told []string
	for _, n := range tl.Unsent(10) {
		told = append(told, n.Reason)
	}
	if !slices.Equal(told, []string{"fault", "head 0.2"}) {
		t.Errorf("announced %q", told)
	}
}

func TestDecisionsAreForgottenAfterTheirTime(t *testing.T) {
	clock, dir := newClock(), t.TempDir()
	opt := Options{Dir: dir, RingBytes: 1 << 20, Now: clock.now, Remember: time.Minute}
	tl := mustOpen(t, opt)
	defer func() { tl.Close() }()
	known := func(trace int) bool {
		return tl.Offer(segment(trace, ""), document(trace, trace), MarkUndecided, 0, none) == Forwarded
	}
	for minute := range 5 {
		tl.Notice(traceOf(minute), "error", none)
		if !known(minute) || minute > 0 && !known(minute-1) {
			t.Fatalf("minute %d: a decision is forgotten too early", minute)
		}
		if minute > 1 && known(minute-2) {
			t.Fatalf("minute %d: a decision is remembered too long", minute)
		}
		if minute == 2 {
			tl.Close()
			tl = mustOpen(t, opt)
		}
		clock.at = clock.at.Add(59 * time.Second)
		tl.Tick()
		if !known(minute) {
			t.Fatalf("minute %d: a decision is forgotten within the minute", minute)
		}
		clock.at = clock.at.Add(time.Second)
		tl.Tick()
	}
	if names, err := filepath.Glob(filepath.Join(dir, "decisions-*")); err != nil || len(names) != 2 {
		t.Errorf("logs: %v, %v", names, err)
	}
	if s := tl.Stats(); s.Forgotten != 0 || s.Remembered > 2 {
		t.Errorf("%+v", s)
	}
}

// More decisions than there is room for: the oldest go early, which is counted.
func TestTooManyDecisions(t *testing.T) {
	tl := mustOpen(t, Options{RingBytes: 1 << 20, Now: newClock().now})
	defer tl.Close()
	tl.memory.max = 100
	for trace := range 250 {
		tl.Notice(traceOf(trace), "error", none)
	}
	if s := tl.Stats(); s.Forgotten != 100 || s.Remembered != 150 {
		t.Errorf("forgotten %d, remembered %d", s.Forgotten, s.Remembered)
	}
}

func TestUnsentNoticesOutliveTurnsAndRestarts(t *testing.T) {
	clock := newClock()
	opt := Options{Dir: t.TempDir(), RingBytes: 1 << 20, Now: clock.now, Remember: time.Minute}
	tl := mustOpen(t, opt)
	for n := range 10 {
		tl.Offer(segment(n, "error"), document(n, n), MarkUndecided, 0, none)
		if n%3 == 2 {
			clock.at = clock.at.Add(time.Minute)
			tl.Tick()
			tl.Sent(1)
		}
		if n%4 == 3 {
			tl.Close()
			tl = mustOpen(t, opt)
		}
	}
	defer tl.Close()
	var got []int
	for _, n := range tl.Unsent(100) {
		for trace := range 10 {
			if n.Trace == traceOf(trace) && n.Reason == "error" {
				got = append(got, trace)
			}
		}
	}
	if !slices.Equal(got, []int{3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("traces %v are to be announced", got)
	}
}

// Too many own notices: the oldest are given up, also while they are on their way.
func TestTooManyUnsentNotices(t *testing.T) {
	tl := mustOpen(t, Options{RingBytes: 1 << 20})
	defer tl.Close()
	tl.book.max = 10
	decide := func(from, to int) {
		for n := from; n < to; n++ {
			tl.Offer(segment(n, "error"), document(n, n), MarkUndecided, 0, none)
		}
	}
	decide(0, 12)
	sending := tl.Unsent(5) // 2 to 6
	decide(12, 15)          // 2 to 4 are given up
	tl.Sent(len(sending))   // 5 and 6 are done
	rest := tl.Unsent(100)
	if len(rest) != 8 || rest[0].Trace != traceOf(7) {
		t.Errorf("%d wait, the first is %v, want 8 from %v", len(rest), rest[0].Trace, traceOf(7))
	}
	if s := tl.Stats(); s.NoticesDropped != 5 || s.NoticesSent != 2 || s.Unsent != 8 {
		t.Errorf("%+v", s)
	}
}

// What is shed at one level is shed at every higher one, is whole traces, and is the share that was asked for.
func TestPressureShedsWholeTraces(t *testing.T) {
	a := mustOpen(t, Options{RingBytes: 1 << 20})
	b := mustOpen(t, Options{RingBytes: 1 << 20})
	defer a.Close()
	defer b.Close()
	const traces = 20_000
	last := make([]bool, traces)
	for _, level := range []float64{0, 0.1, 0.5, 0.9, 1} {
		a.SetPressure(level)
		b.SetPressure(level)
		n := 0
		for trace := range traces {
			id := traceOf(trace)
			shed := a.sheds(id)
			if shed != b.sheds(id) || last[trace] && !shed {
				t.Fatalf("level %g: agents disagree, or a share does not hold the smaller one", level)
			}
			if last[trace] = shed; shed {
				n++
			}
		}
		if share := float64(n) / traces; math.Abs(share-level) > 0.015 {
			t.Errorf("level %g: %g of the traces are shed", level, share)
		}
	}
	for mark, want := range map[Mark]Verdict{MarkUndecided: Shed, MarkSampled: Shed, MarkDeferred: Shed, MarkKept: Shed, MarkHead: Shed, MarkForced: Forwarded} {
		if got := a.Offer(segment(1, "error"), document(1, 1), mark, 0.5, none); got != want {
			t.Errorf("mark %s at full pressure: verdict %d, want %d", mark, got, want)
		}
	}
	a.Notice(traceOf(1), "error", none)
	if got := a.Offer(segment(1, ""), document(1, 2), MarkUndecided, 0, none); got != Forwarded {
		t.Errorf("a kept trace was shed")
	}
	if s := a.Stats(); s.Shed != 5 || s.Forwarded != 2 || s.Offered != 7 {
		t.Errorf("%+v", s)
	}
}

func TestInMemory(t *testing.T) {
	tl := mustOpen(t, Options{})
	defer tl.Close()
	if s := tl.Stats(); !s.Ring.InMemory || s.Ring.Capacity != defaultMemoryRing || s.Ring.Horizon != maxHorizon {
		t.Errorf("%+v", s.Ring)
	}
	if d := tl.Describe(); d != "ring of 64 MiB in memory, lost with the process: no directory was named" {
		t.Error(d)
	}
}

// Where there is no place to write, everything is in memory, and that is said.
func TestNoPlaceToWrite(t *testing.T) {
	for name, opt := range map[string]Options{
		"full disk":           {Dir: t.TempDir(), RingBytes: 1 << 43},
		"read-only directory": {Dir: "/sys/kernel/roentgen", RingBytes: 1 << 30},
	} {
		var log bytes.Buffer
		opt.Logger = slog.New(slog.NewTextHandler(&log, nil))
		tl, err := Open(opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := tl.Stats().Ring
		if !s.InMemory || s.Why == "" || s.Capacity != defaultMemoryRing || !strings.Contains(tl.Describe(), "in memory, lost with the process, because: ") ||
			!strings.Contains(log.String(), "wait in memory") {
			t.Errorf("%s: %+v; %s; the log says %s", name, s, tl.Describe(), log.String())
		}
		if v := tl.Offer(segment(1, ""), document(1, 1), MarkUndecided, 0, none); v != Held {
			t.Errorf("%s: verdict %d", name, v)
		}
		if err := tl.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOneProcessADirectory(t *testing.T) {
	dir := t.TempDir()
	tl := mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
	_, err := Open(Options{Dir: dir, RingBytes: 1 << 20, Logger: quiet()})
	var locked *vfs.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("opened twice: %v", err)
	}
	tl.Close()
	tl = mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
	if d := tl.Describe(); d != "ring of 1 MiB in "+dir+", decisions for 10m0s; both survive a restart" {
		t.Error(d)
	}
	tl.Close()
}

// Damage in the log of decisions costs the records that it hits.
func TestDamagedDecisions(t *testing.T) {
	make9 := func() (dir, log string) {
		dir = t.TempDir()
		tl := mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
		for n := range 9 {
			tl.Notice(traceOf(n), "error", none)
		}
		tl.Close()
		return dir, filepath.Join(dir, logName(1))
	}
	for name, c := range map[string]struct {
		spoil func(b []byte) []byte
		lost  []int
		says  string
	}{
		"nothing":                {func(b []byte) []byte { return b }, nil, ""},
		"a bit in a record":      {func(b []byte) []byte { b[logHeaderSize+3*recordSize+20] ^= 1; return b }, []int{3}, "decisions are lost"},
		"half a record":          {func(b []byte) []byte { return b[:len(b)-recordSize/2] }, []int{8}, ""},
		"half a record too much": {func(b []byte) []byte { return append(b, make([]byte, recordSize/2)...) }, nil, ""},
		"zeros behind":           {func(b []byte) []byte { return append(b, make([]byte, 3*recordSize)...) }, nil, ""},
		"a bit in the header":    {func(b []byte) []byte { b[20] ^= 1; return b }, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, "left out"},
	} {
		dir, path := make9()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.spoil(b), 0o600); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		tl := mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		var lost []int
		for n := range 9 {
			if v := tl.Offer(segment(n, ""), document(n, n), MarkUndecided, 0, none); v != Forwarded {
				lost = append(lost, n)
			}
		}
		if !slices.Equal(lost, c.lost) || (c.says == "") != (log.Len() == 0) || !strings.Contains(log.String(), c.says) {
			t.Errorf("%s: %v are lost, want %v; the log says %s", name, lost, c.lost, log.String())
		}
		tl.Notice(traceOf(20), "error", none) // it goes on behind what was read
		tl.Close()
		tl = mustOpen(t, Options{Dir: dir, RingBytes: 1 << 20})
		if v := tl.Offer(segment(20, ""), document(20, 20), MarkUndecided, 0, none); v != Forwarded {
			t.Errorf("%s: what was decided after the damage is lost", name)
		}
		tl.Close()
	}
	dir, path := make9()
	if err := os.WriteFile(path, appendLogHeader([]byte{}, 1, time.Now())[:8], 0o600); err != nil {
		t.Fatal(err)
	}
	var foreign *ring.ForeignError
	if _, err := Open(Options{Dir: dir, RingBytes: 1 << 20, Logger: quiet()}); !errors.As(err, &foreign) || foreign.File != path {
		t.Errorf("eight bytes as a log: %v", err)
	}
}

// Notices of many traces are taken frame by frame, those of one trace in the order in which they came, and nothing is
// left behind or mixed up.
func TestNoticesAreOrderedByWhereTheirTracesAre(t *testing.T) {
	tl := mustOpen(t, Options{Dir: t.TempDir(), RingBytes: 4 << 20})
	defer tl.Close()
	const traces = 400
	for n := range 2 * traces { // each trace in two frames, far from one another
		doc := append(document(n%traces, n), strings.Repeat(" ", 3000)...)
		tl.Offer(segment(n%traces, ""), doc, MarkUndecided, 0, none)
	}
	notices := []wire.Notice{{Trace: traceOf(9999), Reason: "not here"}}
	for n := range traces {
		notices = append(notices, wire.Notice{Trace: traceOf(n * 7 % traces), Reason: "first"}, wire.Notice{Trace: traceOf(n * 7 % traces), Reason: "second"})
	}
	tl.Order(notices)
	if last := notices[len(notices)-1]; last.Reason != "not here" {
		t.Errorf("at the end stands %+v", last)
	}
	seen, frame := map[roentgen.TraceID]bool{}, uint64(0)
	for _, n := range notices {
		if seen[n.Trace] != (n.Reason == "second") {
			t.Fatalf("%s came too early", n.Reason)
		}
		seen[n.Trace] = true
		where := tl.ring.Where(n.Trace)
		if where < frame {
			t.Fatalf("frame %d after frame %d", where, frame)
		}
		frame = where
	}
	left := map[int]int{}
	for _, n := range notices {
		tl.Notice(n.Trace, n.Reason, func(doc []byte, _ roentgen.Keep) {
			trace, number := numberOf(doc)
			if traceOf(trace) != n.Trace || number%traces != trace {
				t.Errorf("of trace %s left document %d of %d", n.Trace, number, trace)
			}
			left[number]++
		})
	}
	if len(left) != 2*traces {
		t.Errorf("%d of %d documents left", len(left), 2*traces)
	}
}

func TestOnlyExpressionsAskForAnnotations(t *testing.T) {
	for when, want := range map[string]bool{"error": false, "slower than 2s": false, "filter: annotation.a = 1": true} {
		trigger, err := NewTrigger("t", when, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		byHand := Trigger{Name: "t", When: when}
		for _, tr := range []Trigger{trigger, byHand} {
			if got := (Triggers{Triggers: append(DefaultTriggers().Triggers, tr)}).Expressions(); got != want {
				t.Errorf("%s: %v", when, got)
			}
		}
	}
}
