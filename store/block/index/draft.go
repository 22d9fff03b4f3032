package index

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// draft is what a Builder has, put in the order in which it is written.
type draft struct {
	b *Builder
	// postings are the rows of all terms, those of term i at starts[i] to starts[i+1].
	postings, starts []uint32
	fields           []draftField
	hashed           []uint64 // sorted, without duplicates
	cut              uint32   // codes of roots that have no values of their own
	overflow         bool
	nodeAt           map[uint32]uint32 // of a term of a node that is kept: its place in the field
	spare            []byte
}

// draftField is a field that is written.
type draftField struct {
	field     uint32
	values    []uint32 // terms that are kept, in the order of their values
	has, rest []uint32 // rows
	cut       bool
}

// What the values of a field may take, in bytes for each trace that has one, and in addition. Beyond that, only values
// that several traces share are worth their letters.
const (
	bytesPerRow   = 6
	bytesPerField = 1 << 10
	nodeBytes     = 64 << 10
	sharedRows    = 8
)

// draft puts in order what was added.
func (b *Builder) draft() *draft {
	if b.done != nil {
		return b.done
	}
	d := &draft{b: b, overflow: b.overflow, hashed: slices.Clone(b.hashed)}
	d.post()
	byField := d.terms()
	d.chooseKeys(byField)
	for f := range b.table.fields {
		d.field(uint32(f), byField[f])
	}
	slices.SortFunc(d.fields, func(x, y draftField) int {
		a, b := &b.table.fields[x.field], &b.table.fields[y.field]
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.key, b.key))
	})
	d.edges()
	slices.Sort(d.hashed)
	d.hashed = slices.Compact(d.hashed)
	b.done = d
	return d
}

// post sorts the entries by term.
func (d *draft) post() {
	b := d.b
	d.starts = make([]uint32, len(b.table.terms)+1)
	at := uint32(0)
	for i := range b.table.terms {
		d.starts[i] = at
		at += b.table.terms[i].count
	}
	d.starts[len(b.table.terms)] = at
	d.postings = make([]uint32, at)
	next := slices.Clone(d.starts)
	from := uint32(0)
	for row, end := range b.ends {
		for _, t := range b.entries[from:end] {
			d.postings[next[t]] = uint32(row)
			next[t]++
		}
		from = end
	}
}

func (d *draft) rowsOf(term uint32) []uint32 { return d.postings[d.starts[term]:d.starts[term+1]] }

// terms returns the terms of each field, but for the rest.
func (d *draft) terms() [][]uint32 {
	t := &d.b.table
	counts := make([]uint32, len(t.fields))
	for i := range t.terms {
		counts[t.terms[i].field]++
	}
	all, lists := make([]uint32, len(t.terms)), make([][]uint32, len(t.fields))
	at := uint32(0)
	for f, n := range counts {
		lists[f] = all[at:at:(at + n)]
		at += n
	}
	for i := range t.terms {
		if t.terms[i].kind != restTerm {
			f := t.terms[i].field
			lists[f] = append(lists[f], uint32(i))
		}
	}
	return lists
}

// chooseKeys gives fields to the annotation keys that the most traces have.
func (d *draft) chooseKeys(byField [][]uint32) {
	t := &d.b.table
	type used struct{ field, rows uint32 }
	var keys []used
	for f := range t.fields {
		if t.fields[f].own = true; t.fields[f].code != codeAnnotation {
			continue
		}
		n := t.terms[t.fields[f].rest].count
		for _, m := range byField[f] {
			n += t.terms[m].count
		}
		keys = append(keys, used{uint32(f), n})
	}
	if len(keys) <= d.b.opt.MaxKeys {
		return
	}
	slices.SortFunc(keys, func(a, b used) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(t.fields[a.field].key, t.fields[b.field].key))
	})
	for _, k := range keys[d.b.opt.MaxKeys:] {
		t.fields[k.field].own = false
	}
	d.overflow = true
}

// field decides which values of a field are kept in words.
func (d *draft) field(f uint32, terms []uint32) {
	t := &d.b.table
	if !t.fields[f].own {
		d.hashKey(f, terms)
		return
	}
	out := draftField{field: f, rest: d.rowsOf(t.fields[f].rest)}
	out.has = d.has(terms)
	kept, left := d.keep(&t.fields[f], terms, len(out.has))
	if t.fields[f].code.root() && (len(left) > 0 || len(out.rest) > 0) {
		out.cut, out.has, out.rest = true, d.union(append(slices.Clone(terms), t.fields[f].rest)), nil
		d.cut |= 1 << t.fields[f].code
		d.fields = append(d.fields, out)
		return
	}
	if len(left) > 0 {
		out.rest = d.union(append(slices.Clone(left), t.fields[f].rest))
	}
	slices.SortFunc(kept, func(i, j uint32) int { return d.compare(&t.terms[i], &t.terms[j]) })
	out.values = kept
	for _, m := range left {
		d.hash(m)
	}
	if t.fields[f].code == codeNode {
		d.nodeAt = make(map[uint32]uint32, len(kept))
		for i, m := range kept {
			d.nodeAt[m] = uint32(i)
		}
	}
	d.fields = append(d.fields, out)
}

// compare orders terms of a field as roentgen.AnnotationValue.Compare does; edges by the terms of their nodes.
func (d *draft) compare(a, b *term) int {
	switch {
	case a.kind == numTerm && b.kind == numTerm:
		return cmp.Or(cmp.Compare(numberOf(a), numberOf(b)), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	case a.kind == textTerm && b.kind == textTerm:
		return bytes.Compare(d.b.table.textOf(a), d.b.table.textOf(b))
	}
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
}

// has returns the rows of the terms, but for those of a boolean that is false: which Has does not count.
func (d *draft) has(terms []uint32) []uint32 {
	list := make([]uint32, 0, len(terms))
	for _, m := range terms {
		if t := &d.b.table.terms[m]; t.kind != boolTerm || t.b == 1 {
			list = append(list, m)
		}
	}
	return d.union(list)
}

// union returns the rows of the terms.
func (d *draft) union(terms []uint32) []uint32 {
	if len(terms) == 1 {
		return d.rowsOf(terms[0])
	}
	set := newRowSet(len(d.b.rows))
	for _, m := range terms {
		for _, row := range d.rowsOf(m) {
			set.add(row)
		}
	}
	list := make([]uint32, 0, set.count())
	set.each(func(row uint32) { list = append(list, row) })
	return list
}

// keep divides the terms of a field into those that are kept and those that are hashed.
func (d *draft) keep(f *field, terms []uint32, rows int) (kept, left []uint32) {
	t := &d.b.table
	most, room := d.b.opt.MaxValues, bytesPerRow*rows+bytesPerField
	if f.code == codeNode || f.code == codeEdge {
		room += nodeBytes
	}
	need := 0
	for _, m := range terms {
		need += cost(&t.terms[m])
	}
	if len(terms) <= most && need <= room {
		return terms, nil
	}
	for _, m := range terms {
		if t.terms[m].count < sharedRows {
			left = append(left, m)
		} else {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(t.terms[j].count, t.terms[i].count), d.compare(&t.terms[i], &t.terms[j]))
	})
	for i, m := range kept {
		if room -= cost(&t.terms[m]); room < 0 || i == most {
			return kept[:i:i], append(left, kept[i:]...)
		}
	}
	return kept, left
}

// cost is about what a value takes where it is kept, in bytes.
func cost(m *term) int {
	if m.kind == textTerm {
		return int(m.b) + 2
	}
	return 4
}

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
