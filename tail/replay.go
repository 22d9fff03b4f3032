package tail

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/roentgen/roentgen/tail/ring"
	"github.com/roentgen/roentgen/wire"
)

// openBook opens the logs of decisions in the directory and reads them into memory: the newest into the present
// generation, the one before it into the one before.
func openBook(dir string, logger *slog.Logger, m *memory, hash hasher, now time.Time) (*book, error) {
	b := &book{dir: dir, max: maxUnsent, logger: logger}
	if dir == "" {
		m.now.began = now
		return b, nil
	}
	numbers, err := logNumbers(dir)
	if err != nil {
		return nil, err
	}
	for _, n := range numbers[max(0, len(numbers)-2):] {
		m.turn(now)
		b.mu.unsent = nil // each log begins with what the one before left undone
		if err := b.open(n, m, hash); err != nil {
			return nil, errors.Join(err, b.close())
		}
	}
	b.mu.peekedAt = b.mu.popped
	if b.mu.file == nil {
		m.turn(now)
		return b, b.beginLocked(now, m.open()) // nobody else has b yet
	}
	return b, nil
}

type hasher interface{ hash(d *decision) uint64 }

// open reads one log. It is the one that is written to until another one is opened.
func (b *book) open(number uint64, m *memory, hash hasher) error {
	path := filepath.Join(b.dir, logName(number))
	if err := b.closeLocked(); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		b.mu.file = nil
		return fmt.Errorf("open a log of decisions: %w", err)
	}
	b.mu.file, b.mu.number = f, number
	end, damaged, err := b.replay(f, m, hash)
	var corrupt *ring.CorruptError
	if errors.As(err, &corrupt) {
		b.logger.Error("a log of decisions is left out: traces it kept are undecided again", "error", err)
		b.mu.file = nil
		return f.Close()
	}
	if damaged > 0 {
		b.logger.Error("decisions are lost", "records", damaged,
			"error", &ring.CorruptError{File: path, Offset: logHeaderSize, Reason: "records do not match their checksums"})
	}
	b.mu.at = end
	return err
}

// replay reads header and records, and returns where the last record ends that is whole. Behind it there may be the
// beginning of one that a kill cut off.
func (b *book) replay(f *os.File, m *memory, hash hasher) (end int64, damaged int, err error) {
	header := make([]byte, logHeaderSize)
	n, err := io.ReadFull(f, header)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, 0, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	began, err := parseLogHeader(f.Name(), header[:n])
	if err != nil {
		return 0, 0, err
	}
	m.now.began = began
	end = logHeaderSize
	records := make([]byte, 512*recordSize)
	for at, bad := end, 0; ; {
		n, err := io.ReadFull(f, records)
		for b0 := records[:n]; len(b0) >= recordSize; b0 = b0[recordSize:] {
			at += recordSize
			if r, ok := parseRecord(b0); ok {
				b.apply(r, m, hash)
				end, damaged, bad = at, damaged+bad, 0
			} else {
				bad++
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return end, damaged, nil
		}
		if err != nil {
			return end, damaged, fmt.Errorf("read %s: %w", f.Name(), err)
		}
	}
}

// apply does again what a record tells.
func (b *book) apply(r record, m *memory, hash hasher) {
	d := decision{id: r.id, probability: float32(r.keep.Probability), reason: r.keep.Reason, open: r.open}
	switch r.kind {
	case recordKeep:
		m.remember(d, hash)
		if r.own {
			b.mu.unsent = append(b.mu.unsent, wire.Notice{Trace: r.id, Reason: r.reason})
		}
	case recordClosed:
		if known := m.find(r.id, hash.hash(&d)); known != nil {
			known.open = false
		}
	case recordSent:
		b.popLocked(int(min(r.n, uint64(len(b.mu.unsent)))))
	case recordUnsent:
		b.mu.unsent = append(b.mu.unsent, wire.Notice{Trace: r.id, Reason: r.reason})
	}
}
