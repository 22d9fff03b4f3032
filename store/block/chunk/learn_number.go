package chunk

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
