package agent

import (
	"sync/atomic"
	"unsafe"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/wire"
)

// The landing is the part of the queue's file into which the kernel puts
// datagrams, and with each of them, in the same call, its length: what was
// read outlives a kill at any moment, also one within the call. A slot whose
// length is 0 is free. A slot of which the ring has a copy says at which place.
const (
	batchSize = 64 // datagrams that one system call may bring

	offPlaces   = 1024 // 1 + the place of the copy in the ring, of each slot; 0: there is none
	offVectors  = 2048 // where the slots are, for the kernel
	landingHead = queueHead
	landingFrom = landingHead + queueHead // who sent, where somebody asks
	landingData = landingFrom + 2*queueHead

	// stride is the room of one datagram. It is no power of two, so that the first
	// bytes of all do not compete for one place in the processor's cache.
	stride = wire.MaxDatagramBytes + 65*64
	// slotBytes is what the kernel is asked for, one more than is taken: what is
	// too large shows.
	slotBytes = wire.MaxDatagramBytes + 1

	queueRing = landingData + batchSize*stride // a multiple of a page

	headBytes = int(unsafe.Sizeof(messageHeader{}))
	offLength = int(unsafe.Offsetof(messageHeader{}.length))
	// landingShape tells files apart whose slots lie elsewhere, as another kind of
	// machine has them.
	landingShape = uint64(batchSize) | uint64(headBytes)<<16 | uint64(offLength)<<24 | uint64(stride)<<32
)

// formatLanding frees every slot.
func (q *queue) formatLanding() {
	clear(q.mem[landingHead:landingData])
	q.word(offShape).Store(landingShape)
}

// length is where the kernel says how long the datagram of a slot is.
func (q *queue) length(slot int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&q.mem[landingHead+slot*headBytes+offLength]))
}

// place is where the receiver says at which place of the ring the copy is.
func (q *queue) place(slot int) *atomic.Uint64 { return q.word(offPlaces + 8*slot) }

// slot is the memory of one datagram.
func (q *queue) slot(i int) []byte {
	return q.mem[landingData+i*stride : landingData+i*stride+slotBytes : landingData+(i+1)*stride]
}

// datagram is what has landed in a slot.
func (q *queue) datagram(slot int) []byte { return q.slot(slot)[:q.length(slot).Load()] }

// flags says of a slot what the ring says of a copy.
func (q *queue) flags(slot int, networks accept.Networks) uint32 {
	if !networks.Allow(q.from(slot)) {
		return fromForeign
	}
	return 0
}

// free makes a slot ready for the next datagram: the old one was decided, or
// its copy can be taken.
func (q *queue) free(slot int) {
	q.length(slot).Store(0)
	q.place(slot).Store(0)
}

// findLanded counts what a killed process had read, and neither decided nor
// copied.
func (q *queue) findLanded() {
	if q.version == 1 {
		return
	}
	for i := range batchSize {
		n, place := q.length(i).Load(), q.place(i).Load()
		switch copied := place != 0 && place-1 < q.get(offWritten); {
		case n == 0:
		case copied, n > slotBytes, documentsIn(q.datagram(i)) == 0:
			q.free(i)
		default:
			q.landed.Add(int64(documentsIn(q.datagram(i))))
		}
	}
}

// eachLanded gives fn what findLanded found, and frees the slots one by one.
func (q *queue) eachLanded(fn func(slot int)) {
	for i := 0; i < batchSize && q.landed.Load() > 0; i++ {
		if q.length(i).Load() > 0 {
			documents := documentsIn(q.datagram(i))
			fn(i)
			q.landed.Add(-int64(documents))
			q.free(i)
		}
	}
}
