package chunk

const (
	textAfter    = 6   // values without a form, before a column takes any text
	patience     = 32  // values without a form, before only one in so many is looked at closely
	shortest     = 4   // bytes of a value that another may refer to
	lookBack     = 256 // values of the trace that are looked at for what one may refer to
	candidates   = 4   // of references that are remembered of one value
	templateSeen = 3   // times before a template of digits is believed
)

// propose has a form added after this trace.
func (e *coder) propose(col int32, spec []byte) {
	e.newForms = append(e.newForms, newForm{col, string(spec), -1})
}

// sight counts a proposal and returns how often it was made.
func (e *coder) sight(col int32, spec []byte) int {
	return e.seen.add(constHash(col, spec))
}

// learn looks for forms of v, which fits none of its column. What comes twice
// is believed: constants first, then references, then patterns.
func (e *coder) learn(col int32, c *column, v []byte) {
	if c.odd++; c.odd == textAfter {
		e.propose(col, []byte{holeText})
	}
	if len(v) > maxString || len(v) == 0 || hasControl(v) {
		return
	}
	if c.odd > patience && c.odd%patience != 0 {
		e.learnConst(col, v)
		return
	}
	if e.learnTime(col, c, v) || e.learnConst(col, v) || e.learnRef(col, v) {
		return
	}
	if v[0] == '"' {
		e.learnTemplate(col, v)
	} else {
		e.learnNumber(col, v)
	}
}

// learnConst proposes v the second time it is seen.
func (e *coder) learnConst(col int32, v []byte) bool {
	c := &e.cols[col]
	if len(v) > maxString || hasControl(v) {
		return false
	}
	if c.trace == e.now && string(c.val) == string(v) {
		return e.seen.count(constHash(col, v)) > 1
	}
	if e.sight(col, v) < 2 {
		return false
	}
	e.propose(col, v)
	return true
}

// learnRef proposes that v is another column's value.
func (e *coder) learnRef(col int32, v []byte) bool {
	in := inner(v)
	if len(in) < shortest {
		return false
	}
	var before [candidates]int32
	n := 0
	for y := range e.recent() {
		if r := &e.cols[y]; len(inner(r.val)) == len(in) && string(inner(r.val)) == string(in) && !contains(before[:n], y) {
			spec := e.refSpec(v, y)
			if e.sight(col, spec) > 1 {
				e.propose(col, spec)
				return true
			}
			before[n] = y
			if n++; n == candidates {
				break
			}
		}
	}
	return false
}

func contains(s []int32, v int32) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

func (e *coder) refSpec(v []byte, y int32) []byte {
	e.spec = e.spec[:0]
	quoted := v[0] == '"'
	if quoted {
		e.spec = append(e.spec, '"')
	}
	e.spec = holeSpec(e.spec, hole{kind: holeRef, ref: y})
	if quoted {
		e.spec = append(e.spec, '"')
	}
	return e.spec
}

// recent yields the trace's id, and the columns with a value in this trace, the
// newest first.
func (e *coder) recent() func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		if !yield(colFirst) || !yield(colAfterRaw) {
			return
		}
		from := max(0, len(e.touched)-lookBack)
		for i := len(e.touched) - 1; i >= from; i-- {
			if !yield(e.touched[i]) {
				return
			}
		}
	}
}

// find returns the newest column whose value is text, or -1.
func (e *coder) find(text []byte) int32 {
	for y := range e.recent() {
		if r := &e.cols[y]; len(r.val) >= len(text) && string(inner(r.val)) == string(text) {
			return y
		}
	}
	return -1
}

// searchLen is how many values in a row a search looks at.
const searchLen = timesSeen

// search looks at v, which has the form f, for a cheaper one: what v may refer
// to was perhaps not known when its column was young.
func (e *coder) search(col int32, c *column, f *form, v []byte) {
	if c.left == 0 {
		c.left = searchLen
		c.tries = 0
	}
	switch {
	case f.cost == 0 || e.learnTime(col, c, v) || e.learnRef(col, v):
	case v[0] == '"' && f.cost >= 32:
		e.learnTemplate(col, v)
	}
	if c.left--; c.left == 0 {
		c.again = 8 * c.vars
	}
}
