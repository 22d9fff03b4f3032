package tail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
)

// Offer decides about one document; seg is what was read of it. prob is the rate of the head, 0: not stated. What was
// held of the trace leaves before the document itself does.
//
// Triggers look at sampled documents too: one that matches leaves as kept by a trigger, with probability 1, because it
// would have been kept anyway, and counts for itself alone.
func (t *Tail) Offer(seg *roentgen.Segment, doc []byte, mark Mark, prob float64, leave Leave) Verdict {
	l := look{seg: seg, fold: t.opt.Rows}
	switch mark {
	case MarkForced:
		return t.forward(&l, doc, roentgen.Keep{Reason: roentgen.KeepForced, Probability: orOne(prob)}, leave)
	case MarkSampled:
		if t.sheds(seg.Trace) {
			return t.shed()
		}
		return t.forward(&l, doc, roentgen.Keep{Reason: roentgen.KeepHead, Probability: prob}, leave)
	case MarkHead:
		return t.offerHead(&l, doc, roentgen.Keep{Reason: roentgen.KeepHead, Probability: prob}, leave)
	}
	return t.offerUndecided(&l, doc, mark, leave)
}

func orOne(prob float64) float64 {
	if prob == 0 {
		return 1
	}
	return prob
}

var byTrigger = roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}

// forward lets a document leave whose trace is kept.
func (t *Tail) forward(l *look, doc []byte, keep roentgen.Keep, leave Leave) Verdict {
	if keep.Reason != roentgen.KeepTrigger && t.armed.Load().sampledToo(l) {
		keep = byTrigger
	}
	leave(doc, keep)
	t.count(wordForwarded)
	return Forwarded
}

// count adds one to a word; the owner alone does.
func (t *Tail) count(word int) {
	w := &t.ring.Words()[word]
	w.Store(w.Load() + 1)
}

func (t *Tail) shed() Verdict {
	t.count(wordShed)
	return Shed
}

// offerUndecided is for documents whose trace nobody sampled.
func (t *Tail) offerUndecided(l *look, doc []byte, mark Mark, leave Leave) Verdict {
	id := l.seg.Trace
	if known := t.memory.find(id, t.hashOf(id)); known != nil {
		return t.follow(known, l, doc, leave)
	}
	if t.sheds(id) {
		return t.shed()
	}
	if reason, ok := t.verdict(t.armed.Load(), l, mark == MarkKept); ok {
		t.decide(id, byTrigger, reason, true, doc, leave)
		return Forwarded
	}
	t.ring.Put(id, doc)
	return Held
}

// follow lets a document leave after its trace.
func (t *Tail) follow(known *decision, l *look, doc []byte, leave Leave) Verdict {
	keep := known.keepExact()
	if keep.Reason != roentgen.KeepTrigger && t.armed.Load().sampledToo(l) {
		keep = byTrigger
		t.raise(known)
	}
	leave(doc, keep)
	t.count(wordForwarded)
	return Forwarded
}

// raise makes a trace that was kept by rate one that a trigger keeps.
func (t *Tail) raise(known *decision) {
	known.reason, known.probability = byTrigger.Reason, 1
	t.book.write(record{kind: recordKeep, keep: byTrigger, open: known.open, id: known.id})
}

// offerHead is for the root's document of an old SDK's trace that the rate decided for.
func (t *Tail) offerHead(l *look, doc []byte, keep roentgen.Keep, leave Leave) Verdict {
	id := l.seg.Trace
	if known := t.memory.find(id, t.hashOf(id)); known != nil {
		return t.follow(known, l, doc, leave)
	}
	if t.sheds(id) {
		return t.shed()
	}
	reason := headReason(keep.Probability)
	if t.armed.Load().sampledToo(l) {
		keep = byTrigger
		reason, _ = t.first(l)
	}
	t.heads.Add(1)
	t.decide(id, keep, reason, true, doc, leave)
	return Forwarded
}

func (t *Tail) first(l *look) (string, bool) {
	a := t.armed.Load()
	for i := range a.triggers {
		if l.matches(&a.triggers[i].condition) {
			return a.triggers[i].Name, true
		}
	}
	return "", false
}

// decide keeps a trace: that is written down, then what was held of it leaves, then doc, unless it is nil.
func (t *Tail) decide(id roentgen.TraceID, keep roentgen.Keep, reason string, own bool, doc []byte, leave Leave) {
	d := decision{id: id, probability: float32(keep.Probability), reason: keep.Reason, open: t.ring.May(id)}
	t.makeRoom()
	t.memory.remember(d, t)
	t.remembered.Store(int64(t.memory.len()))
	t.book.write(record{kind: recordKeep, keep: keep, own: own, open: d.open, id: id, reason: reason})
	if d.open {
		t.drain(id, keep, leave)
	}
	if doc != nil {
		leave(doc, keep)
		t.count(wordForwarded)
	}
	if d.open {
		t.close(id)
	}
}

// drain lets leave what is held of a trace.
func (t *Tail) drain(id roentgen.TraceID, keep roentgen.Keep, leave Leave) int {
	return t.ring.Take(id, func(doc []byte) { leave(doc, keep) })
}

// close notes that nothing of the trace is left in the ring.
func (t *Tail) close(id roentgen.TraceID) {
	if known := t.memory.find(id, t.hashOf(id)); known != nil {
		known.open = false
	}
	t.book.write(record{kind: recordClosed, id: id})
}

// headReason is how a decision by rate is told to other agents: with three digits of the rate, for a batch names 256
// reasons at most.
func headReason(prob float64) string {
	return HeadReason + " " + strconv.FormatFloat(prob, 'g', 3, 64)
}

// keepOf is what a reason that was told means: a name of a trigger, or a rate.
func keepOf(reason string) roentgen.Keep {
	name, rate, _ := strings.Cut(reason, " ")
	if name != HeadReason {
		return byTrigger
	}
	p, err := strconv.ParseFloat(rate, 64)
	if err != nil || !(p > 0 && p <= 1) {
		p = 0 // not stated
	}
	return roentgen.Keep{Reason: roentgen.KeepHead, Probability: p}
}

// keepExact undoes the rounding of the memory: 0.05 is 0.05 again.
func (d *decision) keepExact() roentgen.Keep {
	k := d.keep()
	if d.probability != 1 && d.probability != 0 {
		if p, err := strconv.ParseFloat(strconv.FormatFloat(k.Probability, 'g', -1, 32), 64); err == nil {
			k.Probability = p
		}
	}
	return k
}

// String names a mark, for logs.
func (m Mark) String() string {
	names := [...]string{"undecided", "sampled", "forced", "kept", "deferred", "head"}
	if int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("mark %d", uint8(m))
}
