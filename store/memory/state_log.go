package memory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/internal/datadir"
	"github.com/roentgen/roentgen/state"
)

// stateDir is the log of changes within the data directory.
const stateDir = "state"

// Kinds of the records in the log of a State, drawn in
// docs/format/memory-log.md.
const (
	kindPut     byte = 1 // version, length of key, key, value
	kindDelete  byte = 2 // version, length of key, key
	kindVersion byte = 3 // version: the highest ever given
)

// rewriteBytes is the size below which a log is never written anew.
const rewriteBytes = 1 << 20

// largestChange is the longest payload.
const largestChange = 8 + 2 + state.MaxKeyBytes + state.MaxValueBytes

// OpenState returns the state kept in the data directory dir, which it makes if
// need be. It refuses the same directories as Open, and besides one whose log
// is damaged: a sampling rule or a policy that is missing without a word is
// worse than a server that does not start.
func OpenState(fs vfs.FS, dir string) (*State, error) {
	return openState(fs, dir, applog.Options{})
}

func openState(fs vfs.FS, dir string, opt applog.Options) (*State, error) {
	if err := datadir.Claim(fs, dir, storeName, "block"); err != nil {
		return nil, err
	}
	opt.MaxRecordBytes = largestChange
	log, err := applog.Open(fs, filepath.Join(dir, stateDir), opt)
	if err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	s := NewState()
	s.log = log
	if err := s.load(); err != nil {
		err = fmt.Errorf("read the state in %s back: %w; restore its folder %s from a backup, or move that folder away to begin with none", dir, err, stateDir)
		return nil, errors.Join(err, log.Close())
	}
	return s, nil
}

func (s *State) load() error {
	damage, err := s.log.Replay(applog.Position{}, func(pos applog.Position, kind byte, payload []byte) error {
		item, err := readChange(kind, payload)
		if err != nil {
			return fmt.Errorf("record at %s: %w", pos, err)
		}
		s.apply(kind, item)
		return nil
	})
	if damage := joinDamage(s.log.Recovery().Damage, damage); err == nil && len(damage) > 0 {
		return damage[0]
	}
	return err
}

// apply makes what a record says so.
func (s *State) apply(kind byte, item state.Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := changeBytes(item)
	s.last = max(s.last, item.Version)
	s.logged += size
	if kind == kindVersion {
		return
	}
	if old, ok := s.mu.items[item.Key]; ok {
		s.live -= changeBytes(old)
		delete(s.mu.items, item.Key)
	}
	if kind == kindPut {
		s.mu.items[item.Key] = item
		s.live += size
	}
}

// commit makes a change durable and then makes it so. change is held.
func (s *State) commit(ctx context.Context, kind byte, item state.Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.log == nil {
		s.apply(kind, item)
		return nil
	}
	// The log comes first, and is written anew before a change rather than
	// after: then an error always means that this change was not made.
	if err := s.rewrite(ctx); err != nil {
		return fmt.Errorf("write the log of the state anew before a change of %q: %w", item.Key, storeError(err))
	}
	if _, err := s.log.Append(ctx, applog.Record{Kind: kind, Payload: change(kind, item)}); err != nil {
		return fmt.Errorf("write down the change of %q: %w", item.Key, storeError(err))
	}
	s.apply(kind, item)
	return nil
}

// rewrite puts what is live into new files and drops the files before them,
// once the log is mostly history. A crash in between leaves both, and reading
// one after the other gives the same; so does a part of the new.
func (s *State) rewrite(ctx context.Context) error {
	if s.logged < rewriteBytes || s.logged < 4*s.live {
		return nil
	}
	begin, err := s.log.Rotate(ctx)
	if err != nil {
		return err
	}
	for _, r := range s.snapshot() { // one by one: together they may be larger than a call
		if _, err := s.log.Append(ctx, r); err != nil {
			return err
		}
	}
	s.logged = s.live
	return s.log.DropBefore(begin.File)
}

// snapshot is the records that make the state what it is.
func (s *State) snapshot() []applog.Record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []applog.Record{{Kind: kindVersion, Payload: change(kindVersion, state.Item{Version: s.last})}}
	for _, key := range slices.Sorted(maps.Keys(s.mu.items)) {
		out = append(out, applog.Record{Kind: kindPut, Payload: change(kindPut, s.mu.items[key])})
	}
	return out
}

// changeBytes is how long the payload is that says item.
func changeBytes(item state.Item) int64 { return int64(8 + 2 + len(item.Key) + len(item.Value)) }

// change encodes the payload of a record.
func change(kind byte, item state.Item) []byte {
	b := make([]byte, 0, changeBytes(item))
	b = binary.LittleEndian.AppendUint64(b, item.Version)
	if kind == kindVersion {
		return b
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(item.Key)))
	return append(append(b, item.Key...), item.Value...)
}

// readChange decodes what change encoded, into memory of its own.
func readChange(kind byte, b []byte) (item state.Item, err error) {
	if kind > kindVersion {
		return item, fmt.Errorf("kind %d was written by a newer version; this program reads up to %d; upgrade or use another directory", kind, kindVersion)
	}
	if len(b) < 8 {
		return item, fmt.Errorf("%d bytes hold no version", len(b))
	}
	item.Version = binary.LittleEndian.Uint64(b)
	if kind == kindVersion {
		return item, nil
	}
	if len(b) < 10 || len(b) < 10+int(binary.LittleEndian.Uint16(b[8:])) {
		return item, fmt.Errorf("%d bytes hold no key", len(b))
	}
	n := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	item.Key, item.Value = string(b[10:n]), append([]byte{}, b[n:]...)
	return item, nil
}
