package chunk

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

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

// genericAfter is how often an item is seen under names that are not common
// before it gets a shape with a name of its own in each.
const genericAfter = 12

// noteShape decides whether an unknown skeleton becomes a shape: the second
// time that it is seen, so that unique ones do not fill the dictionary.
func (m *model) noteShape(skeleton, named, context, name []byte) {
	times := m.seen.add(xxhash.Sum64(skeleton))
	if name == nil || context != nil {
		if len(context) > 0 && !m.names[string(context)] {
			context, times = nil, times-genericAfter
		}
		if times > 1 {
			m.addShape(skeleton, context)
		}
		return
	}
	if !m.names[string(name)] && len(name) < maxString && len(m.names) < maxNames && !hasControl(name) &&
		m.seen.add(xxhash.Sum64(name)) > 1 {
		m.names[string(name)] = true
	}
	if m.names[string(name)] {
		if times > 1 {
			m.addShape(named, nil)
		}
		return
	}
	if times >= genericAfter {
		m.addShape(skeleton, nil)
	}
}

func (m *model) addShape(skeleton, context []byte) {
	slots, _ := splitSkeleton(skeleton)
	if len(m.shapes) >= m.opt.Shapes || len(m.cols)+len(slots) >= m.opt.Columns || m.used+len(skeleton) > m.opt.DictBytes {
		return
	}
	text := append([]byte(nil), skeleton...)
	slots, tail := splitSkeleton(text)
	id := int32(len(m.shapes))
	m.byText[string(context)+string(text)] = id
	m.shapes = append(m.shapes, shape{skeleton: text, slots: slots, tail: tail, col: int32(len(m.cols))})
	for i := range slots {
		m.addColumn(slots[i].kind, id)
	}
	m.addColumn(slotList, id)
	m.used += len(text) + 2*len(slots)
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
	c.forms = append(c.forms, form{spec: []byte(spec), holes: holes, code: -1, count: 1, cost: cost, quick: quickOf(holes)})
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

// seenTable remembers roughly which hashes it has seen lately, and how often.
type seenTable struct{ slots []uint32 }

func (s *seenTable) reset() {
	if s.slots == nil {
		s.slots = make([]uint32, seenLen)
	}
	clear(s.slots)
}

// add counts the hash and returns how often it was seen, this time included.
func (s *seenTable) add(h uint64) int {
	p := &s.slots[h%seenLen]
	print := uint32(h>>32)<<8 | 0xFF
	if *p|0xFF != print || *p&0xFF == 0 {
		*p = print&^0xFF | 1
		return 1
	}
	if *p&0xFF < 0xFF {
		*p++
	}
	return int(*p & 0xFF)
}

// count is what add would return, less this time.
func (s *seenTable) count(h uint64) int {
	p := s.slots[h%seenLen]
	if p|0xFF != uint32(h>>32)<<8|0xFF {
		return 0
	}
	return int(p & 0xFF)
}

// constTable finds the constants of all columns by their text.
type constTable struct {
	slots []constSlot
	n     int
}

type constSlot struct {
	hash uint64 // 0: free
	col  int32
	form int32
}

func (t *constTable) reset() {
	if t.slots == nil {
		t.slots = make([]constSlot, 1024)
	}
	clear(t.slots)
	t.n = 0
}

func constHash(col int32, text []byte) uint64 {
	h := xxhash.Sum64(text) ^ uint64(col)*0x9e3779b97f4a7c15
	if h == 0 {
		return 1
	}
	return h
}

func (t *constTable) add(col, form int32, text []byte) {
	if 2*t.n >= len(t.slots) {
		old := t.slots
		t.slots = make([]constSlot, 2*len(old))
		for _, s := range old {
			if s.hash != 0 {
				t.put(s)
			}
		}
	}
	t.put(constSlot{constHash(col, text), col, form})
	t.n++
}

func (t *constTable) put(s constSlot) {
	for i := s.hash; ; i++ {
		if p := &t.slots[i%uint64(len(t.slots))]; p.hash == 0 {
			*p = s
			return
		}
	}
}

// find returns the form of the column that may be text, or -1.
func (t *constTable) find(col int32, hash uint64) int32 {
	for i := hash; ; i++ {
		p := &t.slots[i%uint64(len(t.slots))]
		if p.hash == 0 {
			return -1
		}
		if p.hash == hash && p.col == col {
			return p.form
		}
	}
}
