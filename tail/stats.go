package tail

import "time"

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
	Again       int64 // left once more by Recover, for a kill left it open whether they had left; not in the sums above

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
