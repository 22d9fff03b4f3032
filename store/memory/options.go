package memory

import (
	"log/slog"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// Options bounds a Store. The zero Options work; a negative number lifts a
// bound.
type Options struct {
	// Retention is how long a document is kept after it was received, and how
	// far before now a document may start. Documents go in whole log files, so
	// that one may stay up to a sixteenth longer. Default 7 days.
	Retention time.Duration
	// MaxBytes bounds the canonical documents held, superseded ones included;
	// the oldest files go when the next call would exceed it. The calls under
	// way may exceed it together. Of documents of 2 kB the heap is nearly twice
	// as large, and the process larger again by what the garbage collector
	// lets stand: four to five times in all. What is counted of a trace of
	// twelve entities takes another kilobyte, and up to 400 bytes for each
	// group that it is a member of. The log is 3 % larger. Default
	// 512 MiB.
	MaxBytes int64
	// MaxTraceBytes bounds the distinct documents of one trace. Default
	// 500,000, X-Ray's limit.
	MaxTraceBytes int
	// Limits are those of the doors. Open reads documents again by them, so
	// that they give the same annotations and links; whatever else they say, a
	// document that was accepted once is read.
	Limits wire.Limits
	// OnSync hears of every sync of the log; see applog.Options.
	OnSync func(d time.Duration, records int)

	// Graph says how traces are folded to be counted and tested. Whoever folds
	// a trace to compare it with graphs does it by the same.
	Graph graph.Options

	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // of what is evicted and of what cannot be read; default: discard
}

// The defaults of Options.
const (
	DefaultRetention     = 7 * 24 * time.Hour
	DefaultMaxBytes      = 512 << 20
	DefaultMaxTraceBytes = 500_000
)

const (
	// filesPerStore is into how many files MaxBytes and Retention are cut:
	// what goes at once is one part of it.
	filesPerStore   = 16
	smallestFile    = 4 << 10
	largestFile     = 64 << 20
	callBytes       = 4 << 20 // of documents that go into the log as one call
	largestDocument = 256 << 20
)

func (o Options) withDefaults() Options {
	orDefault(&o.Retention, DefaultRetention)
	orDefault(&o.MaxBytes, DefaultMaxBytes)
	orDefault(&o.MaxTraceBytes, DefaultMaxTraceBytes)
	o.MaxTraceBytes = min(o.MaxTraceBytes, largestDocument)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// orDefault replaces 0 by d and what is negative by the largest number.
func orDefault[T int | int64 | time.Duration](v *T, d T) {
	switch {
	case *v == 0:
		*v = d
	case *v < 0:
		*v = T(int(^uint(0) >> 1))
	}
}

// fileBytes is the size at which documents go to the next file.
func (o Options) fileBytes() int64 {
	return min(max(o.MaxBytes/filesPerStore, smallestFile), largestFile)
}

// fileAge is the age at which they do.
func (o Options) fileAge() time.Duration { return o.Retention / filesPerStore }

// now is the clock as the vocabulary has it.
func (o Options) now() roentgen.Time { return roentgen.At(o.Now()) }

// oldest is the earliest time that retention lets stand.
func (o Options) oldest() roentgen.Time { return before(o.now(), o.Retention) }

// before returns t-d, or the beginning of time.
func before(t roentgen.Time, d time.Duration) roentgen.Time {
	if u := t - roentgen.Time(d); u < t {
		return u
	}
	return -1 << 63
}

func (o Options) log() applog.Options {
	return applog.Options{
		SegmentBytes:   o.fileBytes(),
		MaxRecordBytes: max(callBytes, o.MaxTraceBytes) + recordHead,
		OnSync:         o.OnSync,
		Now:            o.Now,
	}
}

// reading are the limits for documents that were accepted once.
func (o Options) reading() wire.Limits {
	lim := o.Limits
	lim.MaxDocumentBytes, lim.MaxDepth, lim.MaxSubsegments = -1, -1, -1
	return lim
}
