package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
)

// rollUp hands what was counted to the spool when it is time, and remembers
// the rest. Minutes that are not over go in parts, which the server adds up.
// What was handed over is remembered after it has gone: a kill between the two
// counts a second twice rather than not at all.
func (a *Agent) rollUp(now bool) error {
	if !a.cfg.Roentgen {
		return nil
	}
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	if t := a.cfg.Now(); now || t.Sub(a.rolled) >= a.cfg.RollUpEvery {
		a.rolled = t
		if err := a.handOver(); err != nil {
			return err
		}
	}
	return a.checkpoint()
}

// handOver is for whoever holds the desk.
func (a *Agent) handOver() error {
	roll := a.desk.minutes.Take(math.MaxInt64)
	if roll == nil || a.spool.AppendRollup(roll) {
		return nil
	}
	if err := a.desk.minutes.Restore(roll); err != nil {
		return fmt.Errorf("keep the roll-ups that found no room in the spool: %w", err)
	}
	return nil
}

// checkpoint writes what was counted and not taken, in the place of what was
// there.
func (a *Agent) checkpoint() error {
	name := a.cfg.State.path("minutes")
	if name == "" {
		return nil
	}
	a.checkpointed = a.desk.minutes.Checkpoint(a.checkpointed[:0])
	err := os.WriteFile(name+".new", a.checkpointed, 0o640)
	if errors.Is(err, fs.ErrNotExist) { // somebody took the directory away
		if err = os.MkdirAll(a.cfg.State.Dir, 0o750); err == nil {
			err = os.WriteFile(name+".new", a.checkpointed, 0o640)
		}
	}
	if err != nil {
		return fmt.Errorf("remember the roll-ups: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("remember the roll-ups: %w", err)
	}
	return nil
}

// restoreMinutes counts again what the last process had not taken.
func (a *Agent) restoreMinutes() {
	name := a.cfg.State.path("minutes")
	if name == "" {
		return
	}
	b, err := os.ReadFile(name)
	if os.IsNotExist(err) || err == nil && len(b) == 0 {
		return
	}
	if err == nil {
		err = a.desk.minutes.Restore(b)
	}
	if err != nil {
		a.cfg.Logger.Error("roll-ups of the last minutes before the restart are lost", "file", name, "error", err)
	}
}
