package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// tracerLineEvery is as often as CloudWatch makes a figure of lines.
const tracerLineEvery = time.Minute

// tracerLine tells in the log what the tracer did since it last told, for where nobody scrapes /metrics: a log that is
// read by a metric filter has the same figures. One goroutine at a time tells.
type tracerLine struct {
	log   *slog.Logger
	stats func() tracing.Stats
	told  tracing.Stats
}

// tell writes one line.
func (l *tracerLine) tell() {
	now := l.stats()
	l.log.Info("tracing",
		"segments_sampled", now.Sampled-l.told.Sampled, "segments_undecided", now.Undecided-l.told.Undecided,
		"segments_unsampled", now.Unsampled-l.told.Unsampled,
		"documents_sent", now.DocumentsSent-l.told.DocumentsSent, "documents_not_sent", notSent(now)-notSent(l.told))
	l.told = now
}

// notSent counts what was recorded and did not leave the process. What the agent cannot hold any longer is not among it:
// nobody is owed that.
func notSent(s tracing.Stats) uint64 {
	return s.SendErrors + s.QueueFull + s.AfterShutdown + s.EncodePanics
}

// every tells at each tick until the function that it returns is called.
func (l *tracerLine) every(ctx context.Context, ticks <-chan time.Time) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
				l.tell()
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
