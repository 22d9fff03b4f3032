package tail

import (
	"log/slog"
	"time"

	"github.com/roentgen/roentgen"
)

// Options are what a Tail needs. The zero value is a tail in memory with the default triggers.
type Options struct {
	// Dir is where ring and decisions are; it is made if need be. Empty, or no place to write: everything is in memory,
	// and a smaller ring; Describe says so.
	Dir string
	// RingBytes is the size of the ring, taken at once: 512 MiB on disk, 64 MiB in memory.
	RingBytes int64
	// Remember is how long a decision about a trace stands at least: 10 minutes.
	Remember time.Duration
	// Triggers; without any, DefaultTriggers.
	Triggers Triggers
	// Now is the clock: time.Now.
	Now func() time.Time
	// Logger: slog.Default().
	Logger *slog.Logger
	// Rows folds one segment into rows, for triggers with a filter expression. Nil: those match nothing, and the log
	// says so.
	Rows func(*roentgen.Segment) *roentgen.Rows
}

// Mark says what is known of a document's trace when it arrives.
type Mark uint8

// The marks.
const (
	MarkUndecided Mark = iota // the head did not sample, and lets the agent decide
	MarkSampled               // the head sampled: it leaves at once
	MarkForced                // asked for by an authenticated caller: it leaves at once, and is never shed
	MarkKept                  // undecided, and somebody on the response path saw a failure
	MarkDeferred              // of an old SDK whose rule is answered with rate 1: decided here and later
	MarkHead                  // deferred, and sampled by rate at its root: the whole trace is kept
)

// Leave is where documents go that leave. It is called within Offer, Notice and Recover; doc is valid until it returns.
type Leave func(doc []byte, keep roentgen.Keep)

// Verdict is what became of an offered document for now.
type Verdict uint8

// The verdicts.
const (
	Forwarded Verdict = iota // it left, through Leave
	Held                     // it waits in the ring
	Shed                     // dropped with its whole trace, for there is too much
)
