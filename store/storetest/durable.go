package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store"
)

// OpenDurable opens the store that is on fs, with the clock and the bounds
// of Open.
type OpenDurable func(fs vfs.FS) (store.Store, error)

// RunDurable tests that what was acknowledged survives, and that nothing else
// appears: a clean end, a killed process, and the power going at any call to
// the file system, with and without errors before it.
func RunDurable(t *testing.T, open OpenDurable) { RunDurableInSteps(t, open, 1) }

// RunDurableInSteps is RunDurable with a fault at every step-th call alone, for a
// store that makes many of them.
func RunDurableInSteps(t *testing.T, open OpenDurable, step int) {
	d := durable{open, step}
	t.Run("A store that was closed opens as it was", func(t *testing.T) { d.reopen(t, false) })
	t.Run("A store that was killed opens as it was", func(t *testing.T) { d.reopen(t, true) })
	t.Run("A power cut at any call loses nothing acknowledged", d.powerCut)
	t.Run("An error at any call loses nothing acknowledged", d.errorAnywhere)
	t.Run("A power cut among many writers loses nothing acknowledged", d.powerCutAmongMany)
	t.Run("A member that was shown survives a power cut at any call", d.memberPowerCut)
	t.Run("A deleted trace stays deleted after a power cut at any call", d.deletePowerCut)
	t.Run("An error while opening destroys nothing", d.errorWhileOpening)
	t.Run("A full disk refuses and recovers", d.fullDisk)
}

type durable struct {
	open OpenDurable
	step int // from one call that fails to the next
}

// mustOpen opens what has to open.
func (d durable) mustOpen(t *testing.T, fs vfs.FS) store.Store {
	t.Helper()
	s, err := d.open(fs)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

func mustClose(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// reopen goes on with one history over several lives, documents that are too
// large for their trace among it.
func (d durable) reopen(t *testing.T, kill bool) {
	fs, r := vfs.NewFault(1), NewRandom(3)
	h := &harness{T: t, model: NewModel(TraceBytes)}
	for life := range 6 {
		h.store = d.mustOpen(t, fs)
		h.check()
		h.setGroups(reopenedGroups(t, life)...)
		h.checkGraphs()
		for range 30 {
			h.append(r.call()...)
			if r.IntN(6) == 0 {
				h.delete(TraceID(r.IntN(r.Traces)))
			}
			h.checkGraphs()
		}
		large := r.Document()
		large.More = padding(TraceBytes)
		h.append(large)
		h.check()
		if kill {
			fs.Kill()
			_ = h.store.Close() // of a dead process: whatever it says
			continue
		}
		mustClose(t, h.store)
	}
	h.store = d.mustOpen(t, fs)
	h.check()
	mustClose(t, h.store)
}

// reopenedGroups are two, of which one changes in the middle of the lives.
func reopenedGroups(t *testing.T, life int) []store.Group {
	return []store.Group{group(t, "users", `user = "u1"`, 1), group(t, "orders", fmt.Sprintf(`annotation.order = %d`, life/3), uint64(1+life/3))}
}

// powerCut cuts the power at each call of a short history in turn.
func (d durable) powerCut(t *testing.T) {
	d.atEveryCall(t, func(vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: true} })
}

// errorAnywhere fails each call in turn and cuts the power later.
func (d durable) errorAnywhere(t *testing.T) {
	d.atEveryCall(t, func(c vfs.Call) vfs.Verdict { return vfs.Verdict{Err: syscall.EIO, Short: c.Bytes / 2} })
	d.atEveryCall(t, func(c vfs.Call) vfs.Verdict { return vfs.Verdict{Err: syscall.ENOSPC, Short: c.Bytes / 2} })
}

func (d durable) atEveryCall(t *testing.T, verdict func(vfs.Call) vfs.Verdict) {
	dry := vfs.NewFault(1)
	d.life(t, dry)
	calls := dry.Calls()
	if calls < 20 {
		t.Fatalf("a history makes %d calls to the file system: too few to be one", calls)
	}
	d.failEach(calls, verdict, func(n int, fs *vfs.Fault, crash func()) {
		sent := d.life(t, fs)
		crash()
		d.judge(t, fmt.Sprintf("call %d", n), fs, sent)
	})
}

// failEach calls try for every step-th of so many calls, each time with a new file
// system on which that call comes to the verdict. crash ends the faults and cuts
// the power.
func (d durable) failEach(calls int, verdict func(vfs.Call) vfs.Verdict, try func(n int, fs *vfs.Fault, crash func())) {
	for n := 1; n <= calls; n += d.step {
		fs := vfs.NewFault(uint64(n))
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			if c.N != n {
				return vfs.Verdict{}
			}
			return verdict(c)
		})
		try(n, fs, func() {
			fs.SetPlan(nil)
			fs.Crash(vfs.LoseSome)
		})
	}
}

// sent is what was handed to a store.
type sent struct {
	sync.Mutex
	docs, acked []roentgen.Stored
	refused     bool // some document was: then acked holds more than has to be there
}

func (s *sent) add(docs []roentgen.Stored, outcomes []roentgen.Outcome, err error) {
	s.Lock()
	defer s.Unlock()
	s.docs = append(s.docs, docs...)
	if err == nil {
		s.acked = append(s.acked, docs...)
	}
	s.refused = s.refused || slices.Contains(outcomes, roentgen.RefusedTraceTooLarge)
}

// life opens a store, appends a short history, whatever comes of it, and closes
// the store, whatever comes of that.
func (d durable) life(t *testing.T, fs *vfs.Fault) *sent {
	t.Helper()
	out, r := &sent{}, NewRandom(11)
	s, err := d.open(fs)
	if err != nil {
		return out
	}
	for range 12 {
		docs := stored(t, r.call()...)
		outcomes, err := s.Append(context.Background(), docs)
		out.add(docs, outcomes, err)
	}
	_ = s.Close() // closing acknowledges nothing, and may fail
	return out
}

// judge opens what a crash left and holds it against what was sent.
func (d durable) judge(t *testing.T, when string, fs *vfs.Fault, out *sent) {
	t.Helper()
	if out.refused {
		t.Fatalf("%s: the histories of this test have to stay below the limit of a trace", when)
	}
	h := &harness{T: t, store: d.mustOpen(t, fs), model: NewModel(0)}
	there := h.documents()
	for _, doc := range out.acked {
		if !there[keyOf(doc)] {
			t.Errorf("%s: a document was acknowledged and is lost: %s", when, doc.Segment.Document)
		}
	}
	for _, doc := range out.docs {
		if there[keyOf(doc)] {
			h.model.Append(doc)
		}
	}
	h.check() // what is there is what those of the sent documents make that are there
	h.append(segment(900, 1, 0))
	mustClose(t, h.store)
}

// key tells documents apart.
type key struct {
	trace roentgen.TraceID
	id    roentgen.SegmentID
	hash  uint64
}

func keyOf(d roentgen.Stored) key { return key{d.Segment.Trace, d.Segment.ID, d.Segment.Hash} }

// documents returns all that the store has, superseded ones too.
func (h *harness) documents() map[key]bool {
	h.Helper()
	there := map[key]bool{}
	for _, p := range h.partials(everything(roentgen.ClockStart)) {
		for _, part := range p.Parts {
			for _, hash := range part.Documents {
				there[key{p.Trace, part.ID, hash}] = true
			}
		}
	}
	return there
}

func (d durable) powerCutAmongMany(t *testing.T) {
	for seed := range 12 {
		fs, out := vfs.NewFault(uint64(seed)), &sent{}
		s := d.mustOpen(t, fs)
		fs.SetPlan(func(c vfs.Call) vfs.Verdict { return vfs.Verdict{PowerOff: c.N == 3+7*seed} })
		var work sync.WaitGroup
		for w := range 4 {
			work.Go(func() { appendUntilError(t, s, w, out) })
		}
		work.Wait()
		_ = s.Close() // the power is off
		fs.SetPlan(nil)
		fs.Crash(vfs.LoseSome)
		d.judge(t, fmt.Sprintf("seed %d", seed), fs, out)
	}
}

// appendUntilError appends what no other writer does.
func appendUntilError(t *testing.T, s store.Store, writer int, out *sent) {
	for n := range 10_000 {
		docs := stored(t, segment(writer*1000+n/30, n%30, 0), segment(writer*1000+n/30, 100+n%30, 0))
		outcomes, err := s.Append(context.Background(), docs)
		out.add(docs, outcomes, err)
		if err != nil {
			return
		}
	}
	t.Error("the power never went")
}

func (d durable) errorWhileOpening(t *testing.T) {
	fs := vfs.NewFault(1)
	out := d.life(t, fs)
	fs.SetPlan(nil) // counts calls anew
	mustClose(t, d.mustOpen(t, fs))
	calls := fs.Calls()
	for n := 1; n <= calls; n += d.step {
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			if c.N == n {
				return vfs.Verdict{Err: syscall.EIO}
			}
			return vfs.Verdict{}
		})
		if s, err := d.open(fs); err == nil {
			_ = s.Close() // it may have met the error
		} else if s != nil {
			t.Fatalf("call %d: a store and an error: %v", n, err)
		}
	}
	fs.SetPlan(nil)
	fs.Crash(vfs.LoseAll)
	d.judge(t, "after errors while opening", fs, out)
}

// fullDisk has no space for a while.
func (d durable) fullDisk(t *testing.T) {
	fs, r := vfs.NewFault(1), NewRandom(5)
	h := &harness{T: t, store: d.mustOpen(t, fs), model: NewModel(TraceBytes)}
	for range 5 {
		h.append(r.call()...)
		fs.SetPlan(func(c vfs.Call) vfs.Verdict {
			if c.Op == vfs.OpWrite || c.Op == vfs.OpCreate {
				return vfs.Verdict{Err: syscall.ENOSPC, Short: c.Bytes / 3}
			}
			return vfs.Verdict{}
		})
		docs := stored(t, segment(800, r.IntN(1000), 0))
		if _, err := h.store.Append(context.Background(), docs); roentgen.KindOf(err) != roentgen.Unavailable || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("append to a full disk: %v, want an error of kind unavailable that is ENOSPC", err)
		}
		h.check() // nothing of it was stored
		fs.SetPlan(nil)
		h.appendStored(docs)
	}
	h.check()
	mustClose(t, h.store)
	h.store = d.mustOpen(t, fs)
	h.check()
	mustClose(t, h.store)
}
