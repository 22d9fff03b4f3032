package block

import (
	"context"
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// shard owns the recent traces of a part of all trace ids, and their log.
type shard struct {
	store  *Store
	number int
	log    *applog.Log
	calls  chan *call
	ended  chan struct{} // closed when run has returned

	mu struct {
		sync.RWMutex
		head
		// end is behind the last record of which the head knows.
		end applog.Position
	}

	bytes  atomic.Int64    // of the head's documents, for who only wants to know that
	picked applog.Position // mu.end when a flush last picked traces; who keeps house uses it

	erasedIn uint64 // the last log file that may hold documents that were deleted; house

	// run alone uses what follows.
	parser *wire.Parser
	carry  *call // taken off the queue, and comes next
	batch  batch
}

// call is documents of one Append that belong to one shard, or something else
// that is done in its turn.
type call struct {
	ctx      context.Context
	docs     []roentgen.Stored
	at       []int              // where in outcomes that of each document stands
	outcomes []roentgen.Outcome // of the whole Append
	size     int                // bytes of the documents
	do       func() error       // instead of docs
	err      error
	done     chan struct{}
}

// measure tells how large the head is now. mu is held.
func (sh *shard) measure() {
	before := sh.bytes.Swap(sh.mu.head.bytes)
	if now := sh.mu.head.bytes; now > before && sh.store.headBytes() >= sh.store.opt.HeadBytes {
		sh.store.wakeHouse()
	}
}

// queue is how many calls wait for a shard before further ones block.
const queue = 128

func newShard(s *Store, number int, log *applog.Log) *shard {
	sh := &shard{
		store: s, number: number, log: log, parser: wire.NewParser(s.opt.reading()),
		calls: make(chan *call, queue), ended: make(chan struct{}),
	}
	sh.mu.head = newHead()
	sh.batch.seen = map[document]struct{}{}
	return sh
}

// shardOf returns the shard that a trace belongs to. The last bytes of an id are
// random, whoever made it.
func (s *Store) shardOf(id roentgen.TraceID) *shard {
	return s.shards[int(binary.BigEndian.Uint32(id[12:])%uint32(len(s.shards)))]
}

// run takes calls until the channel is closed. What has come meanwhile shares a
// write and a sync: while one batch is synced the next one gathers by itself.
func (sh *shard) run() {
	defer close(sh.ended)
	for c := sh.take(); c != nil; c = sh.take() {
		if c.do != nil {
			c.err = c.do()
			close(c.done)
			continue
		}
		sh.commit(sh.gather(c))
	}
}

// take waits for the next call; nil when there will be none.
func (sh *shard) take() *call {
	if c := sh.carry; c != nil {
		sh.carry = nil
		return c
	}
	return <-sh.calls
}

// stepsBack is how often a shard lets others go first before it writes.
const stepsBack = 3

// gather adds to first what waits, as far as one write goes. Calls that the
// processors are at work for are let come first, so that they share the sync: the
// shard steps back behind whatever can run. Where nothing can, that takes no time.
func (sh *shard) gather(first *call) []*call {
	calls, size := append(sh.batch.calls[:0], first), first.size
	for steps := 0; ; {
		select {
		case c := <-sh.calls:
			if c != nil && c.do == nil && size+c.size <= callBytes {
				calls, size = append(calls, c), size+c.size
				continue
			}
			sh.carry = c // nil: closed, and so is the next take
			return calls
		default:
			if steps == stepsBack {
				return calls
			}
			steps++
			runtime.Gosched()
		}
	}
}

// submit hands c to the shard.
func (s *Store) submit(sh *shard, c *call) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case sh.calls <- c:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// inTurn runs fn in the shard's goroutine, between two batches.
func (s *Store) inTurn(ctx context.Context, sh *shard, fn func() error) error {
	c := &call{ctx: ctx, do: fn, done: make(chan struct{})}
	if err := s.submit(sh, c); err != nil {
		return err
	}
	<-c.done
	return c.err
}
