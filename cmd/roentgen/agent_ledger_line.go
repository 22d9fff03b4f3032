package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/agent"
)

// ledgerLineEvery is as often as CloudWatch makes a figure of lines.
const ledgerLineEvery = time.Minute

// ledgerLine tells the agent's ledger in its log, for where nobody scrapes
// /metrics: counts are those since the line before, so that lines can be added
// up; what waits is said as it is.
type ledgerLine struct {
	log       *slog.Logger
	statement func() agent.Statement
	told      ledgerTold
}

// ledgerTold is what has been said already.
type ledgerTold struct{ received, stored, rejected, dropped, lost int64 }

func toldBy(s agent.Statement) ledgerTold {
	return ledgerTold{
		received: sumOf(s.Received), stored: s.Stored + s.Replaced + s.Duplicate,
		rejected: sumOf(s.Rejected) + s.Refused, dropped: sumOf(s.Dropped), lost: sumOf(s.Lost) + s.KernelDrops,
	}
}

// begin takes what was counted before this process as told.
func (l *ledgerLine) begin() { l.told = toldBy(l.statement()) }

func (l *ledgerLine) tell() {
	s := l.statement()
	now := toldBy(s)
	l.log.Info("ledger",
		"received", now.received-l.told.received, "stored", now.stored-l.told.stored,
		"rejected", now.rejected-l.told.rejected, "dropped", now.dropped-l.told.dropped, "lost", now.lost-l.told.lost,
		"undecided", s.Waiting.Ring, "waiting", s.Waiting.Spool+s.Waiting.Queue, "difference", s.Difference)
	l.told = now
}

// run tells at once, so that a figure is there from the start, and at each
// tick, until ctx ends.
func (l *ledgerLine) run(ctx context.Context, ticks <-chan time.Time) error {
	l.begin()
	l.tell()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
			l.tell()
		}
	}
}
