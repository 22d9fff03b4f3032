package rates

import (
	"cmp"
	"slices"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// The levels: how long the spans are that roll-ups are added up by.
const (
	minutes = iota
	hours
	levels
)

const (
	minute = roentgen.Time(time.Minute)
	hour   = roentgen.Time(time.Hour)
)

func width(level int) roentgen.Time { return [levels]roentgen.Time{minute, hour}[level] }

// level is the spans of one length, of which something is known.
type level struct {
	spans []*span // ascending
	bytes int64
}

// span is what was counted in a minute or an hour.
type span struct {
	level int
	begin roentgen.Time
	still *graph.Minutely // but for what was added to sums since
	size  int64
	sums  *graph.Sums // while it is added to
	newer bool        // sums has more than still
}

func (l *level) find(begin roentgen.Time) (int, bool) {
	return slices.BinarySearchFunc(l.spans, begin, func(s *span, at roentgen.Time) int { return cmp.Compare(s.begin, at) })
}

// at returns the span that begins then, new where there is none.
func (l *level) at(n int, begin roentgen.Time) *span {
	i, ok := l.find(begin)
	if !ok {
		l.spans = slices.Insert(l.spans, i, &span{level: n, begin: begin})
	}
	return l.spans[i]
}

// within returns the spans that begin in [from, to).
func (l *level) within(from, to roentgen.Time) []*span {
	i, _ := l.find(from)
	j, _ := l.find(to)
	return l.spans[i:max(i, j)]
}

// mostHot is how many spans are kept ready to be added to: the minutes and
// hours that agents are at.
const mostHot = 8

// addLocked adds the minute of r that begins then.
func (b *Book) addLocked(n int, r *graph.Minutely, begin roentgen.Time) {
	s := b.mu.levels[n].at(n, floor(begin, width(n)))
	if s.sums == nil {
		s.sums = graph.NewSums(graph.Options{Account: b.opt.Account})
		if s.still != nil {
			s.sums.AddAll(s.still)
		}
	}
	s.sums.Add(r, begin, begin+1)
	s.newer = true
	b.heatLocked(s)
}

// heatLocked notes that a span was added to, and cools the one for which that is
// longest ago.
func (b *Book) heatLocked(s *span) {
	b.mu.hot = append(slices.DeleteFunc(b.mu.hot, func(h *span) bool { return h == s }), s)
	if len(b.mu.hot) > mostHot {
		b.coolLocked(b.mu.hot[0])
		b.mu.hot = slices.Delete(b.mu.hot, 0, 1)
	}
}

func (b *Book) coolLocked(s *span) {
	b.settleLocked(s)
	s.sums = nil
}

// settleLocked brings the still form of a span up to date and returns it.
func (b *Book) settleLocked(s *span) *graph.Minutely {
	if s.newer {
		still, err := graph.ParseMinutes(s.sums.Encode(s.begin))
		if err != nil { // what was just written cannot be wrong
			b.opt.Logger.Error("roll-ups of a span cannot be read back", "begin", s.begin.Time(), "err", err)
			return s.still
		}
		b.setLocked(s, still)
		s.newer = false
	}
	return s.still
}

func (b *Book) setLocked(s *span, still *graph.Minutely) {
	size := int64(still.Size())
	b.mu.levels[s.level].bytes += size - s.size
	s.still, s.size = still, size
}

// forgetLocked drops spans that are too old, and the oldest where there are too
// many.
func (b *Book) forgetLocked(now roentgen.Time) {
	for n, limit := range [levels]struct {
		age   time.Duration
		bytes int64
	}{{b.opt.Minutes, b.opt.MaxMinuteBytes}, {b.opt.Hours, b.opt.MaxHourBytes}} {
		l := &b.mu.levels[n]
		for len(l.spans) > 0 && (l.spans[0].begin+width(n) <= now-roentgen.Time(limit.age) || l.bytes > limit.bytes && len(l.spans) > 1) {
			gone := l.spans[0]
			l.bytes -= gone.size
			if n == minutes {
				b.mu.forgotten = max(b.mu.forgotten, gone.begin+minute)
			}
			l.spans = slices.Delete(l.spans, 0, 1)
			b.mu.hot = slices.DeleteFunc(b.mu.hot, func(h *span) bool { return h == gone })
		}
	}
}

// newestLocked returns the end of the newest span.
func (b *Book) newestLocked() roentgen.Time {
	for n := range b.mu.levels {
		if l := b.mu.levels[n].spans; len(l) > 0 {
			return l[len(l)-1].begin + width(n)
		}
	}
	return 0
}

// floor returns the last multiple of d up to t.
func floor(t, d roentgen.Time) roentgen.Time {
	past := t % d
	if past < 0 {
		past += d
	}
	return t - past
}
