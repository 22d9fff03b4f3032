package main

import (
	"context"
	"os"
	"runtime/debug"
	gauges "runtime/metrics"
	"time"
)

// room is how many bytes of garbage the server lets gather at least before the
// collector looks for it. By Go's rule, as much as is in use, it would look
// twice as often while documents pour in and the heap is small; beyond this size
// the rule holds.
const room = 64 << 20

// collectEvery is how often the size of the heap is looked at.
const collectEvery = time.Second / 4

// tuneGarbage sets the collector by the size of the heap until ctx ends, unless
// the operator has set it.
func tuneGarbage(ctx context.Context) error {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	before := 0
	defer func() {
		if before != 0 {
			debug.SetGCPercent(100)
		}
	}()
	for {
		if now := garbagePercent(liveHeap()); now != before {
			debug.SetGCPercent(now)
			before = now
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// mostGarbage is the largest percentage: a heap that was nearly empty may grow
// before it is looked at again.
const mostGarbage = 200

// garbagePercent returns the share of the live heap, in steps of a tenth, so that it is
// seldom set anew.
func garbagePercent(live uint64) int {
	if live == 0 {
		return mostGarbage
	}
	percent := min(room*100/live, mostGarbage)
	return int(max(percent/10*10, 100))
}

// liveHeap is what the last collection left.
func liveHeap() uint64 {
	sample := []gauges.Sample{{Name: "/gc/heap/live:bytes"}}
	gauges.Read(sample)
	if sample[0].Value.Kind() != gauges.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
