package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// older is a queue of version 1, which has no landing.
type older struct {
	datagrams [][]byte
	flags     []uint32
}

// upgradeQueue makes a queue of this version of one of version 1, with what
// waits in it. Any other file it leaves as it is.
func upgradeQueue(name string, capacity int) error {
	waits, err := readOlder(name, capacity)
	if err != nil || waits == nil {
		return err
	}
	q := newQueue(name+".new", capacity)
	if err := os.Remove(q.name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("upgrade queue: %w", err)
	}
	if err := q.openFile(); err != nil {
		return err
	}
	q.format()
	at := uint64(0)
	for i, datagram := range waits.datagrams {
		if at, err = q.push(context.Background(), at, datagram, waits.flags[i]); err != nil { // there is room: it was as large
			return errors.Join(err, q.close())
		}
	}
	q.show(at, len(waits.datagrams))
	if err := q.close(); err != nil {
		return err
	}
	if err := os.Rename(q.name, name); err != nil {
		return fmt.Errorf("upgrade queue: %w", err)
	}
	return nil
}

// readOlder reads what waits in a sound queue of version 1; nil: it is none.
func readOlder(name string, capacity int) (*older, error) {
	q := newQueue(name, capacity)
	q.version, q.at = 1, queueHead
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	defer f.Close()
	size := q.at + int(q.capacity)
	if info, err := f.Stat(); err != nil || info.Size() != int64(size) {
		return nil, err
	}
	mem := make([]byte, size)
	if _, err := io.ReadFull(f, mem); err != nil {
		return nil, fmt.Errorf("read queue %s: %w", name, err)
	}
	if q.use(mem); binary.LittleEndian.Uint32(mem[8:]) != q.version || q.check() != nil {
		return nil, nil
	}
	waits := new(older)
	q.each(len(mem), func(datagram []byte, flags uint32) {
		waits.datagrams, waits.flags = append(waits.datagrams, datagram), append(waits.flags, flags)
	})
	return waits, nil
}
