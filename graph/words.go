package graph

import "github.com/roentgen/roentgen"

// words gives what tallies name its numbers.
type words struct {
	services interner[roentgen.ServiceID] // nodes and aliases
	pairs    interner[pair]               // edges
	names    interner[string]
}

// vocabulary is what numbers stand for. It is not changed.
type vocabulary struct {
	services []roentgen.ServiceID
	pairs    []pair
	names    []string
}

func (w *words) vocabulary() vocabulary {
	return vocabulary{w.services.keys, w.pairs.keys, w.names.keys}
}

// translator turns the numbers of a vocabulary into those of words, each when
// it is met. A nil translator leaves them as they are.
type translator struct {
	from                   vocabulary
	to                     *words
	services, pairs, names []uint32 // by number, one more than the other; 0: not met yet
}

func (w *words) translator(from vocabulary) *translator {
	known := make([]uint32, len(from.services)+len(from.pairs)+len(from.names))
	s, p := len(from.services), len(from.services)+len(from.pairs)
	return &translator{from: from, to: w, services: known[:s], pairs: known[s:p], names: known[p:]}
}

func translate[K comparable](to *interner[K], keys []K, known []uint32, n uint32) uint32 {
	if known[n] == 0 {
		known[n] = to.number(keys[n]) + 1
	}
	return known[n] - 1
}

func (t *translator) service(n uint32) uint32 {
	return translate(&t.to.services, t.from.services, t.services, n)
}

func (t *translator) pair(n uint32) uint32 {
	if t.pairs[n] == 0 {
		ends := t.from.pairs[n]
		t.pairs[n] = t.to.pairs.number(pair{t.service(ends.from), t.service(ends.to)}) + 1
	}
	return t.pairs[n] - 1
}

// thing translates the number of a node or an edge.
func (t *translator) thing(kind int, n uint32) uint32 {
	switch {
	case t == nil:
		return n
	case kind == nodeKind:
		return t.service(n)
	}
	return t.pair(n)
}

// also translates the number of another name of a node, or of an alias of an
// edge.
func (t *translator) also(kind int, n uint32) uint32 {
	switch {
	case t == nil:
		return n
	case kind == nodeKind:
		return translate(&t.to.names, t.from.names, t.names, n)
	}
	return t.service(n)
}
