package chunk

import "slices"

// Options bounds what an Encoder remembers of a block. The zero value stands
// for the defaults; what goes beyond is stored without being learned.
type Options struct {
	// DictBytes is about how many bytes the dictionary may have, uncompressed.
	// Default 1 MiB.
	DictBytes int
	// Shapes is how many skeletons are learned. Default 4,096.
	Shapes int
	// Columns is how many places for values these may have together. Default
	// 32,768; each takes about 300 bytes in the Encoder and 50 in a Dict.
	Columns int
}

func (o Options) withDefaults() Options {
	if o.DictBytes <= 0 {
		o.DictBytes = 1 << 20
	}
	if o.Shapes <= 0 {
		o.Shapes = 4096
	}
	if o.Columns <= 0 {
		o.Columns = 1 << 15
	}
	return o
}

const (
	maxForms   = 1 << 14 // of a column
	maxOpen    = 32      // of them not constants
	maxTargets = 256     // of a shape column
	maxNames   = 512     // that become part of shapes
	maxLanes   = 1 << 14
	maxString  = 1 << 10 // bytes of a constant or template
	seenLen    = 1 << 14
)

// model is what an Encoder knows of its block. It only grows, and only between
// traces.
type model struct {
	opt     Options
	used    int // bytes of the dictionary, about
	shapes  []shape
	cols    []column
	kindOf  []byte  // of the columns: slotValue, or something else
	shapeOf []int32 // of the columns; -1: none
	lanes   []lane
	byText  map[string]int32 // skeletons
	names   map[string]bool
	consts  constTable
	seen    seenTable
	// now is the number of the present trace, from 1 on.
	now uint32
	// To be looked at after this trace.
	dirtyCols  []int32
	dirtyLanes []int32
	newForms   []newForm
	newTargets []newTarget
}

// newForm is a form that holds from the next trace on.
type newForm struct {
	col  int32
	spec string
	cost int // measured, in bits; -1: not known
}

type newTarget struct{ col, target int32 }

func (m *model) reset(opt Options) {
	*m = model{opt: opt, shapes: m.shapes[:0], cols: m.cols[:0], kindOf: m.kindOf[:0], shapeOf: m.shapeOf[:0], lanes: m.lanes[:0], byText: m.byText, names: m.names,
		consts: m.consts, seen: m.seen, dirtyCols: m.dirtyCols[:0], dirtyLanes: m.dirtyLanes[:0], newForms: m.newForms[:0],
		newTargets: m.newTargets[:0], now: 1}
	if m.byText == nil {
		m.byText, m.names = map[string]int32{}, map[string]bool{}
	}
	clear(m.byText)
	clear(m.names)
	m.consts.reset()
	m.seen.reset()
	for range builtin {
		m.addColumn(slotList, -1)
	}
}

func (m *model) addColumn(kind byte, shape int32) {
	m.cols = append(m.cols, column{last: -1, k: noNumber, again: 16, check: 16})
	m.kindOf = append(m.kindOf, kind)
	m.shapeOf = append(m.shapeOf, shape)
}

// after is the column of what follows an item in a list.
func (m *model) after(target int32) int32 {
	if target < 0 {
		return colAfterRaw
	}
	return m.shapes[target].next()
}

// queueColumn has the column looked at after this trace.
func (m *model) queueColumn(col int32) {
	if c := &m.cols[col]; !c.queued {
		c.queued = true
		m.dirtyCols = append(m.dirtyCols, col)
	}
}

func (m *model) queueLane(i int32) {
	if l := &m.lanes[i]; !l.queued {
		l.queued = true
		m.dirtyLanes = append(m.dirtyLanes, i)
	}
}

// settle makes what the trace taught hold from the next one on.
func (m *model) settle() {
	m.now++
	for _, n := range m.newForms {
		m.addForm(n.col, n.spec, n.cost)
	}
	for _, n := range m.newTargets {
		m.addTarget(n.col, n.target)
	}
	for _, col := range m.dirtyCols {
		c := &m.cols[col]
		c.queued = false
		if m.used < 2*m.opt.DictBytes && c.bookDue() {
			c.rebook(m.now)
			m.unfuse(col)
			m.used += 2 + 2*len(c.books[len(c.books)-1].forms)
		}
	}
	for _, i := range m.dirtyLanes {
		l := &m.lanes[i]
		l.queued = false
		if l.due() {
			l.learn(m.now)
		}
	}
	m.newForms, m.newTargets = m.newForms[:0], m.newTargets[:0]
	m.dirtyCols, m.dirtyLanes = m.dirtyCols[:0], m.dirtyLanes[:0]
}

// addForm adds a form to a column of values, unless it has it already.
func (m *model) addForm(col int32, spec string, cost int) {
	c := &m.cols[col]
	holes, ok := parseSpec(nil, []byte(spec))
	if !ok || m.hasForm(col, spec, holes == nil) {
		return
	}
	if cost < 0 {
		cost = costOf(holes)
	}
	lanes := 0
	for i := range holes {
		if hasLane(holes[i].kind) {
			lanes++
		}
	}
	if len(c.forms) >= maxForms || holes != nil && len(c.open) >= maxOpen || m.used+len(spec) > m.opt.DictBytes || len(m.lanes)+lanes > maxLanes {
		return
	}
	for i := range holes {
		if hasLane(holes[i].kind) {
			holes[i].lane = int32(len(m.lanes))
			m.lanes = append(m.lanes, lane{width: unlearned, check: firstCheck})
		}
	}
	c.forms = append(c.forms, form{spec: []byte(spec), holes: holes, code: -1, count: 1, cost: int32(cost), quick: quickOf(holes)})
	if holes == nil {
		m.consts.add(col, int32(len(c.forms)-1), []byte(spec))
	} else {
		c.insertOpen(int32(len(c.forms) - 1))
	}
	m.used += len(spec) + 3
	m.queueColumn(col)
}

// insertOpen puts a form in front of those that cost as much: it was found
// later, by knowing more.
func (c *column) insertOpen(f int32) {
	i := 0
	for i < len(c.open) && c.forms[c.open[i]].cost < c.forms[f].cost {
		i++
	}
	c.open = slices.Insert(c.open, i, f)
}

func (m *model) hasForm(col int32, spec string, constant bool) bool {
	c := &m.cols[col]
	if constant {
		f := m.consts.find(col, constHash(col, []byte(spec)))
		return f >= 0
	}
	for _, f := range c.open {
		if string(c.forms[f].spec) == spec {
			return true
		}
	}
	return false
}

// addTarget adds a target to a shape column.
func (m *model) addTarget(col, target int32) {
	c := &m.cols[col]
	for i := range c.forms {
		if c.forms[i].target == target {
			return
		}
	}
	if len(c.forms) < maxTargets {
		c.forms = append(c.forms, form{target: target, code: -1, count: 1})
		m.queueColumn(col)
	}
}
