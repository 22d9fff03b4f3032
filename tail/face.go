package tail

import (
	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// Tail decides about documents; see the package.
type Tail struct{}

// Open opens or makes a tail.
func Open(opt Options) (*Tail, error) { return &Tail{}, nil }

// Close gives the files back; what is held stays.
func (t *Tail) Close() error { return nil }

// Describe says in one line where the ring is, how large, and why so.
func (t *Tail) Describe() string { return "" }

// Offer decides about one document.
func (t *Tail) Offer(seg *roentgen.Segment, doc []byte, mark Mark, prob float64, leave Leave) Verdict {
	leave(doc, roentgen.Keep{Reason: roentgen.KeepHead, Probability: prob})
	return Forwarded
}

// Notice takes a keep notice of the server.
func (t *Tail) Notice(id roentgen.TraceID, reason string, leave Leave) {}

// Recover lets leave again what may not have left wholly before a kill.
func (t *Tail) Recover(leave Leave) {}

// Tick lets time pass: decisions are forgotten. Call it about once a second.
func (t *Tail) Tick() {}

// Unsent returns own decisions that the server has not acknowledged, oldest first.
func (t *Tail) Unsent(max int) []wire.Notice { return nil }

// Sent says that the server has the first n of Unsent.
func (t *Tail) Sent(n int) {}

// SetTriggers replaces the triggers; counters of those that keep their name go on.
func (t *Tail) SetTriggers(ts Triggers) error { return nil }

// SetPressure sets the share of traces that are shed whole, 0 to 1.
func (t *Tail) SetPressure(level float64) {}

// Stats returns the sums.
func (t *Tail) Stats() Stats { return Stats{} }
