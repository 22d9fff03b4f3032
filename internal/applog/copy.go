package applog

import (
	"fmt"
	"io"
	"path/filepath"
)

// Copy is one file of a log as far as it was durable at one moment.
type Copy struct {
	Name  string // within the directory of the log
	Bytes int64
	io.ReaderAt
	io.Closer
}

// Copies opens every file of the log, so that it can be copied while the log
// goes on, also when the file is dropped meanwhile. The copies together make a
// log that opens with all that was acknowledged before the call. The caller
// closes them.
func (l *Log) Copies() ([]Copy, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.mu.closed {
		return nil, ErrClosed
	}
	var out []Copy
	for _, s := range l.mu.segments {
		f, err := l.fs.Open(s.path)
		if err != nil {
			for _, c := range out {
				c.Close()
			}
			return nil, fmt.Errorf("open log file %s to copy it: %w", s.path, err)
		}
		out = append(out, Copy{filepath.Base(s.path), s.end, f, f})
	}
	return out, nil
}
