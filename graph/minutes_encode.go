package graph

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/roentgen/roentgen"
)

// rollupMagic begins roll-ups; the last byte is the version.
const rollupMagic = "RGMN\x01"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode appends some leaves as roll-ups.
func (b *book) encode(dst []byte, leaves []*leaf) []byte {
	from := len(dst)
	w := rollupWriter{book: b, out: append(dst, rollupMagic...)}
	w.number = make([]uint32, len(b.services.keys))
	for _, l := range leaves {
		for _, k := range l.keys {
			w.meet(k.from)
			if k.to != nobody {
				w.meet(k.to)
			}
		}
	}
	w.put(uint64(len(w.words)))
	for _, n := range w.words {
		id := b.services.keys[n]
		w.out = appendString(appendString(appendString(w.out, id.Name), id.Type), id.AccountID)
	}
	w.put(uint64(len(leaves)))
	for _, l := range leaves {
		w.leaf(l)
	}
	return appendCheck(w.out, from)
}

// appendCheck appends the checksum of what stands from a place on.
func appendCheck(b []byte, from int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// rollupWriter writes leaves with numbers of their own.
type rollupWriter struct {
	*book
	out    []byte
	words  []uint32 // numbers in the book, in the order in which they were met
	number []uint32 // by number in the book: its number in words, from 1
	order  []int32  // scratch
	body   []byte   // scratch
}

func (w *rollupWriter) meet(n uint32) {
	if w.number[n] == 0 {
		w.words = append(w.words, n)
		w.number[n] = uint32(len(w.words))
	}
}

func (w *rollupWriter) put(numbers ...uint64) {
	for _, n := range numbers {
		w.out = binary.AppendUvarint(w.out, n)
	}
}

// key is an entry's in what is written.
func (w *rollupWriter) key(k pair) pair {
	if k.to != nobody {
		k.to = w.number[k.to] - 1
	}
	return pair{w.number[k.from] - 1, k.to}
}

// leaf writes the nodes and then the calls, each in the order of their numbers.
func (w *rollupWriter) leaf(l *leaf) {
	w.out = binary.AppendVarint(w.out, int64(l.begin))
	outer := w.out
	w.out = w.body[:0]
	w.entries(l)
	w.body = w.out
	w.out = appendString(outer, string(w.body))
}

func (w *rollupWriter) entries(l *leaf) {
	w.order = w.order[:0]
	calls := 0
	for i, k := range l.keys {
		w.order = append(w.order, int32(i))
		if k.to != nobody {
			calls++
		}
	}
	slices.SortFunc(w.order, func(i, j int32) int {
		a, b := w.key(l.keys[i]), w.key(l.keys[j])
		return cmp.Or(cmp.Compare(b2i(a.to != nobody), b2i(b.to != nobody)), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	w.put(uint64(len(l.keys) - calls))
	for n, i := range w.order {
		if n == len(l.keys)-calls {
			w.put(uint64(calls))
		}
		k := w.key(l.keys[i])
		if w.put(uint64(k.from)); k.to != nobody {
			w.put(uint64(k.to))
		}
		w.rate(&l.entries[i])
	}
	if calls == 0 {
		w.put(0)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *rollupWriter) rate(r *rate) {
	w.put(uint64(r.stats.OK), uint64(r.stats.Error), uint64(r.stats.Throttle), uint64(r.stats.Fault))
	total := r.total.plain()
	w.put(uint64(total.seconds), uint64(total.nanoseconds))
	w.spread(&r.took)
	if r.trailed == nil {
		w.put(0, 0)
		return
	}
	w.spread(&r.trailed[0])
	w.spread(&r.trailed[1])
}

func (w *rollupWriter) spread(s *spread) {
	n := 0
	w.each(s, func(int, int64) { n++ })
	w.put(uint64(n))
	before := 0
	w.each(s, func(bucket int, n int64) {
		w.put(uint64(bucket-before), uint64(n))
		before = bucket
	})
}

// Call is who calls whom, the callee as the caller sees it: what Edge.Aliases
// has, and what the callee is called where it sends no segments. The calls of
// independent subsegments have the zero ServiceID as From.
type Call struct{ From, To roentgen.ServiceID }
