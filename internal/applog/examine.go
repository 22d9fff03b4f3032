package applog

import (
	"fmt"
	"io"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// Examined is what stands in one segment file.
type Examined struct {
	Number  uint64
	Created time.Time // zero where the header that says it is damaged
	Last    time.Time // when the last record was written; zero without one
	Bytes   int64     // of the file
	Records int64
	// Damage is every stretch that is not a record, in order. At the end of the
	// newest file of a log it is what a crash leaves, and Open cuts it off.
	Damage []*CorruptError
}

// Examine reads one segment file through and calls fn, where it is not nil,
// for each record. It changes nothing, takes no lock and does not look at the
// files beside it. A file that no log has written is a *ForeignError, a newer
// one a *VersionError; an error of fn ends the reading and is returned.
func Examine(fs vfs.FS, path string, fn func(pos Position, kind byte, payload []byte) error) (Examined, error) {
	f, err := fs.Open(path)
	if err != nil {
		return Examined{}, fmt.Errorf("open log file: %w", err)
	}
	defer f.Close()
	e := examiner{path: path, f: f}
	if e.out.Bytes, err = f.Size(); err != nil {
		return Examined{}, fmt.Errorf("ask for the size of log file %s: %w", path, err)
	}
	err = e.run(fn)
	return e.out, err
}

// examiner reads one file.
type examiner struct {
	path string
	f    vfs.File
	out  Examined
}

func (e *examiner) damage(off, n int64, reason string) {
	e.out.Damage = append(e.out.Damage, &CorruptError{File: e.path, Offset: off, Bytes: n, Reason: reason})
}

func (e *examiner) run(fn func(Position, byte, []byte) error) error {
	b := make([]byte, min(e.out.Bytes, maxHeader))
	if n, err := e.f.ReadAt(b, 0); n < len(b) {
		return fmt.Errorf("read header of log file %s: %w", e.path, err)
	}
	h := parseHeader(b)
	e.out.Number = h.number
	switch h.state {
	case headerForeign:
		return &ForeignError{File: e.path}
	case headerNewer:
		return &VersionError{File: e.path, Version: h.version}
	case headerTorn:
		e.damage(0, e.out.Bytes, "ends inside its header")
		return nil
	case headerGood:
		e.out.Created = h.created
		return e.records(h.stored, fn)
	}
	return e.salvage(h, fn)
}

// salvage finds the checksum of a damaged header by which frames hold, as
// recovery does.
func (e *examiner) salvage(h parsedHeader, fn func(Position, byte, []byte) error) error {
	for _, seed := range []uint32{h.stored, h.computed} {
		if takeSurvey(&segment{f: e.f, seed: seed, end: e.out.Bytes}).records > 0 {
			e.damage(0, headerSize, "the file header is damaged; the records are readable")
			return e.records(seed, fn)
		}
	}
	e.damage(0, e.out.Bytes, "the file header is destroyed and no record can be checked without it")
	return nil
}

func (e *examiner) records(seed uint32, fn func(Position, byte, []byte) error) error {
	scan := newScanner(e.f, seed, headerSize, e.out.Bytes)
	for {
		f, err := scan.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			e.damage(scan.off, e.out.Bytes-scan.off, err.Error())
			return nil
		case f.reason != "":
			e.damage(f.off, f.end-f.off, f.reason)
			continue
		case f.frame.kind == fillerKind:
			continue
		}
		e.out.Records++
		if !e.out.Created.IsZero() {
			e.out.Last = e.out.Created.Add(time.Duration(f.frame.age) * time.Millisecond)
		}
		if fn == nil {
			continue
		}
		if err := fn(Position{e.out.Number, f.off}, f.frame.kind, f.payload); err != nil {
			return err
		}
	}
}
