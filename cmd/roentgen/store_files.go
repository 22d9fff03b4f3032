package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/store/block/blockfile"
	"github.com/roentgen/roentgen/wire"
)

// onDisk is a file below the path that was named.
type onDisk struct {
	path string
	name string // below that path; of a path that is a file, its base
}

// damagedDir is the folder in which repair sets files aside.
const damagedDir = "damaged"

// filesBelow lists the files of a directory, in order, or the one file.
func filesBelow(path string) (files []onDisk, single bool, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, false, err
	}
	if !st.IsDir() {
		return []onDisk{{path, filepath.Base(path)}}, true, nil
	}
	err = filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(path, at)
		files = append(files, onDisk{at, name})
		return err
	})
	return files, false, err
}

// storedFile is a file of a data directory, for people and for programs.
type storedFile struct {
	name     string         // below the path that was named
	Path     string         `json:"path"`
	Kind     fileKind       `json:"kind"`
	Bytes    int64          `json:"bytes"`
	Manifest *manifestAbout `json:"manifest,omitempty"`
	Log      *logAbout      `json:"log,omitempty"`
	Block    *blockAbout    `json:"block,omitempty"`
	Aside    bool           `json:"aside,omitempty"` // a repair set it aside
	Note     string         `json:"note,omitempty"`
	Problem  string         `json:"problem,omitempty"`
	Trace    []string       `json:"trace,omitempty"` // where the trace is that was asked for
}

// fileKind is what a file turned out to be.
type fileKind string

// The kinds of file.
const (
	kindManifest fileKind = "manifest"
	kindLock     fileKind = "lock"
	kindMark     fileKind = "mark" // says something by being there
	kindLog      fileKind = "log file"
	kindBlock    fileKind = "block"
	kindWaiting  fileKind = "agent"
	kindForeign  fileKind = "foreign"
)

// manifestAbout is what roentgen.json says.
type manifestAbout struct {
	Program string `json:"program"`
	Layout  int    `json:"layout"`
	Store   string `json:"store"`
}

// logAbout is what is in one file of a log.
type logAbout struct {
	Number  uint64    `json:"number"`
	Created time.Time `json:"created"`
	Last    time.Time `json:"last"` // record
	Records int64     `json:"records"`
}

// look looks at files.
type look struct {
	trace   *roentgen.TraceID // to be found
	closely bool              // reads blocks through
	blocks  catalogued
}

// at says what a file is, by what is in it before what it is called.
func (l *look) at(f onDisk) storedFile {
	out := storedFile{name: f.name, Path: f.path, Kind: kindForeign, Aside: strings.HasPrefix(f.name, damagedDir+string(filepath.Separator))}
	st, err := os.Stat(f.path)
	if err == nil {
		out.Bytes = st.Size()
		out.Kind, err = kindOf(f.path)
	}
	if err == nil {
		switch out.Kind {
		case kindManifest:
			err = l.manifest(&out)
		case kindLog:
			err = l.log(&out)
		case kindBlock:
			out.Note = l.blocks.says(out.Path)
			err = l.block(&out)
		}
	}
	if err != nil {
		out.Problem = err.Error()
	}
	return out
}

// ofAgent reports whether a file is of the state of the agent within the
// server, which looks after it itself: what waits there is not stored yet.
func ofAgent(path string) bool {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(dir) == insideDir {
			st, err := os.Stat(filepath.Join(dir, agentBooks))
			return err == nil && st.Mode().IsRegular()
		}
	}
	return false
}

// agentBooks is a file that the state of an agent always has.
const agentBooks = "ledger"

// kindOf tells by the first bytes, and where those say nothing by the name:
// of a file that is damaged or empty that is all there is.
func kindOf(path string) (fileKind, error) {
	f, err := os.Open(path)
	if err != nil {
		return kindForeign, err
	}
	defer f.Close()
	var magic [8]byte
	n, _ := f.ReadAt(magic[:], 0) // an unreadable beginning is none
	name := filepath.Base(path)
	switch {
	case ofAgent(path):
		return kindWaiting, nil
	case name == "roentgen.json":
		return kindManifest, nil
	case name == "LOCK":
		return kindLock, nil
	case name == probeFile, name == fleet.CopyMark && filepath.Base(filepath.Dir(path)) == agentsDir:
		return kindMark, nil
	case string(magic[:n]) == "RGNTBLK\n", strings.HasSuffix(name, ".blk"):
		return kindBlock, nil
	case string(magic[:n]) == "RGNTLOG\n", strings.HasSuffix(name, ".log"):
		return kindLog, nil
	}
	return kindForeign, nil
}

func (l *look) manifest(out *storedFile) error {
	m, err := readManifest(out.Path)
	out.Manifest = m
	return err
}

// readManifest reads what says whose the directory is.
func readManifest(path string) (*manifestAbout, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(manifestAbout)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("manifest %s: cannot be read (%w): restore it from a backup", path, err)
	}
	if m.Program != "roentgen" || m.Layout != 1 {
		return m, fmt.Errorf("manifest %s: of program %q and layout %d, and this is roentgen, which reads layout 1: upgrade, or use another directory", path, m.Program, m.Layout)
	}
	return m, nil
}

func (l *look) log(out *storedFile) error {
	found, err := applog.Examine(vfs.OS{}, out.Path, func(pos applog.Position, kind byte, payload []byte) error {
		if where := l.inRecord(out.Path, pos, kind, payload); where != "" {
			out.Trace = append(out.Trace, where)
		}
		return nil
	})
	if err != nil {
		return notOurs(out, err)
	}
	out.Log = &logAbout{found.Number, found.Created, found.Last, found.Records}
	if len(found.Damage) > 0 {
		return found.Damage[0]
	}
	return nil
}

// Kinds of record in the logs of documents; docs/format/memory-log.md and
// docs/format/block-log.md draw them alike.
const (
	recordDocument = 1
	documentHead   = 18 // in front of the text
	recordTrace    = 17 // version and trace id, in all other kinds
)

// inRecord says where the trace that was asked for is in a record.
func (l *look) inRecord(path string, pos applog.Position, kind byte, payload []byte) string {
	if l.trace == nil || !holdsDocuments(path) {
		return ""
	}
	if kind != recordDocument {
		if len(payload) >= recordTrace && roentgen.TraceID(payload[1:recordTrace]) == *l.trace {
			return fmt.Sprintf("record of kind %d at offset %d", kind, pos.Offset)
		}
		return ""
	}
	if len(payload) < documentHead {
		return ""
	}
	seg, err := wire.ParseDocument(payload[documentHead:], unlimited)
	if err != nil || seg.Trace != *l.trace {
		return ""
	}
	return fmt.Sprintf("document %s of %d bytes at offset %d", seg.ID, len(payload)-documentHead, pos.Offset)
}

// unlimited reads what was accepted once.
var unlimited = wire.Limits{MaxDocumentBytes: -1, MaxDepth: -1, MaxSubsegments: -1}

// holdsDocuments tells the logs of documents from those of state and blocks.
func holdsDocuments(path string) bool {
	dir := filepath.Base(filepath.Dir(path))
	return dir == "traces" || strings.HasPrefix(dir, "wal-")
}

// notOurs makes a file foreign whose name alone was ours.
func notOurs(out *storedFile, err error) error {
	var log *applog.ForeignError
	var block *blockfile.ForeignError
	if errors.As(err, &log) || errors.As(err, &block) {
		out.Kind = kindForeign
	}
	return err
}
