// Package storetest is the promise of package store as tests: a backend is a
// backend when it passes Run, and durable when it passes RunDurable.
//
// It owns the documents it appends, drawn from seeds, and Model, the most naive
// store there is, with which every answer is compared. It knows nothing of how
// a backend works. What a backend cannot do it says in Caps, and nothing else is
// left out.
package storetest

import (
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/store"
)

// Caps says what a backend cannot do. The zero Caps asks for everything.
type Caps struct {
	// NoTraceLimit: no document is refused for the size of its trace, and
	// LimitExceeded is never set.
	NoTraceLimit bool
}

// Open returns an empty store whose clock shows Now, which keeps documents for
// a week at least and refuses those that carry a trace over TraceBytes. Run
// closes it.
type Open func(t *testing.T) store.Store

// TraceBytes is the limit of a trace in the stores of Open.
const TraceBytes = 20_000

// Now is what the clocks of stores under test show.
func Now() time.Time { return time.Date(2026, 2, 25, 9, 0, 0, 0, time.UTC) }

// at is the time d after an hour before Now.
func at(d time.Duration) roentgen.Time { return roentgen.At(Now().Add(d - time.Hour)) }

// Run tests the promise. Each test opens a store of its own.
func Run(t *testing.T, open Open, caps Caps) {
	s := suite{open, caps}
	t.Run("What was appended is read back as it came", s.readBack)
	t.Run("Every outcome has its case", s.outcomes)
	t.Run("A document within one call repeats another", s.repeatInCall)
	t.Run("An empty call changes nothing", s.emptyCall)
	t.Run("A call may be large", s.largeCall)
	t.Run("The superseding document stands whatever the order", s.superseding)
	t.Run("A trace over its limit refuses documents and says so", s.traceLimit)
	t.Run("Traces come as asked, once, and only those that exist", s.tracesAsAsked)
	t.Run("A window holds its first instant and not its last", s.windowBounds)
	t.Run("Equal clocks are ordered by trace id", s.ties)
	t.Run("Each clock has its own order", s.ownOrders)
	t.Run("A trace without an end has no end clock", s.noEnd)
	t.Run("Odd times are times like any others", s.oddTimes)
	t.Run("Pages hang together as one loop would", s.pages)
	t.Run("A trace moves when its clock does", s.moves)
	t.Run("A loop sees what is appended before its place and not after", s.appendWithinLoop)
	t.Run("Find goes through a window as Partials does", s.findAll)
	t.Run("Find leaves out nothing that matches", s.findRandom)
	t.Run("Find goes on from wherever it was", s.findPages)
	t.Run("Find tells how many traces it passed over", s.findMany)
	t.Run("A find sees what is appended before its place and not after", s.findWhileAppending)
	t.Run("A deleted trace is gone for every reader", s.deleted)
	t.Run("A deleted trace begins anew", s.deletedAnew)
	t.Run("A deleted trace leaves its groups", s.deletedFromGroups)
	t.Run("A loop goes on when traces ahead of it are deleted", s.deleteWithinLoop)
	t.Run("What is deleted while writers write is gone in the end", s.deleteWhileAppending)
	t.Run("A loop that ends early holds nothing", s.endEarly)
	t.Run("A context that has ended ends every call", s.endedContext)
	t.Run("A context that ends ends the loop", s.endingContext)
	t.Run("The size is that of what stands", s.stats)
	t.Run("A graph is that of the traces that start in its window", s.graphWindow)
	t.Run("The graph of many traces is that of each", s.manyTraces)
	t.Run("A group admits no trace that was there before it", s.groupNotRetroactive)
	t.Run("A group keeps whom it has admitted while it is named", s.groupKeeps)
	t.Run("Traces are tested before groups change", s.testedBefore)
	t.Run("Groups without sense are refused", s.badGroups)
	t.Run("Random histories give the graphs of their traces", s.randomGraphs)
	t.Run("A closed store refuses and closes again", s.closed)
	t.Run("Close waits for appends under way", s.closeWhileAppending)
	t.Run("Random histories agree with the model", s.randomHistories)
	t.Run("Readers agree while writers write", s.concurrent)
}

type suite struct {
	open Open
	caps Caps
}

// start opens a store that the end of the test closes.
func (s suite) start(t *testing.T) *harness {
	t.Helper()
	h := &harness{T: t, store: s.open(t), model: NewModel(s.limit())}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

func (s suite) limit() int {
	if s.caps.NoTraceLimit {
		return 0
	}
	return TraceBytes
}
