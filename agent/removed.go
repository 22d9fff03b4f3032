package agent

import (
	"errors"
	"io/fs"
	"os"
)

// tellRemoved says what ends with the process although it should not: somebody
// took the state directory away under it. It is no error of the agent's: what
// could be sent has been.
func (a *Agent) tellRemoved() {
	name := a.cfg.State.path("ledger")
	if name == "" {
		return
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	w := a.Statement().Waiting
	a.cfg.Logger.Error("the state directory was taken away while the agent ran: what waited in it is lost, and the next start is another agent; give --state a directory that lives as long as the agent, or none",
		"dir", a.cfg.State.Dir, "undecided", w.Ring, "waiting", w.Spool+w.Queue)
}
