package spool

import (
	"errors"
	"fmt"
	"time"

	"github.com/roentgen/roentgen"
)

// Append takes a copy of doc. False: there is no room, or the spool is closed;
// the caller counts the document as lost.
func (s *Spool) Append(doc []byte, keep roentgen.Keep) bool {
	if !s.append(kindDocument, doc, keep) {
		return false
	}
	s.documents.Add(1)
	s.notify()
	return true
}

// AppendRollup takes a copy of a roll-up, which goes with the cut of the
// documents around it, and so exactly once.
func (s *Spool) AppendRollup(rollup []byte) bool {
	if !s.append(kindRollup, rollup, roentgen.Keep{}) {
		return false
	}
	s.notify()
	return true
}

func (s *Spool) append(kind byte, payload []byte, keep roentgen.Keep) bool {
	need := recordSize(len(payload))
	if f := s.w; f == nil || s.woff+need+wordSize > len(f.mem) {
		if !s.rotate(need) {
			return false
		}
	}
	f, off := s.w, s.woff
	storeWord(f.mem, off+need, 0)
	word := putRecord(f.mem, off, f.seed, kind, keep, s.age(f), payload)
	storeWord(f.mem, off, word)
	s.woff = off + need
	f.records++
	if kind == kindDocument {
		f.documents++
	}
	f.end.Store(int64(s.woff))
	s.area.Add(int64(need))
	s.appended.Add(1)
	return true
}

// age is how old the file is, in milliseconds, within what the field holds.
func (s *Spool) age(f *file) uint32 {
	ms := time.Duration(s.opt.Now().UnixNano()-f.created) / time.Millisecond
	return uint32(min(max(ms, 0), 1<<32-1))
}

// notify wakes the cutter where it waits for what is there now.
func (s *Spool) notify() {
	if s.due() {
		s.wantCount.Store(never)
		s.wantArea.Store(never)
		signal(s.wake)
	}
}

// due tells whether there is as much as the cutter waits for.
func (s *Spool) due() bool {
	return s.appended.Load() >= s.wantCount.Load() || s.area.Load() >= s.wantArea.Load()
}

// rotate goes on to another file, the one that the keeper has made where it
// could. It is the one place where Append may call the system.
func (s *Spool) rotate(need int) bool {
	if s.blocked.Load() || s.shut.Load() {
		return false
	}
	f, err := s.takeReady(need)
	if err != nil {
		if !errors.Is(err, errTooLarge) {
			s.blocked.Store(true)
		}
		signal(s.kick)
		return false
	}
	s.mu.Lock()
	s.retireLocked()
	f.refs++
	s.mu.files = append(s.mu.files, f)
	s.mu.Unlock()
	s.w, s.woff = f, fileHead
	signal(s.kick)
	return true
}

var errTooLarge = errors.New("larger than the spool")

// retireLocked ends the writer's file.
func (s *Spool) retireLocked() {
	if s.w == nil {
		return
	}
	s.w.closed = true
	s.dropLocked(s.w)
	s.w = nil
}

// takeReady returns an empty file with room for a record of need bytes.
func (s *Spool) takeReady(need int) (*file, error) {
	size := max(s.opt.FileBytes, fileHead+need+wordSize)
	if int64(size) > s.opt.MaxBytes || need > maxPayload {
		err := fmt.Errorf("append a record of %d bytes: %w, which holds %d: raise its bound or send smaller documents", need, errTooLarge, s.opt.MaxBytes)
		s.mu.Lock()
		s.troubleLocked(err)
		s.mu.Unlock()
		return nil, err
	}
	s.making.Lock()
	defer s.making.Unlock()
	s.mu.Lock()
	f := s.mu.ready
	s.mu.ready = nil
	if f != nil && len(f.mem) != size { // files follow each other by number
		s.mu.garbage = append(s.mu.garbage, f)
		f = nil
	}
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	return s.make(size)
}

// make makes an empty file. The caller holds making.
func (s *Spool) make(size int) (*file, error) {
	s.mu.Lock()
	var used *file
	if last := len(s.mu.spares) - 1; last >= 0 && size == s.opt.FileBytes {
		used, s.mu.spares = s.mu.spares[last], s.mu.spares[:last]
		s.mu.used -= used.disk
	}
	if s.mu.used+int64(size) > s.opt.MaxBytes {
		if used != nil { // the bound is lower than it was
			s.mu.spares = append(s.mu.spares, used)
			s.mu.used += used.disk
		}
		if len(s.mu.spares) > 0 { // their room may do; without any the keeper would kick itself for ever
			s.mu.garbage = append(s.mu.garbage, s.mu.spares...)
			s.mu.spares = nil
			signal(s.kick)
		}
		s.mu.Unlock()
		return nil, errFull
	}
	s.mu.used += int64(size)
	s.mu.lastFile++
	h := header{coding: codingRaw, number: s.mu.lastFile, created: s.opt.Now().UnixNano(), plain: uint64(size - fileHead)}
	s.mu.Unlock()
	mem, err := s.med.prepare(h, size, used)
	gone := s.med.gone()
	s.mu.Lock()
	defer s.mu.Unlock()
	if gone && err == nil {
		err := fmt.Errorf("the directory %s was taken away while it was in use, and is made again: what waited there ends with this process, unless it is sent", s.opt.Dir)
		s.troubleLocked(err)
	} else {
		s.troubleLocked(err)
	}
	if err != nil {
		s.mu.used -= int64(size)
		if used != nil && used.mem != nil {
			s.mu.used += used.disk
			s.mu.garbage = append(s.mu.garbage, used)
		}
		return nil, err
	}
	f := &file{number: h.number, created: h.created, seed: h.seed(), mem: mem, mapped: true, raw: true, disk: int64(size)}
	f.end.Store(fileHead)
	return f, nil
}
