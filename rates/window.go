package rates

import (
	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// Window is what was counted of the requests that began in [From, To).
type Window struct {
	*graph.Sums
	// From and To are the part of the window that was asked for in which agents
	// counted: from the oldest span that is known to the end of the newest. Both
	// are 0 where there is none in it.
	From, To roentgen.Time

	book *Book
}

// Release gives the memory of Sums back, which must not be used any more.
// Whoever asks once need not.
func (w *Window) Release() {
	if w.book == nil {
		return
	}
	w.Sums.Reset()
	w.book.spare.Put(w.Sums)
	w.Sums, w.book = nil, nil
}

// Window adds up what was counted in [from, to). Of a minute that is in it in
// part, that part of the minute's requests counts; and so of an hour of which
// the minutes are not known any more. Nobody has counted beyond the clock of
// the Book, so that a minute that goes on lasts until now.
func (b *Book) Window(from, to roentgen.Time) Window {
	w := Window{book: b}
	if w.Sums, _ = b.spare.Get().(*graph.Sums); w.Sums == nil {
		w.Sums = graph.NewSums(graph.Options{Account: b.opt.Account})
	}
	pieces := b.pieces(&w, from, to)
	for _, p := range pieces {
		w.AddShare(p.still, p.share)
	}
	return w
}

// piece is a share of a span.
type piece struct {
	still *graph.Minutely
	share float64
}

// pieces returns the spans of a window, and notes its bounds.
func (b *Book) pieces(w *Window, from, to roentgen.Time) (out []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := &b.mu.levels[hours]
	if len(h.spans) == 0 || from >= to {
		return nil
	}
	now := b.opt.Now()
	if first, last := max(from, b.oldestLocked()), min(to, b.newestLocked()); first < last {
		w.From, w.To = first, last
	}
	for _, s := range h.within(floor(from, hour), to) {
		if whole := share(s.begin, hour, from, to, now); whole == 1 {
			out = append(out, piece{b.settleLocked(s), 1})
		} else if parts := b.mu.levels[minutes].within(s.begin, s.begin+hour); b.mu.forgotten <= max(from, s.begin) {
			out = b.minutesLocked(out, parts, from, to, now)
		} else {
			out = append(out, piece{b.settleLocked(s), whole})
		}
	}
	return out
}

// oldestLocked returns the beginning of the oldest minute that is known, or of
// the oldest hour where its minutes are forgotten.
func (b *Book) oldestLocked() roentgen.Time {
	h, m := b.mu.levels[hours].spans, b.mu.levels[minutes].spans
	if len(m) > 0 && m[0].begin < h[0].begin+hour && b.mu.forgotten <= h[0].begin {
		return m[0].begin
	}
	return h[0].begin
}

func (b *Book) minutesLocked(out []piece, parts []*span, from, to, now roentgen.Time) []piece {
	for _, m := range parts {
		if part := share(m.begin, minute, from, to, now); part > 0 {
			out = append(out, piece{b.settleLocked(m), part})
		}
	}
	return out
}

// share returns which share of a span lies in [from, to).
func share(begin, width, from, to, now roentgen.Time) float64 {
	end := begin + width
	if begin < now {
		end = min(end, max(now, begin+1))
	}
	first, last := max(begin, from), min(end, to)
	if last <= first {
		return 0
	}
	return float64(last-first) / float64(end-begin)
}
