package tracing

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// segment is one segment and what its subsegments share. Its own data lies in
// the embedded span, the root of the local tree.
//
// Subsegments are hung under their parent when they end, not when they start:
// an open one is known only to its user. So a segment that ends can go out at
// once with all that has finished, and a subsegment that ends after that finds
// its place gone and goes out on its own.
type segment struct {
	span
	tr       *Tracing
	traceID  trace.TraceID
	began    time.Time    // all times of the tree are offsets from this one, by its monotonic clock
	upstream trace.SpanID // the caller's subsegment; zero at the start of a trace
	why      decision
	self     string // the header's Self field
	extra    string // the header's other fields, to be handed on

	// An undecided segment is recorded though the head did not sample it, for
	// an agent that can still keep it. triggers are the failures for which that
	// agent keeps a trace; kept is set when a callee answered that it does.
	undecided bool
	triggers  flags
	kept      atomic.Bool

	// mu guards every span of the tree until that span is sent. One lock per
	// request was as fast as one per span in trials, and far simpler.
	mu     sync.Mutex
	held   int   // finished subsegments hanging in the tree
	failed flags // of the finished spans of an undecided segment

	// The last error seen and where, so that the same error on its way up is recorded once.
	lastErr error
	lastID  trace.SpanID
	lastBy  *span
}

// open starts a segment, or the unrecorded stand-in for one.
func (tr *Tracing) open(ctx context.Context, name string, h header, q request) (context.Context, *span) {
	tr.traffic.note()
	now := tr.now()
	d := tr.decide(h, q, now)
	id := h.root
	if !h.hasRoot {
		id = tr.dice.traceID(now)
	}
	var agent capability
	if !d.sampled {
		if agent = tr.agent.answer(); !d.undecided || !agent.undecided {
			tr.count.unsampled.Add(1)
			return tr.openIdle(ctx, id, h)
		}
		tr.count.undecided.Add(1)
	} else {
		tr.count.sampled.Add(1)
	}
	g := &segment{
		tr: tr, traceID: id, began: now, upstream: h.parent, why: d, self: h.self, extra: h.extra,
		undecided: !d.sampled, triggers: agent.triggers,
		span: span{Context: ctx, name: name, id: tr.dice.spanID()},
	}
	g.span.seg = g
	return g.span.inContext(), &g.span
}

// elapsed is the time since the segment began.
func (g *segment) elapsed() time.Duration {
	if g.tr.set.now != nil {
		return g.tr.set.now().Sub(g.began)
	}
	return time.Since(g.began)
}

// child starts a subsegment. It is not yet in the tree; see segment.
func (s *span) child(ctx context.Context, name string) *span {
	return &span{Context: ctx, seg: s.seg, parent: s, name: name, id: s.seg.tr.dice.spanID(), start: s.seg.elapsed()}
}

// end closes s at the given offset and sees to it that it gets sent: with its
// parent, or apart if it has none, the parent has gone, or too many hang in the
// tree.
func (s *span) end(at time.Duration) {
	g := s.seg
	g.mu.Lock()
	if s.ended {
		g.mu.Unlock()
		g.tr.count.doubleEnds.Add(1)
		return
	}
	s.finish = max(at, s.start)
	s.ended = true
	if g.undecided {
		g.failed |= s.failureLocked()
	}
	apart := s.settleLocked()
	g.mu.Unlock()
	if apart != nil {
		g.tr.send(apart)
	}
}

// settleLocked hangs s under its parent. It returns what is to be sent now,
// nil where nothing is: s, or all that hangs under its parent, linked by next.
func (s *span) settleLocked() *span {
	p, g := s.parent, s.seg
	if p == nil || !p.presentLocked() {
		s.sent = true
		g.held -= s.below
		return s
	}
	if p.last == nil {
		p.first = s
	} else {
		p.last.next = s
	}
	p.last = s
	p.below += s.below + 1
	g.held++
	if g.held <= g.tr.set.limits.HeldSubsegments {
		return nil
	}
	return p.uncoupleLocked()
}

// uncoupleLocked takes off all that hangs under p. Sent together they cost one
// place in the queue, so that a burst of small subsegments does not crowd
// other requests out.
func (p *span) uncoupleLocked() *span {
	first := p.first
	for c := first; c != nil; c = c.next {
		c.sent = true
	}
	p.seg.held -= p.below
	p.first, p.last, p.below = nil, nil, 0
	return first
}

// maxClimb bounds the search for an open ancestor. A subsegment deeper below
// its open ancestor travels alone, which is always right.
const maxClimb = 64

// presentLocked reports whether s is still here: open, or hanging somewhere
// under an open ancestor.
func (s *span) presentLocked() bool {
	for range maxClimb {
		switch {
		case s.sent:
			return false
		case !s.ended:
			return true
		case s.parent == nil:
			return false
		}
		s = s.parent
	}
	return false
}

// send queues a finished (sub)segment, and its siblings linked by next, with
// all that hangs under them.
func (tr *Tracing) send(s *span) {
	n := uint64(0) // counted before the sender has it
	for c := s; c != nil; c = c.next {
		n++
	}
	if s.parent != nil {
		tr.count.detached.Add(n)
	}
	switch tr.queue.push(s, s.manner()) {
	case refusedFull:
		tr.count.queueFull.Add(n)
	case refusedClosed:
		tr.count.afterShutdown.Add(n)
	}
}

// manner is how s is to be queued: what failed does not wait, because the
// process may be about to end.
func (s *span) manner() (how manner) {
	if s.seg != nil && s.seg.undecided {
		how |= yields
	}
	if s.flags != 0 || s.status == codes.Error {
		how |= urgent
	}
	return how
}
