package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// Renew gives the books in a file another agent's id, and leaves all else in
// them. Nobody has them open. A file that is no ledger is left to Open, which
// says so.
func Renew(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	p := page(b)
	if len(b) != pageBytes || [8]byte(b[:8]) != magic || binary.LittleEndian.Uint32(b[offHeadSum:]) != p.headSum() {
		return nil
	}
	id := newID()
	copy(b[offAgent:], id[:])
	binary.LittleEndian.PutUint32(b[offHeadSum:], p.headSum())
	if err := os.WriteFile(name+".new", b, 0o640); err != nil {
		return errors.Join(fmt.Errorf("write ledger: %w", err), os.Remove(name+".new"))
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}
