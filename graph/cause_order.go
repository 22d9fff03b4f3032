package graph

// order is the entities from the tops down, each before all that is below it.
// Those that parents in a ring lead to are not in it.
type order struct {
	list []int32
	at   []int32 // of each entity: its place in list
	end  []int32 // of each entity: the place behind the last one below it; 0: not in the list
}

// below reports whether i lies below j.
func (o *order) below(i, j int32) bool {
	return o.end[i] > 0 && o.end[j] > 0 && o.at[i] > o.at[j] && o.at[i] < o.end[j]
}

// descend walks the trace without a stack: back from the last child goes by
// parents.
func (f *folder) descend() order {
	o := order{
		list: make([]int32, 0, len(f.entities)),
		at:   make([]int32, len(f.entities)),
		end:  make([]int32, len(f.entities)),
	}
	for top := range f.entities {
		if f.entities[top].parent == none {
			f.descendFrom(int32(top), &o)
		}
	}
	return o
}

func (f *folder) descendFrom(top int32, o *order) {
	for i := top; ; {
		o.at[i] = int32(len(o.list))
		o.list = append(o.list, i)
		if f.entities[i].child != none {
			i = f.entities[i].child
			continue
		}
		for o.end[i] = int32(len(o.list)); i != top && f.entities[i].next == none; o.end[i] = int32(len(o.list)) {
			i = f.entities[i].parent
		}
		if i == top {
			return
		}
		i = f.entities[i].next
	}
}

// exceptions finds who holds an exception that others name; of several the one
// that began last, which is where it came from. It is nil when nobody names
// one.
func (f *folder) exceptions() map[string]int32 {
	if !f.referred {
		return nil
	}
	thrown := map[string]int32{}
	for i := range f.entities {
		for _, x := range exceptionsOf(f.entities[i].s.Cause) {
			if j, met := thrown[x.ID]; x.ID != "" && (!met || f.compare(int32(i), j) > 0) {
				thrown[x.ID] = int32(i)
			}
		}
	}
	return thrown
}
