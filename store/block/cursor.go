package block

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/store"
	"github.com/roentgen/roentgen/store/block/index"
	"github.com/roentgen/roentgen/wire"
)

// Partials yields the partials of a window.
func (s *Store) Partials(ctx context.Context, w roentgen.Window) iter.Seq2[roentgen.Partial, error] {
	return func(yield func(roentgen.Partial, error) bool) {
		for f, err := range s.Find(ctx, w, nil) {
			if err != nil {
				yield(roentgen.Partial{}, err)
				return
			}
			if f.Trace != nil && !yield(f.Partial, nil) {
				return
			}
		}
	}
}

// Find yields the traces of a window that may match. It looks for the next place
// anew each time, instead of reading ahead: a trace that moves between two places
// which the loop has not reached is then yielded once, where it is.
func (s *Store) Find(ctx context.Context, w roentgen.Window, m *filter.Matcher) iter.Seq2[store.Found, error] {
	return func(yield func(store.Found, error) bool) {
		c, err := s.newCursor(ctx, w, m)
		for err == nil && !c.ended {
			var f store.Found
			f, err = c.next(ctx)
			if err == nil && (f.Trace != nil || f.Passed > 0) && !yield(f, nil) {
				break
			}
		}
		if c != nil {
			err = errors.Join(err, c.close())
		}
		if err != nil {
			yield(store.Found{}, fmt.Errorf("read traces of a window: %w", err))
		}
	}
}

// cursor is where a loop over a window has come to.
type cursor struct {
	store  *Store
	window roentgen.Window
	match  *filter.Matcher
	parser *wire.Parser
	at     roentgen.Place
	behind bool // at was reached already
	ended  bool

	version uint64             // of the set of blocks that is looked at
	sources sources            // those that were opened
	closed  []*source          // the others, the one with the newest bound first
	open    map[*block]*source // all of them, and those that were passed over
	passed  int
}

// source is one block as a cursor goes through it.
type source struct {
	*block
	top    roentgen.Place // of its next row, or a bound of it while it is closed
	rows   []uint32       // in the order of the clock; nil: the block was not opened yet
	index  *index.Index
	next   int             // in rows
	chosen *roaring.Bitmap // rows that may match; nil: all
	skip   bool            // no row of it can match
	held   bool            // entered
	whole  bool            // was passed over without a look into it
}

func (s *Store) newCursor(ctx context.Context, w roentgen.Window, m *filter.Matcher) (*cursor, error) {
	if w.Clock >= clocks {
		return nil, roentgen.Invalidf("there is no clock %d", w.Clock)
	}
	c := &cursor{store: s, window: w, match: m, at: roentgen.Place{At: w.To - 1}, version: ^uint64(0), open: map[*block]*source{}}
	if w.To <= w.From {
		c.ended = true
		return c, nil
	}
	if w.After != nil && !c.at.Behind(*w.After) {
		c.at, c.behind = *w.After, true
	}
	c.parser = wire.NewParser(s.opt.reading())
	return c, s.wake(ctx)
}

func (c *cursor) close() error {
	var errs []error
	for _, src := range c.open {
		if src.held {
			errs = append(errs, src.leave())
		}
	}
	c.open = nil
	return errors.Join(errs...)
}

// news is how many traces are passed over before the loop tells of it.
const news = 1 << 16

// next returns what stands at the next place, or how far the loop has come.
func (c *cursor) next(ctx context.Context) (store.Found, error) {
	for {
		if err := c.store.ready(ctx); err != nil {
			return store.Found{}, err
		}
		if err := c.refresh(); err != nil {
			return store.Found{}, err
		}
		step, err := c.step()
		if err != nil {
			return store.Found{}, err
		}
		switch step.kind {
		case stepAgain:
			if c.passed >= news {
				c.advance()
				return c.tell(store.Found{Place: c.at}), nil
			}
		case stepEnd:
			c.ended = true
			return c.tell(store.Found{Place: justBefore(roentgen.Place{At: c.window.From - 1})}), nil
		default:
			t, err := c.read(step)
			if err != nil {
				return store.Found{}, err
			}
			if t == nil {
				c.passed++ // damaged
				continue
			}
			return c.tell(store.Found{Place: c.at, Trace: t.whole(), Partial: t.partial()}), nil
		}
	}
}

// advance moves the place of the loop up to the next one that is known: what lies
// in between was passed over.
func (c *cursor) advance() {
	c.store.moves.RLock()
	defer c.store.moves.RUnlock()
	_, top, ok := c.newestOfHeads()
	if src := c.first(); src != nil && (!ok || top.Behind(src.top)) {
		top, ok = src.top, true
	}
	if before := justBefore(top); ok && before.Behind(c.at) {
		c.at, c.behind = before, true
	}
}

// justBefore is the last place with a newer clock than p.
func justBefore(p roentgen.Place) roentgen.Place {
	before := roentgen.Place{At: p.At + 1}
	for i := range before.Trace {
		before.Trace[i] = 0xff
	}
	return before
}

func (c *cursor) tell(f store.Found) store.Found {
	f.Passed = max(0, c.passed)
	c.passed -= f.Passed
	return f
}

// stepKind is what a look at all places came to.
type stepKind int

const (
	stepAgain stepKind = iota // a block has to be opened, or rows were passed over
	stepEnd
	stepHead  // the next trace is in the head
	stepBlock // or in a block
)

type step struct {
	kind  stepKind
	trace still
	place
}

// read reads the trace of a step. Its row stays what it was, whatever becomes of
// it meanwhile.
func (c *cursor) read(s step) (*snapshot, error) {
	if s.kind == stepHead {
		return s.trace.read(c.parser)
	}
	return c.store.readRow(c.parser, s.place)
}

// step finds the next place: the newest of those of the heads and of the blocks
// that are open. Where a block that is still closed may have a newer one, it is
// opened, and the next step looks again.
func (c *cursor) step() (step, error) {
	s := c.store
	s.moves.RLock()
	if s.version.Load() != c.version {
		s.moves.RUnlock()
		return step{}, nil
	}
	found, from, ok := c.newestOfHeads()
	for {
		src := c.first()
		if src == nil || ok && !from.Behind(src.top) || src.top.At < c.window.From {
			break
		}
		if src.rows == nil && src.skip && c.holds(src.block) {
			c.passed += src.living()
			src.whole, src.rows = true, []uint32{}
			c.closed = c.closed[1:]
			continue
		}
		if src.rows == nil {
			s.moves.RUnlock()
			return step{}, c.openSource(src)
		}
		if c.settleTop(src) {
			c.at, c.behind = src.top, true
			out := step{kind: stepBlock, place: place{src.block, int(src.rows[src.next])}}
			src.next++
			c.lift(src)
			s.moves.RUnlock()
			return out, nil
		}
	}
	defer s.moves.RUnlock()
	if !ok || from.At < c.window.From {
		return step{kind: stepEnd}, nil
	}
	c.at, c.behind = from, true
	return step{kind: stepHead, trace: found}, nil
}

// holds tells whether every row of the block lies in the part of the window that
// the loop has not reached. Some rows may have no end.
func (c *cursor) holds(b *block) bool {
	oldest, newest, _ := b.summary.Bounds(c.window.Clock)
	return c.window.Clock != roentgen.ClockEnd && oldest >= c.window.From && newest < c.at.At
}

// newestOfHeads returns the next trace of all heads.
func (c *cursor) newestOfHeads() (found still, at roentgen.Place, ok bool) {
	for _, sh := range c.store.shards {
		sh.inOrder(func(orders *[clocks]order) {
			if p, there := orders[c.window.Clock].from(c.at, c.behind); there && (!ok || at.Behind(p.Place)) {
				found, at, ok = p.trace.still(), p.Place, true
			}
		})
	}
	return found, at, ok
}

// settleTop passes over rows at the top of src that are dead or cannot match, and
// tells whether the row that is next then is the one that src promised. moves is
// held.
func (c *cursor) settleTop(src *source) bool {
	switch {
	case src.skip:
		c.pass(src, len(src.rows))
	case src.chosen != nil && c.window.Clock == roentgen.ClockStart:
		c.leap(src)
	}
	for ; src.next < len(src.rows); src.next++ {
		row := src.rows[src.next]
		if src.dead.has(int(row)) {
			continue
		}
		if src.chosen == nil || src.chosen.Contains(row) {
			break
		}
		c.passed++
	}
	before := src.top
	c.lift(src)
	return c.first() == src && src.top == before
}

// first is the block that has the newest next row, or may have.
func (c *cursor) first() *source {
	switch {
	case len(c.closed) == 0 && len(c.sources) == 0:
		return nil
	case len(c.closed) == 0 || len(c.sources) > 0 && !c.sources[0].top.Behind(c.closed[0].top):
		return c.sources[0]
	}
	return c.closed[0]
}

// leap goes to the next row that may match, where rows stand in their order.
func (c *cursor) leap(src *source) {
	if src.next == len(src.rows) {
		return
	}
	it := src.chosen.Iterator()
	it.AdvanceIfNeeded(src.rows[src.next])
	to := len(src.rows)
	if it.HasNext() {
		to = min(to, int(it.PeekNext()-src.rows[0]))
	}
	c.pass(src, max(to, src.next))
}

// pass goes on to the row at to, and counts those in between that are not dead.
func (c *cursor) pass(src *source, to int) {
	if src.next < to && src.lost.traces == 0 {
		c.passed += to - src.next
		src.next = to
	}
	for ; src.next < to; src.next++ {
		if !src.dead.has(int(src.rows[src.next])) {
			c.passed++
		}
	}
}

// lift puts src where its next row belongs, or takes it out.
func (c *cursor) lift(src *source) {
	if src.next == len(src.rows) {
		heap.Remove(&c.sources, src.slot(c.sources))
		return
	}
	row := int(src.rows[src.next])
	at, _ := src.index.At(row, c.window.Clock)
	src.top = roentgen.Place{At: at, Trace: src.index.ID(row)}
	heap.Fix(&c.sources, src.slot(c.sources))
}

func (src *source) slot(all sources) int {
	for i := range all {
		if all[i] == src {
			return i
		}
	}
	return -1
}

// openSource finds the rows of the first closed block that lie at or behind the
// place which the loop has reached.
func (c *cursor) openSource(src *source) error {
	x, err := src.block.index()
	if err != nil {
		return c.store.judge(src.block, err)
	}
	src.index, src.rows = x, x.Order(c.window.Clock)
	if src.rows == nil {
		src.rows = []uint32{}
	}
	if c.match != nil && !src.skip {
		if rows, all := x.Candidates(c.match); !all {
			src.chosen = rows
		}
	}
	c.closed = c.closed[1:]
	heap.Push(&c.sources, src)
	c.seek(src)
	return nil
}

// seek goes to the first row that the loop has not reached.
func (c *cursor) seek(src *source) {
	src.next = sort.Search(len(src.rows), func(i int) bool {
		row := int(src.rows[i])
		at, _ := src.index.At(row, c.window.Clock)
		p := roentgen.Place{At: at, Trace: src.index.ID(row)}
		return p.Behind(c.at) || !c.behind && p == c.at
	})
	end := sort.Search(len(src.rows), func(i int) bool {
		at, _ := src.index.At(int(src.rows[i]), c.window.Clock)
		return at < c.window.From
	})
	src.rows = src.rows[:end]
	src.next = min(src.next, end)
	c.lift(src)
}

// refresh looks at the blocks that there are, where that has changed.
func (c *cursor) refresh() error {
	version := c.store.version.Load()
	if version == c.version {
		return nil
	}
	was := c.open
	set := c.store.set()
	c.version, c.sources, c.closed, c.open = version, nil, nil, make(map[*block]*source, len(set))
	for _, b := range set {
		if err := c.look(b, was[b]); err != nil {
			return err
		}
		delete(was, b)
	}
	var errs []error
	for _, src := range was {
		c.uncount(src)
		if src.held {
			errs = append(errs, src.leave())
		}
	}
	heap.Init(&c.sources)
	slices.SortFunc(c.closed, func(a, b *source) int {
		switch {
		case a.top == b.top:
			return 0
		case b.top.Behind(a.top):
			return -1
		}
		return 1
	})
	return errors.Join(errs...)
}

// uncount takes back what was passed over of a block that is gone, as far as the
// loop has not reached it: it will be passed over where it is now.
func (c *cursor) uncount(src *source) {
	if src.whole {
		x, err := src.block.index()
		if err != nil {
			return // only the count suffers
		}
		src.index, src.rows = x, x.Order(c.window.Clock)
		src.next = len(src.rows)
	}
	c.store.moves.RLock()
	defer c.store.moves.RUnlock()
	for i := min(src.next, len(src.rows)) - 1; i >= 0; i-- {
		row := int(src.rows[i])
		at, _ := src.index.At(row, c.window.Clock)
		if p := (roentgen.Place{At: at, Trace: src.index.ID(row)}); !p.Behind(c.at) {
			return
		}
		if !src.dead.has(row) {
			c.passed--
		}
	}
}

// look adds a block to the sources if it may have something of the window.
func (c *cursor) look(b *block, src *source) error {
	oldest, newest, any := b.summary.Bounds(c.window.Clock)
	if !any || newest < c.window.From || oldest > c.at.At {
		if src != nil && src.held {
			return src.leave()
		}
		return nil
	}
	if src == nil {
		src = &source{block: b, top: roentgen.Place{At: min(newest, c.at.At)}}
		src.skip = c.match != nil && !b.summary.MayMatch(c.match)
		if src.held = b.enter(); !src.held {
			return nil // gone: the version tells
		}
	}
	c.open[b] = src
	switch {
	case src.rows == nil:
		c.closed = append(c.closed, src)
	case src.next < len(src.rows):
		c.sources = append(c.sources, src)
	}
	return nil
}

// sources is a heap of open blocks, the one with the newest next row first.
type sources []*source

func (s sources) Len() int           { return len(s) }
func (s sources) Less(i, j int) bool { return s[j].top.Behind(s[i].top) }
func (s sources) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *sources) Push(x any)        { *s = append(*s, x.(*source)) }
func (s *sources) Pop() any {
	old := *s
	last := old[len(old)-1]
	*s = old[:len(old)-1]
	return last
}
