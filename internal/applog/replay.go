package applog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// view is a segment as far as it was durable when it was asked for.
type view struct {
	*segment
	end int64
}

// views returns the readable segments from file number on.
func (l *Log) views(number uint64) ([]view, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.mu.closed {
		return nil, ErrClosed
	}
	var vs []view
	for _, s := range l.mu.segments {
		if s.number >= number && s.readable {
			vs = append(vs, view{s, s.end})
		}
	}
	return vs, nil
}

// Replay calls fn for each record from the position on, in order, up to those
// that were acknowledged before the call. The payload is valid until fn
// returns. An error of fn ends the replay and is returned as it is.
//
// Damage that is met is stepped over and returned, in order; what Open found
// of missing and unreadable files is in Recovery only. A position that is not
// a record's counts as damage up to the next record.
func (l *Log) Replay(from Position, fn func(pos Position, kind byte, payload []byte) error) ([]*CorruptError, error) {
	vs, err := l.views(from.File)
	if err != nil {
		return nil, fmt.Errorf("replay log in %s: %w", l.dir, err)
	}
	var damage []*CorruptError
	for _, v := range vs {
		start := int64(headerSize)
		if v.number == from.File {
			start = max(start, from.Offset)
		}
		found, err := l.replayFile(v, start, fn)
		damage = append(damage, found...)
		if err != nil {
			return damage, err
		}
	}
	return damage, nil
}

func (l *Log) replayFile(v view, from int64, fn func(Position, byte, []byte) error) ([]*CorruptError, error) {
	var damage []*CorruptError
	scan := newScanner(v.f, v.seed, from, v.end)
	for {
		f, err := scan.next()
		switch {
		case err == io.EOF:
			return damage, nil
		case err != nil:
			c, err := l.readFailed(v.segment, scan.off, v.end-scan.off, err)
			return append(damage, c...), err
		case f.reason != "":
			damage = append(damage, &CorruptError{File: v.path, Offset: f.off, Bytes: f.end - f.off, Reason: f.reason})
		case f.frame.kind != fillerKind:
			if err := fn(Position{v.number, f.off}, f.frame.kind, f.payload); err != nil {
				return damage, err
			}
		}
	}
}

// readFailed tells a bad disk, which is damage to the rest of the file, from a
// file that was dropped or closed while it was being read.
func (l *Log) readFailed(s *segment, off, n int64, err error) ([]*CorruptError, error) {
	if errors.Is(err, os.ErrClosed) {
		l.mu.RLock()
		defer l.mu.RUnlock()
		if s.dropped {
			return nil, nil
		}
		return nil, fmt.Errorf("replay log in %s: %w", l.dir, ErrClosed)
	}
	return []*CorruptError{{File: s.path, Offset: off, Bytes: n, Reason: err.Error()}}, nil
}

// Read returns the record at pos, which Append or Replay gave. The payload
// uses buf where that is large enough. It returns ErrDropped where the file is
// gone and a *CorruptError where no whole record stands.
func (l *Log) Read(pos Position, buf []byte) (kind byte, payload []byte, err error) {
	v, err := l.view(pos)
	if err != nil {
		return 0, nil, fmt.Errorf("read log in %s at %s: %w", l.dir, pos, err)
	}
	f, payload, err := v.record(pos.Offset, buf)
	if errors.Is(err, os.ErrClosed) {
		err = fmt.Errorf("read log in %s at %s: %w", l.dir, pos, ErrDropped)
	}
	return f.kind, payload, err
}

// view returns the segment that pos lies in.
func (l *Log) view(pos Position) (view, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := l.mu.segments
	i, found := slices.BinarySearchFunc(all, pos.File, func(s *segment, n uint64) int { return cmp.Compare(s.number, n) })
	switch {
	case l.mu.closed:
		return view{}, ErrClosed
	case !found && i == 0 && len(all) > 0:
		return view{}, ErrDropped
	case !found || pos.Offset < headerSize || pos.Offset+frameHeaderSize > all[i].end:
		return view{}, errors.New("the log has no such position")
	case !all[i].readable:
		return view{}, &CorruptError{File: all[i].path, Bytes: all[i].end, Reason: "the file header is destroyed"}
	}
	return view{all[i], all[i].end}, nil
}

// record reads the one record at off.
func (v view) record(off int64, buf []byte) (frame, []byte, error) {
	bad := func(reason string) (frame, []byte, error) {
		return frame{}, nil, &CorruptError{File: v.path, Offset: off, Reason: reason}
	}
	var head [frameHeaderSize]byte
	if _, err := v.f.ReadAt(head[:], off); err != nil {
		return frame{}, nil, fmt.Errorf("read log file %s at %d: %w", v.path, off, err)
	}
	f, ok := decodeFrame(head[:], v.seed, off)
	if !ok || f.kind == fillerKind || f.end(off) > v.end {
		return bad("no record begins here")
	}
	payload := slices.Grow(buf[:0], int(f.length))[:f.length]
	if n, err := v.f.ReadAt(payload, off+frameHeaderSize); n < len(payload) {
		return frame{}, nil, fmt.Errorf("read log file %s at %d: %w", v.path, off, err)
	}
	if !f.holds(payload) {
		return bad("checksum of the record does not hold")
	}
	return f, payload, nil
}
