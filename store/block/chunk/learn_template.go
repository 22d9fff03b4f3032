package chunk

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
