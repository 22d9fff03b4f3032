package tail

import (
	"cmp"
	"slices"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Notice takes a keep notice of the server: somebody else keeps the trace. What is held of it leaves, and what comes
// later will. The same notice again changes nothing.
func (t *Tail) Notice(id roentgen.TraceID, reason string, leave Leave) {
	t.noticesIn.Add(1)
	keep := keepOf(reason)
	if known := t.memory.find(id, t.hashOf(id)); known != nil {
		t.noticesKnown.Add(1)
		if keep.Reason > known.reason {
			t.raise(known)
		}
		return
	}
	t.decide(id, keep, reason, false, nil, leave)
}

// Order puts notices in the order in which the ring holds what they speak of, so
// that a frame of several of these traces is read once. It is for whoever calls
// Notice with them next.
func (t *Tail) Order(notices []wire.Notice) {
	if len(notices) < 2 {
		return
	}
	type placed struct {
		frame  uint64
		notice wire.Notice
	}
	order := make([]placed, len(notices))
	for i, n := range notices {
		order[i] = placed{t.ring.Where(n.Trace), n}
	}
	slices.SortStableFunc(order, func(a, b placed) int { return cmp.Compare(a.frame, b.frame) })
	for i := range order {
		notices[i] = order[i].notice
	}
}

// Recover lets leave what may not have left wholly before a kill: what the ring holds of traces whose decision was
// begun. Some of it may have left before. Call it once, after Open and before the first Offer.
func (t *Tail) Recover(leave Leave) {
	for _, d := range t.memory.open() {
		again := t.drain(d.id, d.keepExact(), leave)
		t.ring.Words()[wordAgain].Add(int64(again))
		t.close(d.id)
	}
}

// Unsent returns own decisions that the server does not have yet, oldest first, at most max.
// One at a time asks, sends, and says Sent.
func (t *Tail) Unsent(max int) []wire.Notice { return t.book.peek(max) }

// Sent says that the server has the first n of what Unsent returned last.
func (t *Tail) Sent(n int) { t.book.done(n) }

// Tick lets time pass: decisions older than Options.Remember are forgotten. Call it about once a second.
func (t *Tail) Tick() {
	if now := t.opt.Now(); now.Sub(t.memory.now.began) >= t.opt.Remember {
		t.turn()
	}
}

// makeRoom forgets early where there are too many decisions to remember.
func (t *Tail) makeRoom() {
	if t.memory.full() {
		t.forgotten.Add(int64(t.memory.before.used))
		t.turn()
	}
}

func (t *Tail) turn() {
	now := t.opt.Now()
	t.memory.turn(now)
	open := t.memory.before.open(nil)
	for _, d := range open {
		t.memory.remember(d, t)
	}
	t.book.turn(now, open)
	t.remembered.Store(int64(t.memory.len()))
}
