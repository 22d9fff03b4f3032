package block

import (
	"log/slog"
	"runtime"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// Options bounds a Store. The zero Options work; a negative number lifts a
// bound.
type Options struct {
	// Retention is how long a trace is kept after its last document arrived, and
	// how far before now a document may start. Traces go in whole blocks, so
	// that one may stay up to a sixteenth longer. Default 7 days.
	Retention time.Duration
	// RetainFailing is how long traces with an error, a throttle or a fault are
	// kept, if that is longer. Default: Retention.
	RetainFailing time.Duration
	// MaxDiskBytes bounds the block files; the oldest go first, of each first the
	// traces that did not fail. Logs take HeadBytes and half as much again besides.
	// Default: no bound.
	MaxDiskBytes int64
	// MaxTraceBytes bounds the distinct documents of one trace. Default
	// 500,000, X-Ray's limit.
	MaxTraceBytes int

	// HeadBytes is how many bytes of documents are held in memory before they go
	// into a block; in the heap they are about an eighth larger. It is also
	// the size of a block, of which the file is about a twentieth. From half as
	// much again on, writers wait for the disk. Default 16 MiB.
	HeadBytes int64
	// FlushAge is how long a document waits in the head at most, and FlushIdle
	// how long nothing has to arrive before what is there goes into a block.
	// Defaults 5 min and 1 s.
	FlushAge, FlushIdle time.Duration
	// CacheBytes bounds what is kept in memory of blocks that were read. Default
	// 32 MiB. GraphBytes bounds the sums that are kept for graphs. Default 16 MiB.
	CacheBytes, GraphBytes int64
	// Shards is into how many parts the head of a new directory is cut; one that
	// exists keeps its own. Default: one for two processors, up to 8. Each syncs a
	// log of its own, and a call waits for all that it has documents for, so that
	// fewer of them sync less often and more at once.
	Shards int

	// Limits are those of the doors. Documents are read again by them, so that
	// they give the same annotations and links; whatever else they say, a
	// document that was accepted once is read.
	Limits wire.Limits
	// OnSync hears of every sync of a log; see applog.Options.
	OnSync func(d time.Duration, records int)
	// Graph says how traces are folded to be counted and tested. Whoever folds
	// a trace to compare it with graphs does it by the same.
	Graph graph.Options
	// Manual keeps the house from being kept: nothing is flushed, compacted or
	// evicted but by calls of Flush, Compact and Maintain, and by a head that is
	// full. For tests and tools.
	Manual bool

	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // of what is evicted and of what cannot be read; default: discard
}

// The defaults of Options.
const (
	DefaultRetention     = 7 * 24 * time.Hour
	DefaultMaxTraceBytes = 500_000
	DefaultHeadBytes     = 16 << 20
	DefaultCacheBytes    = 32 << 20
	DefaultGraphBytes    = 16 << 20
)

const (
	mostShards      = 8
	callBytes       = 4 << 20 // of documents that go into a log as one call
	largestDocument = 256 << 20
	// partsOfRetention is into how many parts Retention is cut: blocks of
	// different parts are not merged, so that what goes at once is one part.
	partsOfRetention = 16
)

func (o Options) withDefaults() Options {
	orDefault(&o.Retention, DefaultRetention)
	o.RetainFailing = max(o.RetainFailing, o.Retention)
	orDefault(&o.MaxDiskBytes, -1)
	orDefault(&o.MaxTraceBytes, DefaultMaxTraceBytes)
	o.MaxTraceBytes = min(o.MaxTraceBytes, largestDocument)
	orDefault(&o.HeadBytes, DefaultHeadBytes)
	orDefault(&o.FlushAge, 5*time.Minute)
	orDefault(&o.FlushIdle, time.Second)
	orDefault(&o.CacheBytes, DefaultCacheBytes)
	orDefault(&o.GraphBytes, DefaultGraphBytes)
	if o.Shards <= 0 {
		o.Shards = min(max(runtime.GOMAXPROCS(0)/2, 1), mostShards)
	}
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
	if *v == 0 {
		*v = d
	}
	if *v < 0 {
		*v = T(int(^uint(0) >> 1))
	}
}

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

// log is how a shard's log is kept. Its files are small beside the head, so that
// what is flushed leaves the disk soon.
func (o Options) log(shards int) applog.Options {
	return applog.Options{
		SegmentBytes:   min(max(o.HeadBytes/int64(4*shards), 64<<10), 64<<20),
		MaxRecordBytes: 1 + s2.MaxEncodedLen(max(callBytes, o.MaxTraceBytes+entryHead)),
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
