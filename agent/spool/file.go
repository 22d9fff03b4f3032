package spool

import (
	"sync/atomic"
	"time"
)

// file is one file of the spool. Fields are guarded by the spool's lock, but
// for end and those that never change.
type file struct {
	number  uint64
	created int64  // nanoseconds since 1970 UTC
	seed    uint32 // of the checks of its records

	end       atomic.Int64 // behind the last record that can be read
	documents int64        // the writer's; of a closed file everyone's
	records   int64        // the same
	verify    bool         // it came from disk: each record is checked when it is read
	broken    bool         // behind end there is more, which cannot be read
	tail      int64        // documents behind end, as far as that is known

	mem     []byte // header and records; nil: only the medium has it
	mapped  bool   // mem is the medium's
	raw     bool   // what the medium has can be read without decoding
	closed  bool   // nothing is appended any more
	still   bool   // it stays as it is: it cannot be packed, or would not get smaller
	disk    int64  // bytes that the medium holds
	resting bool   // its pages were given back before it was read
	refs    int    // of writer, cursor, cuts and keeper: while there is one, mem stays
}

func (f *file) at(off int) position { return position{f.number, uint32(off)} }

// time is when a record of the age was appended.
func (f *file) time(age uint32) time.Time {
	return time.Unix(0, f.created).Add(time.Duration(age) * time.Millisecond)
}

// read returns the record at off; false at the end, and where the record there
// is not what was written.
func (f *file) read(off int) (record, bool) {
	return readRecord(f.mem, off, int(f.end.Load()), f.seed, f.verify)
}

// vet reads what came from disk from the front and finds out how far it can be
// read: one bad record is stepped over where a good one or the end follows, and
// of more the rest is given up. It ends at a word of zeros, or at limit.
func (f *file) vet(mem []byte, limit int) (documents, records int64) {
	f.verify, f.broken, f.tail = true, false, 0
	off := fileHead
	bad := false // the record in front was
	for off+wordSize <= limit && readWord(mem, off) != 0 {
		r, ok := readRecord(mem, off, limit, f.seed, true)
		if !ok {
			r, f.broken = f.guess(mem, off, limit)
			f.broken = f.broken || bad
		}
		if f.broken {
			break
		}
		bad = !ok
		if r.kind == kindDocument {
			documents++
		}
		records++
		off = r.next
	}
	f.end.Store(int64(min(off, limit)))
	return documents, records
}

// guess is what a bad record seems to be: only its length is of use. True: not
// even that.
func (f *file) guess(mem []byte, off, limit int) (r record, broken bool) {
	r, ok := readRecord(mem, off, limit, f.seed, false)
	return r, !ok || r.next > limit
}
