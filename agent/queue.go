package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The queue's file as docs/format/agent-queue.md draws it.
const (
	queueVersion = 2
	queueHead    = 4096
	queueAlign   = 16
	entryHead    = 16

	offCapacity = 16
	offShape    = 24  // of the landing
	offWritten  = 64  // bytes ever written, by the receiver
	offPut      = 72  // documents ever written
	offTaken    = 128 // bytes ever taken, by the desk
	offGot      = 136 // documents ever taken

	skipMark = 1<<32 - 1 // a length: the next entry is at the beginning
)

var queueMagic = [8]byte{'R', 'G', 'Q', 'U', 'E', 'U', 'E', '1'}

// queue is datagrams on their way from the receiver to the desk, in mapped
// memory. One goroutine puts and one takes; neither waits for the other unless
// it is full or empty. In front of the ring is the landing.
type queue struct {
	name     string
	version  uint32
	at       int // where the ring begins
	mem      []byte
	data     []byte // the ring
	mapped   bool
	capacity uint64

	put, took chan struct{} // a token each: something was put, something taken
	bytes     atomic.Int64  // of documents that wait, with their heads
	landed    atomic.Int64  // documents that a killed process left in the landing
}

// entry flags.
const fromForeign = 1 // the sender is outside the allowed networks

// openQueue opens the file, or makes memory without a name. What a killed
// process left in it is there to be taken; lost says that the file was no
// queue and began anew, and why.
func openQueue(name string, capacity int) (q *queue, lost error, err error) {
	q = newQueue(name, capacity)
	if name == "" {
		q.use(make([]byte, q.at+int(q.capacity)))
		q.format()
		return q, nil, nil
	}
	if err := upgradeQueue(name, capacity); err != nil {
		return nil, nil, err
	}
	if err := q.openFile(); err != nil {
		return nil, nil, err
	}
	if lost = q.check(); lost != nil || q.get(0) == 0 {
		q.format()
	}
	return q, lost, nil
}

func newQueue(name string, capacity int) *queue {
	return &queue{name: name, version: queueVersion, at: queueRing, capacity: uint64(capacity) &^ (queueAlign - 1), put: make(chan struct{}, 1), took: make(chan struct{}, 1)}
}

func (q *queue) use(mem []byte) { q.mem, q.data = mem, mem[q.at:] }

func (q *queue) openFile() error {
	f, err := os.OpenFile(q.name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("open queue: %w", err)
	}
	defer f.Close()
	size := q.at + int(q.capacity)
	if info, err := f.Stat(); err != nil {
		return fmt.Errorf("size of queue: %w", err)
	} else if info.Size() != int64(size) {
		// Another capacity: what it holds is told as lost by the books.
		if err := f.Truncate(0); err != nil {
			return fmt.Errorf("empty queue %s: %w", q.name, err)
		}
	}
	// Room is taken now: a write to a mapped hole of a full disk would be a
	// signal and not an error.
	if err := allocate(f, int64(size)); err != nil {
		return fmt.Errorf("make room of %d bytes for queue %s: %w", size, q.name, err)
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map queue %s: %w", q.name, err)
	}
	q.mapped = true
	q.use(mem)
	return nil
}

func (q *queue) format() {
	q.bytes.Store(0)
	q.landed.Store(0)
	clear(q.mem[:queueHead])
	q.formatLanding()
	binary.LittleEndian.PutUint32(q.mem[8:], queueVersion)
	q.word(offCapacity).Store(q.capacity)
	copy(q.mem, queueMagic[:])
}

func (q *queue) word(off int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&q.mem[off])) }
func (q *queue) get(off int) uint64          { return q.word(off).Load() }

// queueError is a file that is no queue, or whose marks contradict each other.
type queueError struct {
	File   string
	Offset int64
	Reason string
}

func (e *queueError) Error() string {
	return fmt.Sprintf("queue %s is damaged at offset %d: %s", e.File, e.Offset, e.Reason)
}

// check looks at the marks and walks what waits.
func (q *queue) check() error {
	q.bytes.Store(0)
	q.landed.Store(0)
	written, taken := q.get(offWritten), q.get(offTaken)
	switch {
	case q.get(0) == 0:
		return nil
	case [8]byte(q.mem[:8]) != queueMagic, binary.LittleEndian.Uint32(q.mem[8:]) != q.version, q.get(offCapacity) != q.capacity,
		q.version > 1 && q.get(offShape) != landingShape:
		return &queueError{q.name, 0, "it does not begin like a queue of this version"}
	case taken > written || written-taken > q.capacity || taken%queueAlign != 0 || written%queueAlign != 0:
		return &queueError{q.name, offWritten, fmt.Sprintf("%d bytes were written and %d taken, and it holds %d", written, taken, q.capacity)}
	}
	n := uint64(0)
	for at := taken; at < written; {
		datagram, _, next, err := q.entry(at)
		if err != nil || next > written {
			return errors.Join(&queueError{q.name, int64(q.at) + int64(at%q.capacity), "an entry is broken"}, err)
		}
		if binary.LittleEndian.Uint32(q.data[at%q.capacity:]) != skipMark {
			q.bytes.Add(int64(next - at))
			n += uint64(documentsIn(datagram))
		}
		at = next
	}
	// A kill may have come between a mark in bytes and that in documents.
	q.word(offPut).Store(q.get(offGot) + n)
	q.findLanded()
	return nil
}

// entry reads what stands at a place; doc is nil for a skip to the beginning.
func (q *queue) entry(at uint64) (doc []byte, flags uint32, next uint64, err error) {
	p := at % q.capacity
	head := q.data[p : p+entryHead]
	length := uint64(binary.LittleEndian.Uint32(head))
	if binary.LittleEndian.Uint64(head[8:]) != at {
		return nil, 0, 0, &queueError{q.name, int64(q.at) + int64(p), "its stamp is of another round"}
	}
	if length == skipMark {
		return nil, 0, at + q.capacity - p, nil
	}
	if p+entryHead+length > q.capacity {
		return nil, 0, 0, &queueError{q.name, int64(q.at) + int64(p), fmt.Sprintf("%d bytes go beyond the end", length)}
	}
	return q.data[p+entryHead : p+entryHead+length], binary.LittleEndian.Uint32(head[4:]), at + roomOf(length), nil
}

// roomOf is what a document takes in the queue.
func roomOf(length uint64) uint64 {
	return (entryHead + length + queueAlign - 1) &^ (queueAlign - 1)
}

// push writes one datagram, and waits while there is no room. The desk does
// not see it before publish.
func (q *queue) push(ctx context.Context, at uint64, datagram []byte, flags uint32) (next uint64, err error) {
	need := roomOf(uint64(len(datagram)))
	if p := at % q.capacity; p+need > q.capacity {
		if err := q.room(ctx, at, q.capacity-p); err != nil {
			return at, err
		}
		q.head(at, skipMark, 0)
		at += q.capacity - p
	}
	if err := q.room(ctx, at, need); err != nil {
		return at, err
	}
	copy(q.data[at%q.capacity+entryHead:], datagram)
	q.head(at, uint32(len(datagram)), flags)
	q.bytes.Add(int64(need))
	return at + need, nil
}

// rewindAt is how far into the ring an empty queue goes on: memory that was
// written a moment ago is near the processor, and its pages are dirty already.
const rewindAt = 512 << 10

// rewind returns where an empty queue is best written next.
func (q *queue) rewind(at uint64) uint64 {
	p := at % q.capacity
	if p < rewindAt || q.get(offTaken) != at {
		return at
	}
	q.head(at, skipMark, 0)
	return at + q.capacity - p
}

func (q *queue) head(at uint64, length, flags uint32) {
	head := q.data[at%q.capacity:]
	binary.LittleEndian.PutUint32(head, length)
	binary.LittleEndian.PutUint32(head[4:], flags)
	binary.LittleEndian.PutUint64(head[8:], at)
}

// room waits until there are need bytes behind at. What was pushed so far is
// published, or nobody would make room.
func (q *queue) room(ctx context.Context, at, need uint64) error {
	for at+need-q.get(offTaken) > q.capacity {
		q.publish(at, 0)
		select {
		case <-q.took:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// publish lets the desk see what was pushed up to at, and wakes it.
func (q *queue) publish(at uint64, documents int) {
	q.show(at, documents)
	q.wake()
}

// show lets the desk see what was pushed up to at.
func (q *queue) show(at uint64, documents int) {
	q.word(offPut).Add(uint64(documents))
	q.word(offWritten).Store(at)
}

func (q *queue) wake() {
	select {
	case q.put <- struct{}{}:
	default:
	}
}

// each gives fn what waits, up to max datagrams, oldest first, and takes it
// out one by one. The memory is the queue's again when fn has returned.
func (q *queue) each(max int, fn func(datagram []byte, flags uint32)) (n int) {
	at := q.get(offTaken)
	for at < q.get(offWritten) && n < max {
		datagram, flags, next, err := q.entry(at)
		if err != nil {
			panic(err) // the receiver of this very process wrote it: a broken invariant
		}
		if datagram != nil {
			documents := documentsIn(datagram)
			fn(datagram, flags)
			n++
			q.bytes.Add(-int64(next - at))
			q.word(offGot).Add(uint64(documents))
		}
		at = next
		q.word(offTaken).Store(at)
	}
	select {
	case q.took <- struct{}{}:
	default:
	}
	return n
}

// waiting is how many documents are in the queue.
func (q *queue) waiting() int64 {
	got := q.get(offGot) // first: it never overtakes the other
	return int64(q.get(offPut)-got) + q.landed.Load()
}

// fill is how full the queue is, 0 to 1.
func (q *queue) fill() float64 {
	return float64(q.bytes.Load()) / float64(q.capacity)
}

func (q *queue) close() error {
	if !q.mapped {
		return nil
	}
	q.mapped = false
	if err := unix.Munmap(q.mem); err != nil {
		return fmt.Errorf("close queue %s: %w", q.name, err)
	}
	return nil
}
