package wire

// dropDuplicates returns text, which is canonical but for keys that stand
// twice in an object, with the last member of every key alone, where it
// stands. Keys are equal when they mean the same: "a" and "\u0061" are.
func dropDuplicates(text []byte, maxDepth int) []byte {
	d := deduper{}
	d.scan(padded(text), maxDepth)
	d.out = make([]byte, 0, len(text)+len(padding))
	d.value()
	return d.out
}

// deduper writes what it reads to out. Every object is first written whole
// and then closed up over the members that do not count, so a byte is moved
// at most once for each level it stands in.
type deduper struct {
	scanner
	out []byte
}

// span is a part of a text.
type span struct{ from, to int }

func (d *deduper) value() {
	switch d.buf[d.r] {
	case '{':
		d.object()
	case '[':
		d.out = append(d.out, '[')
		a := d.openArray()
		for d.element(&a) {
			if a.index > 0 {
				d.out = append(d.out, ',')
			}
			d.value()
		}
		d.out = append(d.out, ']')
	default:
		from := d.w
		d.skip()
		d.out = append(d.out, d.buf[from:d.w]...)
	}
}

func (d *deduper) object() {
	start := len(d.out)
	d.out = append(d.out, '{')
	var members []span // each from its key to the comma behind its value, in out
	last := map[string]int{}
	o := d.openObject()
	for from := d.w; d.member(&o); from = d.w {
		if d.buf[from] == ',' {
			from++
		}
		m := span{from: len(d.out)}
		d.out = append(d.out, d.buf[from:d.w]...)
		last[string(o.key)] = len(members)
		d.value()
		d.out = append(d.out, ',')
		m.to = len(d.out)
		members = append(members, m)
	}
	d.closeUp(start+1, members, last)
}

// closeUp moves the members that count to the beginning of the object and
// ends it.
func (d *deduper) closeUp(w int, members []span, last map[string]int) {
	counts := make([]bool, len(members))
	for _, i := range last {
		counts[i] = true
	}
	for i, m := range members {
		if counts[i] {
			w += copy(d.out[w:], d.out[m.from:m.to])
		}
	}
	if len(members) > 0 {
		w-- // the last comma
	}
	d.out = append(d.out[:w], '}')
}
