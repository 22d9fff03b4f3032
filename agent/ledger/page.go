package ledger

import (
	"encoding/binary"
	"hash/crc32"
	"sync/atomic"
	"unsafe"
)

// The page as docs/format/ledger.md draws it.
const (
	pageBytes = 16 << 10
	version   = 1

	offVersion  = 8
	offHeadSum  = 12
	offAgent    = 16 // 16 bytes
	offEpoch    = 32
	offClean    = 40
	offCursor   = 48
	offLow      = 64
	offAbove    = 72
	offState    = 128 // the settlement under way
	offNewLow   = 136
	offNewAbove = 144
	offNewEpoch = 152
	offCount    = 160
	offChanges  = 168
	maxChanges  = 48

	offSlots  = 1024
	slotBytes = 64
	slots     = (pageBytes - offSlots) / slotBytes

	slotSum    = 8
	slotLength = 12
	slotName   = 13
	maxName    = slotBytes - slotName
)

var magic = [8]byte{'R', 'G', 'L', 'E', 'D', 'G', 'E', 'R'}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// page is the file's bytes. Numbers are little-endian, aligned to eight bytes,
// and read and written whole.
type page []byte

// word is the number at an offset. The order in which words are stored is the
// order in which a killed process leaves them.
func (p page) word(off int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&p[off]))
}

func (p page) get(off int) uint64    { return p.word(off).Load() }
func (p page) set(off int, v uint64) { p.word(off).Store(v) }

// format makes a page for a new agent.
func (p page) format(agent [16]byte) {
	clear(p)
	copy(p[offAgent:], agent[:])
	binary.LittleEndian.PutUint32(p[offVersion:], version)
	copy(p, magic[:])
	binary.LittleEndian.PutUint32(p[offHeadSum:], p.headSum())
}

// headSum covers magic, version and the agent's id, which never change.
func (p page) headSum() uint32 {
	sum := crc32.Checksum(p[:offHeadSum], castagnoli)
	return crc32.Update(sum, castagnoli, p[offAgent:offAgent+16])
}

// slot returns where slot i stands.
func (p page) slot(i int) page { return p[offSlots+i*slotBytes : offSlots+(i+1)*slotBytes] }

// name returns the name of a slot, or "" when it is free; ok is false when it
// is damaged.
func (s page) name() (name string, ok bool) {
	n := int(s[slotLength])
	if n == 0 {
		return "", true
	}
	if n > maxName {
		return "", false
	}
	b := s[slotName : slotName+n]
	return string(b), binary.LittleEndian.Uint32(s[slotSum:]) == crc32.Checksum(b, castagnoli)
}

// claim names a free slot. The length goes last: a slot that a kill left
// half-named is free.
func (s page) claim(name string) {
	s.set(0, 0)
	copy(s[slotName:], name)
	binary.LittleEndian.PutUint32(s[slotSum:], crc32.Checksum([]byte(name), castagnoli))
	s[slotLength] = byte(len(name))
}
