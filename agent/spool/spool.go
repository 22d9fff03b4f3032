package spool

import (
	"context"
	"errors"

	"github.com/roentgen/roentgen"
)

// Spool is an open spool. One goroutine appends; every other method may be
// called from any.
type Spool struct{ opt Options }

var errUnfinished = errors.New("the spool is being written")

// Open opens the spool and finds what waited in it.
func Open(opt Options) (*Spool, error) { return &Spool{opt: opt}, errUnfinished }

// Append takes a copy of doc. False: there is no room, or the spool is closed;
// the caller counts the document as lost.
func (s *Spool) Append(doc []byte, keep roentgen.Keep) bool { return false }

// AppendRollup takes a copy of a roll-up, which goes with the cut of the
// documents around it, and so exactly once.
func (s *Spool) AppendRollup(rollup []byte) bool { return false }

// Next cuts the next batch. It blocks until limit says so, or until ctx ends.
func (s *Spool) Next(ctx context.Context, limit Limit) (*Cut, error) { return nil, errUnfinished }

// Nudge makes a Next that waits, or else the following one, cut at once
// whatever there is, were it nothing.
func (s *Spool) Nudge() {}

// Done says that the cut was acknowledged, in any order. What it held is gone.
func (s *Spool) Done(seq uint64) error { return errUnfinished }

// Stats returns what the spool holds.
func (s *Spool) Stats() Stats { return Stats{} }

// Epoch returns the number under which the cuts count: made at random when the
// directory was new or could not be trusted, and at each Open in memory.
func (s *Spool) Epoch() uint64 { return 0 }

// Describe says in one sentence where documents wait and what outlives what.
func (s *Spool) Describe() string { return "" }

// Close writes everything to disk and ends the keeper. Cuts that were not
// acknowledged are cut again by the next Open.
func (s *Spool) Close() error { return nil }
