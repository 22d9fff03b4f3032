package index

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// Builder makes the parts of one block. Traces are numbered in the order in which they are added.
type Builder struct {
	opt   Options
	table table

	rows  []Row // without members
	flags []flags
	// respond is the root's response time in nanoseconds, of rows that are responded and not respondsSpan.
	respond []int64
	// entries are the terms of the rows; those of row i end at ends[i].
	entries []uint32
	ends    []uint32
	// hashed are terms beyond the table, the upper half of the hash and the row; hashes are the whole of them.
	hashed []uint64
	hashes []uint64
	// overflow: annotation keys were hashed for want of room.
	overflow bool

	members     []graph.Member
	memberOf    map[graph.Member]uint32
	memberships []membership

	row   uint32 // the one that is added
	now   flags  // its flags so far
	nodes []nodeMark
	spare []byte

	done *draft // what was added, in order; nil while that has not been made
	pack *packer
}

// membership says that a row was counted for a group.
type membership struct{ member, row uint32 }

// NewBuilder returns one for an empty block, with default Options.
func NewBuilder() *Builder { return Options{}.NewBuilder() }

// NewBuilder returns one for an empty block.
func (o Options) NewBuilder() *Builder {
	return &Builder{opt: o.withDefaults(), table: newTable(), memberOf: map[graph.Member]uint32{}, pack: newPacker()}
}

// Reset begins another block, with the memory of the one before.
func (b *Builder) Reset() {
	b.table.reset()
	b.rows, b.flags, b.respond = b.rows[:0], b.flags[:0], b.respond[:0]
	b.entries, b.ends = b.entries[:0], b.ends[:0]
	b.hashed, b.hashes, b.overflow = b.hashed[:0], b.hashes[:0], false
	b.members, b.memberships = b.members[:0], b.memberships[:0]
	clear(b.memberOf)
	b.done = nil
	if cap(b.entries) > largeBlock {
		b.rows, b.flags, b.respond, b.ends = nil, nil, nil, nil
		b.entries, b.hashed, b.hashes = nil, nil, nil
	}
}

// largeBlock is beyond how many entries a block is so much larger than others that its memory is not kept for the next.
const largeBlock = 1 << 20

// Add adds a trace: the newest start first and, at equal starts, in ascending order of the id. Nothing of rows is kept.
func (b *Builder) Add(row Row, rows *roentgen.Rows) {
	b.row, b.now, b.done = uint32(len(b.rows)), 0, nil
	b.fixed(&row, rows)
	b.summary(rows)
	b.segments(rows)
	b.calls(rows)
	b.graph(rows)
	b.causes(rows)
	b.uncertain(rows.Summary)
	b.join(row.Members)
	row.Members = nil
	b.rows = append(b.rows, row)
	b.flags = append(b.flags, b.now)
	b.ends = append(b.ends, uint32(len(b.entries)))
}

// fixed sets what the columns say.
func (b *Builder) fixed(row *Row, rows *roentgen.Rows) {
	s := rows.Summary
	b.set(hasEnd, row.End != 0)
	b.set(open, s.Open)
	b.set(partial, s.Partial)
	b.set(limited, row.Limited)
	b.set(failing, row.Failing)
	b.set(waiting, row.Due != 0 || rows.Due != 0)
	b.set(wild, row.Start != s.Start || row.End != s.End)
	respond := int64(0)
	if d, ok := s.ResponseTime(); ok {
		b.now |= responded
		if d == span(row.Start, row.End) {
			b.now |= respondsSpan
		} else {
			respond = min(int64(d), math.MaxInt64-1)
		}
	}
	b.respond = append(b.respond, respond)
}

// span is Summary.Duration, known or not.
func span(start, end roentgen.Time) (d time.Duration) {
	if end == 0 {
		return -1
	}
	return max(0, end.Sub(start))
}

func (b *Builder) set(f flags, is bool) {
	if is {
		b.now |= f
	}
}

// sureKeys is how many annotation keys of a trace any setting of graph.Options.MaxAnnotations is taken to leave. Of a
// trace with as many, the summary may have been cut, or be cut when it is asked.
const sureKeys = 16

// uncertain finds the rows of which the index cannot vouch for the summary's annotations.
func (b *Builder) uncertain(s *roentgen.Summary) {
	keys := 0
	for i := range s.Annotations {
		if i == 0 || s.Annotations[i].Key != s.Annotations[i-1].Key {
			keys++
		}
	}
	cut := keys >= sureKeys
	b.set(extra, cut)
	// Annotations may have been cut that stand in no segment or call either: of subsegments without their segment, and
	// of calls that wait.
	b.set(wild, cut && (s.Partial || s.Root == nil) || b.now&extra != 0 && b.now&waiting != 0)
}

func (b *Builder) join(members []graph.Member) {
	for _, m := range members {
		at, ok := b.memberOf[m]
		if !ok {
			at = uint32(len(b.members))
			b.members = append(b.members, m)
			b.memberOf[m] = at
		}
		b.memberships = append(b.memberships, membership{at, b.row})
	}
}

func compareMembers(a, b graph.Member) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Version, b.Version))
}

// room says whether there may be another term.
func (b *Builder) room() bool { return len(b.table.terms) < b.opt.MaxTerms }

// roomForNodes is more than others have: a node that is not told apart makes its traces match whatever is asked.
func (b *Builder) roomForNodes() bool { return len(b.table.terms) < 2*b.opt.MaxTerms }

// mark notes that the row has the term. It reports whether that is news.
func (b *Builder) mark(at uint32) bool {
	m := &b.table.terms[at]
	if m.last == b.row+1 {
		return false
	}
	if len(b.entries) == math.MaxUint32 {
		b.now |= wild
		return true
	}
	m.last = b.row + 1
	m.count++
	b.entries = append(b.entries, at)
	return true
}

// hash notes that the row has a term that is known by its hash only. It reports whether that is news, as far as it
// looks back.
func (b *Builder) hash(hash uint64) bool {
	entry := hash&^math.MaxUint32 | uint64(b.row)
	for i := len(b.hashed) - 1; i >= 0 && i >= len(b.hashed)-lookBack && uint32(b.hashed[i]) == b.row; i-- {
		if b.hashed[i] == entry {
			return false
		}
	}
	if len(b.hashed) >= b.opt.MaxHashed {
		b.now |= wild
		return true
	}
	b.hashed = append(b.hashed, entry)
	b.hashes = append(b.hashes, hash)
	return true
}

// lookBack is how far: what the summary says once more of a segment is among it as a rule.
const lookBack = 64

// beyond notes a value of a field for which there was no room.
func (b *Builder) beyond(f uint32, hash uint64) bool {
	b.mark(b.table.fields[f].rest)
	return b.hash(hash)
}

// text notes a value of a field. It reports whether that is news of the row. The empty text is no value.
func (b *Builder) text(c code, s string) bool {
	if s == "" {
		return false
	}
	return b.textIn(b.table.fixedField(c), s)
}

func (b *Builder) textIn(f uint32, s string) bool {
	at, hash, ok := b.table.text(f, s, b.room())
	if !ok {
		return b.beyond(f, hash)
	}
	return b.mark(at)
}

// annotation notes one.
func (b *Builder) annotation(a *roentgen.Annotation) bool {
	f, ok := b.table.keyField(a.Key, b.room())
	if !ok {
		b.overflow = true
		seed := fieldSeed(codeAnnotation, a.Key)
		b.hash(fieldSeed(codeKey, a.Key))
		return b.hash(hashValue(seed, a.Value))
	}
	return b.value(f, &a.Value)
}

func (b *Builder) value(f uint32, v *roentgen.AnnotationValue) bool {
	switch v.Kind {
	case roentgen.NumberValue:
		bits := numberBits(v.Number)
		return b.pair(f, numTerm, uint32(bits), uint32(bits>>32))
	case roentgen.BoolValue:
		if v.Bool {
			return b.pair(f, boolTerm, 0, 1)
		}
		return b.pair(f, boolTerm, 0, 0)
	}
	return b.textIn(f, v.String)
}

func (b *Builder) pair(f uint32, kind termKind, x, y uint32) bool {
	at, hash, ok := b.table.pair(f, kind, x, y, b.room())
	if !ok {
		return b.beyond(f, hash)
	}
	return b.mark(at)
}

// status notes the status of a request.
func (b *Builder) status(c code, status int) {
	if status != 0 {
		bits := numberBits(float64(status))
		b.pair(b.table.fixedField(c), numTerm, uint32(bits), uint32(bits>>32))
	}
}

// hashID is what the filter of trace ids is made of.
func hashID(id roentgen.TraceID) uint64 { return xxhash.Sum64(id[:]) }

// memberRows returns the members in the order in which they are written, and of each the rows.
func (b *Builder) memberRows() (order []uint32, rows [][]uint32) {
	order, rows = make([]uint32, len(b.members)), make([][]uint32, len(b.members))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int { return compareMembers(b.members[i], b.members[j]) })
	for _, m := range b.memberships {
		if list := rows[m.member]; len(list) == 0 || list[len(list)-1] != m.row {
			rows[m.member] = append(list, m.row)
		}
	}
	return order, rows
}
