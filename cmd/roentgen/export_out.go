package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// outFile is where an export goes: a file or the standard output, perhaps
// compressed by the name's end. After each Flush what is there is whole: a
// compressed file is then at the end of a member or frame.
type outFile struct {
	buffer *bufio.Writer
	zip    interface { // nil: not compressed
		io.WriteCloser
		Reset(io.Writer)
	}
	dirty bool     // there are bytes in zip
	file  *os.File // nil: the standard output
}

// openOut opens the file. A new export does not write over one that is there;
// one that goes on appends behind its first so many bytes.
func openOut(path string, stdout io.Writer, goesOn bool, bytes int64) (*outFile, error) {
	if path == "-" {
		return &outFile{buffer: bufio.NewWriter(stdout)}, nil
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if goesOn {
		mode = os.O_WRONLY
	}
	file, err := os.OpenFile(path, mode, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("--out %s is there already: remove it or name another", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open --out: %w", err)
	}
	o := &outFile{buffer: bufio.NewWriter(file), file: file}
	if goesOn {
		err = o.cutTo(path, bytes)
	}
	switch {
	case err != nil:
	case strings.HasSuffix(path, ".gz"):
		o.zip = gzip.NewWriter(o.buffer)
	case strings.HasSuffix(path, ".zst"):
		o.zip, err = zstd.NewWriter(o.buffer, zstd.WithEncoderConcurrency(1))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open --out: %w", err), file.Close())
	}
	return o, nil
}

// cutTo takes off what was written after the last page that was noted.
func (o *outFile) cutTo(path string, bytes int64) error {
	info, err := o.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < bytes {
		return fmt.Errorf("%s has %d bytes, and the cursor notes %d: it is not the file of that export; remove the cursor to begin anew", path, info.Size(), bytes)
	}
	if err := o.file.Truncate(bytes); err != nil {
		return err
	}
	_, err = o.file.Seek(bytes, io.SeekStart)
	return err
}

// Write implements io.Writer.
func (o *outFile) Write(b []byte) (int, error) {
	if o.zip == nil {
		return o.buffer.Write(b)
	}
	o.dirty = true
	return o.zip.Write(b)
}

// Flush hands everything to the file and returns how long that is; of the
// standard output nothing is known.
func (o *outFile) Flush() (size int64, err error) {
	if o.dirty {
		err = o.zip.Close()
		o.zip.Reset(o.buffer)
		o.dirty = false
	}
	if err = errors.Join(err, o.buffer.Flush()); err == nil && o.file != nil {
		size, err = o.file.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return 0, fmt.Errorf("write --out: %w", err)
	}
	return size, nil
}

// Close flushes and closes the file.
func (o *outFile) Close() error {
	_, err := o.Flush()
	if o.file != nil {
		err = errors.Join(err, o.file.Sync(), o.file.Close())
	}
	if err != nil {
		return fmt.Errorf("close --out: %w", err)
	}
	return nil
}
