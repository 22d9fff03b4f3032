package index

import (
	"math"
	"slices"
	"sort"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// field returns the field that answers for an operand in a scope; nil where no row has it.
func (x *Index) field(o filter.Operand, s filter.Scope) *fieldIndex {
	if o.Keyword == filter.KeywordAnnotation {
		return x.keys[o.Key]
	}
	c, ok := textCode(o.Keyword, s)
	if !ok {
		return nil
	}
	return x.fixed[c]
}

// valuesOf returns the field that has the values of an operand: of a root's that was cut, that of all entities, which says
// too much.
func (x *Index) valuesOf(o filter.Operand, s filter.Scope) (f *fieldIndex, exact bool) {
	f = x.field(o, s)
	if f != nil && f.cut {
		return x.fixed[f.code.entities()], false
	}
	return f, f == nil || f.rest.count == 0
}

// exact says whether a comparison outside of braces is decided to the row.
func (x *Index) exact(c *filter.Compare) bool {
	switch c.Operand.Keyword {
	case filter.KeywordDuration, filter.KeywordResponseTime:
		return !math.IsNaN(c.Value.Number)
	case filter.KeywordAnnotation:
		if x.keys[c.Operand.Key] == nil {
			return !x.overflow
		}
	}
	_, exact := x.valuesOf(c.Operand, filter.ScopeTrace)
	return exact
}

// seedOf returns what the hashes of the values of an operand begin with.
func seedOf(o filter.Operand, s filter.Scope, cut bool) uint64 {
	if o.Keyword == filter.KeywordAnnotation {
		return fieldSeed(codeAnnotation, o.Key)
	}
	c, _ := textCode(o.Keyword, s)
	if cut {
		c = c.entities()
	}
	return fieldSeed(c, "")
}

// has returns the rows in which an operand may have a value, or a boolean may be true.
func (e *evaluation) has(o filter.Operand, s filter.Scope) rowSet {
	switch kind, fixed := o.Keyword.Kind(); {
	case fixed && kind == roentgen.BoolValue:
		f := flagOf(o.Keyword, s)
		if f == 0 {
			return nil
		}
		return e.flagged(f)
	case o.Keyword == filter.KeywordDuration || o.Keyword == filter.KeywordResponseTime:
		return e.lasted(o.Keyword, s)
	case o.Keyword == filter.KeywordName || o.Keyword == filter.KeywordType:
		return e.nodes(func(n *nodeValue) bool { return o.Keyword == filter.KeywordName || n.Type != "" }, filter.Want{})
	}
	f := e.x.field(o, s)
	switch {
	case f != nil:
		return e.add(e.list(f.has), f.rest)
	case o.Keyword == filter.KeywordAnnotation && e.x.overflow:
		return e.hashed(fieldSeed(codeKey, o.Key))
	}
	return e.set()
}

func (e *evaluation) hashed(hash uint64) rowSet {
	set := e.set()
	e.x.withHash(hash, set, e.x.rows)
	return set
}

// compare returns the rows in which a comparison may hold.
func (e *evaluation) compare(c *filter.Compare, s filter.Scope) rowSet {
	o := c.Operand
	switch kind, fixed := o.Keyword.Kind(); {
	case fixed && kind == roentgen.BoolValue:
		return nil // a Has, in what a planner made
	case o.Keyword == filter.KeywordDuration || o.Keyword == filter.KeywordResponseTime:
		return e.duration(c, s)
	case o.Keyword == filter.KeywordName:
		return e.nodeText(c, func(n *nodeValue, holds func(string) bool) bool {
			return holds(n.Name) || slices.ContainsFunc(n.Names, holds)
		})
	case o.Keyword == filter.KeywordType:
		return e.nodeText(c, func(n *nodeValue, holds func(string) bool) bool { return holds(n.Type) })
	}
	if f := e.x.field(o, s); f == nil {
		return e.unknownKey(c)
	}
	f, _ := e.x.valuesOf(o, s)
	if f == nil {
		return e.set()
	}
	if c.Op == filter.OpEqual {
		return e.equal(f, c, seedOf(o, s, f.code != e.x.field(o, s).code))
	}
	return e.holding(f, c)
}

// holding tries every value of a field.
func (e *evaluation) holding(f *fieldIndex, c *filter.Compare) rowSet {
	set := e.list(f.rest)
	for i := range f.values {
		if v := &f.values[i]; c.Op.Holds(e.x.valueOf(v), c.Value) {
			set = e.add(set, e.x.listOf(v))
		}
	}
	return set
}

// unknownKey decides about an annotation without a field.
func (e *evaluation) unknownKey(c *filter.Compare) rowSet {
	if c.Operand.Keyword != filter.KeywordAnnotation || !e.x.overflow {
		return e.set()
	}
	if c.Op != filter.OpEqual {
		return e.hashed(fieldSeed(codeKey, c.Operand.Key))
	}
	set := e.set()
	wanted, seed := equalTo(c), fieldSeed(codeAnnotation, c.Operand.Key)
	for _, want := range wanted.values[:wanted.n] {
		e.x.withHash(hashValue(seed, want), set, e.x.rows)
	}
	return set
}

// equal finds a value by itself.
func (e *evaluation) equal(f *fieldIndex, c *filter.Compare, seed uint64) rowSet {
	set := e.set()
	wanted := equalTo(c)
	for _, want := range wanted.values[:wanted.n] {
		if at, ok := e.x.find(f, want); ok {
			set = e.add(set, e.x.listOf(&f.values[at]))
		} else if set != nil && f.rest.count > 0 {
			e.x.withHash(hashValue(seed, want), set, e.x.rows)
		}
	}
	return set
}

// equals are the values that are equal to what a comparison asks for, of which there are at most three.
type equals struct {
	values [3]roentgen.AnnotationValue
	n      int
}

// equalTo returns what a comparison asks for. Stored booleans are also equal to the texts true and false.
func equalTo(c *filter.Compare) equals {
	e := equals{n: 1}
	e.values[0] = c.Value
	if c.Operand.Keyword == filter.KeywordAnnotation && c.Value.Kind == roentgen.StringValue {
		for _, b := range [...]bool{false, true} {
			if v := filter.Bool(b); filter.OpEqual.Holds(v, c.Value) {
				e.values[e.n] = v
				e.n++
			}
		}
	}
	return e
}

// find looks a value up among those of a field.
func (x *Index) find(f *fieldIndex, want roentgen.AnnotationValue) (int, bool) {
	at := sort.Search(len(f.values), func(i int) bool { return x.valueOf(&f.values[i]).Compare(want) >= 0 })
	return at, at < len(f.values) && x.valueOf(&f.values[at]) == want
}
