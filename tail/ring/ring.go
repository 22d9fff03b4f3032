package ring

import (
	"bytes"
	"hash/maphash"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
)

// Options are what a ring needs.
type Options struct {
	Dir    string // that exists; empty: the ring is in memory
	Bytes  int64  // of frames, at least 1 MiB; rounded up to whole pages
	Now    func() time.Time
	Logger *slog.Logger
}

// Ring is a ring; see the package.
type Ring struct {
	opt      Options
	capacity int64
	id       uint64 // of the ring, in every frame; random
	inMemory bool
	frames   area
	file     *os.File // = frames, nil in memory
	staging  *staging
	mu       sync.RWMutex // for who is not the owner: Close changes staging
	index    *index
	seed     maphash.Seed

	live  frameList
	write int64 // where the next frame goes

	// Memory that is used again and again.
	out, head, block, raw []byte
	found                 []uint64
	rawOf                 uint64 // 1 + the number of the frame of which raw holds the documents; 0: of none
	strange               bool   // on opening: the staging area is of another ring, so nothing of it is in a frame
	closed                bool
	broken                bool // the last write failed, and was logged

	// What others may read.
	bytes, waiting, firstAt atomic.Int64
	rounds                  atomic.Int64 // frames overwritten since the start
}

// The ring's own words.
const (
	wordHeld = iota
	wordDrained
	wordOverwritten
	wordDamaged
	wordRaw // bytes of all documents that were written to frames, uncompressed
	wordStored
)

// Stats are the sums of a ring: Held = Drained + Overwritten + Damaged + Waiting, all in documents.
type Stats struct {
	Held, Drained, Overwritten, Damaged, Waiting int64
	// Raw and Stored are bytes: of documents written to frames, and of their frames.
	Raw, Stored int64
	// Bytes are those of the frames that are there, and of what is staged.
	Bytes, Capacity int64
	Oldest          time.Time // arrival of the oldest that is there; zero: nothing is
	Round           bool      // something was overwritten since the start: Oldest shows the horizon
	InMemory        bool
	// Lent are the Words.
	Lent [len(Words{})]int64
}

// Stats may be called by anyone, also after Close.
func (r *Ring) Stats() Stats {
	r.mu.RLock()
	defer r.mu.RUnlock()
	own := &r.staging.own
	s := Stats{
		Held: own[wordHeld].Load(), Drained: own[wordDrained].Load(), Overwritten: own[wordOverwritten].Load(),
		Damaged: own[wordDamaged].Load(), Waiting: r.waiting.Load(), Raw: own[wordRaw].Load(), Stored: own[wordStored].Load(),
		Bytes: r.bytes.Load(), Capacity: r.capacity, Round: r.rounds.Load() > 0, InMemory: r.inMemory,
	}
	if at := r.firstAt.Load(); at != 0 {
		s.Oldest = time.Unix(0, at)
	}
	for i := range s.Lent {
		s.Lent[i] = r.staging.lent[i].Load()
	}
	return s
}

// Words are sums of the owner's that live and die with the ring; Stats has them for others.
func (r *Ring) Words() *Words { return &r.staging.lent }

// Put holds a copy of the document. One that is too large for this ring counts as overwritten at once.
func (r *Ring) Put(id roentgen.TraceID, doc []byte) {
	s := r.staging
	if len(doc) > len(s.docs) {
		r.putLarge(id, doc)
		return
	}
	if !s.fits(len(doc)) {
		r.flush()
	}
	if s.n == 0 {
		now := r.opt.Now().UnixNano()
		s.since.Store(now)
		if r.firstAt.Load() == 0 {
			r.firstAt.Store(now)
		}
	}
	s.put(id, doc)
	add(&s.own[wordHeld], 1)
	add(&r.waiting, 1)
	add(&r.bytes, len(doc))
}

// add is for words that one goroutine writes.
func add(word *atomic.Int64, n int) { word.Store(word.Load() + int64(n)) }

// putLarge writes a document that the staging area cannot take into a frame of its own.
func (r *Ring) putLarge(id roentgen.TraceID, doc []byte) {
	s := r.staging
	if len(doc) > MaxDocument || int64(s2.MaxEncodedLen(len(doc))) > r.capacity/2 {
		add(&s.own[wordHeld], 1)
		add(&s.own[wordOverwritten], 1)
		return
	}
	if s.n > 0 {
		r.flush()
	}
	now := r.opt.Now().UnixNano()
	f := frame{docs: 1, raw: len(doc), first: now, last: now}
	entry := func(int) (roentgen.TraceID, uint32) { return id, uint32(len(doc)) }
	if r.append(f, doc, entry, 1) {
		add(&r.waiting, 1)
	} else {
		add(&s.own[wordDamaged], 1)
	}
	add(&s.own[wordHeld], 1)
	s.clear(r.live.next)
	r.firstAt.Store(r.live.firstAt())
	r.out = nil // large as it is, it does not stay
}

// flush writes what is staged into a frame, and makes room.
func (r *Ring) flush() {
	s := r.staging
	f := frame{docs: s.n, raw: s.used, first: s.since.Load(), last: r.opt.Now().UnixNano()}
	entry := func(i int) (roentgen.TraceID, uint32) {
		e := s.entry(i)
		return roentgen.TraceID(e[:16]), le.Uint32(e[16:])
	}
	if s.waiting > 0 && !r.append(f, s.docs[:s.used], entry, s.waiting) {
		add(&s.own[wordDamaged], s.waiting)
		add(&r.waiting, -s.waiting)
	}
	add(&r.bytes, -s.used)
	s.clear(r.live.next)
	r.firstAt.Store(r.live.firstAt())
}

// append writes one frame. False: the disk did not take it.
func (r *Ring) append(f frame, raw []byte, entry func(int) (roentgen.TraceID, uint32), waiting int) bool {
	f.number, f.ring = r.live.next, r.id
	buf := r.encode(&f, raw)
	padded := (len(buf) + frameAlign - 1) / frameAlign * frameAlign
	at := r.makeRoom(int64(padded))
	f.oldest = r.live.oldest
	putFrame(buf, f, entry)
	end := min((at+int64(padded)+pageSize-1)/pageSize*pageSize, r.capacity)
	if !r.writeFrame(buf, at, end) {
		return false
	}
	r.enter(f, at, padded, waiting, buf)
	r.write = at + int64(padded)
	r.staging.high.Store(max(r.staging.high.Load(), uint64(r.write)))
	add(&r.staging.own[wordRaw], f.raw)
	add(&r.staging.own[wordStored], padded)
	return true
}

// encode returns room for head and entries, and behind it the compressed block.
func (r *Ring) encode(f *frame, raw []byte) []byte {
	head := f.headSize()
	if need := head + s2.MaxEncodedLen(len(raw)) + pageSize + frameAlign; cap(r.out) < need {
		r.out = make([]byte, need)
	}
	block := s2.Encode(r.out[head:cap(r.out)], raw)
	f.block = len(block)
	return r.out[:f.size()]
}

// writeFrame writes to the end of the page, so that the kernel need not read it first: what was there is overwritten
// next anyway.
func (r *Ring) writeFrame(buf []byte, at, end int64) bool {
	padded := r.out[:end-at]
	clear(padded[len(buf):])
	if _, err := r.frames.WriteAt(padded, pageSize+at); err != nil {
		if !r.broken {
			r.opt.Logger.Error("the ring cannot be written: what waits for a decision is lost until it can", "error", err)
		}
		r.broken = true
		return false
	}
	r.broken = false
	return true
}

// makeRoom finds the place for a frame of n bytes and gives up the frames that were there.
func (r *Ring) makeRoom(n int64) (at int64) {
	at = r.write
	if at+n > r.capacity {
		r.giveUp(func(f *frameInfo) bool { return f.at >= at }) // the rest of the round before
		at = 0
	}
	end := (at + n + pageSize - 1) / pageSize * pageSize
	r.giveUp(func(f *frameInfo) bool { return f.at < end && f.at+int64(f.size) > at })
	if r.live.len() >= maxFrames {
		first := r.live.oldest
		r.giveUp(func(*frameInfo) bool { return r.live.oldest == first })
	}
	return at
}

// giveUp overwrites the oldest frames for as long as they are in the way, or not there.
func (r *Ring) giveUp(inTheWay func(*frameInfo) bool) {
	for f := r.live.first(); f != nil && (f.size == 0 || inTheWay(f)); f = r.live.first() {
		r.dropFirst(f)
	}
	r.index.forget(r.live.oldest)
}

func (r *Ring) dropFirst(f *frameInfo) {
	s, waiting := r.staging, int(f.waiting)
	s.doing.Store(doingOverwrite)
	add(&r.bytes, -int(f.size))
	r.live.drop()
	s.oldest.Store(r.live.oldest)
	add(&s.own[wordOverwritten], waiting)
	s.doing.Store(doingNothing)
	add(&r.waiting, -waiting)
	r.rounds.Add(1)
}

// enter makes a frame that was written, or found, known. head is at least its head and entries.
func (r *Ring) enter(f frame, at int64, size, waiting int, head []byte) {
	r.live.push(frameInfo{at: at, size: uint32(size), waiting: uint32(waiting), docs: uint32(f.docs), first: f.first})
	r.index.begin(f.number, f.docs)
	for i := range f.docs {
		e := head[frameHeader+i*frameEntry:][:frameEntry]
		if e[frameEntry-1]&takenByte == 0 {
			r.index.add(r.hash(roentgen.TraceID(e[:16])), f.number)
		}
	}
	if oldest, crowded := r.index.crowded(); crowded {
		r.giveUp(func(*frameInfo) bool { return r.live.oldest < oldest })
	}
	add(&r.bytes, size)
}

func (r *Ring) hash(id roentgen.TraceID) uint64 { return maphash.Comparable(r.seed, id) }

// Close gives the files back. What is held stays there; whoever goes on calling speaks to a copy in memory.
func (r *Ring) Close() error {
	if r.inMemory || r.closed {
		return nil
	}
	r.closed = true
	mapped := r.staging.mapped
	r.mu.Lock()
	r.staging.moveTo(bytes.Clone(mapped))
	r.mu.Unlock()
	return closeAll(r.file, unmapper(mapped))
}

// unmapper unmaps on Close.
type unmapper []byte

func (u unmapper) Close() error { return unmap(u) }

func closeAll(closers ...io.Closer) (err error) {
	for _, c := range closers {
		if e := c.Close(); err == nil {
			err = e
		}
	}
	return err
}
