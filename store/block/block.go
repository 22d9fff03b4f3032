package block

import (
	"errors"
	"sync/atomic"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/store/block/index"
)

// block is an open block of the store.
type block struct {
	number   uint64
	file     *blockfile.File
	summary  *index.Summary
	totals   index.Totals
	tested   []graph.Member // groups against which its traces were tested
	users    atomic.Int64   // readers under way, and one for the store while it has it
	obsolete atomic.Bool    // the file goes when the last user has left

	// Store.moves guards these.
	seat        seat
	dead        rowSet        // rows that count no more: pulled, replaced or deleted
	lost        loss          // what they held
	erased      int           // of them, deleted by somebody
	gone        bool          // another block stands for it, or retention removed it
	due         roentgen.Time // when the next of its traces has to be counted again; 0: none
	oldest      roentgen.Time // earliest start of a row that counts; good while oldestKnown
	oldestKnown bool
	// leaving says of which rows retention is about to remove; nil: of none.
	leaving func(index.Row) bool
	stuck   bool // cannot be merged, because some of it is damaged; house
}

// loss is what dead rows held.
type loss struct {
	traces, documents, revision int
	bytes                       int64
}

func (l *loss) add(more loss) {
	l.traces += more.traces
	l.documents += more.documents
	l.revision += more.revision
	l.bytes += more.bytes
}

func lossOf(r index.Row) loss { return loss{1, r.Documents, r.Revision, int64(r.Bytes)} }

// enter keeps the block's file until leave; false when it is gone already.
func (b *block) enter() bool {
	for {
		n := b.users.Load()
		if n <= 0 {
			return false
		}
		if b.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave ends what enter began. The last one closes the file, and removes it
// where the block is obsolete.
func (b *block) leave() error {
	if b.users.Add(-1) > 0 {
		return nil
	}
	if b.obsolete.Load() {
		return b.file.Remove()
	}
	return b.file.Close()
}

// abandon leaves a block that the catalogue could not be told of. Its file stays
// where the edit may have reached the disk all the same: the next Open sees.
func (b *block) abandon(err error) error {
	b.obsolete.Store(!errors.Is(err, applog.ErrFailed))
	return b.leave()
}

// index reads the index. A disk that fails once is asked again: a block that is
// set aside is missed until somebody repairs it.
func (b *block) index() (*index.Index, error) {
	x, err := b.file.Index()
	if isDamage(err) {
		x, err = b.file.Index()
	}
	return x, err
}

// living is how many rows count.
func (b *block) living() int { return b.totals.Traces - b.lost.traces }

// rowSet is a set of rows. The zero rowSet is empty.
type rowSet []uint64

func (s rowSet) has(row int) bool { return row>>6 < len(s) && s[row>>6]&(1<<(row&63)) != 0 }

// add puts a row in and reports whether it was not there before.
func (s *rowSet) add(row int) bool {
	if missing := row>>6 + 1 - len(*s); missing > 0 {
		*s = append(*s, make([]uint64, missing)...)
	}
	word, bit := &(*s)[row>>6], uint64(1)<<(row&63)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}
