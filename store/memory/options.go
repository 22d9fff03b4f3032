package memory

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/wire"
)

// Options of a Store. The zero Options work.
type Options struct {
	// Retention is how long a document is kept after it was received, and how
	// old the start of one may be that is appended. Default 7 days.
	Retention time.Duration
	// MaxBytes bounds the documents held; beyond it the oldest received go
	// first, a sixteenth of MaxBytes at a time. Default 2 GiB. Memory in use
	// is about three times that.
	MaxBytes int64
	// MaxTraceBytes bounds the documents of one trace; further ones are
	// refused. Default 500,000, X-Ray's upper limit.
	MaxTraceBytes int
	// Limits are those with which documents were accepted; a log is read back
	// with the limits on annotations and links alone.
	Limits wire.Limits
	// OnSync hears of every sync of the log; see applog.Options.
	OnSync func(d time.Duration, records int)

	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default: discard
}

// generations is how many parts MaxBytes is divided in: the log is dropped by
// whole files, so this is the grain of eviction.
const generations = 16

func (o Options) withDefaults() Options {
	o.Retention = cmp.Or(o.Retention, 7*24*time.Hour)
	o.MaxBytes = cmp.Or(o.MaxBytes, 2<<30)
	o.MaxTraceBytes = cmp.Or(o.MaxTraceBytes, 500_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// generationBytes is how much is received between two generations.
func (o Options) generationBytes() int64 { return max(1, o.MaxBytes/generations) }

func (o Options) log() applog.Options {
	return applog.Options{SegmentBytes: o.generationBytes(), OnSync: o.OnSync, Now: o.Now}
}
