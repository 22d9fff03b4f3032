package blockfile

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
)

// ErrNoTraces is what Write answers where there was nothing to write.
var ErrNoTraces = errors.New("a block holds at least one trace")

// ErrClosed is what a File answers after Close.
var ErrClosed = errors.New("the block is closed")

// CorruptError is damage: bytes that are not what was written.
type CorruptError struct {
	File   string // path of the block file
	Offset int64  // in bytes, of the part or the chunk that is damaged
	Part   string // header, chunk, table, trailer or the name of a part
	Reason string
}

// Error tells where, what, and the commands that help.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("block file %s: %s at offset %d is damaged: %s; `roentgen store verify %s` lists all damage, `roentgen store repair %s` saves what can be read",
		e.File, e.Part, e.Offset, e.Reason, e.File, filepath.Dir(filepath.Dir(e.File)))
}

// ForeignError is a file with a block's name that no block writer has written.
type ForeignError struct{ File string }

// Error tells the remedy.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("block file %s: not a block: move it elsewhere, or see `roentgen store inspect %s`", e.File, e.File)
}

// VersionError is a file that a newer program has written.
type VersionError struct {
	File    string
	Version uint32
	Part    string // which is newer; empty: the whole file
}

// Error tells the versions and the remedy.
func (e *VersionError) Error() string {
	if e.Part != "" {
		return fmt.Sprintf("block file %s: its %s was written by a newer version; upgrade, or use another directory", e.File, e.Part)
	}
	return fmt.Sprintf("block file %s: written by a newer version %d; this program reads up to %d; upgrade, or use another directory",
		e.File, e.Version, formatVersion)
}

// readError gives an error of the disk its type: a sector that cannot be read
// and a file that ends too early are damage; that there are too many open
// files, or no memory, is not.
func readError(path string, offset int64, part string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &CorruptError{path, offset, part, "the file ends before it"}
	}
	if errors.Is(err, syscall.EIO) {
		return &CorruptError{path, offset, part, err.Error()}
	}
	return fmt.Errorf("read %s of block file %s at offset %d: %w", part, path, offset, err)
}
