package agent

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/roentgen/roentgen/agent/ledger"
)

// State is the directory of what survives the process:
//
//	ledger    the books, the agent's id and the place in the server's notices
//	queue     datagrams that were received and not decided
//	tail/     the ring and the decisions
//	spool/    documents on their way
//	minutes   roll-ups of the minutes that are not over
type State struct {
	Dir    string // "": everything is in memory
	Damage []error
	ledger *ledger.Ledger
}

// OpenState opens or makes the directory and keeps other agents out of it.
func OpenState(dir string) (*State, error) {
	s := &State{Dir: dir}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("make the state directory: %w; give a directory that can be written with --state, or none for memory alone", err)
		}
	}
	var err error
	if s.ledger, s.Damage, err = ledger.Open(s.path("ledger")); err != nil {
		return nil, err
	}
	return s, nil
}

// Agent is the agent's id, 32 hex digits: the same for as long as the
// directory lives.
func (s *State) Agent() string { return s.ledger.Agent() }

// path is that of a file in the directory; "" in memory.
func (s *State) path(name string) string {
	if s.Dir == "" {
		return ""
	}
	return filepath.Join(s.Dir, name)
}

// Close is for a state that no agent ran on.
func (s *State) Close() error { return s.ledger.Close() }
