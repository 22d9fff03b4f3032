package api

import (
	"time"

	"github.com/roentgen/roentgen/graph"
)

type histogramEntry struct {
	Value float64 // seconds
	Count int64
}

// maxEntries bounds a histogram on the wire. X-Ray sends about a hundred; a
// node of a busy hour has thousands of buckets, and a map many nodes.
const maxEntries = 200

func entriesOf(h *graph.Histogram) []histogramEntry {
	return each(shorten(h.Entries(), maxEntries), func(e graph.Entry) histogramEntry {
		return histogramEntry{*seconds(e.Value, true), e.Count}
	})
}

// shorten joins neighbours, in steps that are a fixed share of their value,
// until no more than most are left. What is joined stands at its mean; the
// least and the greatest value stay as they are.
func shorten(list []graph.Entry, most int) []graph.Entry {
	if len(list) <= most {
		return list
	}
	first, last := list[0], list[len(list)-1]
	for share := 1.0 / 128; ; share *= 2 {
		if out := join(list[1:len(list)-1], share); len(out)+2 <= most {
			return append(append([]graph.Entry{first}, out...), last)
		}
	}
}

// join joins entries that are at most share greater than the first of them.
func join(list []graph.Entry, share float64) (out []graph.Entry) {
	for len(list) > 0 {
		limit := float64(list[0].Value) * (1 + share)
		n, count, sum := 0, int64(0), 0.0
		for n < len(list) && float64(list[n].Value) <= limit {
			count += list[n].Count
			sum += float64(list[n].Value) * float64(list[n].Count)
			n++
		}
		out = append(out, graph.Entry{Value: time.Duration(sum / float64(count)), Count: count})
		list = list[n:]
	}
	return out
}
