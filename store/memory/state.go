package memory

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/state"
)

// State keeps state.Store's promise in a map, with a log under it.
//
// The log is written anew when it has grown to four times what is in it.
type State struct {
	log *applog.Log // nil: nothing is written down

	// mu is held while the disk syncs: changes are rare, and each is checked
	// against the one before it.
	mu     sync.Mutex
	items  map[string]state.Item
	last   uint64 // the highest version ever given
	live   int64  // bytes of records that make items
	logged int64  // bytes of records in the log
	closed bool
}

var _ state.Store = (*State)(nil)

// Kinds of the state log's records, drawn in docs/format/memory-log.md.
const (
	kindPut     = 1 // version, length of key, key, value
	kindDelete  = 2 // version, length of key, key
	kindVersion = 3 // version: the highest ever given
)

// rewriteBytes is the size below which a state log is never written anew.
const rewriteBytes = 1 << 20

// NewState returns a state that is forgotten when the process ends.
func NewState() *State { return &State{items: map[string]state.Item{}} }

// OpenState returns the state kept in the data directory dir, which Open has
// claimed.
func OpenState(fs vfs.FS, dir string) (*State, error) {
	if err := claim(fs, dir); err != nil {
		return nil, err
	}
	s := NewState()
	log, err := applog.Open(fs, filepath.Join(dir, "state"), applog.Options{MaxRecordBytes: state.MaxKeyBytes + state.MaxValueBytes + 64})
	if err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	damage, err := log.Replay(applog.Position{}, s.restore)
	if err == nil && len(damage) > 0 {
		err = damage[0] // a rule that is missing is worse than a server that does not start
	}
	if err == nil && len(log.Recovery().Damage) > 0 {
		err = log.Recovery().Damage[0]
	}
	if err != nil {
		log.Close()
		return nil, fmt.Errorf("read the state in %s back: %w; restore the folder state from a backup, or remove it to begin with none", dir, err)
	}
	s.log = log
	return s, nil
}

// restore takes one record into the map.
func (s *State) restore(_ applog.Position, kind byte, payload []byte) error {
	r, err := readStateRecord(kind, payload)
	if err != nil {
		return err
	}
	s.apply(kind, r)
	return nil
}

// apply makes what a record says so.
func (s *State) apply(kind byte, r state.Item) {
	s.last = max(s.last, r.Version)
	size := stateRecordBytes(r)
	s.logged += size
	if kind == kindVersion {
		return
	}
	if old, ok := s.items[r.Key]; ok {
		s.live -= stateRecordBytes(old)
		delete(s.items, r.Key)
	}
	if kind == kindPut {
		s.items[r.Key] = r
		s.live += size
	}
}

// Get implements state.Store.
func (s *State) Get(ctx context.Context, key string) (state.Item, error) {
	if err := ctx.Err(); err != nil {
		return state.Item{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[key]
	if !ok {
		return state.Item{}, roentgen.NotFoundf("there is no %q", key)
	}
	item.Value = slices.Clone(item.Value)
	return item, nil
}

// List implements state.Store.
func (s *State) List(ctx context.Context, prefix string) ([]state.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []state.Item{}
	for key, item := range s.items {
		if strings.HasPrefix(key, prefix) {
			item.Value = slices.Clone(item.Value)
			out = append(out, item)
		}
	}
	slices.SortFunc(out, func(a, b state.Item) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// Put implements state.Store.
func (s *State) Put(ctx context.Context, key string, value []byte, version uint64) (uint64, error) {
	if err := state.CheckKey(key); err != nil {
		return 0, err
	}
	if err := state.CheckValue(key, value); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.items[key].Version; now != version {
		return 0, roentgen.Conflictf("%q has version %d, not %d; read it again and repeat the change", key, now, version)
	}
	item := state.Item{Key: key, Value: append([]byte{}, value...), Version: s.last + 1}
	if err := s.commit(ctx, kindPut, item); err != nil {
		return 0, err
	}
	return item.Version, nil
}

// Delete implements state.Store.
func (s *State) Delete(ctx context.Context, key string, version uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[key]
	switch {
	case !ok:
		return roentgen.NotFoundf("there is no %q", key)
	case item.Version != version:
		return roentgen.Conflictf("%q has version %d, not %d; read it again and repeat the deletion", key, item.Version, version)
	}
	return s.commit(ctx, kindDelete, state.Item{Key: key, Version: s.last + 1})
}

// commit writes a change down and then makes it so. mu is held.
func (s *State) commit(ctx context.Context, kind byte, item state.Item) error {
	if s.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.log != nil {
		if _, err := s.log.Append(ctx, stateRecord(kind, item)); err != nil {
			return roentgen.Unavailablef("write %q down: %w", item.Key, err)
		}
	}
	s.apply(kind, item)
	return s.rewrite(ctx)
}

// rewrite begins a new file with what is live and drops the files before it,
// once the log is mostly history. A crash in between leaves both: reading
// them one after the other gives the same.
func (s *State) rewrite(ctx context.Context) error {
	if s.log == nil || s.logged < rewriteBytes || s.logged < 4*s.live {
		return nil
	}
	begin, err := s.log.Rotate(ctx)
	if err != nil {
		return fmt.Errorf("begin a new file of the state log: %w", err)
	}
	records := []applog.Record{stateRecord(kindVersion, state.Item{Version: s.last})}
	for _, item := range s.items {
		records = append(records, stateRecord(kindPut, item))
	}
	for _, r := range records { // one by one: together they may be larger than a batch
		if _, err := s.log.Append(ctx, r); err != nil {
			return fmt.Errorf("write the state log anew: %w", err)
		}
	}
	s.logged = s.live
	if err := s.log.DropBefore(begin.File); err != nil {
		return fmt.Errorf("drop the old state log: %w", err)
	}
	return nil
}

// Close waits for a change under way and releases the directory.
func (s *State) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.log == nil {
		s.closed = true
		return nil
	}
	s.closed = true
	return s.log.Close()
}

func stateRecordBytes(r state.Item) int64 { return int64(8 + 2 + len(r.Key) + len(r.Value)) }

func stateRecord(kind byte, r state.Item) applog.Record {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, stateRecordBytes(r)), r.Version)
	if kind != kindVersion {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(r.Key)))
		b = append(append(b, r.Key...), r.Value...)
	}
	return applog.Record{Kind: kind, Payload: b}
}

func readStateRecord(kind byte, b []byte) (r state.Item, err error) {
	if kind < kindPut || kind > kindVersion {
		return r, fmt.Errorf("state record has kind %d; this program reads %d to %d", kind, kindPut, kindVersion)
	}
	if len(b) < 8 || kind != kindVersion && (len(b) < 10 || len(b) < 10+int(binary.LittleEndian.Uint16(b[8:]))) {
		return r, fmt.Errorf("state record of %d bytes is cut short", len(b))
	}
	r.Version = binary.LittleEndian.Uint64(b)
	if kind != kindVersion {
		n := 10 + int(binary.LittleEndian.Uint16(b[8:]))
		r.Key, r.Value = string(b[10:n]), slices.Clone(b[n:])
	}
	return r, nil
}
