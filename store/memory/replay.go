package memory

import (
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// replay rebuilds memory from the log. What was accepted once is accepted
// again, whatever the limits are now.
func (s *Store) replay() (Recovery, error) {
	found := Recovery{Recovery: s.log.Recovery()}
	lim := s.opt.Limits
	lim.MaxDocumentBytes, lim.MaxSubsegments, lim.MaxDepth = -1, -1, -1
	parser := wire.NewParser(lim)
	damage, err := s.log.Replay(applog.Position{}, func(pos applog.Position, kind byte, payload []byte) error {
		if err := s.restore(parser, pos, kind, payload); err != nil {
			found.Unreadable++
			s.opt.Logger.Error("a record of the log cannot be read; it is left out", "position", pos, "error", err)
			return nil
		}
		found.Documents++
		return nil
	})
	if err != nil {
		return found, err
	}
	for _, d := range damage {
		s.opt.Logger.Error("the log is damaged; the records around are kept", "file", d.File, "offset", d.Offset, "reason", d.Reason)
	}
	return found, s.evict()
}

// restore takes one record into memory.
func (s *Store) restore(parser *wire.Parser, pos applog.Position, kind byte, payload []byte) error {
	if kind != kindDocument {
		return fmt.Errorf("record has kind %d; this program reads %d", kind, kindDocument)
	}
	received, keep, doc, err := readRecord(payload)
	if err != nil {
		return err
	}
	seg, err := parser.Parse(doc)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.mu.traces[seg.Trace]
	if e == nil {
		e = s.newEntryLocked(seg.Trace)
	}
	s.addLocked(e, roentgen.Stored{Segment: seg, Received: received, Keep: keep}, s.generationLocked(pos.File))
	return nil
}
