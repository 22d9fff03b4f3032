package chunk

// A timeSearch looks for the column that the times of another are nearest to:
// the start of the same segment, the end of the subsegment before, the call
// that led here.
type timeSearch struct {
	seen  int
	units byte
	k     byte // most digits behind the point
	fixed bool // always as many
	sci   bool
	zeros bool // some end with 0
	near  []nearTime
}

type nearTime struct {
	col  int32
	cost int
}

const (
	timesSeen  = 4  // before the search ends
	maxNear    = 64 // columns that are compared
	maxTries   = 3  // searches of one column
	missedTime = 60 // cost of a column that is not there, in bits
)

// moment is a value that looks like a time.
type moment struct {
	nanos int64
	units byte // only times of the same units are compared
	k     byte
	sci   bool
}

const (
	unitsSeconds = iota
	unitsMillis
	unitsMicros
)

// momentOf reads seconds with a fraction, or milliseconds or microseconds,
// since 1970.
func momentOf(v []byte) (moment, bool) {
	whole, n := digits(v)
	rest := v[n:]
	switch {
	case n == 13 && len(rest) == 0:
		return moment{nanos: whole * 1e6, units: unitsMillis}, true
	case n == 16 && len(rest) == 0:
		return moment{nanos: whole * 1e3, units: unitsMicros}, true
	case n == 1 && len(rest) > 10:
		x, ok := parseNumber(v, styleSci, 8)
		return moment{nanos: x * 10, k: 8, sci: true}, ok && x >= 1e16
	case n < 9 || n > 10 || len(rest) < 2 || len(rest) > 10 || rest[0] != '.':
		return moment{}, false
	}
	part, m := digits(rest[1:])
	if m != len(rest)-1 {
		return moment{}, false
	}
	return moment{nanos: whole*1e9 + part*pow10[9-m], k: byte(m)}, true
}

// learnTime proposes the style of v, and what it is relative to, and reports
// whether v looks like a time that is still being looked at.
func (e *coder) learnTime(col int32, c *column, v []byte) bool {
	if v[0]-'0' > 9 || c.tries >= maxTries {
		return false
	}
	at, ok := momentOf(v)
	if !ok {
		return false
	}
	s := c.times
	if s == nil || s.units != at.units {
		s = &timeSearch{units: at.units, k: at.k, fixed: true}
		c.times = s
		e.beginTimes(s, c)
	}
	s.fixed = s.fixed && s.k == at.k
	s.k = max(s.k, at.k)
	s.sci = s.sci || at.sci
	s.zeros = s.zeros || v[len(v)-1] == '0'
	s.seen++
	for i := range s.near {
		s.near[i].cost += e.distance(s.near[i].col, at)
	}
	if s.seen == timesSeen {
		best, always := s.best()
		e.newForms = append(e.newForms, newForm{col, string(s.spec(best)), best.cost / timesSeen})
		if best != always {
			e.newForms = append(e.newForms, newForm{col, string(s.spec(always)), always.cost / timesSeen})
		}
		c.times = nil
		c.tries++
	}
	return true
}

// beginTimes lists the columns to compare with, the newest first.
func (e *coder) beginTimes(s *timeSearch, c *column) {
	s.near = append(s.near, nearTime{col: refNewest})
	if s.units == unitsSeconds {
		s.near = append(s.near, nearTime{col: colFirst})
	} else {
		s.near = append(s.near, nearTime{col: noRef})
	}
	known := 0 // of the forms that the column has already
	for _, f := range c.open {
		if h := &c.forms[f].holes[0]; c.forms[f].single() && h.ref >= builtin && h.ref < refNewest && !listed(s.near, h.ref) {
			s.near = append(s.near, nearTime{col: h.ref})
			known++
		}
	}
	for y := range e.recent() {
		if len(s.near) == maxNear {
			break
		}
		if r := &e.cols[y]; y < builtin || known > 0 && r.k == noNumber || listed(s.near, y) {
			continue
		} else if at, ok := momentOf(r.val); ok && at.units == s.units {
			s.near = append(s.near, nearTime{col: y})
		}
	}
}

func listed(near []nearTime, col int32) bool {
	for i := range near {
		if near[i].col == col {
			return true
		}
	}
	return false
}

// distance is about how many bits the difference to the column takes.
func (e *coder) distance(col int32, at moment) int {
	switch col {
	case noRef:
		return 24
	case refNewest:
		for i := len(e.touched) - 1; i >= max(0, len(e.touched)-lookBack); i-- {
			if other, ok := momentOf(e.cols[e.touched[i]].val); ok && other.units == at.units {
				return magnitude((at.nanos - other.nanos) / 1000)
			}
		}
		return missedTime
	case colFirst:
		return magnitude((at.nanos - e.base) / 1000)
	}
	r := &e.cols[col]
	if r.trace != e.now {
		return missedTime
	}
	other, ok := momentOf(r.val)
	if !ok || other.units != at.units {
		return missedTime
	}
	return magnitude((at.nanos - other.nanos) / 1000)
}

// best returns what the search found, and the best of what is there in every
// trace.
func (s *timeSearch) best() (best, always nearTime) {
	best, always = s.near[0], s.near[0]
	for _, n := range s.near[1:] {
		if n.cost < best.cost {
			best = n
		}
		if (n.col < builtin || n.col >= refNewest) && n.cost < always.cost {
			always = n
		}
	}
	return best, always
}

// spec is a time relative to a column.
func (s *timeSearch) spec(best nearTime) []byte {
	h := hole{kind: holeNum, ref: best.col}
	switch {
	case s.units != unitsSeconds:
		h.style = styleInt
	case s.sci:
		h.style, h.n = styleSci, 6
	case s.fixed && (s.zeros || s.k == 3 || s.k == 6):
		h.style, h.n = styleDec, s.k
	default:
		h.style, h.n = styleTrim, roundDigits(s.k)
	}
	return holeSpec(nil, h)
}

// roundDigits makes columns comparable that end in other digits.
func roundDigits(k byte) byte {
	switch {
	case k <= 3:
		return 3
	case k <= 6:
		return 6
	case k == 7:
		return 7
	}
	return 9
}
