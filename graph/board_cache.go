package graph

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// spanKey names a subtotal.
type spanKey struct {
	width int // of boardWidth
	from  roentgen.Time
	group string
}

// kept is a subtotal that may be asked for again. Board.mu guards parts and its
// place; the subtotal is not changed.
type kept struct {
	key   spanKey
	to    roentgen.Time
	st    *subtotal
	parts []part // of which it is the sum, in their order; not changed
	size  int64
}

const partBytes = 16

func (k *kept) has(e *entry) bool {
	return e.meets(k.key.from, k.to) && slices.ContainsFunc(k.parts, func(p part) bool { return p.entry == e })
}

// replace puts e in the place of those that it took over, and returns false
// where it is not known any more of what the subtotal is the sum.
func (k *kept) replace(old []*entry, e *entry) bool {
	parts := slices.Clone(k.parts)
	met := false
	for _, o := range old {
		if !o.meets(k.key.from, k.to) {
			continue
		}
		i := slices.Index(parts, part{o, len(o.kills)})
		if i < 0 {
			return false
		}
		parts, met = slices.Delete(parts, i, i+1), true
	}
	if met && e.meets(k.key.from, k.to) {
		i, _ := slices.BinarySearchFunc(parts, e, func(p part, e *entry) int { return p.entry.compare(e) })
		parts = slices.Insert(parts, i, part{e, 0})
	}
	if met {
		k.parts = parts
	}
	return true
}

// findLocked returns what is kept of a span, nil for nothing.
func (b *Board) findLocked(key spanKey) (st *subtotal, parts []part) {
	at := b.cache[key]
	if at == nil {
		return nil, nil
	}
	b.used.MoveToFront(at)
	k := at.Value.(*kept)
	return k.st, k.parts
}

// keep keeps a subtotal in place of the one before.
func (b *Board) keep(k *kept) {
	k.size = int64(k.st.size() + partBytes*len(k.parts) + len(k.key.group) + 200)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetKeyLocked(k.key)
	if k.size > b.most {
		return
	}
	for b.bytes+k.size > b.most {
		b.forgetKeyLocked(b.used.Back().Value.(*kept).key)
	}
	b.cache[k.key] = b.used.PushFront(k)
	b.bytes += k.size
}

func (b *Board) forgetKeyLocked(key spanKey) {
	if at := b.cache[key]; at != nil {
		delete(b.cache, key)
		b.bytes -= b.used.Remove(at).(*kept).size
	}
}

// forgetLocked forgets all for which fn is true.
func (b *Board) forgetLocked(fn func(*kept) bool) {
	for at := b.used.Front(); at != nil; {
		k := at.Value.(*kept)
		at = at.Next()
		if fn(k) {
			b.forgetKeyLocked(k.key)
		}
	}
}
