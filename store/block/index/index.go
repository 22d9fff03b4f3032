package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// Index is one block's, ready to be asked.
type Index struct {
	rows    int
	low     []byte // what is written of each trace id as it is
	starts  []int64
	flagged [flagCount]rowSet // nil: no row has it
	any     flags             // that some row has
	columns [len(columnsOf)]column
	dues    []due
	members []memberList
	size    int
	inverted

	// What is made when it is first asked for.
	found  func() []uint32    // a hash table of ids: rows and 1
	orders [3]func() []uint32 // by clock
	spans  func() []int64     // nanoseconds from start to end
}

type due struct {
	row uint32
	at  roentgen.Time
}

type memberList struct {
	graph.Member
	rows rowSet
}

// Parse reads what Builder.Encode wrote. It keeps b, which must not change. The error is a *DamageError.
func Parse(b []byte) (*Index, error) {
	r := newReader("index", b)
	r.head(indexMagic)
	x := &Index{}
	x.rows = r.count(len(b) / idBytes)
	x.readIDs(r)
	x.readColumns(r)
	x.readFlags(r)
	x.readDues(r)
	x.readMembers(r)
	x.inverted.read(r, x.rows)
	if r.err == nil && r.at != len(b) {
		r.fail("there is more than what belongs to it")
	}
	if r.err != nil {
		return nil, r.err
	}
	x.later()
	x.size = x.sizeOf(len(b), r.room)
	return x, nil
}

// later sets what is made when it is first asked for.
func (x *Index) later() {
	x.found = sync.OnceValue(x.hashTable)
	x.spans = sync.OnceValue(x.allSpans)
	for c := range x.orders {
		clock := roentgen.Clock(c)
		x.orders[c] = sync.OnceValue(func() []uint32 { return x.order(clock) })
	}
}

// idBytes are the bytes of a trace id that are written as they are.
const idBytes = 12

func (x *Index) readIDs(r *reader) {
	x.low = r.bytes(idBytes * x.rows)
}

func (x *Index) readColumns(r *reader) {
	start := int64(0)
	if x.rows > 0 {
		start = r.varint()
	}
	for c := range x.columns {
		x.columns[c] = r.column(x.rows)
		if r.err != nil {
			return
		}
	}
	x.starts = x.columns[columnStart].all(x.rows)
	for i, earlier := range x.starts {
		start -= earlier
		x.starts[i] = start
	}
	x.columns[columnStart] = column{}
}

// readFlags reads a list of rows for each flag.
func (x *Index) readFlags(r *reader) {
	if n := r.count(flagCount); n != flagCount {
		r.fail("it has other flags than these")
	}
	for i := range x.flagged {
		if r.err != nil {
			return
		}
		set, count := r.posting(x.rows)
		if count > 0 {
			x.flagged[i] = set
			x.any |= 1 << i
		}
	}
}

// is says whether a row has a flag.
func (x *Index) is(row int, f flags) bool {
	return x.any&f != 0 && x.flagged[bits.TrailingZeros32(uint32(f))].has(uint32(row))
}

// posting reads a list that stands by itself.
func (r *reader) posting(rows int) (set rowSet, count int) {
	p := posting{count: r.count(rows)}
	p.bytes = r.bytes(r.count(len(r.b)))
	set = newRowSet(rows)
	if r.err == nil && !p.into(set, rows) {
		r.fail("a list of rows is damaged")
	}
	return set, p.count
}

func (x *Index) readDues(r *reader) {
	set, _ := r.posting(x.rows)
	set.each(func(row uint32) { x.dues = append(x.dues, due{row, roentgen.Time(r.varint())}) })
}

func (x *Index) readMembers(r *reader) {
	n := r.count(len(r.b))
	for range n {
		m := memberList{Member: graph.Member{Group: r.string(), Version: r.uvarint()}}
		if r.room -= 8 * words(x.rows); r.room < 0 {
			r.fail("there are more lists of rows than its part could hold")
		}
		if r.err != nil {
			return
		}
		m.rows, _ = r.posting(x.rows)
		x.members = append(x.members, m)
	}
}

// Size is what the Index takes in memory, the bytes it was read from and what it makes later included.
func (x *Index) Size() int { return x.size }

func (x *Index) sizeOf(part, room int) int {
	unpacked := unpackTimes*part + unpackMore - room
	perRow := 8 + flagCount/8 + 1 + 4*8/3 + 8 + 2*4 // starts, flags, hash table, spans, two orders
	return part + unpacked + perRow*x.rows + x.inverted.sizeOf() + 1024
}

// Len returns how many traces there are.
func (x *Index) Len() int { return x.rows }

// ID returns the id of a row.
func (x *Index) ID(i int) (id roentgen.TraceID) {
	copy(id[len(id)-idBytes:], x.low[idBytes*i:])
	binary.BigEndian.PutUint32(id[:], uint32(x.columns[columnID].get(i))^second(x.starts[i]))
	return id
}

// At returns the time of a row on a clock, and whether it has one.
func (x *Index) At(i int, c roentgen.Clock) (roentgen.Time, bool) {
	switch c {
	case roentgen.ClockUpdated:
		return roentgen.Time(x.starts[i] + x.columns[columnUpdated].get(i)), true
	case roentgen.ClockEnd:
		if !x.is(i, hasEnd) {
			return 0, false
		}
		return roentgen.Time(x.starts[i] + x.columns[columnSpan].get(i)), true
	}
	return roentgen.Time(x.starts[i]), true
}

// Row returns all columns of a row.
func (x *Index) Row(i int) Row {
	get := func(c int) int { return int(x.columns[c].get(i)) }
	row := Row{
		ID: x.ID(i), Start: roentgen.Time(x.starts[i]), Due: x.due(i),
		Documents: get(columnDocuments), Bytes: get(columnBytes),
		Limited: x.is(i, limited), Failing: x.is(i, failing),
	}
	row.Updated, _ = x.At(i, roentgen.ClockUpdated)
	row.End, _ = x.At(i, roentgen.ClockEnd)
	row.First = row.Updated - roentgen.Time(x.columns[columnFirst].get(i))
	row.Revision, row.AllBytes = row.Documents+get(columnSuperseded), row.Bytes+get(columnAlso)
	for j := range x.members {
		if x.members[j].rows.has(uint32(i)) {
			row.Members = append(row.Members, x.members[j].Member)
		}
	}
	return row
}

func (x *Index) due(i int) roentgen.Time {
	at, ok := slices.BinarySearchFunc(x.dues, uint32(i), func(d due, row uint32) int { return cmp.Compare(d.row, row) })
	if !ok {
		return 0
	}
	return x.dues[at].at
}

// Dues returns the rows with a Due, ascending.
func (x *Index) Dues() []int {
	rows := make([]int, len(x.dues))
	for i, d := range x.dues {
		rows[i] = int(d.row)
	}
	return rows
}

// Find returns the row of a trace.
func (x *Index) Find(id roentgen.TraceID) (row int, ok bool) {
	slots := x.found()
	for at := hashID(id) & uint64(len(slots)-1); slots[at] != 0; at = (at + 1) & uint64(len(slots)-1) {
		if row := int(slots[at] - 1); x.ID(row) == id {
			return row, true
		}
	}
	return 0, false
}

// hashTable makes one of which at most three slots in four are filled, so that a search ends.
func (x *Index) hashTable() []uint32 {
	size := 2
	for 3*size < 4*x.rows {
		size *= 2
	}
	slots := make([]uint32, size)
	for i := range x.rows {
		at := hashID(x.ID(i)) & uint64(size-1)
		for slots[at] != 0 {
			at = (at + 1) & uint64(size-1)
		}
		slots[at] = uint32(i + 1)
	}
	return slots
}

// Order returns the rows that have the clock, in the order of a roentgen.Window. It is not to be changed.
func (x *Index) Order(c roentgen.Clock) []uint32 {
	if int(c) >= len(x.orders) {
		return nil
	}
	return x.orders[c]()
}

func (x *Index) order(c roentgen.Clock) []uint32 {
	times, rows := make([]int64, x.rows), make([]uint32, 0, x.rows)
	for i := range times {
		at, ok := x.At(i, c)
		times[i] = int64(at)
		if ok {
			rows = append(rows, uint32(i))
		}
	}
	behind := func(i, j uint32) int {
		if times[i] != times[j] {
			return cmp.Compare(times[j], times[i])
		}
		a, b := x.ID(int(i)), x.ID(int(j))
		return bytes.Compare(a[:], b[:])
	}
	if !slices.IsSortedFunc(rows, behind) {
		slices.SortFunc(rows, behind)
	}
	return rows
}

// allSpans are the nanoseconds from the first start to the last end of each row, of those that have an end.
func (x *Index) allSpans() []int64 {
	all := x.columns[columnSpan].all(x.rows)
	for i := range all {
		all[i] = min(max(0, all[i]), math.MaxInt64-1) // ranges end before the greatest
	}
	return all
}
