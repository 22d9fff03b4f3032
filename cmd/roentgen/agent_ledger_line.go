package main

import (
	"context"
	"log/slog"
	"sync/atomic"
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
	state     string        // directory of what survives; "": none
	drain     time.Duration // how long is gone on sending at the end
	told      ledgerTold
	losses    losses
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
func (l *ledgerLine) begin() {
	s := l.statement()
	l.told = toldBy(s)
	l.losses.begin(s)
}

func (l *ledgerLine) tell() {
	s := l.statement()
	now := toldBy(s)
	l.log.Info("ledger",
		"received", now.received-l.told.received, "stored", now.stored-l.told.stored,
		"rejected", now.rejected-l.told.rejected, "dropped", now.dropped-l.told.dropped, "lost", now.lost-l.told.lost,
		"undecided", s.Waiting.Ring, "waiting", s.Waiting.Spool+s.Waiting.Queue, "difference", s.Difference)
	l.told = now
	l.losses.tell(l.log, s)
}

// run tells at once, so that a figure is there from the start, at each
// tick, and when ctx ends, unless the agent has ended before: then its books
// are shut. Looks are for losses, the first of which is not to wait for its minute.
func (l *ledgerLine) run(ctx context.Context, ticks, looks <-chan time.Time, ended *atomic.Bool) error {
	l.begin()
	l.tell()
	for {
		select {
		case <-ctx.Done():
			if !ended.Load() {
				l.tell()
				l.leave()
			}
			return nil
		case <-ticks:
			l.tell()
		case <-looks:
			l.losses.look(l.log, l.statement())
		}
	}
}

// leave says what becomes of what waits.
func (l *ledgerLine) leave() {
	s := l.statement()
	waiting := s.Waiting.Spool + s.Waiting.Queue
	switch {
	case l.state == "" && waiting+s.Waiting.Ring > 0:
		l.log.Warn("Shutdown initiated: nothing more is taken in, and what cannot be sent now is lost with the memory that it waits in; --state names a directory where it would stay",
			"waiting", waiting, "undecided", s.Waiting.Ring, "for", l.drain)
	case l.state == "":
		l.log.Info("Shutdown initiated: nothing more is taken in, and nothing waits")
	default:
		l.log.Info("Shutdown initiated: nothing more is taken in; what cannot be sent now waits in "+l.state+" for the next start",
			"waiting", waiting, "undecided", s.Waiting.Ring, "for", l.drain)
	}
}
