package index

import (
	"cmp"
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
