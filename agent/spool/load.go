package spool

import (
	"errors"
)

// fetch brings a file into memory. Only the cutter does. A file that cannot be
// read is empty from then on, and broken.
func (s *Spool) fetch(f *file) {
	s.mu.Lock()
	buf := s.mu.buffer
	s.mu.buffer = nil
	raw, limit := f.raw, int(f.end.Load())
	s.mu.Unlock()
	mem, err := s.load(f, buf)
	if err != nil {
		s.opt.Logger.Error("spool: a file cannot be read: " + err.Error())
		mem = []byte{}
	}
	if raw {
		mem = mem[:min(len(mem), limit)]
	}
	documents, _ := f.vet(mem, len(mem))
	if short := f.documents - documents; f.broken || err != nil || short > 0 {
		f.broken, f.tail = true, max(0, short)
	}
	s.mu.Lock()
	f.mem = mem
	s.mu.Unlock()
}

// load reads a file into buf where that is large enough.
func (s *Spool) load(f *file, buf []byte) ([]byte, error) {
	b, err := s.med.load(f.number, s.cut.read)
	if err != nil {
		return nil, err
	}
	s.cut.read = b[:0]
	h, mem, err := unpack(b, buf)
	if err == nil && h.seed() != f.seed {
		err = errors.New("it is not the file that it was at the start")
	}
	if err != nil {
		return nil, &CorruptError{File: s.med.name(f.number), Reason: err.Error()}
	}
	return mem, nil
}
