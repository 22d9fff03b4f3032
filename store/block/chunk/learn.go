package chunk

const (
	textAfter    = 6   // values without a form, before a column takes any text
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
	if c.raws++; c.raws == textAfter {
		e.propose(col, []byte{holeText})
	}
	c.raws = min(c.raws, textAfter)
	if len(v) > maxString || len(v) == 0 || hasControl(v) {
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

// learnNumber proposes the style of v.
func (e *coder) learnNumber(col int32, v []byte) {
	style, k, ok := styleOf(v)
	if at, isTime := momentOf(v); !ok || isTime && at.units == unitsSeconds {
		return // what is relative to nothing is of no use for times
	}
	e.spec = holeSpec(e.spec[:0], hole{kind: holeNum, style: style, n: k, ref: noRef})
	if e.sight(col, e.spec) >= templateSeen {
		e.propose(col, e.spec)
	}
}

// styleOf finds the style that v is written in.
func styleOf(v []byte) (style, k byte, ok bool) {
	if _, ok := parseNumber(v, styleInt, 0); ok {
		return styleInt, 0, true
	}
	point := 0
	for point < len(v) && v[point] != '.' {
		point++
	}
	_, n := digits(v[min(point+1, len(v)):])
	if n == 0 || n > 9 {
		if _, ok := parseNumber(v, styleSci, 6); ok {
			return styleSci, 6, true
		}
		return 0, 0, false
	}
	for _, style := range []byte{styleTrim, styleDec} {
		if _, ok := parseNumber(v, style, byte(n)); ok {
			return style, byte(n), true
		}
	}
	_, ok = parseNumber(v, styleSci, 6)
	return styleSci, 6, ok
}

// learnTemplate proposes the pattern of v: its hexadecimal ids and its digits
// become holes.
func (e *coder) learnTemplate(col int32, v []byte) {
	var refs, strong bool
	var n int
	e.spec, refs, strong, n = e.template(e.spec[:0], v, true)
	if n == 0 || n > maxHoles-1 || len(e.spec) > maxString {
		return
	}
	if refs {
		if e.sight(col, e.spec) > 1 {
			e.propose(col, e.spec)
			return
		}
		if e.spec, _, strong, n = e.template(e.spec[:0], v, false); n > maxHoles-1 {
			return
		}
	}
	if times := e.sight(col, e.spec); times >= templateSeen || strong && times > 1 {
		e.propose(col, e.spec)
	}
}

// template appends the spec of v. refs says that it refers to another column,
// strong that it has a hexadecimal id.
func (e *coder) template(spec, v []byte, useRefs bool) (_ []byte, refs, strong bool, holes int) {
	for i := 0; i < len(v); {
		j := i
		for j < len(v) && alphanumeric(v[j]) {
			j++
		}
		if j == i {
			spec = append(spec, v[i])
			i++
			continue
		}
		if isUUID(v[i:]) {
			j = i + 36
		}
		run := v[i:j]
		if useRefs && len(run) >= 2*shortest {
			if y := e.find(run); y >= 0 {
				spec, refs = holeSpec(spec, hole{kind: holeRef, ref: y}), true
				holes, i = holes+1, j
				continue
			}
		}
		var n int
		var hex bool
		spec, n, hex = runSpec(spec, run)
		holes, strong, i = holes+n, strong || hex, j
	}
	return spec, refs, strong, holes
}

// runSpec appends the spec of letters and digits, or of a UUID.
func runSpec(spec, run []byte) (_ []byte, holes int, hex bool) {
	if len(run) == 36 && run[8] == '-' {
		for k, n := range []byte{8, 4, 4, 4, 12} {
			if k > 0 {
				spec = append(spec, '-')
			}
			spec = holeSpec(spec, hole{kind: hexCase(run), n: n})
		}
		return spec, 5, true
	}
	if kind := hexCase(run); kind != 0 && isHexID(run) {
		for n := len(run); n > 0; n -= 16 {
			spec = holeSpec(spec, hole{kind: kind, n: byte(min(n, 16))})
			holes++
		}
		return spec, holes, true
	}
	for i := 0; i < len(run); {
		_, n := digits(run[i:])
		switch {
		case n == 0:
			spec = append(spec, run[i])
			i++
			continue
		case n > 1 && run[i] == '0':
			spec = holeSpec(spec, hole{kind: holePad, n: byte(n)})
		default:
			spec = append(spec, holeInt)
		}
		holes++
		i += n
	}
	return spec, holes, false
}

// isHexID reports whether hexadecimal digits of this number are likely an id:
// not a word, not a decimal number.
func isHexID(run []byte) bool {
	switch len(run) {
	case 8, 12, 16, 24, 32, 40, 64:
	default:
		return false
	}
	decimals := 0
	for _, c := range run {
		if c <= '9' {
			decimals++
		}
	}
	return decimals > 0 && (decimals < len(run) || len(run) > maxDigits)
}

// hexCase returns the kind of hole that takes all of the digits, or 0.
func hexCase(run []byte) byte {
	lower, upper := true, true
	for _, c := range run {
		switch {
		case c <= '9':
		case 'a' <= c && c <= 'f':
			upper = false
		case 'A' <= c && c <= 'F':
			lower = false
		default:
			return 0
		}
	}
	switch {
	case lower:
		return holeLower
	case upper:
		return holeUpper
	}
	return 0
}

func isUUID(v []byte) bool {
	if len(v) < 36 || len(v) > 36 && alphanumeric(v[36]) {
		return false
	}
	for i, c := range v[:36] {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if c-'0' > 9 && c|0x20-'a' > 5 {
				return false
			}
		}
	}
	return hexCase(v[:36]) != 0
}

func alphanumeric(c byte) bool { return c-'0' <= 9 || c|0x20-'a' < 26 }
