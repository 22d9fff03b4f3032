package ring

import (
	"errors"
	"fmt"
	"math"

	"github.com/roentgen/roentgen"
)

// May says whether the ring may hold something of the trace: false is certain.
func (r *Ring) May(id roentgen.TraceID) bool {
	r.found = r.index.find(r.found[:0], r.hash(id), r.live.oldest)
	return len(r.found) > 0 || r.staging.holds(id)
}

// Where is the number of the first frame that may hold something of the trace, and
// beyond all of them where there is none: who takes many traces in this order
// reads most frames once.
func (r *Ring) Where(id roentgen.TraceID) uint64 {
	r.found = r.index.find(r.found[:0], r.hash(id), r.live.oldest)
	if len(r.found) == 0 {
		return math.MaxUint64
	}
	return r.found[0]
}

// Take hands the documents of the trace that wait to emit, in the order of their arrival, and then lets go of them.
// emit must not call the ring. It returns how many there were. After a kill in between they are still there.
func (r *Ring) Take(id roentgen.TraceID, emit func(doc []byte)) int {
	r.found = r.index.find(r.found[:0], r.hash(id), r.live.oldest)
	total := 0
	for _, number := range r.found {
		f := r.live.get(number)
		if f == nil || f.waiting == 0 {
			continue
		}
		n, err := r.takeFrom(number, f, id, emit)
		if err != nil {
			r.damaged(f, err)
		}
		total += n
	}
	return total + r.takeStaged(id, emit)
}

func (r *Ring) takeStaged(id roentgen.TraceID, emit func(doc []byte)) int {
	n := r.staging.take(id, emit)
	if n > 0 {
		r.drain(n, func() error { r.staging.taken(id); return nil })
	}
	return n
}

// drain counts n documents that left and marks them.
func (r *Ring) drain(n int, mark func() error) error {
	s := r.staging
	s.doing.Store(doingDrain)
	err := mark()
	add(&s.own[wordDrained], n)
	s.doing.Store(doingNothing)
	add(&r.waiting, -n)
	return err
}

// damaged counts what waited in a frame as lost.
func (r *Ring) damaged(f *frameInfo, err error) {
	corrupt := &CorruptError{File: r.name(), Offset: pageSize + f.at, Reason: err.Error()}
	r.opt.Logger.Error("documents in the ring are lost", "documents", f.waiting, "error", corrupt)
	add(&r.staging.own[wordDamaged], int(f.waiting))
	add(&r.waiting, -int(f.waiting))
	f.waiting = 0
}

func (r *Ring) name() string {
	if r.file == nil {
		return "in memory"
	}
	return r.file.Name()
}

// takeFrom takes from one frame.
func (r *Ring) takeFrom(number uint64, info *frameInfo, id roentgen.TraceID, emit func(doc []byte)) (int, error) {
	f, err := r.readHead(info)
	if err != nil {
		return 0, err
	}
	if f.number != number {
		return 0, fmt.Errorf("frame %d stands where frame %d was written", f.number, number)
	}
	mine := 0
	for i := range f.docs {
		if r.waits(i, id) {
			mine++
		}
	}
	if mine == 0 { // another trace with the same bits of hash
		return 0, nil
	}
	if err := r.readBlock(&f, info.at); err != nil {
		return 0, err
	}
	r.emit(&f, id, emit)
	info.waiting -= uint32(mine)
	return mine, r.drain(mine, func() error { return r.mark(&f, info.at, id) })
}

// readHead reads and checks head and entries of a frame into r.head.
func (r *Ring) readHead(info *frameInfo) (frame, error) {
	r.head = grown(r.head, frameHeader+int(info.docs)*frameEntry)
	if _, err := r.frames.ReadAt(r.head, pageSize+info.at); err != nil {
		return frame{}, err
	}
	f, err := parseFrame(r.head, r.id)
	if err != nil {
		return frame{}, err
	}
	return f, f.parseEntries(r.head)
}

// waits says whether entry i of r.head is of the trace, and not taken.
func (r *Ring) waits(i int, id roentgen.TraceID) bool {
	e := r.head[frameHeader+i*frameEntry:][:frameEntry]
	return roentgen.TraceID(e[:16]) == id && e[frameEntry-1]&takenByte == 0
}

// readBlock reads the documents of a frame into r.raw, unless they are there:
// where many traces fail, one frame holds several of them.
func (r *Ring) readBlock(f *frame, at int64) error {
	if r.rawOf == f.number+1 {
		return nil
	}
	r.rawOf = 0
	if pageSize+at+int64(f.size()) > pageSize+r.capacity {
		return errors.New("a frame ends behind the ring")
	}
	r.block = grown(r.block, f.block)
	if _, err := r.frames.ReadAt(r.block, pageSize+at+int64(f.headSize())); err != nil {
		return err
	}
	raw, err := f.decode(r.raw, r.block)
	if err != nil {
		return err
	}
	r.raw, r.rawOf = raw, f.number+1
	return nil
}

// grown returns b with length n.
func grown(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// emit hands the waiting documents of the trace in r.raw on.
func (r *Ring) emit(f *frame, id roentgen.TraceID, emit func(doc []byte)) {
	at := 0
	for i := range f.docs {
		size := int(le.Uint32(r.head[frameHeader+i*frameEntry+16:]) &^ takenBit)
		if r.waits(i, id) {
			emit(r.raw[at:][:size:size])
		}
		at += size
	}
	if cap(r.raw) > 4*blockSize { // a large document's memory does not stay
		r.raw, r.block, r.rawOf = nil, nil, 0
	}
}

// mark writes into the entries that the documents of the trace are taken.
func (r *Ring) mark(f *frame, at int64, id roentgen.TraceID) error {
	for i := range f.docs {
		if !r.waits(i, id) {
			continue
		}
		last := frameHeader + i*frameEntry + frameEntry - 1
		r.head[last] |= takenByte
		if _, err := r.frames.WriteAt(r.head[last:last+1], pageSize+at+int64(last)); err != nil {
			return err
		}
	}
	return nil
}
