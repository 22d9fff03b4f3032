package spool

import (
	"time"

	"github.com/roentgen/roentgen/wire"
)

// gathering is a walk over records. It holds a reference to each of its files.
type gathering struct {
	from      position
	at        cursor
	files     []*file
	documents []wire.BatchDocument
	rollups   [][]byte
	bytes     int
	records   int
	oldest    time.Time
	full      bool // a bound of number or size was reached
	lost      []loss
}

// loss is what could not be read in a file.
type loss struct {
	file      *file
	off       int
	documents int64
	rest      bool // nothing behind it either
	reason    string
}

// to is where the walk stands.
func (g *gathering) to() position {
	if g.at.file == nil {
		return g.from
	}
	return g.at.file.at(g.at.off)
}

// gather walks from the cursor until limit is reached or nothing follows.
func (s *Spool) gather(limit Limit) *gathering {
	g := new(gathering)
	s.mu.Lock()
	g.at = s.cursorLocked()
	s.mu.Unlock()
	if g.at.file == nil {
		return g
	}
	g.from = g.to()
	for {
		s.hold(g)
		for g.take(limit) {
		}
		if g.full || !s.onward(g) {
			return g
		}
	}
}

// cursorLocked is where the next new cut begins; without a file where there is
// none behind the last cut.
func (s *Spool) cursorLocked() cursor {
	if s.mu.cursor.file != nil {
		return s.mu.cursor
	}
	for _, f := range s.mu.files {
		if f.number > s.mu.behind {
			return cursor{f, fileHead}
		}
	}
	return cursor{}
}

// take takes the next record of the file; false: there is none, or g is full.
func (g *gathering) take(limit Limit) bool {
	f := g.at.file
	if g.at.off >= int(f.end.Load()) {
		return false
	}
	r, ok := f.read(g.at.off)
	if !ok {
		return g.stepOver()
	}
	if g.records > 0 && g.bytes+len(r.payload) > limit.Bytes {
		g.full = true
		return false
	}
	g.add(f, r)
	g.full = len(g.documents) >= limit.Documents || g.bytes >= limit.Bytes
	return !g.full
}

func (g *gathering) add(f *file, r record) {
	if g.records == 0 {
		g.oldest = f.time(r.age)
	}
	g.records++
	g.bytes += len(r.payload)
	g.at.off = r.next
	if r.kind == kindRollup {
		g.rollups = append(g.rollups, r.payload)
		return
	}
	g.documents = append(g.documents, wire.BatchDocument{Keep: r.keep, Document: r.payload})
}

// stepOver passes a bad record, of which vet has seen that it can be passed.
func (g *gathering) stepOver() bool {
	f := g.at.file
	r, broken := f.guess(f.mem, g.at.off, int(f.end.Load()))
	if broken {
		return false
	}
	l := loss{file: f, off: g.at.off, reason: "the check of a record does not agree"}
	if r.kind == kindDocument {
		l.documents = 1
	}
	g.lost = append(g.lost, l)
	g.at.off = r.next
	return true
}

// hold takes a reference to the file that g stands in, and brings its records
// into memory.
func (s *Spool) hold(g *gathering) {
	f := g.at.file
	g.files = append(g.files, f)
	s.mu.Lock()
	f.refs++
	there := f.mem != nil
	s.mu.Unlock()
	if !there {
		s.fetch(f)
	}
}

// onward goes to the next file once the current one is closed and read.
func (s *Spool) onward(g *gathering) bool {
	f := g.at.file
	s.mu.Lock()
	defer s.mu.Unlock()
	if !f.closed || g.at.off < int(f.end.Load()) {
		return false
	}
	next := s.followingLocked(f)
	if next == nil {
		return false
	}
	if f.broken {
		g.lost = append(g.lost, loss{file: f, off: g.at.off, documents: f.tail, rest: true, reason: "nothing can be read from here on"})
	}
	g.at = cursor{next, fileHead}
	return true
}

func (s *Spool) followingLocked(f *file) *file {
	for i := len(s.mu.files) - 1; i > 0; i-- {
		if s.mu.files[i-1] == f {
			return s.mu.files[i]
		}
	}
	return nil
}

// gatherBetween walks from one place to another, over whatever is there, or
// over so many records.
func (s *Spool) gatherBetween(first, last position, most int) *gathering {
	g := &gathering{from: first}
	for _, f := range s.between(first.file, last.file) {
		g.at = cursor{f, fileHead}
		if f.number == first.file {
			g.at.off = int(first.off)
		}
		end := int64(never)
		if f.number == last.file {
			end = int64(last.off)
		}
		s.hold(g)
		for int64(g.at.off) < min(end, f.end.Load()) && g.records < most {
			if r, ok := f.read(g.at.off); ok {
				g.add(f, r)
			} else if !g.stepOver() {
				break
			}
		}
		if g.records >= most {
			break
		}
	}
	return g
}

func (s *Spool) between(first, last uint64) (found []*file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.mu.files {
		if f.number >= first && f.number <= last {
			found = append(found, f)
		}
	}
	return found
}

// abandon gives back what an attempt took.
func (s *Spool) abandon(g *gathering) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range g.files {
		s.dropLocked(f)
	}
}
