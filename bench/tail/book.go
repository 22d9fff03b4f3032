package tail

import (
	"sync"

	"github.com/roentgen/roentgen"
)

// book is what was sent: for failing traces every document, for all others their number. One goroutine writes it;
// it is read when that has ended, but for the sums, which have a lock.
type book struct {
	failing []*entry
	mu      sync.Mutex
	hosts   []hostSum
	recent  [][]int64 // by host, when the last segments were sent (Unix nanoseconds), in a circle of remembered
	unread  *unread   // has a lock of its own
}

// remembered is more segments than a socket's buffer holds.
const remembered = 1 << 14

// hostSum is what was sent to one host.
type hostSum struct {
	documents, bytes int64
}

// entry is one failing trace.
type entry struct {
	id      roentgen.TraceID
	phase   int
	sampled bool
	place   Place
	trigger int // of documents: the one that says so
	// documents in the order in which they were sent.
	documents []sentDocument
}

type sentDocument struct {
	id    roentgen.SegmentID
	host  uint8
	spans bool  // sent as a span
	began int64 // not later than when sending it began
	sent  int64 // it was sent by then
	check uint64
}

func newBook(hosts int) *book {
	b := &book{hosts: make([]hostSum, hosts), recent: make([][]int64, hosts), unread: newUnread()}
	for i := range b.recent {
		b.recent[i] = make([]int64, remembered)
	}
	return b
}

// begin opens an entry for a failing request.
func (b *book) begin(r *request, phase int) *entry {
	e := &entry{id: r.id, phase: phase, sampled: r.sampled, place: r.place, trigger: -1, documents: make([]sentDocument, 0, len(r.parts))}
	b.failing = append(b.failing, e)
	return e
}

func (b *book) sent(host uint8, bytes int, at int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recent[host][b.hosts[host].documents%remembered] = at
	b.hosts[host].documents++
	b.hosts[host].bytes += int64(bytes)
}

// sums returns what was sent so far, by host.
func (b *book) sums() []hostSum {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]hostSum(nil), b.hosts...)
}

// lately returns when the last segments were sent to a host, the last one first.
func (b *book) lately(host int) (times []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	documents := b.hosts[host].documents
	for i := range min(documents, remembered) {
		times = append(times, b.recent[host][(documents-1-i)%remembered])
	}
	return times
}

func (b *book) total() (t hostSum) {
	for _, h := range b.sums() {
		t.documents += h.documents
		t.bytes += h.bytes
	}
	return t
}
