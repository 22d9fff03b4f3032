package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/roentgen/roentgen/agent/ledger"
)

// What tells one machine from another: the id that a system makes at its first
// start, and the tag of the board, which on EC2 is the instance's id. Everybody
// may read both, where they are.
const (
	machineFile = "/etc/machine-id"
	boardFile   = "/sys/devices/virtual/dmi/id/board_asset_tag"
)

// placeOf says where a file lies: a copy of it has another place. It is made
// of the file's number and of the machine.
func placeOf(name string) ([]byte, error) {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "ledger %d\nmachine %s\nboard %s\n", st.Ino, contentOf(machineFile), contentOf(boardFile)), nil
}

func contentOf(name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(b)
}

// keepApart makes another agent of a state directory that was copied, restored
// from a backup or came with a machine's image: the server would take what two
// agents of one id send for repeats, and answer them without keeping anything.
// It reports whether it did.
func keepApart(books, place string) (renewed bool, err error) {
	was, err := os.ReadFile(place)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("read where the state directory was: %w", err)
	}
	is, err := placeOf(books)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look at ledger %s: %w", books, err)
	case bytes.Equal(was, is):
		return false, nil
	}
	return true, ledger.Renew(books)
}

// rememberPlace writes down where the books are.
func rememberPlace(books, place string) error {
	is, err := placeOf(books)
	if err != nil {
		return fmt.Errorf("look at ledger %s: %w", books, err)
	}
	if was, err := os.ReadFile(place); err == nil && bytes.Equal(was, is) {
		return nil
	}
	if err := os.WriteFile(place, is, 0o640); err != nil {
		return fmt.Errorf("write down where the state directory is: %w", err)
	}
	return nil
}
