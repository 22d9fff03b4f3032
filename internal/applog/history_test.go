package applog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// history is what a caller knows: what it sent, in order, and what it was told.
type history struct {
	sent    []string
	acked   map[string]Position
	refused map[string]bool // answered with ErrNoSpace: must never come back
	shown   map[string]bool // replayed by a process after a fault: must stay
	dropped uint64          // files below were asked to be dropped
}

func newHistory() *history {
	return &history{acked: map[string]Position{}, refused: map[string]bool{}, shown: map[string]bool{}}
}

// name makes the next payload: unique, and of lengths that cross sectors.
func (h *history) name() string {
	n := len(h.sent)
	p := fmt.Sprintf("%d %s", n, strings.Repeat("y", n*37%900))
	h.sent = append(h.sent, p)
	return p
}

// append sends a call of n records and notes the answer.
func (h *history) append(l *Log, n int) {
	var payloads []string
	for range n {
		payloads = append(payloads, h.name())
	}
	at, err := l.Append(context.Background(), records(payloads...)...)
	for _, p := range payloads {
		switch {
		case err == nil:
			h.acked[p] = at
			at = at.After(len(p))
		case errors.Is(err, ErrNoSpace) && !errors.Is(err, ErrFailed):
			h.refused[p] = true
		}
	}
}

// session is one life of a process: open, append, rotate, drop, close.
func (h *history) session(fs vfs.FS) {
	l, err := Open(fs, testDir, Options{SegmentBytes: smallestSegment})
	if err != nil {
		return
	}
	for i := range 8 {
		h.append(l, 1+i%3)
		if i == 5 {
			h.dropOldest(l)
		}
	}
	l.Close() // its error is one that a call has had
}

func (h *history) dropOldest(l *Log) {
	if files := l.Files(); len(files) > 2 {
		h.dropped = files[1].Number
		_ = l.DropBefore(h.dropped) // with an error the files may stay or go
	}
}

// live is the number of calls that a run without faults makes.
func live(run func(fs *vfs.Fault)) int {
	fs := vfs.NewFault(1)
	run(fs)
	return fs.Calls()
}

// atCall makes a plan that gives v at call n and nothing else.
func atCall(n int, v vfs.Verdict) vfs.Plan {
	return func(c vfs.Call) vfs.Verdict {
		if c.N == n {
			return v
		}
		return vfs.Verdict{}
	}
}

// eager makes the kernel write back before every call.
func eager(fs *vfs.Fault, plan vfs.Plan) vfs.Plan {
	return func(c vfs.Call) vfs.Verdict {
		fs.Writeback()
		return plan(c)
	}
}

var faults = []struct {
	name string
	v    vfs.Verdict
}{
	{"EIO", vfs.Verdict{Err: syscall.EIO}},
	{"ENOSPC", vfs.Verdict{Err: syscall.ENOSPC}},
	{"EIO after 700 bytes", vfs.Verdict{Err: syscall.EIO, Short: 700}},
	{"ENOSPC after 30 bytes", vfs.Verdict{Err: syscall.ENOSPC, Short: 30}},
	{"ENOSPC after 700 bytes", vfs.Verdict{Err: syscall.ENOSPC, Short: 700}},
	{"power off", vfs.Verdict{PowerOff: true}},
	{"power off after 700 bytes", vfs.Verdict{PowerOff: true, Short: 700}},
}

// ends are how a run may end, after the fault.
var ends = []struct {
	name string
	end  func(fs *vfs.Fault)
}{
	{"kill", func(fs *vfs.Fault) { fs.Kill() }},
	{"power cut, all unsynced lost", func(fs *vfs.Fault) { fs.Crash(vfs.LoseAll) }},
	{"power cut, some unsynced lost", func(fs *vfs.Fault) { fs.Crash(vfs.LoseSome) }},
}

// Every call that three lives of a process make fails once in every way, and
// after every kind of end what was acknowledged is there, once, in order, and
// nothing else but whole records that were sent.
func TestEveryFaultAtEveryCallKeepsWhatWasAcknowledged(t *testing.T) {
	lives := func(h *history, fs *vfs.Fault) {
		for range 3 {
			h.session(fs)
		}
	}
	calls := live(func(fs *vfs.Fault) { lives(newHistory(), fs) })
	if calls < 100 {
		t.Fatalf("only %d calls: the run is too short to mean much", calls)
	}
	runs := 0
	for n := 1; n <= calls; n++ {
		for _, fault := range faults {
			for _, end := range ends {
				fs, h := vfs.NewFault(uint64(n)), newHistory()
				plan := atCall(n, fault.v)
				if runs++; runs%2 == 0 {
					plan = eager(fs, plan)
				}
				fs.SetPlan(plan)
				lives(h, fs)
				end.end(fs)
				fs.SetPlan(nil)
				h.checkTwice(t, fs, fmt.Sprintf("run %d: %s at call %d, then %s", runs, fault.name, n, end.name))
			}
		}
	}
	t.Logf("%d calls, %d runs", calls, runs)
}

// checkTwice opens, checks, appends, cuts the power and checks again: what one
// opening has shown the next ones show too.
func (h *history) checkTwice(t *testing.T, fs *vfs.Fault, where string) {
	t.Helper()
	for range 2 {
		l, err := Open(fs, testDir, Options{SegmentBytes: smallestSegment})
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if r := l.Recovery(); len(r.Damage) > 0 {
			t.Errorf("%s: a crash was taken for damage: %v", where, r.Damage)
		}
		h.check(t, l, where)
		h.append(l, 2)
		if err := l.Err(); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		fs.Crash(vfs.LoseAll)
		l.Close()
	}
}

func (h *history) check(t *testing.T, l *Log, where string) {
	t.Helper()
	got, damage := replayed(t, l)
	if len(damage) > 0 {
		t.Errorf("%s: replay met damage: %v", where, damage)
	}
	if !isSubsequence(got, h.sent) {
		t.Errorf("%s: not what was sent, once and in order: %.12q", where, got)
	}
	there := map[string]bool{}
	for _, p := range got {
		there[p] = true
		if h.refused[p] {
			t.Errorf("%s: %.12q was answered with ErrNoSpace and is there", where, p)
		}
	}
	for p, at := range h.acked {
		if !there[p] && at.File >= h.dropped {
			t.Errorf("%s: %.12q was acknowledged at %s and is lost", where, p, at)
		}
	}
	for p := range h.shown {
		if !there[p] {
			t.Errorf("%s: %.12q was shown and is lost", where, p)
		}
	}
	for _, p := range got {
		h.shown[p] = true
	}
}

// A disk that says "synced" and is not cannot keep what was acknowledged. The
// log must still open, give only what was sent, in order, and go on.
func TestADiskThatLiesCostsRecordsButInventsNone(t *testing.T) {
	calls := live(func(fs *vfs.Fault) { newHistory().session(fs) })
	for seed := range uint64(300) {
		fs, h := vfs.NewFault(seed), newHistory()
		from := int(seed) % calls
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{Lie: c.N >= from} })
		h.session(fs)
		fs.Crash(vfs.LoseSome)
		fs.SetPlan(nil)
		l, err := Open(fs, testDir, Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, _ := replayed(t, l)
		if !isSubsequence(got, h.sent) {
			t.Errorf("seed %d: not what was sent, in order: %.12q", seed, got)
		}
		at := mustAppend(t, l, "after")
		if _, p, err := l.Read(at, nil); err != nil || string(p) != "after" {
			t.Errorf("seed %d: %q, %v", seed, p, err)
		}
		mustClose(t, l)
	}
}

// Many callers at once, random faults, random ends: acknowledged means there.
func TestConcurrentCallersLoseNothingThatWasAcknowledged(t *testing.T) {
	for seed := range uint64(60) {
		fs := vfs.NewFault(seed)
		l := mustOpen(t, fs, Options{SegmentBytes: smallestSegment, Queue: 4})
		fs.SetPlan(atCall(20+int(seed)*2, faults[int(seed)%len(faults)].v))
		acked := appendFromMany(l, 16, 10)
		ends[int(seed)%len(ends)].end(fs)
		l.Close()
		fs.SetPlan(nil)

		l = mustOpen(t, fs, Options{})
		got, damage := replayed(t, l)
		if damage != nil || l.Recovery().Damage != nil {
			t.Errorf("seed %d: damage: %v, %v", seed, damage, l.Recovery().Damage)
		}
		for _, p := range acked {
			if n := count(got, p); n != 1 {
				t.Errorf("seed %d: %q was acknowledged and is there %d times", seed, p, n)
			}
		}
		checkOrder(t, got, 16)
		mustClose(t, l)
	}
}

// appendFromMany has each caller append its numbers one after the other and
// returns what was acknowledged.
func appendFromMany(l *Log, callers, each int) []string {
	results := make(chan []string)
	for c := range callers {
		go func() {
			var acked []string
			for i := range each {
				p := fmt.Sprintf("%d/%d", c, i)
				if _, err := l.Append(context.Background(), records(p)...); err == nil {
					acked = append(acked, p)
				}
			}
			results <- acked
		}()
	}
	var all []string
	for range callers {
		all = append(all, <-results...)
	}
	return all
}

func count(in []string, s string) (n int) {
	for _, v := range in {
		if v == s {
			n++
		}
	}
	return n
}

func checkOrder(t *testing.T, got []string, callers int) {
	t.Helper()
	for c := range callers {
		var seqs []int
		for _, p := range got {
			var who, seq int
			if n, err := fmt.Sscanf(p, "%d/%d", &who, &seq); n != 2 || err != nil {
				t.Errorf("nobody sent %q", p)
			}
			if who == c {
				seqs = append(seqs, seq)
			}
		}
		if !slices.IsSorted(seqs) {
			t.Errorf("caller %d: %v", c, seqs)
		}
	}
}

// A replay that is under way steps over a file that is dropped meanwhile.
func TestAReplayOutlivesADrop(t *testing.T) {
	fs, want, _ := threeFiles(t)
	l := mustOpen(t, fs, Options{})
	// The first file is in the replay's window when it goes, the second is not.
	var got []string
	damage, err := l.Replay(Position{}, func(_ Position, _ byte, payload []byte) error {
		got = append(got, string(payload))
		if len(got) > 1 {
			return nil
		}
		return l.DropBefore(3)
	})
	if err != nil || damage != nil {
		t.Fatal(damage, err)
	}
	wantEqual(t, got, without(want, 3, 4, 5))
}

// A replay that is under way when the log is closed says so.
func TestAReplayEndsWithTheLog(t *testing.T) {
	fs, _, _ := threeFiles(t)
	l := mustOpen(t, fs, Options{})
	_, err := l.Replay(Position{}, func(Position, byte, []byte) error { return l.Close() })
	wantError(t, err, ErrClosed)
}

// A disk that fails while it is read costs the rest of that file.
func TestAReplayReportsAReadError(t *testing.T) {
	fs, want, _ := threeFiles(t)
	l := mustOpen(t, fs, Options{})
	fs.SetPlan(func(c vfs.Call) vfs.Verdict {
		if c.Op == vfs.OpRead && c.Name == file(2) {
			return vfs.Verdict{Err: syscall.EIO}
		}
		return vfs.Verdict{}
	})
	var got []string
	damage, err := l.Replay(Position{}, func(_ Position, _ byte, payload []byte) error {
		got = append(got, string(payload))
		return nil
	})
	wantEqual(t, got, without(want, 3, 4, 5))
	if err != nil || len(damage) != 1 || damage[0].File != file(2) {
		t.Errorf("damage %v, error %v", damage, err)
	}
}
