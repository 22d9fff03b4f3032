package graph

// index finds places by key. A few are found faster by looking at each than by
// hashing.
type index[K comparable] struct {
	keys  []K
	at    []int32
	byKey map[K]int32 // nil while there are few
}

// fewEntities is up to how many keys are looked through.
const fewEntities = 48

// reset empties the index for about n keys.
func (x *index[K]) reset(n int) {
	x.keys, x.at, x.byKey = x.keys[:0], x.at[:0], nil
	if n > fewEntities {
		x.byKey = make(map[K]int32, n)
	} else if cap(x.keys) < n {
		x.keys, x.at = make([]K, 0, n), make([]int32, 0, n)
	}
}

func (x *index[K]) find(key K) (at int32, ok bool) {
	if x.byKey != nil {
		at, ok = x.byKey[key]
		return at, ok
	}
	for i, k := range x.keys {
		if k == key {
			return x.at[i], true
		}
	}
	return 0, false
}

// add adds a key that is not there.
func (x *index[K]) add(key K, at int32) {
	if x.byKey == nil && len(x.keys) == fewEntities {
		x.byKey = make(map[K]int32, 4*fewEntities)
		for i, k := range x.keys {
			x.byKey[k] = x.at[i]
		}
	}
	if x.byKey != nil {
		x.byKey[key] = at
		return
	}
	x.keys, x.at = append(x.keys, key), append(x.at, at)
}
