package agent

import (
	"context"
	"time"
)

// tickEvery is how often what is not driven by documents is looked at.
const tickEvery = time.Second

// tick lets time pass until ctx ends.
func (a *Agent) tick(ctx context.Context) error {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			a.look()
		}
	}
}

func (a *Agent) look() {
	a.countDrops()
	s := a.spool.Stats()
	a.bookDamage(s)
	level := a.pressure.look(a.queue.fill(), float64(s.Bytes)/float64(max(1, s.Capacity)))
	a.desk.mu.Lock()
	a.tail.SetPressure(level)
	a.tail.Tick()
	unsent := a.tail.Stats().Unsent
	if !a.cfg.Roentgen && unsent > 0 { // nobody takes them
		a.tail.Sent(int(unsent))
		unsent = 0
	}
	a.desk.mu.Unlock()
	if unsent > 0 && s.Documents == 0 || a.cfg.Roentgen && a.cfg.Now().Sub(a.lastStated()) >= stateEvery {
		a.spool.Nudge()
	}
	if err := a.rollUp(false); err == nil {
		a.rollUpSpell.ends()
	} else if a.rollUpSpell.begins(a.cfg.Now(), err.Error()) {
		a.cfg.Logger.Error("counts of requests cannot be written down: a kill would lose what was counted since they last were", "error", err)
	}
}

// countDrops books what the kernel dropped before the agent could read it.
func (a *Agent) countDrops() {
	if a.socket == nil {
		return
	}
	drops, ok := a.socket.drops()
	if n := drops - a.drops; ok && n > 0 { // it wraps, and so does the difference
		a.drops = drops
		a.books.kernel.Add(uint64(n))
		if a.warnings.Allow() {
			a.cfg.Logger.Warn("the kernel dropped datagrams, because they came faster than the agent could read: give the host more processor time or a larger net.core.rmem_max",
				"datagrams", n, "buffer_bytes", a.bufferBytes)
		}
	}
}
