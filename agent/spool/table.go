package spool

import (
	"encoding/binary"
	"hash/crc32"
	"sync/atomic"
	"unsafe"
)

// The table of cuts, one mapped page, drawn in docs/format/spool.md.
const (
	tableMagic = "RGCUTS\r\n"
	tableSize  = 4096
	tableHead  = 64
	slotSize   = 64
	slots      = (tableSize - tableHead) / slotSize // 63

	slotFree = 0
	slotOpen = 1
	slotDone = 2
)

// position is a place between two records.
type position struct {
	file uint64
	off  uint32
}

// before tells whether p comes in front of q.
func (p position) before(q position) bool {
	return p.file < q.file || p.file == q.file && p.off < q.off
}

// bounds are what a slot of the table says of a cut.
type bounds struct {
	seq         uint64
	first, last position // from, and up to
	documents   uint32
	rollups     uint32
	done        bool
	slot        int // where it stands
}

// table is the mapped page. Its owner is whoever holds the spool's lock.
type table struct{ mem []byte }

// tableHeader is the page's own part.
type tableHeader struct {
	epoch   uint64
	created int64    // nanoseconds since 1970 UTC, of the epoch
	boot    [16]byte // of the kernel that this was written under; zero after a Close that wrote everything to disk
}

func (t table) putHeader(h tableHeader) {
	le := binary.LittleEndian
	copy(t.mem, tableMagic)
	le.PutUint32(t.mem[8:], formatVersion)
	le.PutUint32(t.mem[12:], slots)
	le.PutUint64(t.mem[16:], h.epoch)
	le.PutUint64(t.mem[24:], uint64(h.created))
	copy(t.mem[32:48], h.boot[:])
	le.PutUint32(t.mem[48:], crc32.Checksum(t.mem[:48], castagnoli))
}

// readTable reads a page. What it cannot believe is damaged, whole: of numbers
// that may be wrong none is given out again.
func readTable(b []byte) (tableHeader, []bounds, condition) {
	if len(b) == 0 || allZero(b) {
		return tableHeader{}, nil, conditionUnfinished
	}
	le := binary.LittleEndian
	switch {
	case len(b) < 8 || string(b[:8]) != tableMagic:
		return tableHeader{}, nil, conditionForeign
	case len(b) < 52 || le.Uint32(b[48:]) != crc32.Checksum(b[:48], castagnoli):
		return tableHeader{}, nil, conditionDamaged
	case le.Uint32(b[8:]) != formatVersion:
		return tableHeader{}, nil, conditionNewer
	case len(b) != tableSize || le.Uint32(b[12:]) != slots:
		return tableHeader{}, nil, conditionDamaged
	}
	h := tableHeader{epoch: le.Uint64(b[16:]), created: int64(le.Uint64(b[24:])), boot: [16]byte(b[32:48])}
	var cuts []bounds
	for i := range slots {
		c, used, ok := readSlot(b[tableHead+i*slotSize:][:slotSize])
		if !ok {
			return h, nil, conditionDamaged
		}
		c.slot = i
		if used {
			cuts = append(cuts, c)
		}
	}
	return h, cuts, conditionSound
}

func readSlot(b []byte) (c bounds, used, ok bool) {
	le := binary.LittleEndian
	state := le.Uint32(b[52:])
	if state == slotFree {
		return c, false, true
	}
	if state > slotDone || le.Uint32(b[48:]) != crc32.Checksum(b[:48], castagnoli) {
		return c, false, false
	}
	c = bounds{
		seq:   le.Uint64(b),
		first: position{le.Uint64(b[8:]), le.Uint32(b[16:])}, last: position{le.Uint64(b[24:]), le.Uint32(b[32:])},
		documents: le.Uint32(b[40:]), rollups: le.Uint32(b[44:]), done: state == slotDone,
	}
	return c, true, c.seq > 0 && !c.last.before(c.first)
}

// put writes a cut into its slot. It stands once the last store, of its state,
// is made.
func (t table) put(c bounds) {
	b := t.slot(c.slot)
	t.setState(c.slot, slotFree)
	le := binary.LittleEndian
	le.PutUint64(b, c.seq)
	le.PutUint64(b[8:], c.first.file)
	le.PutUint64(b[16:], uint64(c.first.off))
	le.PutUint64(b[24:], c.last.file)
	le.PutUint64(b[32:], uint64(c.last.off))
	le.PutUint32(b[40:], c.documents)
	le.PutUint32(b[44:], c.rollups)
	le.PutUint32(b[48:], crc32.Checksum(b[:48], castagnoli))
	t.setState(c.slot, slotOpen)
}

func (t table) slot(i int) []byte { return t.mem[tableHead+i*slotSize:][:slotSize] }

// setState is one store, behind everything stored before it.
func (t table) setState(i int, state uint32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], state)
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&t.slot(i)[52])), binary.NativeEndian.Uint32(b[:]))
}
