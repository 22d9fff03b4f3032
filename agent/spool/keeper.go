package spool

import (
	"errors"
	"slices"
	"time"
)

// ahead is how many closed files behind the cursor's stay as they are, because
// they are read next.
const ahead = 2

// mostSpares is how many files that are done with are kept to be made anew.
const mostSpares = 2

// retryEvery is the pace at which a disk without space is asked again.
const retryEvery = time.Second

// keep prepares, packs and frees files until the spool is closed.
func (s *Spool) keep() {
	defer s.keeper.Done()
	retry := time.NewTimer(retryEvery)
	defer retry.Stop()
	for {
		s.clear()
		s.fillReady()
		s.restPages()
		busy := s.packOne()
		if busy {
			select {
			case <-s.stop:
				return
			default:
				continue
			}
		}
		if s.blocked.Load() {
			retry.Reset(retryEvery)
		} else {
			retry.Stop()
		}
		select {
		case <-s.stop:
			return
		case <-s.kick:
		case <-retry.C:
		}
	}
}

// clear removes what is done with, one file after the other. Memory goes first,
// also that of files which are done with meanwhile: a disk may take its time.
func (s *Spool) clear() {
	for {
		memory, f := s.takeGarbage()
		var errs []error
		for _, mem := range memory {
			errs = append(errs, s.med.release(mem))
		}
		if f != nil {
			errs = append(errs, s.med.remove(f.number))
		}
		s.mu.Lock()
		if err := errors.Join(errs...); err != nil {
			s.troubleLocked(err)
		}
		if f != nil {
			s.mu.used -= f.disk
		}
		s.mu.Unlock()
		if f == nil {
			return
		}
	}
}

// takeGarbage returns all memory to release, and one file to remove; nil: there
// is none.
func (s *Spool) takeGarbage() (memory [][]byte, f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	memory, s.mu.stale = s.mu.stale, nil
	for _, g := range s.mu.garbage {
		if g.mapped && g.mem != nil {
			memory = append(memory, g.mem)
			g.mem = nil
		}
	}
	if len(s.mu.garbage) > 0 {
		f, s.mu.garbage = s.mu.garbage[0], s.mu.garbage[1:]
	}
	return memory, f
}

// fillReady makes the file that the writer takes next, where there is room.
func (s *Spool) fillReady() {
	s.making.Lock()
	defer s.making.Unlock()
	s.mu.Lock()
	there := s.mu.ready != nil
	s.mu.Unlock()
	if !there {
		f, err := s.make(s.opt.FileBytes)
		if err != nil {
			return // the writer meets the same and counts
		}
		s.mu.Lock()
		s.mu.ready = f
		s.mu.Unlock()
	}
	s.blocked.Store(false)
}

// restPages takes the files that are not read soon out of the process's memory.
func (s *Spool) restPages() {
	for _, mem := range s.resting() {
		if err := s.med.rest(mem); err != nil {
			s.mu.Lock()
			s.troubleLocked(err)
			s.mu.Unlock()
		}
	}
}

// resting are the files to rest that do not yet. Nobody but the keeper releases
// their memory.
func (s *Spool) resting() (memory [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.farLocked() {
		if f.mapped && f.mem != nil && !f.resting {
			f.resting = true
			memory = append(memory, f.mem)
		}
	}
	return memory
}

// farLocked are the files that are not read soon.
func (s *Spool) farLocked() []*file {
	far := s.mu.files
	if c := s.mu.cursor.file; c != nil {
		for len(far) > 0 && far[0].number <= c.number {
			far = far[1:]
		}
	}
	far = far[min(ahead, len(far)):]
	for len(far) > 0 && !far[len(far)-1].closed {
		far = far[:len(far)-1]
	}
	return far
}

// packOne packs the oldest file that is not read soon; false: there is none.
func (s *Spool) packOne() bool {
	f := s.nextToPack()
	if f == nil {
		return false
	}
	err := s.pack(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		f.still = true
		s.troubleLocked(err)
	}
	s.dropLocked(f)
	s.sweepLocked()
	return true
}

// nextToPack returns a file with a reference to it.
func (s *Spool) nextToPack() *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	far := s.farLocked()
	s.mu.packing = len(far) > 0 && (s.mu.packing || s.mu.used >= s.opt.PackBytes)
	if !s.mu.packing {
		return nil
	}
	for _, f := range far {
		if f.closed && f.raw && !f.still && f.refs == 0 {
			f.refs++
			return f
		}
	}
	return nil
}

// pack puts the compressed form of f in its place.
func (s *Spool) pack(f *file) error {
	s.mu.Lock()
	mem, end := f.mem, int(f.end.Load())
	s.mu.Unlock()
	if mem == nil {
		b, err := s.med.load(f.number, s.raw)
		if err != nil {
			return err
		}
		s.raw, mem = b, b
	}
	h := header{number: f.number, created: f.created, documents: uint64(f.documents), records: uint64(f.records)}
	head, block := pack(h, mem[:min(end, len(mem))], s.packed)
	s.packed = block[:0]
	size := int64(len(head) + len(block))
	worth := size < f.disk-f.disk/8
	if worth {
		if err := s.med.pack(f.number, head, block); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !worth {
		f.still = true
		return nil
	}
	s.mu.used += size - f.disk
	f.disk, f.raw = size, false
	return nil
}

// dropLocked gives a reference back. A file without one is held by the medium
// alone, where that has it in a form to be read.
func (s *Spool) dropLocked(f *file) {
	f.refs--
	wanted := f.mapped && f.raw && (!f.still || s.opt.Dir == "")
	if f.refs > 0 || f.mem == nil || wanted {
		return
	}
	switch {
	case f.mapped:
		s.mu.stale = append(s.mu.stale, f.mem)
		signal(s.kick)
	case cap(f.mem) <= s.opt.FileBytes:
		s.mu.buffer = f.mem
	}
	f.mem, f.mapped = nil, false
}

// sweepLocked frees the files in which nothing waits, wherever they lie: one cut
// that is not acknowledged for long does not keep what came after it.
func (s *Spool) sweepLocked() {
	n := slices.IndexFunc(s.mu.files, s.aheadLocked)
	if n < 0 {
		n = len(s.mu.files)
	}
	kept := slices.DeleteFunc(s.mu.files[:n], s.freeFileLocked)
	if len(kept) < n {
		s.mu.files = append(kept, s.mu.files[n:]...)
		signal(s.kick)
	}
}

// aheadLocked: the next cut may begin in the file, or in front of it.
func (s *Spool) aheadLocked(f *file) bool {
	if c := s.mu.cursor.file; c != nil {
		return f.number >= c.number
	}
	return f.number > s.mu.behind
}

// freeFileLocked frees a file behind which the next cut begins, unless a cut
// needs it: one in flight has a reference.
func (s *Spool) freeFileLocked(f *file) bool {
	if f.refs > 0 || !f.closed || slices.ContainsFunc(s.mu.recovered, func(b bounds) bool { return b.first.file <= f.number && f.number <= b.last.file }) {
		return false
	}
	if f.mapped && f.raw && f.mem != nil && len(f.mem) == s.opt.FileBytes && len(s.mu.spares) < mostSpares {
		s.mu.spares = append(s.mu.spares, f)
	} else {
		s.restLocked(f)
		s.mu.garbage = append(s.mu.garbage, f)
	}
	return true
}

// restLocked takes the pages of a file out of the process at once: when an outage
// is over, files are read faster than the disk removes them.
func (s *Spool) restLocked(f *file) {
	if !f.mapped || f.mem == nil {
		return
	}
	if err := s.med.rest(f.mem); err != nil {
		s.troubleLocked(err)
	}
}
