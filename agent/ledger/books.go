package ledger

import "strings"

// Waiting is what has come in and is on its way; its owners know it.
type Waiting struct {
	Ring  int64 `json:"ring"`
	Spool int64 `json:"spool"`
	Queue int64 `json:"queue"`
}

// Books are the sums of one moment.
type Books struct {
	Received  map[string]int64 `json:"received"`
	Stored    int64            `json:"stored"`
	Replaced  int64            `json:"replaced"`
	Duplicate int64            `json:"duplicate"`
	Refused   int64            `json:"refused"`
	Rejected  map[string]int64 `json:"rejected"`
	Dropped   map[string]int64 `json:"dropped"`
	Lost      map[string]int64 `json:"lost"`
	Waiting   Waiting          `json:"waiting"`
	// Difference is received without all the others: 0 when the books balance.
	Difference int64 `json:"difference"`

	Aside map[string]int64 `json:"-"`
}

// Read sums the books. What waits, and what others count themselves, is handed
// in; queued documents count as received by the door udp, where alone there is
// a queue.
func (l *Ledger) Read(waiting Waiting, others map[Key]int64) Books {
	b := Books{
		Received: map[string]int64{}, Rejected: map[string]int64{}, Dropped: map[string]int64{}, Lost: map[string]int64{},
		Aside: map[string]int64{}, Waiting: waiting,
	}
	l.mu.Lock()
	for name, i := range l.mu.at {
		kind, label, _ := strings.Cut(strings.TrimPrefix(name, settled), "/")
		b.add(Kind(kind), label, int64(l.page.slot(i).get(0)))
	}
	l.mu.Unlock()
	for key, n := range others {
		b.add(key.Kind, key.Label, n)
	}
	if waiting.Queue != 0 {
		b.add(Received, "udp", waiting.Queue)
	}
	b.balance()
	return b
}

func (b *Books) add(kind Kind, label string, n int64) {
	maps := map[Kind]map[string]int64{Received: b.Received, Rejected: b.Rejected, Dropped: b.Dropped, Lost: b.Lost, Aside: b.Aside}
	sums := map[Kind]*int64{Stored: &b.Stored, Replaced: &b.Replaced, Duplicate: &b.Duplicate, Refused: &b.Refused}
	if m := maps[kind]; m != nil {
		m[label] += n
	} else if sum := sums[kind]; sum != nil {
		*sum += n
	}
}

func (b *Books) balance() {
	b.Difference = sum(b.Received) - b.Stored - b.Replaced - b.Duplicate - b.Refused -
		sum(b.Rejected) - sum(b.Dropped) - sum(b.Lost) - b.Waiting.Ring - b.Waiting.Spool - b.Waiting.Queue
}

func sum(m map[string]int64) (total int64) {
	for _, n := range m {
		total += n
	}
	return total
}

// Causes and doors under which Mend books what the last process left open.
const (
	// CauseKilled: a kill came between two counters, and the document is in
	// neither place.
	CauseKilled = "killed"
	// CauseUnexplained is the same after an end in order: a defect of the
	// program, or a file of the state directory that somebody removed.
	CauseUnexplained = "unexplained"
	// DoorAgain: a kill came between two counters, and the document is in both
	// places; the server will know it as a duplicate.
	DoorAgain = "again"
)

// Mend books the difference that the last process left, and returns it: above
// 0 documents are lost, below 0 some were taken in twice.
func (l *Ledger) Mend(wasClosed bool, waiting Waiting, others map[Key]int64) int64 {
	d := l.Read(waiting, others).Difference
	cause := CauseKilled
	if wasClosed {
		cause = CauseUnexplained
	}
	if d > 0 {
		l.Counter(Lost, cause).Add(uint64(d))
	} else if d < 0 {
		l.Counter(Received, DoorAgain).Add(uint64(-d))
	}
	return d
}
