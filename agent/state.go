package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/roentgen/roentgen/agent/ledger"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// State is the directory of what survives the process:
//
//	ledger    the books, the agent's id and the place in the server's notices
//	queue     datagrams that were received and not decided
//	tail/     the ring and the decisions
//	spool/    documents on their way
//	aside/    documents that the upstream does not bear, for people to look at
//	minutes   roll-ups of the minutes that are not over
//	place     where the ledger lies, so that a copy is known for one
type State struct {
	Dir    string // "": everything is in memory
	Damage []error
	Copied bool // the directory is a copy of another one: it got an id of its own
	ledger *ledger.Ledger
}

// OpenState opens or makes the directory and keeps other agents out of it.
func OpenState(dir string) (*State, error) {
	s := &State{Dir: dir}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, stateError("make the state directory", err)
		}
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *State) open() (err error) {
	books, place := s.path("ledger"), s.path("place")
	if s.Dir != "" {
		if s.Copied, err = keepApart(books, place); err != nil {
			return stateError("open the state directory", err)
		}
	}
	if s.ledger, s.Damage, err = ledger.Open(books); err != nil {
		return stateError("open the state directory", err)
	}
	if s.Dir == "" {
		return nil
	}
	if err = rememberPlace(books, place); err != nil {
		return errors.Join(stateError("open the state directory", err), s.Close())
	}
	return nil
}

// stateError says what to do where the disk is at fault.
func stateError(doing string, err error) error {
	switch {
	case vfs.IsNoSpace(err):
		return fmt.Errorf("%s: %w; free some space, or give another directory with --state, or none for memory alone", doing, err)
	case vfs.IsReadOnly(err), errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%s: %w; give a directory that can be written with --state, or none for memory alone", doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
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
