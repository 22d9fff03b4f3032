package ledger

import (
	"fmt"
	"strings"
)

// Settlement counters stand apart from those that are added to one by one: the
// journal holds what they become.
const settled = "settled/"

// window is how many batches may be settled ahead of the oldest that is not.
const window = 64

// Settle books what became of a batch, once: it reports false when (epoch,
// seq) was booked before. A kill in its midst leaves all of it or nothing.
func (l *Ledger) Settle(epoch, seq uint64, outcomes map[Key]int64) (booked bool, err error) {
	at := make([]int, 0, len(outcomes))
	add := make([]int64, 0, len(outcomes))
	for key, n := range outcomes {
		if n == 0 {
			continue
		}
		at = append(at, l.slotOf(settled+string(key.Kind)+"/"+key.Label))
		add = append(add, n)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	low, above := l.page.get(offLow), l.page.get(offAbove)
	if l.page.get(offEpoch) != epoch {
		low, above = 0, 0
	}
	if seq <= low || seq-low <= window && above>>(seq-low-1)&1 == 1 {
		return false, nil
	}
	if seq-low > window {
		if above != 0 || low != 0 {
			return false, fmt.Errorf("book batch %d: batch %d is not settled yet, and no more than %d may be under way", seq, low+1, window)
		}
		low = seq - 1 // the first batch that these books see of an older spool
	}
	above |= 1 << (seq - low - 1)
	for above&1 == 1 {
		above >>= 1
		low++
	}
	return true, l.commitLocked(epoch, low, above, at, add)
}

func (l *Ledger) slotOf(name string) int {
	l.find(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, known := l.mu.at[name]; known {
		return i
	}
	return l.mu.at[overflow(name)]
}

// overflow is the name under which a kind counts what found no slot.
func overflow(name string) string {
	return name[:strings.LastIndexByte(name, '/')] + "/other"
}

// commitLocked writes the new values into the journal, says that they hold,
// and makes them so.
func (l *Ledger) commitLocked(epoch, low, above uint64, at []int, add []int64) error {
	merged := map[int]uint64{}
	for i, slot := range at {
		if _, seen := merged[slot]; !seen {
			merged[slot] = l.page.slot(slot).get(0)
		}
		merged[slot] += uint64(add[i])
	}
	if len(merged) > maxChanges {
		return fmt.Errorf("book a batch: %d counters change at once, more than %d", len(merged), maxChanges)
	}
	n := 0
	for slot, value := range merged {
		l.page.set(offChanges+16*n, uint64(slot))
		l.page.set(offChanges+16*n+8, value)
		n++
	}
	l.page.set(offCount, uint64(n))
	l.page.set(offNewEpoch, epoch)
	l.page.set(offNewLow, low)
	l.page.set(offNewAbove, above)
	l.page.set(offState, 1)
	return l.finish()
}

// finish makes the journal's values hold. It may be done again.
func (l *Ledger) finish() error {
	if l.page.get(offState) == 0 {
		return nil
	}
	n := l.page.get(offCount)
	if l.page.get(offState) != 1 || n > maxChanges {
		return &CorruptError{l.name, offState, "the settlement under way is none"}
	}
	for i := range int(n) {
		slot := l.page.get(offChanges + 16*i)
		if slot >= slots {
			return &CorruptError{l.name, int64(offChanges + 16*i), fmt.Sprintf("counter %d is beyond the page", slot)}
		}
		l.page.slot(int(slot)).set(0, l.page.get(offChanges+16*i+8))
	}
	l.page.set(offEpoch, l.page.get(offNewEpoch))
	l.page.set(offLow, l.page.get(offNewLow))
	l.page.set(offAbove, l.page.get(offNewAbove))
	l.page.set(offState, 0)
	return nil
}
