package fleet

import (
	"math"
	"sort"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// held is the notices in memory, by number. Fleet.mu guards it.
type held struct {
	blocks []*noticeBlock
	next   uint64 // the number that the next notice gets
	count  int
}

// noticeBlock is up to blockNotices of them that follow each other: 20 bytes
// each, without pointers.
type noticeBlock struct {
	first   uint64
	last    time.Time // when the newest came
	agents  []string
	reasons []string
	entries []noticeEntry
}

type noticeEntry struct {
	trace         roentgen.TraceID
	agent, reason uint16
}

const (
	blockNotices = 4096
	blockAge     = time.Minute
)

// add takes notices of one agent, of which the first has the number h.next.
func (h *held) add(agent string, notices []wire.Notice, at time.Time) {
	for _, n := range notices {
		b := h.block(at)
		b.entries = append(b.entries, noticeEntry{n.Trace, indexIn(&b.agents, agent), indexIn(&b.reasons, n.Reason)})
		b.last = at
		h.next++
		h.count++
	}
}

// block returns the one that takes the next notice.
func (h *held) block(at time.Time) *noticeBlock {
	if n := len(h.blocks); n > 0 {
		b := h.blocks[n-1]
		full := len(b.entries) >= blockNotices || len(b.agents) >= math.MaxUint16 || len(b.reasons) >= math.MaxUint16
		if !full && b.first+uint64(len(b.entries)) == h.next && at.Sub(b.last) < blockAge {
			return b
		}
	}
	h.blocks = append(h.blocks, &noticeBlock{first: h.next})
	return h.blocks[len(h.blocks)-1]
}

// indexIn finds s among the names of a block, the newest first: they repeat.
func indexIn(names *[]string, s string) uint16 {
	for i := len(*names) - 1; i >= 0; i-- {
		if (*names)[i] == s {
			return uint16(i)
		}
	}
	*names = append(*names, s)
	return uint16(len(*names) - 1)
}

// trim lets go of what is older than before and of more than most.
func (h *held) trim(before time.Time, most int) {
	for len(h.blocks) > 0 {
		b := h.blocks[0]
		if !b.last.Before(before) && h.count <= most {
			return
		}
		h.count -= len(b.entries)
		h.blocks = h.blocks[1:]
	}
}

// oldest is the number of the oldest notice held, or of the next.
func (h *held) oldest() uint64 {
	if len(h.blocks) == 0 {
		return h.next
	}
	return h.blocks[0].first
}

// page reads up to limit notices behind number after that are not agent's.
func (h *held) page(agent string, after uint64, limit int) Page {
	p := Page{Next: max(after, h.oldest()-1), Oldest: h.oldest()}
	if p.Next >= h.next { // of a book that was lost: begin anew
		p.Next = h.oldest() - 1
	}
	from := sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i].end() > p.Next+1 })
	for _, b := range h.blocks[from:] {
		p.Next = max(p.Next, b.first-1)
		for _, e := range b.entries[p.Next+1-b.first:] {
			if len(p.Notices) >= limit {
				return p
			}
			if b.agents[e.agent] != agent {
				p.Notices = append(p.Notices, wire.Notice{Trace: e.trace, Reason: b.reasons[e.reason]})
			}
			p.Next++
		}
	}
	return p
}

func (b *noticeBlock) end() uint64 { return b.first + uint64(len(b.entries)) }
