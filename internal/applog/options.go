package applog

import (
	"fmt"
	"time"
)

// Options of a log. The zero Options work.
type Options struct {
	// SegmentBytes is the size at which a new file is begun. A file is larger
	// only where one batch is. Default 64 MiB.
	SegmentBytes int64
	// MaxRecordBytes bounds one payload. Default 4 MiB, at most 1 GiB. It binds
	// Append; what is in a file already is read whatever its size.
	MaxRecordBytes int
	// MaxBatchBytes bounds one write, and with it one Append: the frames of its
	// records. Default 8 MiB or, if larger, what MaxRecordBytes needs. The log
	// keeps one buffer that grows up to this size.
	MaxBatchBytes int
	// Queue is how many calls wait for the writer before further ones block.
	// Their payloads stay with the callers and are not copied. Default 256.
	Queue int
	// Now is the clock, for the times in Files and for Stats. Default time.Now.
	Now func() time.Time
	// OnSync, where set, is called by the writer after each fsync that
	// succeeded, with its duration and the records that it made durable: 0 for
	// a file's header and for the directory. It must not block.
	OnSync func(d time.Duration, records int)
}

const (
	maxPayload      = 1 << 30
	maxBatch        = 1 << 31 // the distance in a frame has 32 bits
	smallestSegment = 4 << 10
)

func (o Options) withDefaults() Options {
	orDefault(&o.SegmentBytes, 64<<20)
	orDefault(&o.MaxRecordBytes, 4<<20)
	orDefault(&o.MaxBatchBytes, max(8<<20, int(FrameBytes(o.MaxRecordBytes))))
	orDefault(&o.Queue, 256)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T int | int64](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// check tells which option cannot be.
func (o Options) check() error {
	switch {
	case o.SegmentBytes < smallestSegment:
		return fmt.Errorf("option SegmentBytes is %d: use at least %d", o.SegmentBytes, smallestSegment)
	case o.MaxRecordBytes < 1 || o.MaxRecordBytes > maxPayload:
		return fmt.Errorf("option MaxRecordBytes is %d: use 1 to %d", o.MaxRecordBytes, maxPayload)
	case int64(o.MaxBatchBytes) < FrameBytes(o.MaxRecordBytes) || int64(o.MaxBatchBytes) > maxBatch:
		return fmt.Errorf("option MaxBatchBytes is %d: use %d, for one record, to %d", o.MaxBatchBytes, FrameBytes(o.MaxRecordBytes), int64(maxBatch))
	case o.Queue < 1:
		return fmt.Errorf("option Queue is %d: use at least 1", o.Queue)
	}
	return nil
}

// frameBytes returns what records take in a file, or why they may not go in.
func (o Options) frameBytes(records []Record) (int64, error) {
	if len(records) == 0 {
		return 0, ErrEmpty
	}
	var total int64
	for _, r := range records {
		if r.Kind == 0 {
			return 0, ErrKind
		}
		if r.length() > o.MaxRecordBytes {
			return 0, fmt.Errorf("a record of %d bytes, at most %d: %w", r.length(), o.MaxRecordBytes, ErrTooLarge)
		}
		total += FrameBytes(r.length())
	}
	if total > int64(o.MaxBatchBytes) {
		return 0, fmt.Errorf("a call of %d bytes, at most %d: %w", total, o.MaxBatchBytes, ErrTooLarge)
	}
	return total, nil
}
