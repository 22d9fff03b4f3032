package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Kind is a side of the books.
type Kind string

// The kinds. Labels stand beside Received (the door), Rejected (the code),
// Dropped (the policy), Lost (the cause); all others have none.
const (
	Received  Kind = "received"
	Stored    Kind = "stored"
	Replaced  Kind = "replaced"
	Duplicate Kind = "duplicate"
	Refused   Kind = "refused"
	Rejected  Kind = "rejected"
	Dropped   Kind = "dropped"
	Lost      Kind = "lost"
	// Aside counts what is no document's fate: kernel drops, things redacted.
	Aside Kind = "aside"
)

// Key names a counter.
type Key struct {
	Kind  Kind
	Label string
}

// Counter is one count of documents. It is safe for use by many goroutines.
type Counter struct{ v *atomic.Uint64 }

// Add counts n more.
func (c Counter) Add(n uint64) { c.v.Add(n) }

// Load returns the count since the agent's first start.
func (c Counter) Load() uint64 { return c.v.Load() }

// CorruptError is a page that cannot be read.
type CorruptError struct {
	File   string
	Offset int64
	Reason string
}

// Error says where the damage is.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("ledger %s is damaged at offset %d: %s", e.File, e.Offset, e.Reason)
}

// Ledger is the page and what is known of it. Its methods are safe for use by
// many goroutines.
type Ledger struct {
	name string
	file *os.File // nil: in memory alone
	page page
	mu   struct {
		sync.Mutex
		at map[string]int // slot by name
		// damaged slots, which are never used again
		damaged int
		closed  bool
	}
}

// Open opens the page in a file, which is made when it is not there, and keeps
// others out of it. Without a name the books are in memory, and end with the
// process. damage names counters that could not be read and begin anew; the
// error is a *CorruptError when the page as a whole is none.
func Open(name string) (l *Ledger, damage []error, err error) {
	l = &Ledger{name: name}
	l.mu.at = map[string]int{}
	if name == "" {
		l.page = make(page, pageBytes)
		l.page.format(newID())
		return l, nil, nil
	}
	if err := l.openFile(); err != nil {
		return nil, nil, err
	}
	if err := l.check(); err != nil {
		return nil, nil, errors.Join(err, l.file.Close())
	}
	return l, l.index(), nil
}

func newID() (id [16]byte) {
	binary.LittleEndian.PutUint64(id[:], rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	return id
}

func (l *Ledger) openFile() error {
	f, err := os.OpenFile(l.name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	fail := func(err error) error { return errors.Join(err, f.Close()) }
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fail(fmt.Errorf("lock ledger %s: %w; another agent uses this state directory: stop it, or give this one a directory of its own", l.name, err))
	}
	info, err := f.Stat()
	if err != nil {
		return fail(fmt.Errorf("size of ledger: %w", err))
	}
	if info.Size() != 0 && info.Size() != pageBytes {
		return fail(&CorruptError{l.name, info.Size(), fmt.Sprintf("it has %d bytes and not %d", info.Size(), pageBytes)})
	}
	if err := f.Truncate(pageBytes); err != nil {
		return fail(fmt.Errorf("make room for ledger %s: %w", l.name, err))
	}
	if l.page, err = unix.Mmap(int(f.Fd()), 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return fail(fmt.Errorf("map ledger %s: %w", l.name, err))
	}
	l.file = f
	return nil
}

// check reads the head, and writes that of a new page. A page of zeros is new:
// the magic is written after all else.
func (l *Ledger) check() error {
	if l.page.get(0) == 0 {
		l.page.format(newID())
		return nil
	}
	if [8]byte(l.page[:8]) != magic {
		return &CorruptError{l.name, 0, "it does not begin like a ledger"}
	}
	if v := binary.LittleEndian.Uint32(l.page[offVersion:]); v != version {
		return &CorruptError{l.name, offVersion, fmt.Sprintf("version %d is not %d; a newer program wrote it", v, version)}
	}
	if binary.LittleEndian.Uint32(l.page[offHeadSum:]) != l.page.headSum() {
		// A kill in format comes to this too, before anything was counted.
		if l.blank() {
			l.page.format(newID())
			return nil
		}
		return &CorruptError{l.name, offHeadSum, "its checksum is wrong"}
	}
	return l.finish()
}

func (l *Ledger) blank() bool {
	for _, b := range l.page[offEpoch:] {
		if b != 0 {
			return false
		}
	}
	return true
}

// index finds the named slots.
func (l *Ledger) index() (damage []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range slots {
		name, ok := l.page.slot(i).name()
		switch {
		case !ok:
			l.mu.damaged++
			damage = append(damage, &CorruptError{l.name, int64(offSlots + i*slotBytes), "a counter's name does not fit its checksum; it is left out of the sum"})
		case name != "":
			l.mu.at[name] = i
		}
	}
	return damage
}

// Agent is the agent's id: 32 hex digits, the same for as long as the file
// lives.
func (l *Ledger) Agent() string { return hex.EncodeToString(l.page[offAgent : offAgent+16]) }

// Counter returns a counter of the books. It costs a look into a map: keep it.
func (l *Ledger) Counter(kind Kind, label string) Counter {
	return Counter{l.find(string(kind) + "/" + label)}
}

// find returns the counter of a name. When all slots are taken, those that are
// new share one per kind, and none is lost.
func (l *Ledger) find(name string) *atomic.Uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(name) > maxName {
		name = name[:maxName]
	}
	i, known := l.mu.at[name]
	if !known {
		i = l.claimLocked(name)
	}
	return l.page.slot(i).word(0)
}

// spare slots are kept for the names that end in other.
const spare = 32

func (l *Ledger) claimLocked(name string) int {
	if len(l.mu.at) >= slots-spare-l.mu.damaged {
		name = overflow(name)
		if i, known := l.mu.at[name]; known {
			return i
		}
	}
	for i := range slots {
		if n, ok := l.page.slot(i).name(); ok && n == "" {
			l.page.slot(i).claim(name)
			l.mu.at[name] = i
			return i
		}
	}
	panic("ledger: no slot is left, and " + name + " is no name of this program") // spare is more than there are kinds
}

// Cursor is a place in the server's log of notices, which lives with the books.
func (l *Ledger) Cursor() uint64 { return l.page.get(offCursor) }

// SetCursor moves it.
func (l *Ledger) SetCursor(c uint64) { l.page.set(offCursor, c) }

// WasClosed reports whether the last process that had the page ended in order,
// and marks the page as in use.
func (l *Ledger) WasClosed() bool { return l.page.word(offClean).Swap(0) == 1 }

// Close gives the page back, as one that was closed in order. The memory stays
// mapped, because counters that somebody still holds point into it.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.closed {
		return nil
	}
	l.mu.closed = true
	l.page.set(offClean, 1)
	if l.file == nil {
		return nil
	}
	// The mapping holds on to the lock when the file is closed.
	if err := errors.Join(unix.Flock(int(l.file.Fd()), unix.LOCK_UN), l.file.Close()); err != nil {
		return fmt.Errorf("close ledger %s: %w", l.name, err)
	}
	return nil
}
