package block

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/roentgen/roentgen"
)

// keeper keeps the house: it flushes, compacts and evicts in the background.
type keeper struct {
	awake chan struct{} // holds one: there is something to do
	quit  context.CancelFunc
	ended chan struct{}

	mu struct {
		sync.Mutex
		room   chan struct{} // closed when a flush has ended, and then replaced
		failed error         // of the last flush
	}
}

func (k *keeper) init() {
	k.awake, k.ended, k.quit = make(chan struct{}, 1), make(chan struct{}), func() {}
	k.mu.room = make(chan struct{})
}

// tick is how often the keeper looks whether something is due.
const tick = 500 * time.Millisecond

// start begins to keep the house, unless that is done by hand.
func (k *keeper) start(s *Store) {
	ctx, cancel := context.WithCancel(context.Background())
	k.quit = cancel
	if s.opt.Manual {
		close(k.ended)
		return
	}
	go func() {
		defer close(k.ended)
		s.keepHouse(ctx)
	}()
}

// stop ends what start began, and waits for it.
func (k *keeper) stop() {
	k.quit()
	<-k.ended
}

// keepHouse does what is due until ctx ends.
func (s *Store) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for watch := (watch{}); ; {
		select {
		case <-ctx.Done():
			return
		case <-s.keeper.awake:
		case <-ticker.C:
		}
		if want := watch.due(s); want > 0 {
			s.keep(ctx, want)
		}
		if err := s.compactOne(ctx, false); err != nil && ctx.Err() == nil {
			s.opt.Logger.Error("compact blocks", "error", err)
		}
	}
}

func (s *Store) keep(ctx context.Context, want int64) {
	s.house.Lock()
	defer s.house.Unlock()
	if err := s.flush(ctx, want); err != nil && ctx.Err() == nil && !errors.Is(err, errClosed) {
		s.opt.Logger.Error("flush the head", "error", err)
	}
}

// watch is what the keeper remembers of the head.
type watch struct {
	bytes   int64     // of the head at the last look
	changed time.Time // when that was another number
	emptied time.Time // when the head was flushed whole, or was empty
}

const (
	everything = 1 << 62
	// worthwhile is from which size on an idle head goes into a block at once.
	worthwhile = 512 << 10
)

// due returns how many bytes of the head have to go into a block now.
func (w *watch) due(s *Store) int64 {
	bytes, now := s.headBytes(), s.opt.Now()
	if bytes != w.bytes {
		w.bytes, w.changed = bytes, now
	}
	switch {
	case bytes == 0:
		w.emptied = now
		return 0
	case bytes >= s.opt.HeadBytes:
		return bytes - s.opt.HeadBytes/4 // what has just come is likely to go on
	case now.Sub(w.emptied) >= s.opt.FlushAge || bytes >= worthwhile && now.Sub(w.changed) >= s.opt.FlushIdle:
		w.emptied = now
		return everything
	}
	return 0
}

// wakeHouse tells the keeper that the head is full.
func (s *Store) wakeHouse() {
	select {
	case s.keeper.awake <- struct{}{}:
	default:
	}
}

// noteFlush tells those who wait for room how a flush has ended.
func (s *Store) noteFlush(err error) {
	k := &s.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mu.failed = err
	close(k.mu.room)
	k.mu.room = make(chan struct{})
}

// most is how large the head may become while it is being flushed.
func (o Options) most() int64 { return o.HeadBytes + o.HeadBytes/2 }

// admit waits while the head is half as large again as it should be. Where flushes
// fail, because the disk is full for instance, it says so instead.
func (s *Store) admit(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	for s.headBytes() >= s.opt.most() {
		if err := s.ready(ctx); err != nil {
			return err
		}
		if s.opt.Manual {
			s.keep(ctx, everything)
		}
		room, failed := s.keeper.state()
		if s.headBytes() < s.opt.most() {
			return nil
		}
		if failed != nil {
			return &roentgen.Error{Kind: roentgen.Unavailable, Err: fmt.Errorf("the head is full and cannot be written into a block: %w", failed)}
		}
		if s.opt.Manual {
			continue // nobody else makes room
		}
		s.wakeHouse()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (k *keeper) state() (room <-chan struct{}, failed error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mu.room, k.mu.failed
}

// wake pulls the traces of blocks whose time to be counted again has come.
func (s *Store) wake(ctx context.Context) error {
	now := s.opt.now()
	for _, b := range s.set() {
		s.moves.RLock()
		due := b.due != 0 && b.due <= now
		s.moves.RUnlock()
		if due {
			if err := s.wakeBlock(ctx, b, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) wakeBlock(ctx context.Context, b *block, now roentgen.Time) error {
	if !b.enter() {
		return nil
	}
	x, err := b.index()
	if err != nil {
		return errors.Join(s.judge(b, err), b.leave())
	}
	next := roentgen.Time(0)
	for _, row := range x.Dues() {
		r := x.Row(row)
		switch {
		case !s.counts(b, row):
		case r.Due > now:
			if next == 0 || r.Due < next {
				next = r.Due
			}
		default:
			sh := s.shardOf(r.ID)
			if err := s.inTurn(ctx, sh, func() error { return sh.pull(r.ID) }); err != nil {
				return errors.Join(err, b.leave())
			}
		}
	}
	s.moves.Lock()
	b.due = next
	s.moves.Unlock()
	return b.leave()
}
