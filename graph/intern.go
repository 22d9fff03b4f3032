package graph

// interner gives things numbers, small ones first, for as long as somebody
// holds them.
type interner[K comparable] struct {
	numbers map[K]uint32
	keys    []K // by number
	holders []int
	free    []uint32
}

// hold returns the number of key, which stands until it is released as often
// as it was held.
func (in *interner[K]) hold(key K) uint32 {
	n := in.number(key)
	in.holders[n]++
	return n
}

// number returns the number of key without holding it: where nothing is ever
// released, or as long as somebody else does.
func (in *interner[K]) number(key K) uint32 {
	n, ok := in.numbers[key]
	if !ok {
		n = in.take(key)
	}
	return n
}

// take gives key a number that nobody has.
func (in *interner[K]) take(key K) uint32 {
	if in.numbers == nil {
		in.numbers = map[K]uint32{}
	}
	n := uint32(len(in.keys))
	if last := len(in.free) - 1; last >= 0 {
		n, in.free = in.free[last], in.free[:last]
		in.keys[n] = key
	} else {
		in.keys, in.holders = append(in.keys, key), append(in.holders, 0)
	}
	in.numbers[key] = n
	return n
}

// reset forgets all keys, but keeps the memory for others.
func (in *interner[K]) reset() {
	clear(in.numbers)
	clear(in.keys)
	in.keys, in.holders, in.free = in.keys[:0], in.holders[:0], in.free[:0]
}

func (in *interner[K]) release(n uint32) {
	if in.holders[n]--; in.holders[n] > 0 {
		return
	}
	var none K
	delete(in.numbers, in.keys[n])
	in.keys[n] = none
	in.free = append(in.free, n)
}
