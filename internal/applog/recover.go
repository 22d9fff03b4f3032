package applog

import (
	"errors"
	"fmt"
	"io"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Recovery tells what Open found that a clean shutdown would not have left.
type Recovery struct {
	// File, Offset and DroppedBytes tell of the last write before a crash: where
	// the first unreadable byte was and how many bytes could not be kept. Nobody
	// had been told that they were written, except where the disk damaged
	// precisely the last write. File is empty where nothing was dropped.
	File         string
	Offset       int64
	DroppedBytes int64
	// Damage lists what was once durable and is lost, in order of place.
	Damage []*CorruptError
}

// recovery reads a directory back into segments.
type recovery struct {
	fs       vfs.FS
	dir      string
	segments []*segment
	current  *segment // where appending can go on, nil where a new file is needed
	report   Recovery
}

// run opens every file. On an error the caller closes what is in segments.
func (r *recovery) run() error {
	numbers, err := segmentNumbers(r.fs, r.dir)
	if err != nil {
		return err
	}
	for i, n := range numbers {
		if i > 0 && n != numbers[i-1]+1 {
			r.missing(numbers[i-1]+1, n-1)
		}
		if err := r.open(n, i == len(numbers)-1); err != nil {
			return err
		}
	}
	return nil
}

// missing reports a hole in the numbers. DropBefore makes none: it removes the
// oldest first, each durably before the next.
func (r *recovery) missing(from, to uint64) {
	r.damage(segmentPath(r.dir, from), 0, 0, fmt.Sprintf("%d file(s) from this one on are missing", to-from+1))
}

func (r *recovery) damage(path string, off, n int64, reason string) {
	r.report.Damage = append(r.report.Damage, &CorruptError{File: path, Offset: off, Bytes: n, Reason: reason})
}

// open opens file n, reads it through and repairs it if it is the last.
func (r *recovery) open(n uint64, last bool) error {
	path, open := segmentPath(r.dir, n), r.fs.Open
	if last {
		open = r.fs.OpenWrite
	}
	f, err := open(path)
	if err != nil {
		return fmt.Errorf("open log file: %w", err)
	}
	s := &segment{number: n, path: path, f: f}
	r.segments = append(r.segments, s)
	if s.end, err = f.Size(); err != nil {
		return fmt.Errorf("ask for the size of log file %s: %w", path, err)
	}
	return r.identify(s, last)
}

// identify acts on what the file's first bytes say that it is.
func (r *recovery) identify(s *segment, last bool) error {
	b := make([]byte, min(s.end, maxHeader))
	if n, err := s.f.ReadAt(b, 0); n < len(b) {
		r.damage(s.path, 0, s.end, fmt.Sprintf("read header: %v", err))
		return nil // without header no record can be checked
	}
	h := parseHeader(b)
	switch {
	case h.state == headerForeign:
		return &ForeignError{File: s.path}
	case h.state == headerNewer:
		return &VersionError{File: s.path, Version: h.version}
	case last && s.end <= headerSize && h.state != headerGood:
		return r.discard(s)
	case h.state == headerTorn:
		r.damage(s.path, 0, s.end, "ends inside its header")
		return nil
	case h.state == headerDamaged:
		r.salvage(s, h)
		return nil
	}
	return r.read(s, h, last)
}

// discard removes a last file without a whole header: the crash came while it
// was being made, and no record can have been in it.
func (r *recovery) discard(s *segment) error {
	r.segments = r.segments[:len(r.segments)-1]
	r.report.File, r.report.DroppedBytes = s.path, s.end
	if err := errors.Join(s.f.Close(), r.fs.Remove(s.path)); err != nil {
		return fmt.Errorf("remove unfinished log file %s: %w", s.path, err)
	}
	return nil
}

// salvage reads a file whose header is damaged. The frames need only its
// checksum, which stands there if the damage is in front of it and can be
// computed if the damage is in the checksum itself; the frames tell which.
// Such a file is never written again.
func (r *recovery) salvage(s *segment, h parsedHeader) {
	if h.stored == h.computed {
		s.created = h.created // else it may be what is damaged
	}
	var found survey
	for _, seed := range []uint32{h.stored, h.computed} {
		s.seed = seed
		if found = takeSurvey(s); found.records > 0 {
			break
		}
	}
	s.readable = found.records > 0
	if !s.readable {
		r.damage(s.path, 0, s.end, "the file header is destroyed and no record can be checked without it")
		return
	}
	r.damage(s.path, 0, headerSize, "the file header is damaged; the records are readable")
	r.keep(s, found)
}

// read surveys a file with a good header.
func (r *recovery) read(s *segment, h parsedHeader, last bool) error {
	s.seed, s.created, s.prevEnd, s.readable = h.stored, h.created, h.prevEnd, true
	if h.number != s.number {
		r.damage(s.path, 0, 0, fmt.Sprintf("its header says that it is file %d: was it renamed?", h.number))
	}
	r.compareEnds(s)
	found := takeSurvey(s)
	if !last || found.readErr != nil {
		// What cannot be read may be fine tomorrow: nothing is cut off.
		r.keep(s, found)
		return nil
	}
	return r.repair(s, found)
}

// compareEnds holds the file before s against what s says of its size: records
// lost off a file's end leave no other trace.
func (r *recovery) compareEnds(s *segment) {
	i := len(r.segments) - 2
	if i < 0 || r.segments[i].number+1 != s.number || r.segments[i].end == s.prevEnd {
		return
	}
	prev := r.segments[i]
	r.damage(prev.path, min(prev.end, s.prevEnd), max(0, s.prevEnd-prev.end),
		fmt.Sprintf("the file has %d bytes and had %d when the next one was begun", prev.end, s.prevEnd))
}

// keep takes the survey's counts and reports all its gaps as damage.
func (r *recovery) keep(s *segment, found survey) {
	s.records, s.lastAge = found.records, found.lastAge
	for _, g := range found.gaps {
		r.damage(s.path, g.off, g.end-g.off, g.reason)
	}
	if found.readErr != nil {
		r.damage(s.path, found.readFrom, s.end-found.readFrom, found.readErr.Error())
	}
}

// survey is what a pass over a file found.
type survey struct {
	records  int64
	lastAge  uint32
	gaps     []finding // the damage, in order
	synced   int64     // everything in front was synced before what stands behind was written
	readErr  error     // why the pass ended early
	readFrom int64     // where
}

func takeSurvey(s *segment) survey {
	var v survey
	scan := newScanner(s.f, s.seed, headerSize, s.end)
	for {
		f, err := scan.next()
		if err == io.EOF {
			return v
		}
		if err != nil {
			v.readErr, v.readFrom = err, scan.off
			return v
		}
		v.add(f)
	}
}

func (v *survey) add(f finding) {
	if f.framed {
		v.synced = max(v.synced, f.off-int64(f.frame.distance))
	}
	if f.reason != "" {
		v.gaps = append(v.gaps, f)
		return
	}
	if f.frame.kind != fillerKind {
		v.records++
		v.lastAge = max(v.lastAge, f.frame.age)
	}
}
