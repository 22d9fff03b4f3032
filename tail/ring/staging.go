package ring

import (
	"sync/atomic"
	"unsafe"

	"github.com/roentgen/roentgen"
)

// Words are sums that stand in the staging file beside the documents, so that both survive together. One goroutine
// adds to them; anyone may read.
type Words [16]atomic.Int64

// live is the part of the staging file's first page that changes, in the byte order of the machine.
type live struct {
	frame  atomic.Uint64 // the number of the frame that the staged documents will be
	count  atomic.Uint64 // documents staged; written last: what is behind it is not there
	since  atomic.Int64  // arrival of the first of them, nanoseconds since 1970
	oldest atomic.Uint64 // the oldest frame that is not overwritten
	doing  atomic.Uint64 // what a kill now would leave half counted; see recount
	high   atomic.Uint64 // behind this no frame was ever written
	_      [2]atomic.Uint64
	own    Words // the ring's
	lent   Words // of whoever has the ring
}

// liveOffset is where live begins in the file.
const liveOffset = headerSize

// What was being done, in live.doing.
const (
	doingNothing = iota
	doingOverwrite
	doingDrain
)

// staging is the area that documents are copied into: a page with header and live, then the entries, then the
// documents one behind the other.
//
//	entry: 0 trace id 16 | 16 length 4, its highest bit: taken | 20 check 4: of the 20 bytes before (not taken) and the document
type staging struct {
	*live
	mapped  []byte
	entries []byte
	docs    []byte
	used    int                // bytes of docs
	n       int                // = count
	ids     []roentgen.TraceID // of the entries; of taken ones zero
	waiting int
}

func newStaging(memory []byte) *staging {
	s := &staging{ids: make([]roentgen.TraceID, 0, stagingDocs)}
	s.moveTo(memory)
	return s
}

// moveTo goes on in other memory with the same content.
func (s *staging) moveTo(memory []byte) {
	s.mapped = memory
	s.live = (*live)(unsafe.Pointer(&memory[liveOffset]))
	s.entries = memory[pageSize : pageSize+stagingDocs*stagedEntry]
	s.docs = memory[pageSize+stagingDocs*stagedEntry : stagingSize]
}

func (s *staging) entry(i int) []byte { return s.entries[i*stagedEntry:][:stagedEntry:stagedEntry] }

// fits says whether one more document of n bytes does.
func (s *staging) fits(n int) bool { return s.n < stagingDocs && s.used+n <= len(s.docs) }

// put copies a document that fits.
func (s *staging) put(id roentgen.TraceID, doc []byte) {
	copy(s.docs[s.used:], doc)
	e := s.entry(s.n)
	copy(e, id[:])
	le.PutUint32(e[16:], uint32(len(doc)))
	le.PutUint32(e[20:], stagedCheck(e, s.docs[s.used:][:len(doc)]))
	s.used += len(doc)
	s.n++
	s.ids = append(s.ids, id)
	s.waiting++
	s.count.Store(uint64(s.n))
}

// stagedCheck is the checksum of an entry, which must not be taken, and its document.
func stagedCheck(entry, doc []byte) uint32 { return updateChecksum(checksum(entry[:20]), doc) }

// clear makes room. next is the number of the frame that comes.
func (s *staging) clear(next uint64) {
	s.count.Store(0)
	s.frame.Store(next)
	s.used, s.n, s.ids, s.waiting = 0, 0, s.ids[:0], 0
}

// take hands each waiting document of the trace to emit and says how many there were. They are not marked yet.
func (s *staging) take(id roentgen.TraceID, emit func(doc []byte)) (taken int) {
	if s.waiting == 0 {
		return 0
	}
	at := 0
	for i := range s.ids {
		size := int(le.Uint32(s.entry(i)[16:]) &^ takenBit)
		if s.ids[i] == id {
			emit(s.docs[at:][:size:size])
			taken++
		}
		at += size
	}
	return taken
}

// taken marks the documents of the trace.
func (s *staging) taken(id roentgen.TraceID) {
	for i := range s.ids {
		if s.ids[i] == id {
			s.entry(i)[19] |= takenByte
			s.ids[i] = roentgen.TraceID{}
			s.waiting--
		}
	}
}

func (s *staging) holds(id roentgen.TraceID) bool {
	for i := range s.ids {
		if s.ids[i] == id {
			return true
		}
	}
	return false
}

// restore reads what was staged before, and returns how many documents are damaged and where the first of them is.
func (s *staging) restore() (damaged int, at int64) {
	n := s.count.Load()
	if n > stagingDocs {
		s.clear(s.frame.Load())
		return 1, liveOffset
	}
	for i := range int(n) {
		e := s.entry(i)
		size := int(le.Uint32(e[16:]) &^ takenBit)
		if size > len(s.docs)-s.used {
			// Where this document ends is not known, and so nothing is behind it.
			s.count.Store(uint64(i))
			return damaged + int(n) - i, int64(pageSize + i*stagedEntry)
		}
		id, taken := roentgen.TraceID(e[:16]), e[19]&(takenBit>>24) != 0
		if !taken && (id.IsZero() || le.Uint32(e[20:]) != stagedCheck(e, s.docs[s.used:][:size])) {
			e[19] |= takenByte
			taken, damaged, at = true, damaged+1, int64(pageSize+i*stagedEntry)
		}
		if taken {
			id = roentgen.TraceID{}
		} else {
			s.waiting++
		}
		s.ids, s.used, s.n = append(s.ids, id), s.used+size, s.n+1
	}
	return damaged, at
}
