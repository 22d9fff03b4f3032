package tail

import (
	"time"

	"github.com/roentgen/roentgen/tail/ring"
)

// Stats are the sums of a tail. Those of documents survive a restart together with the ring; at any time
//
//	Offered = Forwarded + Drained + Overwritten + Shed + Damaged + Ring.Documents
type Stats struct {
	Offered     int64 // documents
	Forwarded   int64 // left at once
	Drained     int64 // held, then left
	Overwritten int64 // held, then not kept: by policy, unsampled
	Shed        int64 // dropped under pressure, whole traces
	Damaged     int64 // held, then lost to a disk that failed or lied
	Again       int64 // of Drained: left in Recover; a kill had left it open whether they had left before

	Ring     RingStats
	Triggers []TriggerStats // in the order of the file; then ToldTrigger

	Remembered     int64 // traces whose decision is known
	Forgotten      int64 // decisions given up before their time, for want of room
	Heads          int64 // traces kept by rate (MarkHead)
	NoticesIn      int64 // from the server
	NoticesKnown   int64 // of them: of traces that were known to be kept
	Unsent         int64 // own notices that the server has not taken
	NoticesSent    int64
	NoticesDropped int64 // own notices given up because too many waited
}

// RingStats describe the ring.
type RingStats struct {
	Documents int64         // waiting
	Bytes     int64         // of frames in the ring, compressed, staging included
	Capacity  int64         // bytes
	Oldest    time.Time     // arrival of the oldest frame; zero when empty
	Horizon   time.Duration // how long a document may wait: measured once the ring has gone round, estimated from its filling before that
	InMemory  bool
	Why       string // why it is in memory although a directory was named
}

// TriggerStats are the counters of one trigger since the start of the process.
type TriggerStats struct {
	Name, When string
	Quota      float64 // traces per second
	Matched    int64   // documents of undecided traces that matched
	Kept       int64   // traces kept by it
	OverQuota  int64   // matches that found no quota
	SampledToo int64   // documents that matched in traces which were kept anyway
}

// maxHorizon is what a ring that is nearly empty says.
const maxHorizon = time.Hour

// Stats may be called by anyone, also after Close.
func (t *Tail) Stats() Stats {
	r := t.ring.Stats()
	unsent, sent, dropped := t.book.stats()
	s := Stats{
		Forwarded: r.Lent[wordForwarded], Shed: r.Lent[wordShed], Again: r.Lent[wordAgain],
		Drained: r.Drained, Overwritten: r.Overwritten, Damaged: r.Damaged,
		Ring: RingStats{Documents: r.Waiting, Bytes: r.Bytes, Capacity: r.Capacity, Oldest: r.Oldest,
			Horizon: horizon(r, t.opt.Now()), InMemory: r.InMemory, Why: t.why},
		Triggers: t.armed.Load().stats(), Remembered: t.remembered.Load(), Forgotten: t.forgotten.Load(), Heads: t.heads.Load(),
		NoticesIn: t.noticesIn.Load(), NoticesKnown: t.noticesKnown.Load(), Unsent: unsent, NoticesSent: sent, NoticesDropped: dropped,
	}
	s.Offered = s.Forwarded + s.Shed + r.Held
	return s
}

// horizon is how long a document may wait before it is overwritten.
func horizon(r ring.Stats, now time.Time) time.Duration {
	filled := float64(r.Bytes) / float64(r.Capacity)
	if r.Oldest.IsZero() || !r.Round && filled < 0.001 {
		return maxHorizon
	}
	age := max(now.Sub(r.Oldest), 0)
	if r.Round {
		return age
	}
	return time.Duration(min(float64(age)/filled, float64(maxHorizon)))
}
