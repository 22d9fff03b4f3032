package applog

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// segment is one file of the log. One handle serves the writer and all
// readers and stays open until the file is dropped or the log is closed.
type segment struct {
	number  uint64
	path    string
	f       vfs.File
	seed    uint32 // of the checksums; without meaning where !readable
	created time.Time

	readable bool // a header was found, so that records can be checked
	prevEnd  int64

	// The writer's progress; Log.mu guards it once the log is open.
	end     int64 // readers stop here: behind it nothing is known to be durable
	records int64
	lastAge uint32 // milliseconds from created to the last record
	dropped bool
}

const segmentSuffix = ".log"

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%08d%s", number, segmentSuffix))
}

// segmentNumbers returns the numbers of the files that a log names, in order.
func segmentNumbers(fs vfs.FS, dir string) ([]uint64, error) {
	names, err := fs.List(dir)
	if err != nil {
		return nil, fmt.Errorf("list directory %s: %w", dir, err)
	}
	var numbers []uint64
	for _, name := range names {
		if n, ok := segmentNumber(name); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, ok && err == nil && n > 0 && filepath.Base(segmentPath("", n)) == name
}

// FileInfo describes a file of the log.
type FileInfo struct {
	Number  uint64
	Path    string
	Bytes   int64     // of header and records
	Records int64     // that can be read
	Created time.Time // no record in the file is older; zero where the file's header is damaged
	Last    time.Time // when its last record was written, to the millisecond; zero without records or Created
}

func (s *segment) info() FileInfo {
	i := FileInfo{Number: s.number, Path: s.path, Bytes: s.end, Records: s.records, Created: s.created}
	if s.records > 0 && !s.created.IsZero() {
		i.Last = s.created.Add(time.Duration(s.lastAge) * time.Millisecond)
	}
	return i
}
