package applog

import (
	"fmt"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// repair puts the last file into a state in which appending can go on.
//
// What stands in front of survey.synced was synced before something behind it
// was written: a gap there is damage. Behind it lies the last batch, of which
// nobody knows whether its fsync ever succeeded. Gaps there are what a power
// cut leaves of one write: the trailing ones are cut off, and one that whole
// records follow is turned into a filler, so that it is met once and not
// on every later pass.
//
// Then the last batch is written again, the same bytes in the same place, and
// synced. Without that, an fsync that failed in the process before this one
// could leave records in the page cache, marked clean, that are not on the
// disk: this process would hand them out, and the next power cut take them back.
func (r *recovery) repair(s *segment, found survey) error {
	gaps, cut := cutTail(found, s.end)
	fill := make([]finding, 0, len(gaps))
	damage := make([]finding, 0, len(gaps))
	for _, g := range gaps {
		if g.off >= found.synced && g.end-g.off >= frameHeaderSize {
			fill = append(fill, g)
		} else {
			damage = append(damage, g)
		}
	}
	r.reportTail(s, cut, fill)
	if err := s.rewrite(found.synced, cut, fill); err != nil {
		return fmt.Errorf("repair the end of log file %s: %w", s.path, noSpace(err))
	}
	found.gaps = damage
	r.keep(s, found)
	r.current = s
	return nil
}

// cutTail takes the trailing gaps of the last batch off the survey's gaps and
// returns the others and where the file shall end.
func cutTail(found survey, end int64) ([]finding, int64) {
	gaps := found.gaps
	for n := len(gaps); n > 0 && gaps[n-1].end == end && gaps[n-1].off >= found.synced; n-- {
		end = gaps[n-1].off
		gaps = gaps[:n-1]
	}
	return gaps, end
}

func (r *recovery) reportTail(s *segment, cut int64, fill []finding) {
	dropped, first := s.end-cut, cut
	for i := len(fill) - 1; i >= 0; i-- {
		dropped, first = dropped+fill[i].end-fill[i].off, fill[i].off
	}
	if dropped > 0 {
		r.report.File, r.report.Offset, r.report.DroppedBytes = s.path, first, dropped
	}
}

// rewrite ends the file at cut and writes [from, cut) again with fillers in the
// gaps. from is 0 where the file has no record yet: then it is the header
// whose sync is in doubt. The bytes are one batch, or a header, in memory.
func (s *segment) rewrite(from, cut int64, fill []finding) error {
	b := make([]byte, cut-from)
	if n, err := s.f.ReadAt(b, from); n < len(b) {
		return err
	}
	for _, g := range fill {
		s.putFiller(b[g.off-from:g.end-from], g.off, from)
	}
	if s.end > cut {
		if err := s.f.Truncate(cut); err != nil {
			return err
		}
	}
	if _, err := s.f.WriteAt(b, from); err != nil {
		return err
	}
	s.end = cut
	return s.f.Sync()
}

// putFiller makes one frame of gap, which stands at off. What was in the gap
// stays as its payload, except where the frame's own header comes to stand.
func (s *segment) putFiller(gap []byte, off, batch int64) {
	f := frame{kind: fillerKind, distance: uint32(off - max(batch, headerSize))}
	appendFrame(gap[:0], s.seed, off, f, Record{Payload: gap[frameHeaderSize:]})
}

// noSpace adds ErrNoSpace to an error that says so.
func noSpace(err error) error {
	if vfs.IsNoSpace(err) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
