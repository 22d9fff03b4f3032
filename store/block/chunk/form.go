package chunk

// A form's text, its spec, is its literals with the holes between them, each
// as its kind and its arguments. Literals have no bytes below 0x20. A spec
// without holes is a constant.

func col24(col int32) (a, b, c byte) { return byte(col), byte(col >> 8), byte(col >> 16) }

// holeSpec appends one hole.
func holeSpec(spec []byte, h hole) []byte {
	a, b, c := col24(h.ref)
	switch h.kind {
	case holePad, holeLower, holeUpper:
		return append(spec, h.kind, h.n)
	case holeRef:
		return append(spec, h.kind, a, b, c)
	case holeNum:
		return append(spec, h.kind, h.style, h.n, a, b, c)
	}
	return append(spec, h.kind)
}

// holeArgs is how many bytes of arguments a hole of this kind has.
func holeArgs(kind byte) int {
	switch kind {
	case holePad, holeLower, holeUpper:
		return 1
	case holeRef:
		return 3
	case holeNum:
		return 5
	}
	return 0
}

// parseSpec splits a spec into its holes and appends them to dst, none for a
// constant. The literals share memory with it. It returns false where the spec
// is damaged.
func parseSpec(dst []hole, spec []byte) (_ []hole, ok bool) {
	from, holes := 0, dst
	for i := 0; i < len(spec); {
		kind := spec[i]
		if kind >= 0x20 {
			i++
			continue
		}
		args := i + 1 + holeArgs(kind)
		if kind < holeInt || kind > holeText || args > len(spec) || len(holes)-len(dst) == maxHoles-1 {
			return nil, false
		}
		h := hole{lit: spec[from:i:i], kind: kind, ref: noRef}
		if !h.args(spec[i+1 : args]) {
			return nil, false
		}
		holes = append(holes, h)
		i, from = args, args
	}
	if len(holes) > len(dst) && from < len(spec) {
		holes = append(holes, hole{lit: spec[from:], kind: holeEnd, ref: noRef})
	}
	return holes, true
}

// args reads the arguments of a hole and reports whether they make sense.
func (h *hole) args(a []byte) bool {
	switch h.kind {
	case holePad:
		h.n = a[0]
		return 0 < h.n && h.n <= maxDigits
	case holeLower, holeUpper:
		h.n = a[0]
		return 0 < h.n && h.n <= 16
	case holeRef:
		h.ref = ref24(a)
		return h.ref < refNewest
	case holeNum:
		h.style, h.n, h.ref = a[0], a[1], ref24(a[2:])
		return h.style < styles && h.n <= 9 && (h.style != styleInt || h.n == 0)
	}
	return true
}

func ref24(b []byte) int32 { return int32(b[0]) | int32(b[1])<<8 | int32(b[2])<<16 }

// inner is a value without its quotes.
func inner(v []byte) []byte {
	if len(v) >= 2 && v[0] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

// costOf is about how many bits the holes take.
func costOf(holes []hole) (bits int) {
	for i := range holes {
		switch h := &holes[i]; h.kind {
		case holeInt, holePad:
			bits += 10
		case holeLower, holeUpper:
			bits += 4 * int(h.n)
		case holeNum:
			bits += 16
			if h.ref == noRef {
				bits += 8
			}
		case holeText:
			bits += textCost
		}
	}
	return bits
}

// textCost puts a form that takes anything behind all others.
const textCost = 1 << 16
