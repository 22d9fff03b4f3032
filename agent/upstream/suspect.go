package upstream

import (
	"fmt"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/agent/spool"
)

// A batch that the upstream answers with an error of its own, for ever and while
// it takes others, holds a document that it cannot bear. Such a batch is split
// until that document is alone, which is then set aside. That others pass is
// what tells it from an outage, in which nothing is set aside however long it
// lasts.
const (
	// suspectAfter failures, of which one is telling, make a batch suspicious.
	suspectAfter = 3
	// blindAfter failures do where nothing passes that could tell: then it is
	// split to see whether a part passes.
	blindAfter = 6
	// blindSplits are enough to come from 256 documents down to one.
	blindSplits = 10
	// convictAfter telling failures of one document set it aside.
	convictAfter = 5
	// leastPassed batches at the first try, and most of all, have to pass between
	// the first failure of a document and its being set aside.
	leastPassed = 3
	// mostWitnesses may fail that were cut while nothing else was to be done.
	mostWitnesses = 4
	// mostHanded parts are in one worker's hands.
	mostHanded = 24
	// longestRest is between two tries of one part.
	longestRest = 15 * time.Second
)

// part is a cut on its way, and what its failures say of it.
type part struct {
	cut     *spool.Cut
	tries   int // that failed
	telling int // of these, before which another cut had passed at its first try since the one before
	first   passed
	last    int64     // passed.atOnce at the last failure
	since   time.Time // the first failure
	due     time.Time // when it may be tried again
	witness bool      // it was cut while others failed
}

// passed counts cuts with documents that were taken at the first try, and others.
type passed struct{ atOnce, late int64 }

func (f *Forwarder) newPart(cut *spool.Cut) *part {
	now := f.passed()
	return &part{cut: cut, first: now, last: now.atOnce}
}

func (f *Forwarder) passed() passed {
	return passed{f.stats.atOnce.Load(), f.stats.late.Load()}
}

// records is what it can be split into.
func (p *part) records() int { return len(p.cut.Documents) + len(p.cut.Rollups) }

// failed takes note of an attempt.
func (p *part) failed(now passed, at time.Time) {
	if p.tries == 0 {
		p.since = at
	}
	if now.atOnce > p.last {
		p.telling++
	}
	p.tries++
	p.last = now.atOnce
}

// aboutBatch tells whether a failure may have to do with what is in the batch:
// the upstream broke down over it, in whatever way that shows. It is none when
// nobody is there, nor when a pace or a person is asked for.
func aboutBatch(e *Error) bool {
	switch {
	case e.Permanent, e.Config, e.RetryAfter > 0:
		return false
	case e.Status == 0:
		return e.Category == CategoryTimeout || e.Category == CategoryOther
	}
	return e.Status >= http.StatusInternalServerError && e.Status != http.StatusServiceUnavailable
}

// suspicious tells whether p is worth being split.
func (p *part) suspicious(e *Error) bool {
	return aboutBatch(e) && (p.tries >= suspectAfter && p.telling > 0 || p.tries >= blindAfter)
}

// convicted tells whether it is p alone that fails, and has for long.
func (p *part) convicted(now passed, long bool) bool {
	atOnce, late := now.atOnce-p.first.atOnce, now.late-p.first.late
	return long && p.records() == 1 && p.telling >= convictAfter && atOnce >= leastPassed && late <= atOnce/4
}

// worthSplitting tells whether p is to be tried in parts from now on.
func (p *part) worthSplitting(e *Error) bool {
	return p.records() > 1 && (p.telling > 0 && !p.witness || p.suspicious(e))
}

// SetAsideError is what OnAnswer is told of a document, alone in its cut, that
// the upstream does not bear.
type SetAsideError struct {
	Tries int    // in vain
	Last  *Error // what the upstream answered at last
}

// Error says what was tried.
func (e *SetAsideError) Error() string {
	return fmt.Sprintf("the upstream failed %d times on this document alone, and took others meanwhile; at last: %v", e.Tries, e.Last)
}

// Unwrap returns the last failure.
func (e *SetAsideError) Unwrap() error { return e.Last }
