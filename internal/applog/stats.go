package applog

import (
	"math/bits"
	"time"
)

// Stats counts what a log has done since it was opened. Calls that were not
// acknowledged are not in it, except for the syncs that they cost.
type Stats struct {
	Appends  uint64        // calls of Append
	Records  uint64        // in those calls
	Bytes    uint64        // of their frames
	Batches  uint64        // writes that held those calls, each with one sync
	Syncs    uint64        // of files and of the directory, those that failed too
	SyncTime time.Duration // all syncs together
	// BatchCalls counts batches by the calls in them: index 0 for one call, 1 for
	// 2 and 3, 2 for 4 to 7, and so on; the last also holds all larger ones.
	BatchCalls [12]uint64
}

func (s *Stats) addBatch(calls, records int, bytes int64) {
	s.Appends += uint64(calls)
	s.Records += uint64(records)
	s.Bytes += uint64(bytes)
	s.Batches++
	s.BatchCalls[min(bits.Len(uint(calls))-1, len(s.BatchCalls)-1)]++
}

// Stats returns the counts.
func (l *Log) Stats() Stats {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mu.stats
}

// sync runs one fsync, by whatever name, and counts and times it.
func (l *Log) sync(fsync func() error, records int) error {
	start := l.opt.Now()
	err := fsync()
	took := l.opt.Now().Sub(start)
	l.countSync(took)
	if err == nil && l.opt.OnSync != nil {
		l.opt.OnSync(took, records)
	}
	return err
}

func (l *Log) countSync(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mu.stats.Syncs++
	l.mu.stats.SyncTime += took
}
