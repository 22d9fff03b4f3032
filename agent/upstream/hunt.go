package upstream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/wire"
)

// hunt looks for documents on which the upstream fails. One worker at a time is
// the hunter: others hand their suspicious cuts to it. It goes on with whatever
// comes while nothing of them is due.
type hunt struct {
	*Forwarder
	parts     []*part
	blind     int      // splits that may yet be made although nothing passes
	witnesses int      // that have not passed
	owed      []uint64 // numbers of cuts that hold nothing any more
}

// suspects are what workers hand to the hunter.
type suspects struct {
	sync.Mutex
	hunted bool // there is a hunter
	handed []*part
	held   int // parts in the hunter's own hands
}

// role is what becomes of a worker with a suspicious part.
type role uint8

const (
	goesOn role = iota // and tries again
	hunts
	handsOver
)

// become finds the role of a worker with p. Without something that passes there
// is nothing to be handed over: in an outage all wait.
func (s *suspects) become(p *part) role {
	s.Lock()
	defer s.Unlock()
	switch {
	case !s.hunted:
		s.hunted = true
		return hunts
	case p.telling > 0 && s.held+len(s.handed) < mostHanded:
		s.handed = append(s.handed, p)
		return handsOver
	}
	return goesOn
}

// take returns what was handed over to a hunter who has so many parts. Where
// there is nothing at all, it is one no more.
func (s *suspects) take(parts int) []*part {
	s.Lock()
	defer s.Unlock()
	handed := s.handed
	s.handed, s.held = nil, parts+len(handed)
	s.hunted = s.held > 0
	return handed
}

// resign ends a hunt before its end, and returns what was handed over.
func (s *suspects) resign() []*part {
	s.Lock()
	defer s.Unlock()
	handed := s.handed
	s.hunted, s.handed, s.held = false, nil, 0
	return handed
}

// untangle sends what is in p, a suspicious cut, in as many parts as it takes,
// and then what others have handed over.
func (f *Forwarder) untangle(ctx, patient context.Context, p *part) error {
	f.cfg.Logger.Warn("the upstream fails on one batch again and again: it is sent in parts, to find out which document is at fault", "seq", p.cut.Seq, "documents", len(p.cut.Documents))
	h := &hunt{Forwarder: f, parts: []*part{p}, blind: blindSplits}
	for len(h.parts) > 0 {
		if err := h.turn(ctx, patient); err != nil {
			for _, p := range append(h.parts, f.suspects.resign()...) { // they stay in the spool
				f.window.leave(p.cut.Seq)
			}
			return ignoreLeft(err)
		}
		h.parts = append(h.parts, f.suspects.take(len(h.parts))...)
	}
	return nil
}

func ignoreLeft(err error) error {
	if errors.Is(err, errLeft) {
		return nil
	}
	return err
}

// turn tries one part once. What fails goes to the end, so that all have their
// turn.
func (h *hunt) turn(ctx, patient context.Context) error {
	p, err := h.pick(ctx, patient)
	if err != nil {
		return err
	}
	better := h.backoff.untilBetter()
	answer, err := h.attempt(patient, p, h.batch(p.cut, Extra{}))
	var e *Error
	switch {
	case errors.Is(err, errLeft):
		h.parts = append(h.parts, p)
		return err
	case err == nil || errors.As(err, &e) && e.Permanent:
		return h.ended(patient, p, answer, err)
	}
	if done, err := h.judge(patient, p, e); done || err != nil {
		return err
	}
	p.due = h.cfg.Now().Add(h.rest(p))
	h.parts = append(h.parts, p)
	return h.hold(ctx, patient, p, e, better)
}

// rest is how long p is left alone: its failures say nothing of the upstream.
func (h *hunt) rest(p *part) time.Duration {
	return min(longestRest, h.cfg.MinBackoff<<min(p.tries, 16))
}

// pick takes the first part that is due and not too far ahead of what is under
// way. While there is none, it takes what comes.
func (h *hunt) pick(ctx, patient context.Context) (*part, error) {
	for {
		if err := h.makeWay(); err != nil {
			return nil, err
		}
		wait, behind := longestRest, (<-chan struct{})(nil)
		for i, p := range h.parts {
			left := p.due.Sub(h.cfg.Now())
			due := left <= 0 || ctx.Err() != nil
			permitted, change := h.window.look(p.cut.Seq)
			if due && permitted {
				h.parts = slices.Delete(h.parts, i, i+1)
				return p, nil
			}
			if due {
				behind = change // others are about what is older
			} else {
				wait = min(wait, left)
			}
		}
		if behind != nil {
			if sleep(patient, wait, behind) != nil {
				return nil, errLeft
			}
			continue
		}
		p, err := h.callWitness(ctx, patient, wait)
		if p != nil || err != nil {
			return p, err
		}
	}
}

// makeWay gives parts another number while others go on: none may be far behind.
func (h *hunt) makeWay() error {
	for _, p := range h.parts {
		if !h.window.hampers(p.cut.Seq) {
			continue
		}
		cut, err := h.cfg.Source.Renumber(p.cut.Seq)
		if err != nil {
			return ignoreUnsplit(err)
		}
		if err := h.replaced(p.cut, cut); err != nil {
			return err
		}
		p.cut = cut
	}
	return nil
}

// replaced ends a cut whose documents are in others now.
func (h *hunt) replaced(cut *spool.Cut, by ...*spool.Cut) error {
	for _, c := range by {
		h.window.enter(c.Seq)
	}
	defer h.window.leave(cut.Seq)
	h.owed = append(h.owed, cut.Seq)
	return h.close(cut, wire.BatchAnswer{Seq: cut.Seq}, nil)
}

// ignoreUnsplit: a cut that cannot be split stays as it is.
func ignoreUnsplit(err error) error {
	if errors.Is(err, spool.ErrSplit) || errors.Is(err, spool.ErrClosed) {
		return nil
	}
	return err
}

// callWitness waits for another cut: somebody has to pass, or to fail too.
func (h *hunt) callWitness(ctx, patient context.Context, wait time.Duration) (*part, error) {
	if h.witnesses >= mostWitnesses || ctx.Err() != nil {
		_, change := h.window.look(0) // when others go on, some may have to be let pass
		if h.pause(ctx, patient, wait, change) != nil {
			return nil, errLeft
		}
		return nil, nil
	}
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	cut, err := h.cfg.Source.Next(short, h.cfg.Limit)
	switch {
	case patient.Err() != nil, errors.Is(err, spool.ErrClosed):
		return nil, errLeft
	case err != nil && short.Err() != nil:
		return nil, nil
	case err != nil:
		return nil, err
	}
	h.window.enter(cut.Seq)
	p := h.newPart(cut)
	p.witness = true
	h.witnesses++
	if !h.window.permits(cut.Seq) {
		h.parts = append(h.parts, p)
		return nil, nil
	}
	return p, nil
}

// ended settles a part.
func (h *hunt) ended(patient context.Context, p *part, answer wire.BatchAnswer, err error) error {
	defer h.window.leave(p.cut.Seq)
	if p.witness {
		h.witnesses--
	}
	if err := h.close(p.cut, answer, err); err != nil {
		return err
	}
	h.payOwed(patient)
	return nil
}

// judge splits p, or sets it aside, or does neither.
func (h *hunt) judge(patient context.Context, p *part, e *Error) (done bool, err error) {
	switch long := h.cfg.Now().Sub(p.since) >= h.cfg.SetAsideAfter; {
	case !aboutBatch(e):
		return false, nil
	case p.convicted(h.passed(), long):
		return true, h.setAside(patient, p, e)
	case p.worthSplitting(e):
		return h.split(p)
	case p.records() > 1 && h.blind > 0 && e.Status != 0:
		h.blind--
		return h.split(p)
	}
	return false, nil
}

// split puts two parts in the place of one, in front of all others. They inherit
// nothing of what was held against it.
func (h *hunt) split(p *part) (done bool, err error) {
	first, second, err := h.cfg.Source.Split(p.cut.Seq)
	if err != nil {
		return false, ignoreUnsplit(err)
	}
	if p.witness {
		h.witnesses--
	}
	h.parts = append([]*part{h.newPart(first), h.newPart(second)}, h.parts...)
	return true, h.replaced(p.cut, first, second)
}

// setAside gives a document up.
func (h *hunt) setAside(patient context.Context, p *part, e *Error) error {
	h.stats.aside.Add(1)
	h.owed = append(h.owed, p.cut.Seq)
	return h.ended(patient, p, wire.BatchAnswer{}, &SetAsideError{p.tries, e})
}

// payOwed sends the numbers of cuts that hold nothing any more, for the server
// would miss them. Where that fails it does.
func (h *hunt) payOwed(patient context.Context) {
	for _, seq := range h.owed {
		_, _ = h.cfg.Sender.Send(patient, h.batch(&spool.Cut{Seq: seq}, Extra{}))
	}
	h.owed = nil
}
