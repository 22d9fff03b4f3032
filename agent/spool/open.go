package spool

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"
)

const (
	defaultBytes       = 1 << 30
	defaultMemoryBytes = 32 << 20
	defaultFile        = 2 << 20
	defaultMemoryFile  = 1 << 20
	minFile            = 4 << 10
	// leastFiles is how many files the bound has to have room for: the one that
	// is written to, the next one, and some that are read.
	leastFiles = 4
)

// unknownBoot stands where the kernel does not name its run.
var unknownBoot = [16]byte{1}

func (o Options) withDefaults() Options {
	inMemory := o.Dir == ""
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultBytes
		if inMemory {
			o.MaxBytes = defaultMemoryBytes
		}
	}
	if o.FileBytes <= 0 {
		o.FileBytes = defaultFile
		if inMemory {
			o.FileBytes = defaultMemoryFile
		}
	}
	if o.PackBytes <= 0 && !inMemory {
		o.PackBytes = o.MaxBytes / 8
	}
	o.FileBytes = max(minFile, o.FileBytes) &^ 4095
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Open opens the spool and finds what waited in it. It is an error that wraps
// ErrReadOnly where the directory cannot be written, a *vfs.LockedError where
// another process has it, and a *ForeignError or *VersionError where it holds
// what this program must not touch. Damage is no error: it is counted, named in
// the log and stepped over.
func Open(opt Options) (*Spool, error) {
	opt = opt.withDefaults()
	if least := int64(leastFiles * opt.FileBytes); opt.MaxBytes < least {
		return nil, fmt.Errorf("open the spool: a bound of %d bytes is too low: give it %d or more", opt.MaxBytes, least)
	}
	s := newSpool(opt)
	if err := s.settle(); err != nil {
		return nil, fmt.Errorf("open the spool in %s: %w", opt.Dir, err)
	}
	s.keeper.Add(1)
	go s.keep()
	return s, nil
}

func newSpool(opt Options) *Spool {
	s := &Spool{
		opt: opt, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		kick: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	s.turn <- struct{}{}
	s.wantCount.Store(never)
	s.wantArea.Store(never)
	s.mu.flight = map[uint64]*flight{}
	s.mu.lastCut = opt.Now()
	return s
}

// settle finds the files and the table.
func (s *Spool) settle() error {
	if s.opt.Dir == "" {
		s.med = newMemory()
		s.mu.table = table{make([]byte, tableSize)}
		s.begin(newEpoch(), unknownBoot)
		return nil
	}
	d, err := openDisk(s.opt.Dir)
	if err != nil {
		return err
	}
	s.med = d
	if err := s.recover(d); err != nil {
		_ = d.close(s.mu.table, nil) // the first error is the one to tell
		return err
	}
	return nil
}

// begin starts an epoch without cuts.
func (s *Spool) begin(epoch uint64, boot [16]byte) {
	clear(s.mu.table.mem)
	s.epoch = epoch
	s.mu.table.putHeader(tableHeader{epoch: epoch, created: s.opt.Now().UnixNano(), boot: boot})
}

// newEpoch returns a number that hardly anyone has had: it is never 0.
func newEpoch() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return max(1, binary.LittleEndian.Uint64(b[:]))
}

// Close writes everything to disk and ends the keeper. The goroutine that
// appends calls it, once nobody uses a cut any more. Cuts that were not
// acknowledged are cut again by the next Open.
func (s *Spool) Close() error {
	if s.shut.Swap(true) {
		return nil
	}
	close(s.stop)
	s.keeper.Wait()
	<-s.turn // the cutter has left
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retireLocked()
	if s.mu.ready != nil {
		s.mu.garbage = append(s.mu.garbage, s.mu.ready)
	}
	s.mu.garbage = append(s.mu.garbage, s.mu.spares...)
	s.mu.ready, s.mu.spares = nil, nil
	if n := s.documents.Load(); n > 0 && s.med.gone() {
		s.opt.Logger.Error("spool: the directory was taken away while it was in use: documents that waited in it are lost", slog.String("dir", s.opt.Dir), slog.Int64("documents", n))
	}
	err := s.finishLocked()
	s.mu.table.mem = nil
	return err
}
