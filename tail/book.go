package tail

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/roentgen/roentgen/tail/ring"
	"github.com/roentgen/roentgen/wire"
)

// book writes decisions down, and has the own notices that the server does not have yet. The owner writes to it when
// something is decided; whoever speaks to the server takes notices from it.
type book struct {
	dir    string // empty: nothing is written down
	max    int    // own notices that wait for the server
	logger *slog.Logger
	mu     struct {
		sync.Mutex
		file          *os.File
		number        uint64 // of file
		at            int64  // where the next record goes
		room          []byte
		unsent        []wire.Notice
		sent, dropped int64
		popped        int64 // off the front of unsent, ever
		peekedAt      int64 // popped, when peek was last called
		failing       bool  // the last write failed, and was logged
	}
}

// maxUnsent is book.max; what is older is given up, for rings elsewhere have gone round since.
const maxUnsent = 1 << 18

// write writes records down, in one call to the system, which is what survives a kill.
func (b *book) write(records ...record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writeLocked(records...)
	for _, r := range records {
		if r.kind == recordKeep && r.own {
			b.announceLocked(wire.Notice{Trace: r.id, Reason: r.reason})
		}
	}
}

func (b *book) announceLocked(n wire.Notice) {
	if len(b.mu.unsent) >= b.max {
		b.popLocked(1)
		b.mu.dropped++
		b.writeLocked(record{kind: recordSent, n: 1})
	}
	b.mu.unsent = append(b.mu.unsent, n)
}

func (b *book) writeLocked(records ...record) {
	if b.mu.file == nil {
		return
	}
	b.mu.room = b.mu.room[:0]
	for _, r := range records {
		b.mu.room = r.append(b.mu.room)
	}
	if _, err := ring.NewDirect(b.mu.file).WriteAt(b.mu.room, b.mu.at); err != nil {
		if !b.mu.failing {
			b.logger.Error("decisions cannot be written down: they would not survive a restart", "error", err)
		}
		b.mu.failing = true
		return
	}
	b.mu.failing = false
	b.mu.at += int64(len(b.mu.room))
}

// peek returns up to max notices that the server does not have.
func (b *book) peek(max int) []wire.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mu.peekedAt = b.mu.popped
	return slices.Clone(b.mu.unsent[:min(max, len(b.mu.unsent))])
}

// done says that the server has the first n of those that peek returned last. Some may have been given up since.
func (b *book) done(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n = min(n-int(b.mu.popped-b.mu.peekedAt), len(b.mu.unsent))
	if b.mu.peekedAt = b.mu.popped; n <= 0 {
		return
	}
	b.popLocked(n)
	b.mu.peekedAt = b.mu.popped
	b.mu.sent += int64(n)
	b.writeLocked(record{kind: recordSent, n: uint64(n)})
}

func (b *book) popLocked(n int) {
	b.mu.unsent = b.mu.unsent[n:]
	b.mu.popped += int64(n)
	if len(b.mu.unsent) == 0 {
		b.mu.unsent = nil
	}
}

func (b *book) stats() (unsent, sent, dropped int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int64(len(b.mu.unsent)), b.mu.sent, b.mu.dropped
}

// turn begins a new log, with what is not done of the old ones, and deletes all but the newest of those.
func (b *book) turn(now time.Time, open []decision) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mu.file == nil {
		return
	}
	if err := b.beginLocked(now, open); err != nil {
		b.logger.Error("the log of decisions goes on in its old file", "error", err)
	}
}

// beginLocked makes the new log under another name first: it is there as a whole, or it is not there.
func (b *book) beginLocked(now time.Time, open []decision) error {
	number := b.mu.number + 1
	text := appendLogHeader(nil, number, now)
	for _, d := range open {
		text = record{kind: recordKeep, keep: d.keep(), open: true, id: d.id}.append(text)
	}
	for _, n := range b.mu.unsent {
		text = record{kind: recordUnsent, id: n.Trace, reason: n.Reason}.append(text)
	}
	path := filepath.Join(b.dir, logName(number))
	f, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return fmt.Errorf("begin a log of decisions: %w", err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("begin a log of decisions: %w", err), f.Close(), os.Remove(path+".new"))
	}
	err = errors.Join(b.closeLocked(), b.removeOlder(b.mu.number))
	b.mu.file, b.mu.number, b.mu.at = f, number, int64(len(text))
	return err
}

func (b *book) closeLocked() error {
	if b.mu.file == nil {
		return nil
	}
	return b.mu.file.Close()
}

func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.closeLocked()
	b.mu.file = nil
	return err
}

// removeOlder deletes the logs before that number.
func (b *book) removeOlder(number uint64) error {
	numbers, err := logNumbers(b.dir)
	for _, n := range numbers {
		if n < number {
			err = errors.Join(err, os.Remove(filepath.Join(b.dir, logName(n))))
		}
	}
	return err
}

// logNumbers are those of the logs in the directory, rising.
func logNumbers(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for logs of decisions: %w", err)
	}
	var numbers []uint64
	for _, e := range entries {
		digits, log := strings.CutSuffix(e.Name(), ".log")
		digits, named := strings.CutPrefix(digits, "decisions-")
		if n, err := strconv.ParseUint(digits, 10, 64); log && named && err == nil && logName(n) == e.Name() {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}
