package index

import (
	"cmp"
	"math"
	"slices"
)

// hashKey hashes everything about an annotation key.
func (d *draft) hashKey(f uint32, terms []uint32) {
	key := fieldSeed(codeKey, d.b.table.fields[f].key)
	for _, m := range append(slices.Clone(terms), d.b.table.fields[f].rest) {
		if d.b.table.terms[m].kind != restTerm {
			d.hash(m)
		}
		d.add(key, d.rowsOf(m))
	}
}

// add notes that rows have a hashed term. Those for which there is no room become wild.
func (d *draft) add(hash uint64, rows []uint32) {
	for _, row := range rows {
		if len(d.hashed) >= d.b.opt.MaxHashed {
			d.b.flags[row] |= wild
			continue
		}
		d.hashed = append(d.hashed, hash&^math.MaxUint32|uint64(row))
	}
}

// hash notes a term that is not kept.
func (d *draft) hash(m uint32) {
	t := &d.b.table.terms[m]
	switch d.b.table.fields[t.field].code {
	case codeEdge: // splitEdges does it, when it is known which nodes are kept
		return
	case codeNode:
		d.eachNodeHash(t, func(hash uint64) { d.add(hash, d.rowsOf(m)) })
	default:
		d.add(t.hash, d.rowsOf(m))
	}
}

// eachNodeHash calls fn with what is hashed of a node: each of its names.
func (d *draft) eachNodeHash(t *term, fn func(hash uint64)) {
	seed := fieldSeed(codeNodeName, "")
	n, _ := parseNode(string(d.b.table.textOf(t)), nil)
	n.eachName(func(name string) { fn(hashText(seed, name)) })
}

// eachEdgeHash calls fn with what is hashed of an edge: the names of its ends, two and two.
func (d *draft) eachEdgeHash(t *term, fn func(hash uint64)) {
	seed := fieldSeed(codeEdgeName, "")
	from, to := d.ends(t)
	source, _ := parseNode(string(d.b.table.textOf(&d.b.table.terms[from])), nil)
	destination, _ := parseNode(string(d.b.table.textOf(&d.b.table.terms[to])), nil)
	source.eachName(func(a string) {
		destination.eachName(func(b string) { fn(hashPair(seed, a, b)) })
	})
}

// ends returns the terms of the nodes of an edge.
func (d *draft) ends(t *term) (from, to uint32) { return t.a, t.b }

// edges hashes those of which a node is not kept.
func (d *draft) edges() {
	for i := range d.fields {
		out := &d.fields[i]
		if d.b.table.fields[out.field].code != codeEdge {
			continue
		}
		d.splitEdges(out)
	}
}

func (d *draft) splitEdges(out *draftField) {
	t := &d.b.table
	kept, isKept := out.values[:0:0], make(map[uint32]bool, len(out.values))
	for _, m := range out.values {
		from, to := d.ends(&t.terms[m])
		_, ok := d.nodeAt[from]
		if _, too := d.nodeAt[to]; ok && too {
			kept = append(kept, m)
			isKept[m] = true
		}
	}
	var left []uint32
	for i := range t.terms {
		if t.terms[i].field != out.field || t.terms[i].kind == restTerm || isKept[uint32(i)] {
			continue
		}
		left = append(left, uint32(i))
		d.eachEdgeHash(&t.terms[i], func(hash uint64) { d.add(hash, d.rowsOf(uint32(i))) })
	}
	out.values = kept
	if len(left) > 0 {
		out.rest = d.union(left)
	}
	slices.SortFunc(kept, func(i, j uint32) int {
		f, g := d.place(i), d.place(j)
		return cmp.Or(cmp.Compare(f[0], g[0]), cmp.Compare(f[1], g[1]))
	})
}

// place returns where the ends of an edge that is kept stand among the nodes.
func (d *draft) place(m uint32) [2]uint32 {
	from, to := d.ends(&d.b.table.terms[m])
	return [2]uint32{d.nodeAt[from], d.nodeAt[to]}
}
