package graph

import (
	"cmp"
	"slices"
)

// tab adds up what some bundles contribute to a window, in words of its own.
type tab struct {
	sum
	admissions
	words words
}

// addSubtotal counts the traces of a subtotal.
func (a *tab) addSubtotal(st *subtotal) {
	a.sum.addSubtotal(st, a.words.translator(st.vocabulary))
	a.admitAll(st.admissions)
}

// add counts the living traces of the window in the bundle that r is open at:
// from its sums, where there are some, and otherwise one by one.
func (a *tab) add(r *rowReader, w window) error {
	covered, err := a.addSums(r, w)
	if err != nil {
		return err
	}
	rows, who := r.pick(w, covered...)
	a.admitAll(who)
	r.each(rows, a.words.translator(r.x.vocabulary), a.tally)
	return nil
}

// addSums counts the sums in the window, the longest first, and returns which
// windows they cover.
func (a *tab) addSums(r *rowReader, w window) (covered []window, err error) {
	for _, s := range r.x.sumsIn(w) {
		at := window{s.from, s.to, w.group}
		if slices.ContainsFunc(covered, at.meets) {
			continue
		}
		st, err := r.x.readSum(s)
		if err != nil {
			return nil, err
		}
		if dead := r.deadIn(at); len(dead) > 0 {
			st = r.without(st, at, dead)
		}
		if st != nil {
			a.addSubtotal(st)
			covered = append(covered, at)
		}
	}
	return covered, nil
}

// sumsIn returns the sums of spans within w, the longest first.
func (x *Bundle) sumsIn(w window) (out []storedSum) {
	for _, s := range x.sums {
		if s.from >= w.from && s.to <= w.to && x.groups[s.group] == w.group {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b storedSum) int { return cmp.Compare(b.to.Sub(b.from), a.to.Sub(a.from)) })
	return out
}

// meets reports whether there is a time that is in both.
func (w window) meets(o window) bool { return w.from < o.to && o.from < w.to }

// deadIn returns the dead rows of a window.
func (r *rowReader) deadIn(w window) (rows []uint32) {
	versions := r.x.versions(w.group)
	for row, start := range r.starts {
		if r.isDead(row) && start >= int64(w.from) && start < int64(w.to) {
			if _, ok := r.version(versions, row); ok {
				rows = append(rows, uint32(row))
			}
		}
	}
	return rows
}

// without returns st, which is of the bundle's words, without some rows; nil
// where that cannot be known from st.
func (r *rowReader) without(st *subtotal, w window, rows []uint32) *subtotal {
	if 2*len(rows) > st.traces {
		return nil // it is quicker to count the others
	}
	s := sum{}
	s.addSubtotal(st, nil)
	a := admissions{}
	a.admitAll(st.admissions)
	if !r.subtract(&s, &a, w, rows, nil) {
		return nil
	}
	return s.subtotal(st.vocabulary, a)
}

// subtract takes rows out, as sum.subtract does. They are in the window.
func (r *rowReader) subtract(s *sum, a *admissions, w window, rows []uint32, tr *translator) (sure bool) {
	versions := r.x.versions(w.group)
	for _, row := range rows {
		v, _ := r.version(versions, int(row))
		a.admit(v, -1)
	}
	sure = true
	r.each(rows, tr, func(t *Tally) { sure = s.subtract(t) && sure })
	return sure
}
