package upstream

import (
	"context"
	"time"
)

// Counts are totals since the start, from which records of telemetry are made.
type Counts struct {
	Received, Sent, Spillover, Rejected int64
	Errors                              [6]int64 // by Category
}

// Telemetry sends the daemon's records, one a minute, to AWS.
type Telemetry struct {
	AWS    *AWS
	Counts func() Counts
	Every  time.Duration // default 60 s
}

// Run sends until ctx ends, and then the last record.
func (t *Telemetry) Run(ctx context.Context) error { return errUnfinished }
